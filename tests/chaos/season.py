"""A season of collection: daily files of the tax service, sent by a screen and reconciled each day.

A process of its own on one database (`python -m tests.chaos.season ACT FOLDER ...`): `write` makes
the files of a season from a seed, `send` sends them one after the other and waits for the workers,
who may be killed meanwhile.
"""

import csv
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

YEAR = 2027
FIRST_DAY = date(YEAR - 1, 9, 2)
AFTERWARDS = date(YEAR, 1, 20)  # when what was paid too late is reconciled
TOO_LATE = datetime.fromisoformat(f"{AFTERWARDS} 09:00:00")
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030")
COLUMNS = ("流水号", "证件号码", "姓名", "年度", "险种", "金额", "缴费时间", "渠道")
# Tickets of a thousand; whoever draws another one pays what they owe.
MISTAKES = {
    "paid twice": 2,
    "underpaid": 2,
    "overpaid": 2,
    "in two parts": 20,
    "name differs": 2,
    "person unknown": 2,
    "other year": 2,
    "window closed": 2,
    "broken number": 1,
    "broken amount": 1,
    "broken name": 1,
    "rounded number": 1,
    "reversed": 2,
    "not paid": 60,
}


@dataclass
class Season:
    """The lines of each day, and the money of what is right and of what has to be refused."""

    days: list[list[tuple[str, ...]]]
    counted: Counter[str] = field(default_factory=Counter)
    right: Decimal = Decimal(0)
    refused: Decimal = Decimal(0)


def main() -> None:
    """Do what the first word says; the answer is JSON in the last line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["TONGCHOU_ROLE"] = "owner"  # stands for a screen with nobody's scope
    import django

    django.setup()
    acts: dict[str, Callable[..., dict[str, Any]]] = {"write": write, "send": send}
    print(json.dumps(acts[sys.argv[1]](Path(sys.argv[2]), *map(int, sys.argv[3:]))))  # noqa: T201


# Writing ------------------------------------------------------------------------------------------


def write(folder: Path, days: int, seed: int, most: int, tickets: int) -> dict[str, Any]:
    """Files of so many days: of at most so many who owe something, each pays on one of them.

    Most pay as they should; fewer tickets than a thousand make more mistakes.

    One file in five is sent twice, and each begins with the last lines of the day before. Returns
    what a season has to account for, in yuan.
    """
    draw = random.Random(seed)
    season = Season([[] for _ in range(days)])
    for debtor in islice(debtors(), most):
        pay(season, draw, debtor, drawn(draw, tickets))
    order: list[str] = []
    sent: dict[
        str, str
    ] = {}  # as it stands in the files, by number: what is sent again counts once
    for day, lines in enumerate(season.days):
        draw.shuffle(lines)
        before = season.days[day - 1][-3:] if day else []
        sent |= {cells[0]: cells[5] for cells in (*before, *lines)}
        path = folder / f"{day:02}.csv"
        with path.open("w", encoding=draw.choice(ENCODINGS), newline="") as file:
            csv.writer(file).writerows([COLUMNS, *before, *lines])
        order.append(path.name)
        if draw.random() < 0.2:
            order.append(order[draw.randrange(len(order))])
    (folder / "order.json").write_text(json.dumps(order))
    return {
        "lines": sum(map(len, season.days)),
        "files": len(order),
        "sent": str(sum(filter(is_money, map(Decimal, sent.values())), Decimal(0))),
        "right": str(season.right),
        "refused": str(season.refused),
        "counted": dict(season.counted),
    }


@dataclass(frozen=True)
class Debtor:
    """Who has a bill, of how much, and the serial number of their receipts."""

    serial: int
    person: int
    number: str
    name: str
    payable: Decimal


def debtors() -> Iterator[Debtor]:
    """Everyone with a bill, fully subsidised ones too, in the order of the register.

    But for numbers that end in 000: beside one that Excel rounded they are refused too.
    """
    from django.db import connection

    from enrollment.models.identity import unseal

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, p.id_sealed, p.name, e.payable FROM enrollment e"
            " JOIN person p ON p.id = e.person_id WHERE e.id >= %s AND e.id < %s ORDER BY e.id",
            [YEAR * 10**12, YEAR * 10**12 + 2 * 10**11],
        )
        for serial, (person, sealed, name, payable) in enumerate(cursor, start=1):
            number = unseal(bytes(sealed))
            if not number.endswith("000"):
                yield Debtor(serial, person, number, name, payable)


def pay(season: Season, draw: random.Random, debtor: Debtor, kind: str) -> None:
    """The lines of one debtor, each on a day; their money on one side or the other."""
    if not debtor.payable:
        first = not season.counted["fully subsidised"]
        kind = "fully subsidised" if first or draw.random() < 0.1 else "not paid"
    if kind == "broken number" and not has_check_character(debtor.number):
        kind = "as billed"  # nothing would tell
    if kind == "not paid":
        return
    season.counted[kind] += 1
    cells = cells_of(kind, debtor)
    for part, amount in enumerate(money_of(kind, debtor.payable or Decimal(100))):
        day = len(season.days) - 1 if kind == "window closed" else draw.randrange(len(season.days))
        at = TOO_LATE if kind == "window closed" else paid_at(draw, day)
        receipt = f"334{YEAR - 1}{debtor.serial * 10 + part:011d}"
        # tenths of a cent are no money
        written = f"{amount:.2f}1" if kind == "broken amount" else f"{amount:.2f}"
        season.days[day].append(line(receipt, cells, written, at))
        if kind.startswith(("broken", "rounded")):
            season.refused += 0 if kind == "broken amount" else amount
        else:
            season.right += amount
        if kind == "reversed":
            season.days[day].append(line(f"{receipt}R", cells, f"-{amount:.2f}", at))
            season.refused -= amount


def money_of(kind: str, due: Decimal) -> list[Decimal]:
    """What somebody who owes so much pays, in how many receipts."""
    cent = Decimal("0.01")
    return {
        "in two parts": [due - 20, Decimal(20)],
        "paid twice": [due, due],
        "underpaid": [due - cent],
        "overpaid": [due + cent],
    }.get(kind, [due])


def is_money(amount: Decimal) -> bool:
    """Whether an amount can be paid: tenths of a cent cannot."""
    return amount == round(amount, 2)


def cells_of(kind: str, debtor: Debtor) -> dict[str, str]:
    """Number, name and year as the tax service has them."""
    number = debtor.number
    wrong = {
        "name differs": {"name": "王不同"},
        "person unknown": {"number": stranger(debtor.person)},
        "other year": {"year": str(YEAR - 1)},
        "broken number": {"number": number[:-1] + ("1" if number[-1] == "0" else "0")},
        "broken name": {"name": "王?"},
        "rounded number": {"number": f"{number[0]}.{number[1:15]}E+17"},
    }.get(kind, {})
    return {"number": number, "name": debtor.name, "year": str(YEAR), **wrong}


def has_check_character(number: str) -> bool:
    """Whether a number says of itself that it is right, as those of other documents do not."""
    return len(number) == 18


def drawn(draw: random.Random, tickets: int) -> str:
    """What somebody makes of paying."""
    ticket = draw.randrange(tickets)
    for kind, of_thousand in MISTAKES.items():
        ticket -= of_thousand
        if ticket < 0:
            return kind
    return "as billed"


def stranger(person: int) -> str:
    """A number of nobody: the county does not exist. None ends in 000, as those of `debtors`."""
    from enrollment.rules.identity import check_character

    first = f"349999{19500101 + person % 28}{person % 100:02d}1"
    return first + check_character(first)


def paid_at(draw: random.Random, day: int) -> datetime:
    """A moment of the day, to the second, of which no two are alike but by chance."""
    return datetime.fromisoformat(f"{FIRST_DAY} 07:00:00") + timedelta(
        days=day, seconds=draw.randrange(54_000)
    )


def line(receipt: str, cells: dict[str, str], amount: str, at: datetime) -> tuple[str, ...]:
    """A line of the file."""
    paid = at.isoformat(" ")
    return (receipt, cells["number"], cells["name"], cells["year"], "居民", amount, paid, "app")


# Sending ------------------------------------------------------------------------------------------


def send(folder: Path, alone: int = 0) -> dict[str, Any]:
    """Send the files in their order, each confirmed by its sender and reconciled on its day.

    Alone, this process does what the workers would do.
    """
    from celery import current_app

    from config.roles import apply_roles
    from enrollment.models import Import, Region
    from enrollment.services import import_jobs
    from tests import cast

    current_app.conf.task_always_eager = bool(alone)
    apply_roles()
    user = cast.officer("Maker", "season", "刘婷")
    province = Region.objects.get(pk=cast.ANHUI)
    import_jobs.REQUEUE_AFTER = 3  # seconds: what a killed worker held is sent again
    order = json.loads((folder / "order.json").read_text())
    states: Counter[str] = Counter()
    for name in order:
        source = import_jobs.submit(
            kind="remittance",
            area=province,
            name=name,
            content=(folder / name).read_bytes(),
            user=user,
        )
        until_worked_on(source)
        if source.state == Import.State.CHECKED and source.inserted + source.rejected:
            import_jobs.confirm(source=source, user=user, previews=source.previews)
            until_worked_on(source)
        states[source.state] += 1
        reconcile(FIRST_DAY + timedelta(days=int(name[:2])))
    reconcile(AFTERWARDS)
    return {"files": dict(states), "refused": str(refused_money())}


def until_worked_on(source: Any) -> None:
    """Wait until no worker has anything to do with a file; send it again as beat would."""
    from enrollment import tasks
    from enrollment.services import import_jobs

    tasks.queue_imports([source.pk])
    while True:
        source.refresh_from_db()
        if source.state not in source.AT_WORK:
            return
        time.sleep(0.05)
        import_jobs.sweep(queue=tasks.queue_imports)


def reconcile(on: date) -> None:
    """The step of a day by the workers. Raises where it does not end well."""
    from enrollment import tasks
    from enrollment.models import YearStep
    from enrollment.services.year import advance, start_step

    step = start_step(name="reconcile", year=YEAR, on=on, started_by="season")
    while step.state == YearStep.State.RUNNING:
        step = advance(step_id=step.pk, queue=tasks.queue)
        time.sleep(0.05)
    if step.state != YearStep.State.DONE:
        raise SystemExit(f"reconcile of {on}: {step.state} {step.refusal}")


def refused_money() -> Decimal:
    """Money on the lines that were refused, of each line once, by what is kept of them."""
    from enrollment.models import ImportReject
    from enrollment.models.identity import unseal

    told: dict[str, Decimal] = {}
    for sealed in ImportReject.objects.values_list("sealed_cells", flat=True):
        receipt, *_, amount, _paid_at, _channel = json.loads(unseal(bytes(sealed)))
        money = Decimal(amount)
        if is_money(money):
            told[receipt] = money
    return sum(told.values(), Decimal(0))


if __name__ == "__main__":
    main()
