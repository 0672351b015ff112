"""Who is newly recognised by a full list does not wait, whenever they pay in that benefit year."""

from datetime import date

import pytest

from benefits.models import Standing
from benefits.services.standing import TAKER
from enrollment.models import Enrollment, PersonCategory, Region
from enrollment.selectors.calendar import business_date_is
from enrollment.services import changes, import_jobs
from tests import cast, turning
from tests.turning import YEAR, clock, insured, receipt, someone, turn, turn_until

SPRING = date(2027, 3, 10)


@pytest.fixture(autouse=True)
def province(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anhui with its law; 2024 to 2026 came by history."""
    turning.province(monkeypatch)
    for year in (2024, 2025):
        cast.year(year)


def recognised(name: str, number: str, day: date) -> None:
    """Civil affairs' list of a day, with one newcomer, from the file to the register."""
    maker = cast.officer("Maker", "liu", "刘婷")
    checker = cast.officer("Checker", "zhang", "张敏")
    lines = f"证件号码,姓名,类别,来源部门,名单日期\n{number},{name},低保,民政局,{day}"
    with business_date_is(day):
        source = import_jobs.submit(
            kind="recognition_list",
            area=Region.objects.get(pk=cast.HEFEI),
            name="民政名单.csv",
            content=lines.encode(),
            user=maker,
        )
        assert import_jobs.work(import_id=source.pk) == "checked"
        import_jobs.confirm(source=source, user=checker, previews=1)
        assert import_jobs.work(import_id=source.pk) == "applied"


@pytest.mark.parametrize("listed", [None, date(2026, 11, 18), date(2027, 3, 8)])
def test_a_dynamic_addition_does_not_wait(listed: date | None) -> None:
    """张三 was covered in 2026, pays for 2027 in March; on no list, on one of the window, on one of
    March."""
    late = someone("张三")
    insured(late, year=2026)
    turn_until("subsidise")
    if listed is not None and listed.year < YEAR:
        recognised("张三", late.identity_number, listed)
    for step in ("subsidise", "reconcile", "close", "assess", "activate"):
        turn(step)
    changes.take(taker=TAKER)
    if listed is not None and listed.year == YEAR:
        recognised("张三", late.identity_number, listed)
    with business_date_is(SPRING):
        turn("subsidise", on=SPRING)
        bill = Enrollment.objects.residents(YEAR).get()
        assert bill.payable == (420 if listed is None else 42)
        receipt("L1", late, bill.payable, clock(2027, 3, 10, 9))
        turn("reconcile", on=SPRING)
        changes.take(taker=TAKER)
    standing = Standing.objects.of_year(YEAR).get()
    waits = (standing.fixed_months, standing.benefit_start)
    assert waits == ((3, date(2027, 6, 10)) if listed is None else (0, date(2027, 3, 11)))
    rows = PersonCategory.objects.filter(category="medical_assistance_new")
    spans = [(row.valid.lower, row.valid.upper) for row in rows]
    assert spans == ([] if listed is None else [(listed, date(2028, 1, 1))])
