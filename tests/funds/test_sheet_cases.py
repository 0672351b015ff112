"""The worked cases of the adjustment funds, each put through a settlement sheet: the same numbers.

Readings other than the default are left to `explain`: a sheet computes by what is published.
"""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from config.parameters import ROOTS
from enrollment.models import Person
from enrollment.selectors.calendar import business_date_is
from enrollment.services.policy import load_policies
from enrollment.services.refusals import Refused
from funds import posting
from funds.models import Entry, SettlementLine, SettlementSheet
from funds.selectors.settlements import cities_of
from tests import cast
from tests.funds import settling
from tests.funds.settling import Desk, Kind, side

CASES = json.loads((Path(__file__).parents[1] / "rules" / "cases.json").read_text())["cases"]
LEVY, ALLOCATION = SettlementSheet.Part.LEVY, SettlementSheet.Part.ALLOCATION
SICHUAN = 510000000000
SCHEMES = {"resident": Person.Scheme.RESIDENT, "employee": Person.Scheme.EMPLOYEE}
Answer = dict[str, Any]


def cases_of(group: str) -> list[dict[str, Any]]:
    return [case for case in CASES if case["group"] == group]


def agrees(answer: Answer, expected: Answer) -> bool:
    """As the cases compare: the keys that are expected, money by its amount."""
    return {key: plain(answer[key]) for key in expected} == {
        key: plain(value) for key, value in expected.items()
    }


def plain(value: Any) -> Any:
    if isinstance(value, list):
        return [plain(each) for each in value]
    try:
        return value if isinstance(value, bool) else Decimal(value)
    except ArithmeticError:
        return value


def answered(case: dict[str, Any], answer: Any) -> Answer:
    """What the sheet says, and nothing of it stays; what it refuses is an answer by name."""
    found: Answer = {}
    with transaction.atomic():
        try:
            with transaction.atomic():
                found = answer(Desk(), case["inputs"])
        except Refused as refused:
            found = {"error": refused.name, **refused.details}
        transaction.set_rollback(True)
    return found


def crossed(inputs: Answer) -> Answer:
    """Money of one scheme for the other: no sheet can say it, and the ledger refuses it."""
    amount = inputs["amount"]
    given, taken = SCHEMES[inputs["from_scheme"]], SCHEMES[inputs["to_scheme"]]
    try:
        posting.post(
            key="crossed",
            reason=Entry.Reason.GAP_SHARE_PAID,
            occurred_on=date(2026, 1, 15),
            sides=[
                side(cast.WUHU, Kind.SPECIAL_FISCAL, debit=amount, scheme=taken),
                side(cast.WUHU, Kind.ALLOCATION_REVENUE, credit=amount, scheme=given),
            ],
        )
    except posting.SchemesMixed:
        return {"error": "cross_scheme_transfer_forbidden"}
    return {}


def bases(province: int, *amounts: str | Decimal) -> dict[int, dict[str, Decimal | None]]:
    """The first cities have these bases, the others none."""
    return {
        city.pk: {"base": Decimal(amounts[number]) if number < len(amounts) else Decimal(0)}
        for number, city in enumerate(cities_of(province))
    }


# Anhui --------------------------------------------------------------------------------------------


def anhui(desk: Desk, inputs: Answer) -> Answer:
    if "from_scheme" in inputs:
        return crossed(inputs)
    if "claims" in inputs:
        gaps = [(claim, "1", "0") for claim in inputs["claims"]]
        lines = settled_gaps(desk, gaps, fund=inputs["fund_available"])
        return {"paid": [line.allocation for line in lines]}
    if "revenue" in inputs:
        return gap(desk, inputs)
    if "rate" in inputs:
        return levy(desk, inputs)
    return {
        f"{name}_suspended": levied(
            desk, scheme=SCHEMES[name], fund=Decimal(inputs[f"{name}_balance_ratio"]) * 10**9,
            first="1000000000",
        ).suspended
        for name in SCHEMES
    }  # fmt: skip


def levied(desk: Desk, *, fund: Any, first: str, scheme: int = 1, of: int = 2026, rest: Any = 0,
           rate: str = "0.05") -> SettlementSheet:  # fmt: skip
    if Decimal(fund):
        settling.opening(cast.ANHUI, str(fund), scheme)
    sheet = desk.draft(of=of, part=LEVY, scheme=scheme, rate=Decimal(rate))
    return desk.fill(sheet, bases(cast.ANHUI, first, rest))


def levy(desk: Desk, inputs: Answer) -> Answer:
    first = inputs.get("prev_year_revenue", "0")
    province = Decimal(str(inputs.get("province_prev_year_revenue", first)))
    sheet = levied(
        desk, of=inputs["year"], scheme=SCHEMES[inputs["scheme"]], rate=inputs["rate"],
        fund=inputs.get("fund_balance_prev_year_end", "0"), first=first,
        rest=province - Decimal(first),
    )  # fmt: skip
    return {"levy": sheet.lines.earliest("area").levy, "suspended": sheet.suspended}


def settled_gaps(
    desk: Desk, gaps: list[tuple[str, str, str]], *, fund: str, revenue: str = "0"
) -> list[SettlementLine]:
    """The first cities after their gap was shared: gap, the province's share, own balance."""
    desk.sign(levied(desk, fund=fund, first="0"))
    sheet = desk.draft(of=2026, part=ALLOCATION)
    empty = {"revenue": Decimal(revenue), "expenditure": Decimal(revenue), "balance": Decimal(0)}
    rows = {city.pk: dict(empty) for city in cities_of(cast.ANHUI)}
    areas = list(rows)
    for area, (amount, share, balance) in zip(areas, gaps, strict=False):
        rows[area] |= {"expenditure": Decimal(revenue) + Decimal(amount)}
        rows[area] |= {"share": Decimal(share), "balance": Decimal(balance)}
    desk.fill(sheet, rows)
    for area, (amount, _, _) in zip(areas, gaps, strict=False):
        desk.explain(sheet, area, policy_change=(amount, "文件"))
    return list(sheet.lines.all()[: len(gaps)])


def gap(desk: Desk, inputs: Answer) -> Answer:
    amount = str(Decimal(inputs["expenditure"]) - Decimal(inputs["revenue"]))
    assert Decimal(inputs["eligible_gap"]) == Decimal(amount)
    asked = (amount, inputs["provincial_share"], inputs["local_cumulative_balance"])
    (line,) = settled_gaps(desk, [asked], fund="1000000000", revenue=inputs["revenue"])
    return {
        "gap": line.gap,
        "provincial": line.allocation,
        "local_balance": line.from_balance,
        "uncovered": line.uncovered,
    }


# Sichuan ------------------------------------------------------------------------------------------


def sichuan(desk: Desk, inputs: Answer) -> Answer:
    if "from_scheme" in inputs:
        return crossed(inputs)
    if "new_rate" in inputs:
        rate, approvals = Decimal(inputs["new_rate"]), inputs["approvals"]
        desk.draft(of=2026, part=LEVY, rate=rate, approvals=approvals)
    if "loss_from_violation" in inputs:
        return violation(desk, inputs)
    if "weights" in inputs:  # 190 million are left of two billion of employees' income
        sheet = closed(desk, scheme="employee", of=2026, income="2000000000", reserve="0",
                       weights=inputs["weights"])  # fmt: skip
        lines = sheet.lines.all()[: len(inputs["weights"])]
        return {"allocations": [line.allocation for line in lines]}
    sheet = closed(desk, scheme=inputs["scheme"], of=inputs["year"], income=inputs["income"],
                   reserve=inputs.get("reserve_balance", "0"), weights=["1"])  # fmt: skip
    line = sheet.lines.earliest("area")
    return {
        "levy": line.levy,
        "reserve_in": sheet.reserve_in,
        "distributable": line.allocation,
        "reserve_balance_after": sheet.reserve_balance + sheet.reserve_in,
    }


def closed(desk: Desk, *, scheme: str, of: int, income: str, reserve: str, weights: list[str],
           **first: Decimal) -> SettlementSheet:  # fmt: skip
    """A draft that closes a year in which the first city had all the income."""
    who = SCHEMES[scheme]
    if Decimal(reserve):
        posting.post(
            key="reserve", reason=Entry.Reason.OPENING_BALANCE, occurred_on=date(2023, 12, 31),
            sides=[
                side(SICHUAN, Kind.ADJUSTMENT_DEPOSIT, debit=reserve, scheme=who),
                side(SICHUAN, Kind.RISK_RESERVE, credit=reserve, scheme=who),
            ],
        )  # fmt: skip
    city = cities_of(SICHUAN)[0].pk
    settling.opening(city, income, who)
    settling.activated(of)
    desk.sign(desk.fill(desk.draft(of=of, part=LEVY, scheme=who), bases(SICHUAN, income)))
    settling.run("levy", of, date(of + 1, 1, 15))
    with business_date_is(date(of + 1, 1, 18)):
        sheet = desk.draft(of=of, part=ALLOCATION, scheme=who)
        rows: dict[int, dict[str, Decimal | None]] = {
            each.pk: {
                "expenditure": Decimal(0),
                "balance": Decimal(0),
                "weight": Decimal(weights[number]) if number < len(weights) else Decimal(0),
            }
            for number, each in enumerate(cities_of(SICHUAN))
        }
        rows[city] |= first
        return desk.fill(sheet, rows)


def violation(desk: Desk, inputs: Answer) -> Answer:
    loss, balance = (Decimal(inputs[x]) for x in ("loss_from_violation", "local_rolling_balance"))
    sheet = closed(desk, scheme="resident", of=2026, income="100000000", reserve="0",
                   weights=["0", "1"], loss=loss, balance=balance,
                   expenditure=Decimal(100000000) + loss)  # fmt: skip
    line = sheet.lines.earliest("area")
    return {"from_rolling_balance": line.from_balance, "government_must_cover": line.government}


def test_the_cases_of_anhui_give_the_same_numbers_through_the_sheet(db: None) -> None:
    cast.law()
    for case in cases_of("anhui_adjustment_fund"):
        with business_date_is(date(2026, 1, 10)):
            answer = answered(case, anhui)
        assert agrees(answer, case["expected"]), (case["id"], answer)


def test_the_cases_of_sichuan_give_the_same_numbers_through_the_sheet(
    db: None, settings: Any
) -> None:
    settings.PROVINCE = SICHUAN
    load_policies(provinces=["sichuan"], roots=ROOTS)
    for case in cases_of("sichuan_adjustment_fund"):
        with business_date_is(date(2026, 1, 10)):
            answer = answered(case, sichuan)
        assert agrees(answer, case["expected"]), (case["id"], answer)


def test_no_case_of_the_funds_is_left_out() -> None:
    groups = ("anhui_adjustment_fund", "sichuan_adjustment_fund")
    assert [len(cases_of(group)) for group in groups] == [9, 8]
    with pytest.raises(KeyError):
        agrees({}, {"levy": "0.00"})
