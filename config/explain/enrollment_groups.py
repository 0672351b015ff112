"""Cases on who is covered: subsidy, starts, duplicates, windows, transfers, refunds, identity."""

import re
from datetime import date

from config.explain import inputs as read
from config.explain.inputs import Inputs
from config.explain.law import ANHUI, NEWEST, Law
from config.explain.shown import Answer, iso, money
from enrollment.rules import duplicates
from enrollment.rules import refund as refunds
from enrollment.rules import subsidy as subsidies
from enrollment.rules import transfer as transfers
from enrollment.rules import window as windows
from enrollment.rules.dates import WorkCalendar
from enrollment.rules.employee import (
    EmployeeTerms,
    employer_start,
    flexible_start,
    worker_contribution,
)
from enrollment.rules.identity import check_identity
from enrollment.rules.money import ZERO, plain
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.trace import gettext_noop, step

_QUOTA = "subsidy.quota."


def subsidy_terms(law: Law, area: int, on: date) -> subsidies.SubsidyTerms:
    """Ranges of all categories: the law's own, and those that cities treat like one of them."""
    ranges, citations = {}, {}
    for code, definition in law.book.definitions.items():
        if code.startswith(_QUOTA):
            rates = law.find(definition.city_rule.rates, area, on)
            ranges[code.removeprefix(_QUOTA)] = rates.value
            citations[code.removeprefix(_QUOTA)] = rates.citation
    return subsidies.SubsidyTerms(ranges=ranges, citations=citations)


def subsidy(inputs: Inputs, law: Law) -> Answer:
    """Subsidy of one person, or the financing of a head."""
    inputs.allow(
        "standard",
        "categories",
        "quota",
        "monitored_qualified",
        "city_extra",
        "third_party",
        "account_pay",
        "individual",
        "fiscal",
    )
    if "individual" in inputs:
        financing = subsidies.financing_per_head(
            inputs.need("individual", read.yuan), inputs.need("fiscal", read.yuan)
        )
        return {"total": plain(financing.total)}, financing.trace
    facts = subsidies.SubsidyFacts(
        standard=inputs.need("standard", read.yuan),
        categories=tuple(inputs.need("categories", read.list_of(read.text))),
        quota=inputs.get("quota", read.by_code(read.yuan), {}),
        monitored_qualified=inputs.get("monitored_qualified", read.flag, True),
        city_extra=inputs.get("city_extra", read.yuan, ZERO),
        third_party=inputs.get("third_party", read.yuan, ZERO),
        account_pay=inputs.get("account_pay", read.yuan, ZERO),
    )
    result = subsidies.assess_subsidy(facts, subsidy_terms(law, ANHUI, NEWEST))
    outcome = {
        "category": result.category,
        "assistance_subsidy": plain(result.assistance_subsidy),
        "personal_share": plain(result.personal_share),
        "cash_due": plain(result.cash_due),
    }
    return outcome, result.trace


def employee_start(inputs: Inputs, law: Law) -> Answer:
    """First benefit day of a worker, or the worker's own contribution."""
    inputs.allow("kind", "paid_on", "registered_on", "months_paid", "wage")
    terms = law.terms(EmployeeTerms, ANHUI, NEWEST, "employee")
    if "kind" not in inputs:
        due = worker_contribution(inputs.need("wage", read.yuan), terms)
        return {"employee_contribution": money(due.employee_contribution)}, due.trace
    kind = inputs.need("kind", read.text)
    if kind == "employer":
        paid_on = inputs.need("paid_on", read.day)
        registered_on = inputs.get("registered_on", read.day, paid_on)
        start = employer_start(registered_on, paid_on, terms)
    elif kind == "flexible_first":
        start = flexible_start(inputs.need("months_paid", read.list_of(read.month)), terms)
    else:
        raise RuleRefused("unknown_kind", kind=kind)
    return {"benefit_start": iso(start.benefit_start)}, start.trace


def duplicate_control(inputs: Inputs, law: Law) -> Answer:
    """A registration beside existing relations, or a duplicate that was found."""
    inputs.allow("existing", "new", "relations", "student")
    if "relations" in inputs:
        terms = law.terms(duplicates.DuplicateTerms, ANHUI, NEWEST, "both")
        relations = inputs.need("relations", read.list_of(_found_relation))
        student = inputs.get("student", read.flag, False)
        found = duplicates.resolve_duplicate(relations, terms, student=student)
        if found.keep is not None:
            return {"keep": found.keep}, found.trace
        outcome = {
            "keep": None,
            "keep_default": found.keep_default,
            "needs_written_choice_for_other": found.needs_written_choice_for_other,
        }
        return outcome, found.trace
    existing = inputs.need("existing", read.list_of(_relation))
    checked = duplicates.check_registration(existing, inputs.need("new", _relation))
    if not checked.accepted:
        return {"accepted": False, "reason": checked.reason}, checked.trace
    until = iso(checked.resident_suspended_from)
    return {"accepted": True, "resident_suspended_from": until}, checked.trace


def _relation(raw: object) -> duplicates.Relation:
    match raw:
        case ["resident", str() as area, int() as year]:
            return duplicates.ResidentRelation(area, read.year(year))
        case ["employee", str() as area, str() as first]:
            return duplicates.EmployeeRelation(area, read.day(first))
        case ["employee", str() as area, str() as first, str() as last]:
            until = None if last == "open" else read.day(last)
            relation = duplicates.EmployeeRelation(area, read.day(first), until)
            if until is not None and until < relation.first_day:
                raise RuleRefused("not_a_relation", value=str(raw))
            return relation
    raise RuleRefused("not_a_relation", value=str(raw))


def _found_relation(raw: object) -> duplicates.FoundRelation:
    written = read.text(raw)
    if match := re.fullmatch(r"employee:([0-9]{1,4}) months?", written):
        return duplicates.FoundRelation("employee", months=int(match[1]))
    if match := re.fullmatch(r"resident:([a-z]+|[0-9]{4})", written):
        return duplicates.FoundRelation("resident", place=match[1])
    raise RuleRefused("not_a_relation", value=written)


def collection_window(inputs: Inputs, law: Law) -> Answer:
    """Days against a period, or the benefit year of a payment."""
    inputs.allow("window", "city_window", "dates", "payment_date")
    if "payment_date" in inputs:
        paid_on = inputs.need("payment_date", read.day)
        terms = law.terms(windows.BenefitYearTerms, ANHUI, paid_on)
        year = windows.benefit_year_of(paid_on, terms)
        protection = [iso(year.protected_from), iso(year.protected_until)]
        return {"benefit_year": year.year, "protection": protection}, year.trace
    period = inputs.need("city_window" if "city_window" in inputs else "window", read.span)
    checked = windows.check_window(*period, inputs.need("dates", read.list_of(read.day)))
    return {"inside": list(checked.inside)}, checked.trace


def transfer(inputs: Inputs, law: Law) -> Answer:
    """Time limits of a transfer, or the wait at a switch between the schemes."""
    inputs.allow("accepted_on", "continuous_years", "gap_months", "gap_paid", "area_wait_months")
    terms = law.terms(transfers.TransferTerms, ANHUI, NEWEST, "both")
    if "accepted_on" in inputs:
        return _deadlines(inputs.need("accepted_on", read.day), terms, law)
    wait = inputs.get("area_wait_months", read.whole, 0)
    transfers.check_area_wait(wait, terms)
    if "gap_months" not in inputs and "area_wait_months" in inputs:
        line = step(
            gettext_noop("Wait set by the area, months"), wait, terms.cite("max_wait_months")
        )
        return {"wait_months": wait}, (line,)
    facts = transfers.SwitchFacts(
        continuous_years=inputs.need("continuous_years", read.whole),
        gap_months=inputs.need("gap_months", read.whole),
        gap_paid=inputs.get("gap_paid", read.flag, False),
        area_wait_months=wait,
    )
    result = transfers.assess_switch(facts, terms)
    return {"wait_months": result.wait_months, "retroactive": result.retroactive}, result.trace


def _deadlines(accepted_on: date, terms: transfers.TransferTerms, law: Law) -> Answer:
    """Both terms end within the year or the next; a year whose holidays are not published counts
    Mondays to Fridays, and the trace says so."""
    holidays: set[date] = set()
    workdays: set[date] = set()
    lines = []
    for year in (accepted_on.year, accepted_on.year + 1):
        try:
            published = law.find_of_year("calendar.public_holidays", ANHUI, year, "both")
        except MissingParameter:
            lines.append(step(gettext_noop("No table of public holidays for the year"), year))
            continue
        holidays |= published.value.holidays
        workdays |= published.value.workdays
        lines.append(step(gettext_noop("Table of public holidays"), year, published.citation))
    due = transfers.transfer_deadlines(accepted_on, terms, WorkCalendar(holidays, workdays))
    return {"out_due": iso(due.out_due), "in_due": iso(due.in_due)}, (*lines, *due.trace)


def refund(inputs: Inputs, law: Law) -> Answer:
    inputs.allow("paid", "paid_on", "reason", "event_on", "requested_on")
    facts = refunds.RefundFacts(
        paid=inputs.need("paid", read.yuan),
        paid_on=inputs.need("paid_on", read.day),
        reason=inputs.need("reason", read.text),
        event_on=inputs.need("event_on", read.day),
        requested_on=inputs.need("requested_on", read.day),
    )
    terms = law.terms(refunds.RefundTerms, ANHUI, facts.paid_on)
    years = law.terms(windows.BenefitYearTerms, ANHUI, facts.paid_on)
    result = refunds.assess_refund(facts, terms, years)
    return {"refund": money(result.refund)}, result.trace


def identity(inputs: Inputs, law: Law) -> Answer:
    del law  # the standard holds no number that changes
    inputs.allow("id_number")
    checked = check_identity(inputs.need("id_number", read.text))
    if not checked.valid:
        return {"valid": False, "reason": checked.reason}, checked.trace
    outcome = {"valid": True, "birth_date": iso(checked.birth_date), "sex": checked.sex}
    return outcome, checked.trace
