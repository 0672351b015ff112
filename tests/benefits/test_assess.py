"""The step `assess`: whole tables, people assessed again, the law that a year rests on."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from benefits.models import ClaimUse, Standing, StandingTerms
from benefits.services.standing import TAKER
from enrollment.models import Change, Enrollment, Person, PolicyParameter, YearRun, YearStep
from enrollment.rules import keys
from enrollment.selectors.calendar import business_date_is
from enrollment.services import changes, transfers
from enrollment.services.refusals import StepRefused
from enrollment.services.year import start_step
from tests import cast, turning
from tests.acts import arrived
from tests.turning import (
    WUHU,
    YEAR,
    clock,
    employed,
    insured,
    receipt,
    recognise,
    someone,
    turn,
    turn_until,
)

FIGURES = (
    "cover", "streak", "broken_years_total", "continuity_bonus", "zero_claim_bonus", "cap",
    "broken_years", "fixed_months", "variable_months", "benefit_start",
)  # fmt: skip
SPRING = date(2027, 3, 10)


@pytest.fixture(autouse=True)
def province(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anhui with its law; 2024 to 2026 came by history."""
    turning.province(monkeypatch)
    for year in (2024, 2025):
        cast.year(year)


def standings(year: int = YEAR) -> dict[str, tuple[Any, ...]]:
    """Every standing of a year by name."""
    rows = Standing.objects.of_year(year).values_list("person__name", *FIGURES)
    return {name: tuple(figures) for name, *figures in rows}


def paid_for(person: Person) -> None:
    """His bill of the year, paid in the window."""
    bill = Enrollment.objects.get(pk=keys.yearly_key(year=YEAR, person_id=person.pk))
    receipt(f"P{person.pk}", person, bill.payable)


def assessed(*payers: Person) -> YearStep:
    """The year closed and assessed; these paid."""
    turn("open")
    turn("subsidise")
    for person in payers:
        paid_for(person)
    turn("reconcile")
    turn("close")
    return turn("assess")


def take() -> int:
    """What a worker does with the changes that wait."""
    return changes.take(taker=TAKER)


def test_everyone_ever_covered_has_a_standing_and_nobody_else() -> None:
    faithful, broken, worker, newcomer = (someone(n) for n in ("张三", "李四", "孙八", "周九"))
    someone("赵六")  # never covered, does not pay
    elsewhere = someone("王五", region=WUHU)
    for year in (2025, 2026):
        insured(faithful, elsewhere, year=year)
    insured(broken, year=2024)
    employed(worker, 2025, 0xFFF)
    employed(worker, 2026, 0xFFF)
    Person.objects.filter(pk=worker.pk).update(scheme=2)

    assessed(faithful, broken, newcomer)

    ceiling = Decimal(300_000)
    new_year = date(2027, 1, 1)
    assert standings() == {
        # 2025 and 2026 without a claim: 3000 each for the year after
        "张三": ("R", 3, 0, 0, 6000, ceiling + 6000, 0, 0, 0, new_year),
        # two broken years: three months and one more, and 6000 less
        "李四": ("R", 1, 2, 0, 0, ceiling - 6000, 2, 3, 1, date(2027, 5, 1)),
        "孙八": ("E", 0, 0, 0, 0, None, None, None, None, None),
        "周九": ("R", 1, 0, 0, 0, ceiling, 0, 0, 0, new_year),
        "王五": ("N", 0, 0, 0, 3000, None, None, None, None, None),
    }
    assert turning.states(on=new_year)["李四"] == "paid"
    turn("activate")
    assert turning.states(on=new_year) == {
        "张三": "covered", "李四": "waiting", "周九": "covered", "赵六": "lapsed", "王五": "lapsed",
    }  # fmt: skip


def test_a_switch_to_the_employee_scheme_carries_the_streak() -> None:
    """Employee years keep the streak of the resident years, and are none themselves; no bill is
    opened beside them (皖医保发〔2024〕6号 一（二）)."""
    leaver = someone("张三")
    for year in (2025, 2026):
        insured(leaver, year=year)
    with business_date_is(date(2026, 7, 10)):
        case = transfers.open_transfer(
            maker=cast.officer("Maker", "liu", "刘婷"),
            person=leaver,
            year=2026,
            to_region_id=WUHU,
            to_scheme=keys.EMPLOYEE,
            starts_on=date(2026, 7, 1),
        )
        checker, taker = (cast.officer("Approver", name, name) for name in ("zhang", "he"))
        arrived(case, checker, taker)

    assessed()

    assert turning.bills() == {}
    (standing,) = standings().values()
    assert standing[:3] == ("E", 2, 0)


def test_dates_are_written_only_where_they_differ_from_the_year() -> None:
    faithful, broken = someone("张三"), someone("李四")
    insured(faithful, year=2026)
    insured(broken, year=2024)
    assessed(faithful, broken)

    rows = Enrollment.objects.residents(YEAR).values_list("person__name", "benefit_start")
    assert dict(rows) == {"张三": None, "李四": date(2027, 5, 1)}


def test_a_rehearsal_of_standings_leaves_nothing() -> None:
    broken = someone("李四")
    insured(broken, year=2024)
    turn("open")
    turn("subsidise")
    paid_for(broken)
    turn("reconcile")
    turn("close")

    turn("assess", rehearse=True)

    assert standings() == {}
    assert Enrollment.objects.residents(YEAR).get().benefit_start is None


@pytest.mark.parametrize("exempt", [False, True])
def test_a_late_payment_has_its_person_assessed_again(exempt: bool) -> None:
    late = someone("张三")
    insured(late, year=2026)
    assessed()
    assert standings()["张三"][:2] == ("N", 0)
    turn("activate")
    take()

    with business_date_is(SPRING):
        if exempt:
            recognise(late, "demobilised", since=date(2027, 1, 1))
        receipt("L1", late, 420, clock(2027, 3, 10, 9))
        turn("reconcile", on=SPRING)
        assert Change.objects.filter(cause="cover", year=YEAR).count() == 1
        assert turning.states(on=SPRING)["张三"] == "waiting"
        assert take() > 0

    start = date(2027, 3, 11) if exempt else date(2027, 6, 10)
    wait = 0 if exempt else 3
    assert standings()["张三"] == ("R", 2, 0, 0, 3000, 303_000, 0, wait, 0, start)
    assert Standing.objects.of_year(YEAR).get().shard is None
    assert Enrollment.objects.residents(YEAR).get().benefit_start == start
    assert take() == 0


def test_a_late_claim_takes_the_bonus_of_the_next_year_back() -> None:
    person = someone("张三")
    for year in (2025, 2026):
        insured(person, year=year)
    assessed(person)
    assert standings()["张三"][4] == 6000

    ClaimUse.objects.create(
        id=keys.yearly_key(year=2026, person_id=person.pk),
        claims=1, total=100, fund_paid=60, major_illness_paid=0, assistance_paid=0,
    )  # fmt: skip
    changes.append(person_id=person.pk, year=2026, cause="claim")
    take()

    assert standings()["张三"][4] == 3000


def test_use_of_the_bonus_clears_what_was_earned_without_claims() -> None:
    person = someone("张三")
    for year in (2025, 2026):
        insured(person, year=year)
    ClaimUse.objects.create(
        id=keys.yearly_key(year=2026, person_id=person.pk),
        claims=1, total=400_000, fund_paid=50_000, major_illness_paid=300_001, assistance_paid=0,
    )  # fmt: skip
    assessed(person)

    row = Standing.objects.of_year(YEAR).get()
    assert [row.zero_claim_cleared, row.zero_claim_bonus] == [Decimal(3000), Decimal(0)]
    assert row.cap == Decimal(300_000)


def test_what_changes_while_a_year_is_assessed_waits_until_it_is() -> None:
    person = someone("张三")
    insured(person, year=2026)
    turn_until("assess")
    running = start_step(name="assess", year=YEAR, on=turning.NEW_YEAR)
    changes.append(person_id=person.pk, year=2026, cause="claim")

    assert take() == 0
    turning.finish(running)
    assert take() > 0


def test_an_employee_member_without_a_month_was_not_covered() -> None:
    worker = someone("孙八")
    Person.objects.filter(pk=worker.pk).update(scheme=2)
    employed(worker, 2026, 0xFFF)
    assessed()
    assert standings()["孙八"][0] == "E"
    turn("activate")
    Person.objects.filter(pk=worker.pk).update(scheme=1)
    cast.year(2028)
    turn("assess", year=2028)

    row = Standing.objects.of_year(2028).get()
    assert (row.cover, row.broken_years_total, row.gap_years) == ("N", 1, 1)


# The law ------------------------------------------------------------------------------------------


def test_a_new_value_changes_the_years_from_its_date_on_and_no_other() -> None:
    person, broken = someone("张三"), someone("李四")
    for year in (2025, 2026):
        insured(person, year=year)
    insured(broken, year=2024)
    assessed(person, broken)
    before = {year: standings(year) for year in (2025, 2026, 2027)}
    digests = {
        step.run.year: step.digest
        for step in YearStep.objects.filter(name="assess").select_related("run")
    }

    for code, value in (("incentive.step", "5000"), ("waiting.fixed_months", 6)):
        row = PolicyParameter.objects.get(code=code, area=340000000000)
        row.valid = DateRange(row.valid.lower, date(2028, 1, 1))
        row.save()
        row.pk, row.value, row.valid = None, value, DateRange(date(2028, 1, 1), None)
        row.save(force_insert=True)
    turn("activate")

    for year in (2025, 2026, 2027):
        again = turn("assess", year=year, rehearse=True, on=date(year, 1, 1))
        assert again.digest == digests[year], year
    changes.append(person_id=person.pk, year=2025, cause="claim")
    take()
    assert {year: standings(year) for year in (2025, 2026, 2027)} == before
    cast.year(2028)
    insured(person, broken, year=2028)
    turn("assess", year=2028)
    assert standings(2028)["张三"][4] == 3 * 3000 + 2000
    assert StandingTerms.objects.filter(step__run__year=2028, incentive_step=5000).exists()
    assert not StandingTerms.objects.filter(step__run__year=2027, incentive_step=5000).exists()


def test_a_year_rests_on_those_before_it() -> None:
    person = someone("张三")
    insured(person, year=2026)
    for name in ("open", "subsidise", "close"):
        turn(name)
    with pytest.raises(StepRefused, match=r"^out_of_order: .* rests on assess of 2025, 2026"):
        start_step(name="assess", year=YEAR, on=turning.NEW_YEAR)
    YearRun.objects.filter(year=2026).update(year=2023)
    with pytest.raises(StepRefused, match=r"^year_missing: .* rests on 2026"):
        start_step(name="assess", year=YEAR, on=turning.NEW_YEAR)


def test_no_year_before_the_law_is_assessed() -> None:
    insured(someone("张三"), year=2024)
    with pytest.raises(StepRefused, match=r"^missing_parameter: .*2024-01-01"):
        turn("assess", year=2024)


# The database -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        ("INSERT INTO standing SELECT * FROM made", "violates unique constraint"),
        ("UPDATE standing SET cap = cap + 1", "a_ceiling_is_original_plus_bonus_less_reduction"),
        ("UPDATE standing SET cover = 'N'", "only_a_paid_resident_has_ceiling_and_wait"),
        ("UPDATE standing SET person_id = person_id + 1", "standing_key_is_computed"),
        ("UPDATE standing SET county = 340200", "a_standing_lies_in_the_county_of_its_region"),
        ("UPDATE standing SET county = NULL", 'null value in column "county"'),
    ],
)
def test_the_database_refuses(sql: str, constraint: str) -> None:
    insured(someone("张三"), year=2026)
    turn("assess", year=2026)
    columns = ", ".join(
        str(field.column) for field in Standing._meta.concrete_fields if not field.generated
    )
    sql = sql.replace("SELECT * FROM made", f"({columns}) SELECT {columns} FROM standing")
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as c:
        c.execute(sql)
    assert constraint in str(caught.value)
