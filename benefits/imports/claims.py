"""`claims`: what the funds paid for treatment. A settlement number counts once, however often sent.

The use of a year (`ClaimUse`) follows in the same transaction, for the people and years of the
file. A claim of a year that was assessed, or lies before one that was, leaves a change: bonus and
ceiling of the years after it rest on it (皖医保发〔2024〕6号 一（二）).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from benefits.models.claim import Claim
from enrollment.declarations import Column, ImportKind
from enrollment.imports.kinds import Desk, Reader
from enrollment.imports.problems import LineRefused
from enrollment.imports.values import (
    read_any_number,
    read_money,
    read_serial,
    read_text,
    read_word,
)
from enrollment.models.identity import digest

SQL = Path(__file__).resolve().parent.parent / "sql" / "import"
LONGEST_NUMBER, LONGEST_PROVIDER = 64, 64

KINDS_OF_CLAIM = {code: code for code in Claim.Kind.values} | {
    "门诊": "outpatient",
    "普通门诊": "outpatient",
    "门诊慢特病": "outpatient",
    "门诊统筹": "outpatient",
    "住院": "inpatient",
    "大病": "major_illness",
    "大病保险": "major_illness",
    "救助": "assistance",
    "医疗救助": "assistance",
}

COLUMNS = (
    Column("claim_number", "结算号"),
    Column("id_number", "证件号码"),
    Column("settled_on", "结算日期"),
    Column("kind", "类型", words=KINDS_OF_CLAIM),
    Column("provider", "定点机构"),
    Column("total", "总费用"),
    Column("in_policy", "政策范围内"),
    Column("fund_paid", "基金支付"),
    Column("major_illness_paid", "大病支付"),
    Column("assistance_paid", "救助支付"),
)
STAGED = (
    ("id_digest", "uuid"),
    ("doubtful", "bool"),
    ("claim_number", "text"),
    ("settled_on", "date"),
    ("kind", "text"),
    ("provider", "text"),
    ("total", "numeric"),
    ("in_policy", "numeric"),
    ("fund_paid", "numeric"),
    ("major_illness_paid", "numeric"),
    ("assistance_paid", "numeric"),
)


def reader(desk: Desk) -> Reader:
    """Reads the cells of a line, in the order of the columns, into a row of staging_claims."""
    today, read_day = desk.today, desk.days.read

    def read(cells: Sequence[str]) -> tuple[Any, ...]:
        claim_number = read_serial(cells[0], "claim_number", LONGEST_NUMBER)
        identity = read_any_number(cells[1])
        settled_on = read_day(cells[2], "settled_on")
        if settled_on > today:
            raise LineRefused("settled_in_future", "settled_on", cells[2])
        kind = read_word(cells[3], "kind", KINDS_OF_CLAIM)
        provider = read_text(cells[4], "provider", LONGEST_PROVIDER)
        total = read_money(cells[5], "total")
        in_policy = read_money(cells[6], "in_policy")
        fund = read_money(cells[7], "fund_paid")
        major_illness = read_money(cells[8], "major_illness_paid")
        assistance = read_money(cells[9], "assistance_paid")
        if in_policy > total:
            raise LineRefused("in_policy_above_total", "in_policy", cells[6])
        if fund + major_illness + assistance > total:
            raise LineRefused(
                "paid_above_total", "fund_paid", str(fund + major_illness + assistance)
            )
        return (
            digest(identity.number),
            identity.doubtful,
            claim_number,
            settled_on,
            kind,
            provider,
            total,
            in_policy,
            fund,
            major_illness,
            assistance,
        )

    return read


def check(desk: Desk) -> None:
    """Refuse numbers that were sent with another content, and days outside the person's life."""
    desk.run("claims_duplicates")
    desk.run("claims_match")
    desk.run("claims_refuse")
    desk.run("claims_known")


def apply(desk: Desk) -> None:
    """Insert the claims that are new, sum up the years they touch, and say which were assessed."""
    desk.run("claims_insert", source=desk.import_id)
    desk.run("claims_use")
    # A step that begins now waits and reads these claims; one that has begun is seen below.
    desk.run("claims_lock")
    desk.run("claims_changes")


CLAIMS = ImportKind(
    name="claims",
    columns=COLUMNS,
    table="staging_claims",
    staged=STAGED,
    reader=reader,
    check=check,
    count="claims_count",
    apply=apply,
    sql=SQL,
    label=_("settled claims"),
    no_undo=_(
        "Settlements are paid and count towards the year: no file takes them back, and this"
        " register does not reverse single ones yet. Keep the list for the provider's correction."
    ),
    needs_second=False,  # they were settled and paid elsewhere
)

__all__ = ["CLAIMS"]
