"""Switches between the schemes: what `explain` answers is what the case does, and nobody is covered
twice on any day."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from config.explain import explain_case
from enrollment.models import (
    Change,
    Enrollment,
    EnrolmentTransfer,
    Person,
    PolicyDocument,
    PolicyParameter,
    User,
)
from enrollment.rules import keys
from enrollment.rules.dates import Month
from enrollment.rules.transfer import cover_before
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.cases import facts_of
from enrollment.selectors.checks import CHECKS
from enrollment.services import cases, registrations, reversals, spells, switches, transfers
from enrollment.services.refusals import Refused
from tests import cast
from tests.acts import approved, arrived, carried_out

AUTUMN = date(2026, 11, 20)
RESIDENT, EMPLOYEE = Person.Scheme.RESIDENT, Person.Scheme.EMPLOYEE
WORKED = json.loads(
    (Path(__file__).parents[1] / "rules" / "cases.json").read_text(encoding="utf-8")
)["cases"]
SWITCHES = [case for case in WORKED if case["group"] == "transfer"]


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with business_date_is(AUTUMN):
        yield


@pytest.fixture
def officers(db: None) -> dict[str, User]:
    """Both cities' officers, and the years from 2022 on; 2027 is open."""
    cast.law()
    for number in range(2022, 2027):
        cast.year(number)
    cast.year(2027, closed=False)
    hands = {
        "maker": ("Maker", "刘婷", cast.HEFEI),
        "checker": ("Checker", "张敏", cast.HEFEI),
        "taker": ("Approver", "何静", cast.WUHU),
        "their maker": ("Maker", "方远", cast.WUHU),
        "their checker": ("Checker", "吴越", cast.WUHU),
    }
    return {
        who: cast.officer(role, who.replace(" ", "-"), name, region=region)
        for who, (role, name, region) in hands.items()
    }


@pytest.fixture
def zhang_san(officers: dict[str, User]) -> Person:
    return cast.person("张三", number=1)


def worked(person: Person, year: int, months: int = 0xFFF) -> None:
    """A year in the employee scheme; `months` is a map of twelve bits, January lowest."""
    key = keys.yearly_key(year=year, person_id=person.pk, scheme=EMPLOYEE)
    Enrollment.objects.create(id=key, person=person, region_id=cast.SHUSHAN, months=months)


def employee(person: Person, *years: int, months: int = 0xFFF) -> None:
    for year in years:
        worked(person, year, months)
    Person.objects.filter(pk=person.pk).update(scheme=EMPLOYEE)
    person.refresh_from_db()


def waits(months: int) -> None:
    """芜湖 has set a wait of so many months."""
    PolicyParameter.objects.create(
        code=switches.AREA_WAIT,
        area_id=cast.WUHU,
        scheme=PolicyParameter.Scheme.BOTH,
        valid=DateRange(date(2022, 1, 1), None),
        unit="months",
        value=months,
        document=PolicyDocument.objects.first(),
        clause="一",
        status="unverified",
    )


def switch(
    maker: User,
    person: Person,
    starts_on: date | None,
    *,
    to_scheme: int = EMPLOYEE,
    **says: Any,
) -> EnrolmentTransfer:
    case = transfers.open_transfer(
        maker=maker,
        person=person,
        year=says.pop("year", starts_on.year if starts_on else 2026),
        to_region_id=says.pop("to", cast.JINGHU),
        to_scheme=to_scheme,
        starts_on=starts_on,
        **says,
    )
    assert isinstance(case, EnrolmentTransfer)
    return case


def moved(officers: dict[str, User], case: EnrolmentTransfer) -> EnrolmentTransfer:
    done = arrived(case, officers["checker"], officers["taker"])
    assert isinstance(done, EnrolmentTransfer)
    return done


def covering(person: Person, first: date, last: date) -> dict[date, list[int]]:
    """On which days of a span which schemes cover, by the database's own expression."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d::date, array_agg(e.id / 100000000000 %% 10)"
            "  FROM generate_series(%s::date, %s::date, '1 day') d"
            "  JOIN year_run y ON y.mode = 'real' AND y.activated_on IS NOT NULL"
            "  JOIN enrollment e ON e.person_id = %s AND e.id / 1000000000000 = y.year"
            " WHERE d >= make_date(y.year, 1, 1)"
            "   AND enrollment_status(e.id, d::date, y.activated_on, e.payable, e.paid, e.due_on,"
            "        e.paid_on, e.benefit_start, e.benefit_end, e.suspended_from, e.ended_on)"
            "       = 'covered'"
            " GROUP BY 1 ORDER BY 1",
            [first, last, person.pk],
        )
        return dict(cursor.fetchall())


def spans(person: Person) -> list[tuple[date, int]]:
    """The first day of each stretch of cover in 2026 with its scheme; nobody is covered twice."""
    found: list[tuple[date, int]] = []
    for day, schemes in covering(person, date(2026, 1, 1), date(2026, 12, 31)).items():
        assert len(schemes) == 1, (day, schemes)
        if not found or found[-1][1] != schemes[0]:
            found.append((day, schemes[0]))
    return found


# What `explain` answers -------------------------------------------------------------------------


@pytest.mark.parametrize("to_scheme", [EMPLOYEE, RESIDENT])
@pytest.mark.parametrize("case", SWITCHES, ids=[case["id"] for case in SWITCHES])
def test_a_worked_switch_comes_out_as_explain_answers(
    officers: dict[str, User], zhang_san: Person, case: dict[str, Any], to_scheme: int
) -> None:
    """The cover before lies in whole years up to 2025, so that 2026 begins with the gap."""
    inputs = case["inputs"]
    before = range(2026 - inputs["continuous_years"], 2026)
    if to_scheme == EMPLOYEE:
        for year in before:
            cast.paid(zhang_san, year)
    else:
        employee(zhang_san, *before)
    waits(inputs.get("area_wait_months", 0))
    made = switch(
        officers["maker"],
        zhang_san,
        date(2026, inputs["gap_months"] + 1, 1),
        to_scheme=to_scheme,
        gap_paid=inputs.get("gap_paid", False),
    )
    answer = explain_case({"group": "transfer", "inputs": inputs})["outcome"]
    done = moved(officers, made)
    assert {"wait_months": done.wait_months, "retroactive": done.retroactive} == answer
    assert (done.continuous_years, done.gap_months) == (
        inputs["continuous_years"],
        inputs["gap_months"],
    )


@pytest.mark.parametrize("day", [AUTUMN, date(2026, 3, 2), date(2026, 9, 24)])
def test_the_terms_of_a_transfer_are_those_that_explain_answers(
    officers: dict[str, User], zhang_san: Person, day: date
) -> None:
    inputs = {"accepted_on": day.isoformat()}
    answer = explain_case({"group": "transfer", "inputs": inputs})["outcome"]
    with business_date_is(day):
        case = transfers.open_transfer(
            maker=officers["maker"], person=zhang_san, year=2027, to_region_id=cast.JINGHU
        )
        assert str(case.due_on) == answer["out_due"]
        assert str(approved(case, officers["checker"]).due_on) == answer["in_due"]


def test_a_wait_above_the_national_maximum_is_refused_as_explain_refuses_it(
    officers: dict[str, User], zhang_san: Person
) -> None:
    waits(7)
    inputs = {"continuous_years": 0, "gap_months": 0, "area_wait_months": 7}
    answer = explain_case({"group": "transfer", "inputs": inputs})["outcome"]
    assert answer["error"] == "wait_above_national_maximum"
    with pytest.raises(switches.WaitTooLong):
        switch(officers["maker"], zhang_san, date(2026, 12, 1))


# The cover before -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("covered", "gap", "years"),
    [
        ([], 0, 0),
        ([Month(2026, 11)], 0, 0),
        ([Month(2026, number) for number in range(1, 12)], 0, 0),
        ([Month(2025, 12), *[Month(2026, number) for number in range(1, 12)]], 0, 1),
        ([Month(2025, number) for number in range(1, 13)], 11, 1),
        # what lies before a gap does not count, nor what begins with the new scheme
        ([Month(2023, 5), Month(2026, 10), Month(2026, 12)], 1, 0),
    ],
)
def test_the_gap_and_the_years_before_a_switch(covered: list[Month], gap: int, years: int) -> None:
    found = cover_before(covered, Month(2026, 12))
    assert (found.gap_months, found.continuous_years) == (gap, years)


def test_years_of_both_schemes_are_continuous_together(
    officers: dict[str, User], zhang_san: Person
) -> None:
    worked(zhang_san, 2024)
    cast.paid(zhang_san, 2025)
    cast.paid(zhang_san, 2026)
    case = switch(officers["maker"], zhang_san, date(2026, 12, 1))
    assert (case.continuous_years, case.gap_months, case.wait_months) == (2, 0, 0)


# Into the employee scheme -----------------------------------------------------------------------


@pytest.mark.parametrize(("wait", "begins"), [(0, date(2026, 7, 1)), (3, date(2026, 10, 1))])
def test_the_paid_resident_year_covers_until_employee_cover_begins(
    officers: dict[str, User], zhang_san: Person, wait: int, begins: date
) -> None:
    """Without two years before, the area's wait applies; in it the resident year goes on."""
    waits(wait)
    cast.paid(zhang_san, 2026)
    cast.bill(zhang_san, 2027)
    done = moved(officers, switch(officers["maker"], zhang_san, date(2026, 7, 1)))
    assert (done.wait_months, done.covered_from) == (wait, begins)
    assert spans(zhang_san) == [(date(2026, 1, 1), RESIDENT), (begins, EMPLOYEE)]
    zhang_san.refresh_from_db()
    assert (zhang_san.scheme, zhang_san.insured_region_id) == (EMPLOYEE, cast.JINGHU)
    # The bill of the year after ends; what was paid stays on the bill of this one.
    rows = Enrollment.objects.of_person(zhang_san.pk, (2026, 2027)).order_by("pk")
    assert [
        (row.year, row.scheme, row.region_id, int(row.paid), row.suspended_from, row.ended_for)
        for row in rows
    ] == [
        (2026, keys.RESIDENT, cast.SHUSHAN, 400, begins, ""),
        (2026, keys.EMPLOYEE, cast.JINGHU, 0, None, ""),
        (2027, keys.RESIDENT, cast.SHUSHAN, 0, None, "employee_scheme"),
    ]
    told = Change.objects.filter(case=done.pk)
    assert set(told.values_list("cause", flat=True)) == {"transfer"}
    assert 2026 in told.values_list("year", flat=True)


def test_a_paid_gap_is_covered_backwards_and_nothing_twice(
    officers: dict[str, User], zhang_san: Person
) -> None:
    for year in (2024, 2025):
        cast.paid(zhang_san, year)
    case = switch(officers["maker"], zhang_san, date(2026, 4, 1), gap_paid=True)
    done = moved(officers, case)
    assert (done.gap_months, done.retroactive) == (3, True)
    assert spans(zhang_san) == [(date(2026, 1, 1), EMPLOYEE)]


def test_a_resident_bill_that_is_paid_too_late_covers_no_day_of_the_new_scheme(
    officers: dict[str, User], zhang_san: Person
) -> None:
    bill = cast.bill(zhang_san, 2026)
    moved(officers, switch(officers["maker"], zhang_san, date(2026, 7, 1)))
    Enrollment.objects.filter(pk=bill.pk).update(
        paid=400, paid_on=AUTUMN, benefit_start=date(2026, 1, 1)
    )
    assert spans(zhang_san) == [(date(2026, 1, 1), RESIDENT), (date(2026, 7, 1), EMPLOYEE)]


def test_a_resident_year_that_goes_on_beside_the_new_scheme_is_named(
    officers: dict[str, User], zhang_san: Person
) -> None:
    bill = cast.paid(zhang_san, 2026)
    moved(officers, switch(officers["maker"], zhang_san, date(2026, 7, 1)))
    (promise,) = [each for each in CHECKS if each.name == "who_switched_is_covered_by_one_scheme"]
    with connection.cursor() as cursor:
        cursor.execute(promise.sql)
        assert cursor.fetchall() == []
        Enrollment.objects.filter(pk=bill.pk).update(suspended_from=date(2026, 8, 1))
        cursor.execute(promise.sql)
        assert [row[1] for row in cursor.fetchall()] == [bill.pk]


# Into the resident scheme -----------------------------------------------------------------------


def test_a_leaver_of_the_employee_scheme_is_registered_by_the_new_area(
    officers: dict[str, User], zhang_san: Person
) -> None:
    employee(zhang_san, 2025, 2026, months=0xFFF)
    done = moved(
        officers, switch(officers["maker"], zhang_san, date(2026, 11, 1), to_scheme=RESIDENT)
    )
    assert spans(zhang_san) == [(date(2026, 1, 1), EMPLOYEE)]
    assert max(covering(zhang_san, date(2026, 1, 1), date(2026, 12, 31))) == date(2026, 10, 31)
    zhang_san.refresh_from_db()
    assert (zhang_san.scheme, zhang_san.insured_region_id) == (RESIDENT, cast.JINGHU)
    made = registrations.open_registration(
        maker=officers["their maker"],
        person=zhang_san,
        year=2027,
        ground="in_period",
        insured_region_id=cast.JINGHU,
    )
    carried_out(made, officers["their checker"])
    assert Enrollment.objects.residents(2027).get(person=zhang_san).region_id == cast.JINGHU
    # With a bill in the new scheme the switch is not undone below it.
    with pytest.raises(spells.BillSince):
        cases.reverse_case(case=done, user=officers["their checker"], reason="误办")


# Undone -----------------------------------------------------------------------------------------


def as_it_was(person: Person) -> list[tuple[Any, ...]]:
    rows = Enrollment.objects.of_person(person.pk, range(2022, 2028)).exclude(ended_for="reversed")
    return [
        (row.pk, row.months, row.suspended_from, row.ended_on, row.ended_for)
        for row in rows.order_by("pk")
    ]


@pytest.mark.parametrize("to_scheme", [EMPLOYEE, RESIDENT])
def test_a_reversal_in_the_new_area_brings_both_schemes_back(
    officers: dict[str, User], zhang_san: Person, to_scheme: int
) -> None:
    if to_scheme == EMPLOYEE:
        cast.paid(zhang_san, 2026)
        cast.bill(zhang_san, 2027)
    else:
        employee(zhang_san, 2026)
    before = as_it_was(zhang_san)
    case = switch(officers["maker"], zhang_san, date(2026, 7, 1), to_scheme=to_scheme)
    done = moved(officers, case)
    undoing = reversals.open_reversal(maker=officers["their maker"], reverses=done, reason="未就业")
    assert undoing.region_id == cast.JINGHU
    carried_out(undoing, officers["their checker"])
    assert as_it_was(zhang_san) == before
    zhang_san.refresh_from_db()
    back = (zhang_san.scheme, zhang_san.insured_region_id)
    assert back == (case.from_scheme, cast.SHUSHAN)
    assert spans(zhang_san)[0] == (date(2026, 1, 1), case.from_scheme)


# Refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("says", "refusal"),
    [
        ({"starts_on": None}, switches.StartMissing),
        ({"starts_on": date(2026, 7, 2)}, switches.StartMissing),
        ({"starts_on": date(2026, 7, 1), "year": 2027}, switches.StartOutsideYear),
        (
            {"starts_on": date(2027, 1, 1), "to_scheme": RESIDENT, "year": 2027},
            switches.StartNotAsked,
        ),
        ({"starts_on": None, "to_scheme": RESIDENT, "gap_paid": True}, switches.StartNotAsked),
    ],
)
def test_a_switch_that_is_not_said_rightly_is_refused(
    officers: dict[str, User],
    zhang_san: Person,
    says: dict[str, Any],
    refusal: type[Refused],
) -> None:
    with pytest.raises(refusal):
        switch(officers["maker"], zhang_san, **says)
    assert not EnrolmentTransfer.objects.exists()


def test_what_the_register_says_since_is_said_again_before_it_is_approved(
    officers: dict[str, User], zhang_san: Person
) -> None:
    cast.paid(zhang_san, 2025)
    case = switch(officers["maker"], zhang_san, date(2026, 7, 1))
    assert case.gap_months == 6
    cast.paid(zhang_san, 2026)
    with pytest.raises(switches.FoundOtherwise):
        cases.submit_case(case=case, user=officers["maker"])
    again = transfers.change_transfer(
        case=case,
        user=officers["maker"],
        expected_version=case.version,
        to_region_id=cast.JINGHU,
        to_scheme=EMPLOYEE,
        starts_on=date(2026, 7, 1),
        gap_paid=False,
    )
    shown = {fact.label: fact.value for fact in facts_of(again)}
    assert (shown["Gap in months"], shown["Wait in all, months"]) == (0, 0)
    assert shown["Paid on the resident bill of that year (yuan)"] == 400


def test_a_switch_inside_one_county_has_two_sides_too(
    officers: dict[str, User], zhang_san: Person
) -> None:
    case = switch(officers["maker"], zhang_san, date(2026, 7, 1), to=cast.SHUSHAN)
    other = cast.officer("Approver", "gao", "高健", region=cast.HEFEI)
    done = arrived(case, officers["checker"], other)
    assert done.state == "effected"


def test_the_database_wants_to_know_from_when(officers: dict[str, User], zhang_san: Person) -> None:
    case = switch(officers["maker"], zhang_san, date(2026, 7, 1))
    for fields in ({"starts_on": None}, {"starts_on": date(2026, 7, 2)}, {"wait_months": None}):
        with pytest.raises(IntegrityError, match="switch_of_schemes"), transaction.atomic():
            EnrolmentTransfer.objects.filter(pk=case.pk).update(**fields)
