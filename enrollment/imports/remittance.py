"""`remittance`: receipts of the tax service. One receipt number counts once, however often sent.

A receipt whose number has no file is taken too, without a person: the money came in, and waits in
suspense, of the area that the file was sent for or of the province. What it paid for is found by
the step `reconcile`.
"""

import re
from collections.abc import Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from django.utils.translation import gettext_lazy as _

from enrollment.declarations import Column, ImportKind
from enrollment.imports.history import NUMBERS, SCHEMES
from enrollment.imports.kinds import (
    PLAIN_NAME,
    PLAIN_NUMBER,
    SQL,
    Desk,
    Header,
    Quick,
    Reader,
    plain_lines,
)
from enrollment.imports.problems import LineRefused
from enrollment.imports.values import (
    is_resident_number,
    may_be_rounded,
    read_amount,
    read_any_number,
    read_serial,
    read_text,
    read_time,
    read_word,
    read_year,
    tidy_name,
)
from enrollment.models.identity import digest, digest_hex
from enrollment.models.receipt import Receipt
from enrollment.rules.identity import mask_identity

LONGEST_NUMBER, LONGEST_NAME, LONGEST_CHANNEL = 64, 64, 16

PAID_SCHEMES = {word: code for word, code in SCHEMES.items() if code != "none"}
# Ways to pay under their code; another one keeps the name it came with.
CHANNELS = {code: code for code in Receipt.Channel.values} | {
    "手机": "app",
    "手机app": "app",
    "移动端": "app",
    "银行": "bank",
    "窗口": "counter",
    "柜台": "counter",
    "办税厅": "counter",
    "自助终端": "terminal",
    "自助机": "terminal",
    "村级代收": "village",
    "村社代收": "village",
    "代收": "village",
}

COLUMNS = (
    Column("receipt_number", "流水号"),
    Column("id_number", "证件号码"),
    Column("name", "姓名"),
    Column("year", "年度"),
    Column("scheme", "险种", words=PAID_SCHEMES),
    Column("amount", "金额"),
    Column("paid_at", "缴费时间"),
    Column("channel", "渠道"),
    Column("bill_number", "应缴单号", optional=True),
)
STAGED = (
    ("id_digest", "uuid"),
    ("id_mask", "text"),
    ("born", "date"),
    ("doubtful", "bool"),
    ("receipt_number", "text"),
    ("name", "text"),
    ("year", "int2"),
    ("scheme", "int2"),
    ("amount", "numeric"),
    ("paid_at", "timestamptz"),
    ("channel", "text"),
    ("bill_number", "text"),
)


def reader(desk: Desk) -> Reader:
    """Reads the cells of a line, in the order of the columns, into a row of staging_remittance."""

    def read(cells: Sequence[str]) -> tuple[Any, ...]:
        receipt_number = read_serial(cells[0], "receipt_number", LONGEST_NUMBER)
        identity = read_any_number(cells[1])
        channel = read_text(cells[7], "channel", LONGEST_CHANNEL)
        return (
            digest(identity.number),
            identity.mask,
            identity.born,
            identity.doubtful,
            receipt_number,
            read_text(tidy_name(cells[2]), "name", LONGEST_NAME),
            read_year(cells[3], "year"),
            NUMBERS[read_word(cells[4], "scheme", PAID_SCHEMES)],
            read_amount(cells[5], "amount"),
            read_time(cells[6], "paid_at", desk.days),
            CHANNELS.get(channel.lower(), channel),
            read_serial(cells[8], "bill_number", LONGEST_NUMBER) if cells[8] else "",
        )

    return read


# How nearly all cells come: of these, and of these alone, `quick` says the same as `reader`.
PLAIN = {
    "receipt_number": "[0-9A-Za-z-]{1,64}",
    "id_number": PLAIN_NUMBER,
    "name": PLAIN_NAME,
    "year": "20[0-9]{2}",
    "scheme": "|".join(map(re.escape, PAID_SCHEMES)),
    "amount": r"[1-9][0-9]{0,6}(?:\.[0-9]{1,2})?",
    # from 2000 on Shanghai has one offset
    "paid_at": "20[0-9]{2}-[0-9]{2}-[0-9]{2} (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]",
    "channel": "[a-z\u4e00-\u9fff]{1,16}",
    "bill_number": "[0-9A-Za-z-]{0,64}",
}


def quick(desk: Desk, header: Header) -> Quick:
    """Reads a line whose cells are all written plainly, without a tidy copy and objects of each."""
    is_plain = plain_lines(REMITTANCE, header, PLAIN)
    places = [position for position in header.positions if position is not None]
    in_order = itemgetter(*places)
    schemes = {word: NUMBERS[code] for word, code in PAID_SCHEMES.items()}
    channel_of = CHANNELS.get

    @cache
    def is_believed(day: str) -> bool:
        try:
            desk.days.read(day, "paid_at")
        except LineRefused:
            return False
        return True

    def read(cells: Sequence[str]) -> str | None:
        if not is_plain(cells):
            return None
        receipt, number, name, year, scheme, amount, paid_at, channel, *bill = in_order(cells)
        if not is_believed(paid_at[:10]) or not is_resident_number(number):
            return None
        return (
            f"{digest_hex(number)}\t{mask_identity(number)}\t{number[6:14]}\t"
            f"{'t' if may_be_rounded(number) else 'f'}\t{receipt}\t{name}\t{year}\t"
            f"{schemes[scheme]}\t{amount}\t{paid_at}+08\t"
            f"{channel_of(channel, channel)}\t{bill[0] if bill else ''}"
        )

    return read


def check(desk: Desk) -> None:
    """Refuse numbers that were sent with another content, and people of elsewhere."""
    desk.run("remittance_analyse")
    desk.run("remittance_duplicates")
    if desk.area is not None:  # of the whole register nobody is elsewhere
        desk.run("remittance_match")
    desk.run("remittance_known")


def apply(desk: Desk) -> None:
    """Insert the receipts that are new; what became of them is not said here."""
    desk.run("remittance_insert")


REMITTANCE = ImportKind(
    name="remittance",
    columns=COLUMNS,
    table="staging_remittance",
    staged=STAGED,
    reader=reader,
    check=check,
    count="remittance_count",
    apply=apply,
    sql=SQL,
    label=_("tax receipts"),
    no_undo=_(
        "Receipts are money that came in, counted with the tax service and the treasury: no file"
        " takes them away. What was paid in error goes back by a clearing of suspense or by a"
        " refund, receipt by receipt."
    ),
    quick=quick,
    needs_second=False,  # money that came in gives nobody a right by itself
)
