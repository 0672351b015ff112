"""A province whose adjustment fund is settled: its officers, its sheets, its steps, its books."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from enrollment.models import Case, Person, Region, User, YearRun, YearStep
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.cases import shown_digest_of, whole_case
from enrollment.services import cases, shards, signing, year
from funds import posting
from funds.models import Account, AccountTotal, Entry, SettlementSheet
from funds.services import settlements
from tests import cast

RESIDENT, EMPLOYEE = Person.Scheme.RESIDENT, Person.Scheme.EMPLOYEE
Kind, Reason = Account.Kind, Entry.Reason
Cities = Mapping[int, Mapping[str, Decimal | None]]


class Desk:
    """Those who make, check, approve and put a sheet into effect."""

    def __init__(self) -> None:
        region = settings.PROVINCE
        self.maker = cast.officer("Fund officer", "zhao", "赵文清", region=region)
        self.checker = cast.officer("Checker", "xu", "许文静", region=region)
        self.approver = cast.officer("Approver", "chen", "陈立群", region=region)

    def draft(self, *, of: int, part: str, scheme: int = RESIDENT, **says: Any) -> SettlementSheet:
        made = settlements.open_sheet(
            maker=self.maker, year=of, scheme=scheme, part=part,
            **{"decision": "皖医保发〔2026〕8号", **says},
        )  # fmt: skip
        return sheet_of(made)

    def fill(self, sheet: SettlementSheet, cities: Cities) -> SettlementSheet:
        done = settlements.record_cities(
            case=sheet, user=self.maker, expected_version=whole_case(sheet.pk).version,
            cities=cities,
        )  # fmt: skip
        return sheet_of(done)

    def explain(self, sheet: SettlementSheet, area: int, **causes: tuple[str, str]) -> None:
        settlements.record_causes(
            case=sheet, user=self.maker, expected_version=whole_case(sheet.pk).version, area=area,
            causes={name: (Decimal(amount), why) for name, (amount, why) in causes.items()},
        )  # fmt: skip

    def sign(self, sheet: Case) -> SettlementSheet:
        """From the maker through both levels into effect."""
        cases.submit_case(case=sheet, user=self.maker)
        cases.approve_case(case=sheet, checker=self.checker, shown_digest=shown(sheet))
        cases.confirm_case(case=sheet, checker=self.approver, shown_digest=shown(sheet))
        done = cases.put_into_effect(
            case=sheet,
            user=self.approver,
            countersigned_by="省财政厅社保处",
            countersigned_on=date(2026, 1, 14),
            countersign_document="财社〔2026〕3号",
        )
        return sheet_of(done)


def shown(case: Case) -> str:
    return shown_digest_of(whole_case(case.pk))


def sheet_of(case: Case) -> SettlementSheet:
    return SettlementSheet.objects.get(pk=case.pk)


def by_city(sheet: Case, name: str) -> dict[int, Decimal]:
    """A column of a sheet, where it is not nothing."""
    rows = sheet_of(sheet).lines.values_list("area", name)
    return {area: value for area, value in rows if value}


def activated(of: int) -> YearRun:
    """A year that has come so far that its levy may follow."""
    run = YearRun.objects.create(
        year=of,
        province=Region.objects.get(pk=settings.PROVINCE),
        mode=YearRun.Mode.REAL,
        opened_on=date(of - 1, 9, 1),
        closed_on=date(of - 1, 12, 31),
        activated_on=date(of, 1, 1),
    )
    YearStep.objects.create(
        run=run, name="activate", on=date(of, 1, 1), state=YearStep.State.DONE,
        finished_at=timezone.now(), digest="d",
    )  # fmt: skip
    return run


def run(name: str, of: int, on: date, *, rehearse: bool = False) -> YearStep:
    """A step of a year on a day, to its end."""
    with business_date_is(on):
        step = year.start_step(name=name, year=of, on=on, rehearse=rehearse)
        return followed(step)


def signed(rehearsal: YearStep, user: User) -> YearStep:
    """What was rehearsed, for real."""
    with business_date_is(rehearsal.on):
        return followed(signing.sign(digest=rehearsal.digest, user=user))


def inline(keys: Iterable[int]) -> None:
    """The shards of a step, done here."""
    for key in keys:
        shards.run_shard(shard_id=key)


def followed(step: YearStep) -> YearStep:
    while year.advance(step_id=step.pk, queue=inline).state == YearStep.State.RUNNING:
        pass
    step.refresh_from_db()
    return step


def opening(area: int, amount: str, scheme: int = RESIDENT) -> None:
    """Money that the books begin with: a city's pooled fund, or the province's adjustment fund."""
    province = area == settings.PROVINCE
    asset, fund = (
        (Kind.ADJUSTMENT_DEPOSIT, Kind.ADJUSTMENT_FUND)
        if province
        else (Kind.SPECIAL_FISCAL, Kind.POOLED_FUND)
    )
    posting.post(
        key=f"opening:{area}:{scheme}:{Entry.objects.count()}",
        reason=Reason.OPENING_BALANCE,
        occurred_on=date(2023, 12, 31),
        sides=[
            side(area, asset, debit=amount, scheme=scheme),
            side(area, fund, credit=amount, scheme=scheme),
        ],
    )


def side(
    area: int, kind: Account.Kind, *, scheme: int, debit: str = "0", credit: str = "0"
) -> posting.Side:
    return posting.Side(
        area=area, kind=kind, debit=Decimal(debit), credit=Decimal(credit),
        scheme=Person.Scheme(scheme),
    )  # fmt: skip


def received(of: int, scheme: int, incomes: Mapping[int, Decimal]) -> None:
    """The year's contributions of the cities: by the tax service to the treasury, and paid over."""
    on = date(of, 12, 20)
    who = Person.Scheme(scheme)
    moves = (
        (Reason.RECEIPTS, Kind.TREASURY_IN_TRANSIT, Kind.CONTRIBUTION_REVENUE),
        (Reason.TREASURY_PAID_OVER, Kind.SPECIAL_FISCAL, Kind.TREASURY_IN_TRANSIT),
    )
    for reason, debit, credit in moves:
        posting.post_all(
            [
                posting.Draft(
                    key=f"{reason}:{area}:{of}:{scheme}",
                    reason=reason,
                    occurred_on=on,
                    sides=[
                        posting.Side(area=area, kind=debit, debit=amount, scheme=who),
                        posting.Side(area=area, kind=credit, credit=amount, scheme=who),
                    ],
                )
                for area, amount in incomes.items()
            ]
        )


def trial_balance(scheme: int) -> str:
    """The trial balance of a scheme as it is printed: the province's book, and the cities together,
    in yuan. Debits and credits below add up to the same."""
    rows = (
        AccountTotal.objects.filter(account__scheme=scheme)
        .values_list("account__book", "account__kind")
        .annotate(debits=Sum("debit"), credits=Sum("credit"))
    )
    balances: dict[tuple[str, str], Decimal] = {}
    for book, kind, debit, credit in rows:
        whose = "province" if book == settings.PROVINCE else "cities"
        balances[whose, kind] = balances.get((whose, kind), Decimal(0)) + debit - credit
    order = {kind: number for number, kind in enumerate(Kind.values)}
    lines, sums = [], [Decimal(0), Decimal(0)]
    for (whose, kind), balance in sorted(
        balances.items(), key=lambda item: (item[0][0], order[item[0][1]])
    ):
        if balance:
            sums[balance < 0] += abs(balance)
            columns = ("", f"{-balance:,.2f}") if balance < 0 else (f"{balance:,.2f}", "")
            lines.append(f"{whose:9}{kind:24}{columns[0]:>18}{columns[1]:>18}")
    lines.append(f"{'together':33}{sums[0]:>18,.2f}{sums[1]:>18,.2f}")
    return "\n".join(line.rstrip() for line in lines)
