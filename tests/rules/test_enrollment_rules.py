"""Subsidy with the tables of its page, and what worked cases leave out: windows, starts,
duplicates, transfers, refunds."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.explain.enrollment_groups import subsidy_terms
from config.explain.law import ANHUI, NEWEST, Law
from enrollment.rules.dates import Month, WorkCalendar
from enrollment.rules.duplicates import (
    DuplicateTerms,
    EmployeeRelation,
    FoundRelation,
    Relation,
    ResidentRelation,
    check_registration,
    resolve_duplicate,
)
from enrollment.rules.employee import (
    EmployeeTerms,
    employer_start,
    flexible_start,
    worker_contribution,
)
from enrollment.rules.parameter_checks import share_bounds
from enrollment.rules.refund import RefundFacts, RefundTerms, assess_refund
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.registration import RegistrationFacts, RegistrationTerms, admit
from enrollment.rules.subsidy import SubsidyFacts, assess_subsidy
from enrollment.rules.transfer import (
    SwitchFacts,
    TransferTerms,
    assess_switch,
    resident_move_effective,
    transfer_deadlines,
)
from enrollment.rules.window import BenefitYearTerms, benefit_year_of, check_window, is_accepted
from tests.rules.tables import refusal_of, rows_under
from tests.rules.terms import book, terms

PAGE = "contribution-subsidy.md"
SUBSIDY = subsidy_terms(Law(book(), {}), ANHUI, NEWEST)
QUOTAS = {
    "dibao": Decimal(360),
    "returned_to_poverty": Decimal(320),
    "monitored": Decimal(200),
    "orphan": Decimal(400),
}
POOR = SubsidyFacts(standard=Decimal(400), categories=("dibao",), quota=QUOTAS)


def refusal(facts: SubsidyFacts) -> str:
    return refusal_of(lambda: assess_subsidy(facts, SUBSIDY))


@pytest.mark.parametrize("row", rows_under(PAGE, "Ranges"))
def test_a_range_ends_at_whole_cents(row: dict[str, str]) -> None:
    low, high = share_bounds(Decimal(row["standard"]), SUBSIDY.ranges[row["category"]])

    assert [str(low), str(high)] == [row["lowest"], row["highest"]]


@pytest.mark.parametrize("row", rows_under(PAGE, "A quota at the ends of its range"))
def test_a_quota_is_held_to_its_range(row: dict[str, str]) -> None:
    category, quota = row["category"], row["quota"]
    quotas = {} if quota == "none" else {category: Decimal(quota)}
    facts = SubsidyFacts(Decimal(row["standard"]), (category,), quotas)

    if row["subsidy"] == "refused":
        assert refusal(facts) == row["personal share"]
        return

    result = assess_subsidy(facts, SUBSIDY)

    assert str(result.assistance_subsidy) == row["subsidy"]
    assert str(result.personal_share) == row["personal share"]


@pytest.mark.parametrize("row", rows_under(PAGE, "Who pays"))
def test_each_funder_lowers_what_is_left(row: dict[str, str]) -> None:
    facts = SubsidyFacts(
        standard=Decimal(400),
        categories=() if row["categories"] == "none" else tuple(row["categories"].split()),
        quota=QUOTAS,
        monitored_qualified=row["condition met"] == "yes",
        city_extra=Decimal(row["city extra"]),
        third_party=Decimal(row["third parties"]),
        account_pay=Decimal(row["account"]),
    )

    if row["applied"] == "refused":
        assert refusal(facts) == row["subsidy"]
        return

    result = assess_subsidy(facts, SUBSIDY)

    assert (result.category or "none") == row["applied"]
    assert [str(result.assistance_subsidy), str(result.personal_share), str(result.cash_due)] == [
        row[name] for name in ("subsidy", "personal share", "cash due")
    ]


def test_the_most_favourable_category_counts_alone() -> None:
    several = replace(POOR, categories=("monitored", "dibao", "returned_to_poverty"))

    result = assess_subsidy(several, SUBSIDY)

    assert (result.category, result.assistance_subsidy) == ("dibao", Decimal(360))


def test_a_monitored_person_without_the_condition_pays_in_full() -> None:
    result = assess_subsidy(
        replace(POOR, categories=("monitored",), monitored_qualified=False), SUBSIDY
    )

    assert (result.category, result.personal_share) == (None, Decimal(400))


def test_a_local_category_is_held_to_the_range_of_its_model() -> None:
    orphan = replace(POOR, categories=("orphan",))

    assert assess_subsidy(orphan, SUBSIDY).assistance_subsidy == Decimal(400)
    assert refusal(replace(orphan, quota={"orphan": Decimal(399)})) == "quota_out_of_range"


def test_only_quotas_of_the_own_categories_are_checked() -> None:
    strange = replace(POOR, quota={**QUOTAS, "monitored": Decimal(1)})

    assert assess_subsidy(strange, SUBSIDY).personal_share == Decimal(40)


def test_a_personal_account_lowers_the_cash_and_not_the_share() -> None:
    result = assess_subsidy(
        replace(POOR, third_party=Decimal(15), account_pay=Decimal("25.00")), SUBSIDY
    )

    assert (result.personal_share, result.cash_due) == (Decimal(25), Decimal(0))


def test_nobody_pays_more_than_what_is_left() -> None:
    assert refusal(replace(POOR, third_party=Decimal("40.01"))) == (
        "third_party_exceeds_personal_share"
    )
    assert refusal(replace(POOR, city_extra=Decimal(41))) == "city_extra_exceeds_personal_share"
    assert refusal(replace(POOR, account_pay=Decimal(41))) == "account_pay_exceeds_personal_share"
    assert refusal(replace(POOR, categories=("dibao", "dibao"))) == "category_twice"


@given(
    st.decimals(min_value="1", max_value=2000, places=2),
    st.decimals(min_value="0.8", max_value="0.9", places=4),
)
def test_a_quota_inside_its_range_splits_the_standard(standard: Decimal, share: Decimal) -> None:
    quota = (standard * share).quantize(Decimal("0.01"))
    facts = SubsidyFacts(standard=standard, categories=("dibao",), quota={"dibao": quota})

    result = assess_subsidy(facts, SUBSIDY)

    assert result.assistance_subsidy + result.personal_share == standard


def test_both_end_days_lie_inside_the_period() -> None:
    days = [date(2025, 10, 19), date(2025, 10, 20), date(2025, 12, 31), date(2026, 1, 1)]

    inside = check_window(date(2025, 10, 20), date(2025, 12, 31), days).inside

    assert inside == (False, True, True, False)


@pytest.mark.parametrize(
    ("paid_on", "accepted"),
    [("2025-08-31", False), ("2025-09-01", True), ("2026-12-31", True), ("2027-01-01", False)],
)
def test_a_payment_belongs_to_a_year_from_its_period_to_its_end(
    paid_on: str, accepted: bool
) -> None:
    assert is_accepted(date.fromisoformat(paid_on), date(2025, 9, 1), 2026) is accepted


@given(st.dates(min_value=date(2025, 1, 1), max_value=date(2060, 12, 31)))
def test_a_payment_without_a_year_belongs_to_the_next_from_september(day: date) -> None:
    year = benefit_year_of(day, terms(BenefitYearTerms))

    assert year.year == (day.year + 1 if day >= date(day.year, 9, 1) else day.year)
    assert (year.protected_from, year.protected_until) == (
        date(year.year, 1, 1),
        date(year.year, 12, 31),
    )


EMPLOYEE = terms(EmployeeTerms, scheme="employee")


@pytest.mark.parametrize(
    ("months", "start"),
    [
        (["2026-01", "2026-02", "2026-03"], date(2026, 4, 1)),
        (["2026-03", "2026-01", "2026-02"], date(2026, 4, 1)),
        (["2026-01", "2026-02", "2026-04", "2026-05", "2026-06"], date(2026, 7, 1)),
        (["2026-01", "2026-01", "2026-02"], None),
        ([], None),
    ],
)
def test_the_first_run_of_three_months_decides(months: list[str], start: date | None) -> None:
    paid = [Month.read(month) for month in months]

    assert flexible_start(paid, EMPLOYEE).benefit_start == start


def test_an_employee_starts_in_the_month_after_the_later_day() -> None:
    start = employer_start(date(2026, 5, 2), date(2026, 4, 30), EMPLOYEE)

    assert start.benefit_start == date(2026, 6, 1)


def test_a_worker_pays_two_per_cent_to_the_cent() -> None:
    assert worker_contribution(Decimal("5000.25"), EMPLOYEE).employee_contribution == (
        Decimal("100.01")
    )


def reason_of(existing: list[Relation], new: Relation) -> str | None:
    return check_registration(existing, new).reason


def test_nobody_is_registered_twice() -> None:
    hefei, wuhu = ResidentRelation("340100", 2026), ResidentRelation("340200", 2026)
    job = EmployeeRelation("340100", date(2026, 3, 1))
    ended = EmployeeRelation("340100", date(2024, 1, 1), date(2025, 12, 31))

    assert reason_of([hefei], wuhu) == "duplicate_enrolment"
    assert reason_of([ResidentRelation("340100", 2025)], wuhu) is None
    assert reason_of([job], hefei) == "employee_scheme_active"
    assert reason_of([ended], hefei) is None
    assert reason_of([job], EmployeeRelation("340200", date(2026, 6, 1))) == "duplicate_enrolment"
    assert reason_of([ended], job) is None


def test_employee_cover_suspends_resident_cover_from_its_first_day() -> None:
    job = EmployeeRelation("340100", date(2026, 3, 1))

    beside = check_registration([ResidentRelation("340200", 2026)], job)
    alone = check_registration([ResidentRelation("340200", 2025)], job)

    assert (beside.accepted, beside.resident_suspended_from) == (True, date(2026, 3, 1))
    assert (alone.accepted, alone.resident_suspended_from) == (True, None)


DUPLICATE = terms(DuplicateTerms, scheme="both")


def kept(*relations: FoundRelation, student: bool = False) -> tuple[str | None, str | None]:
    found = resolve_duplicate(relations, DUPLICATE, student=student)
    return found.keep, found.keep_default


def job(months: int) -> FoundRelation:
    return FoundRelation("employee", months=months)


def home(place: str) -> FoundRelation:
    return FoundRelation("resident", place=place)


def test_a_found_duplicate_is_resolved_by_rule_or_by_choice() -> None:
    assert kept(job(12), home("2026")) == ("employee", None)
    assert kept(job(11), home("2026")) == (None, None)
    assert kept(home("home"), home("school"), student=True) == ("resident:school", None)
    assert kept(home("hukou"), home("habitual")) == (None, "resident:habitual")
    assert kept(home("hukou"), home("school")) == (None, None)
    with pytest.raises(RuleRefused):
        kept(job(12))
    with pytest.raises(RuleRefused):
        kept(home("moon"), home("hukou"))


TRANSFER = terms(TransferTerms, scheme="both")


@pytest.mark.parametrize(
    ("facts", "wait", "retroactive"),
    [
        (SwitchFacts(2, 3, True, 6), 0, True),
        (SwitchFacts(2, 3, False, 6), 6, False),
        (SwitchFacts(1, 3, True, 6), 6, False),
        (SwitchFacts(2, 4, True, 3), 3, False),
        (SwitchFacts(2, 4, True), 0, False),
        (SwitchFacts(2, 0, False, 6), 0, False),
    ],
)
def test_a_switch_waits_unless_a_short_gap_is_paid(
    facts: SwitchFacts, wait: int, retroactive: bool
) -> None:
    result = assess_switch(facts, TRANSFER)

    assert (result.wait_months, result.retroactive) == (wait, retroactive)


def test_no_area_waits_longer_than_the_nation_allows() -> None:
    with pytest.raises(RuleRefused) as refused:
        assess_switch(SwitchFacts(0, 9, False, 7), TRANSFER)

    assert refused.value.name == "wait_above_national_maximum"


def test_deadlines_count_working_days_after_the_day_of_acceptance() -> None:
    due = transfer_deadlines(date(2026, 3, 2), TRANSFER, WorkCalendar())

    assert (due.out_due, due.in_due) == (date(2026, 3, 16), date(2026, 3, 23))


def test_a_resident_moves_with_the_next_year() -> None:
    assert resident_move_effective(date(2026, 12, 31)) == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("requested_on", "refund"), [("2025-12-31", "400.00"), ("2026-01-01", "0.00")]
)
def test_a_contribution_is_paid_back_before_its_year_begins(requested_on: str, refund: str) -> None:
    facts = RefundFacts(
        paid=Decimal(400),
        paid_on=date(2025, 11, 1),
        reason="death",
        event_on=date(2025, 12, 20),
        requested_on=date.fromisoformat(requested_on),
    )

    result = assess_refund(facts, terms(RefundTerms), terms(BenefitYearTerms))

    assert result.refund == Decimal(refund)


def test_a_bill_names_the_year_of_a_payment_that_would_count_for_the_next() -> None:
    """Paid in October 2025 for 2025, whose benefits had begun."""
    paid_on = date(2025, 10, 8)
    facts = RefundFacts(Decimal(400), paid_on, "death", paid_on, date(2025, 11, 2))
    years = terms(BenefitYearTerms)
    assert assess_refund(facts, terms(RefundTerms), years).refund == 400
    assert assess_refund(replace(facts, year=2025), terms(RefundTerms), years).refund == 0


def test_a_refund_needs_an_accepted_reason() -> None:
    facts = RefundFacts(
        Decimal(400), date(2025, 11, 1), "regret", date(2025, 11, 2), date(2025, 11, 2)
    )

    with pytest.raises(RuleRefused) as refused:
        assess_refund(facts, terms(RefundTerms), terms(BenefitYearTerms))

    assert refused.value.name == "unknown_reason"


# Registration -----------------------------------------------------------------------------------

PERIOD = (date(2026, 9, 1), date(2026, 12, 31))
NEWCOMER = RegistrationFacts(
    ground="in_period",
    on=date(2026, 11, 20),
    year=2027,
    window_first=PERIOD[0],
    window_last=PERIOD[1],
    birth_date=date(1990, 3, 2),
)


@pytest.mark.parametrize(
    ("ground", "on", "refused"),
    [
        ("in_period", date(2026, 8, 31), "year_not_payable_yet"),
        ("in_period", date(2026, 9, 1), None),
        ("in_period", date(2026, 12, 31), None),
        ("in_period", date(2027, 1, 1), "outside_payment_period"),
        ("late", date(2026, 12, 31), "inside_payment_period"),
        ("late", date(2027, 1, 1), None),
        ("late", date(2027, 12, 31), None),
        ("late", date(2028, 1, 1), "year_over"),
        ("newborn", date(2026, 10, 8), None),
        ("newborn", date(2026, 10, 7), "born_later"),
        ("newborn", date(2027, 10, 7), None),
        ("newborn", date(2027, 10, 8), "not_a_newborn"),
        ("released_prisoner", date(2027, 6, 1), None),
        ("tourist", date(2026, 11, 20), "unknown_ground"),
    ],
)
def test_a_ground_of_registration_holds_on_its_days(
    ground: str, on: date, refused: str | None
) -> None:
    born = date(2026, 10, 8) if ground == "newborn" else NEWCOMER.birth_date
    facts = replace(NEWCOMER, ground=ground, on=on, birth_date=born)
    if refused is None:
        assert admit(facts, terms(RegistrationTerms)).inside == (PERIOD[0] <= on <= PERIOD[1])
        return
    with pytest.raises(RuleRefused) as error:
        admit(facts, terms(RegistrationTerms))
    assert error.value.name == refused


def test_a_declared_extension_belongs_to_the_payment_period() -> None:
    extended = replace(NEWCOMER, grace_end=date(2027, 2, 28), on=date(2027, 2, 28))
    assert admit(extended, terms(RegistrationTerms)).inside
    with pytest.raises(RuleRefused, match="outside_payment_period"):
        admit(replace(extended, on=date(2027, 3, 1)), terms(RegistrationTerms))
