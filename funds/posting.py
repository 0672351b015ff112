"""The one writer of the ledger. Entries are added, never changed; corrections are further entries.

Everything goes through `post_lines` of the database (funds/sql/database/): no role may write
entries and lines otherwise, and the database proves the balance of every statement, keeps the
balances and refuses by name. What it refuses is raised here as a named refusal, and nothing of the
entries is there.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import Error, connection, transaction
from django.db.models import TextChoices
from django.utils.translation import gettext_noop

from enrollment.models import Case, Person
from enrollment.rules.money import ZERO, read_yuan
from enrollment.services.refusals import Refused
from funds.models import Account, Entry, Line


class PostingRefused(Refused):
    """Base of what the ledger refuses. The database tells the details, and codes become words."""

    message = gettext_noop("The ledger does not take this entry.")

    def __init__(self, **details: Any) -> None:
        words = dict(details)
        if "kind" in details:
            words["kind"] = label_of(Account.Kind, details["kind"])
        if "reason" in details:
            words["reason"] = label_of(Entry.Reason, details["reason"])
        super().__init__(**words)


class EntryDiffers(PostingRefused):
    """Two facts must never share a key."""

    message = gettext_noop("%(key)s was posted before with other lines.")


class ReversedBefore(PostingRefused):
    message = gettext_noop("The entry was reversed before: an entry is reversed once.")


class NotAMirror(PostingRefused):
    message = gettext_noop("A reversal has the sides of its entry exchanged, and no others.")


class Unbalanced(PostingRefused):
    message = gettext_noop("Debits of %(debit)s and credits of %(credit)s differ in entry %(key)s.")


class SchemesMixed(PostingRefused):
    message = gettext_noop("Money of one scheme never moves to the other: entry %(key)s.")


class ReasonUnknown(PostingRefused):
    message = gettext_noop("The reason is not on the list.")


class ReasonForbids(PostingRefused):
    message = gettext_noop(
        "The funds are earmarked: “%(reason)s” moves nothing on this side of “%(kind)s”."
    )


class AccountUnknown(PostingRefused):
    message = gettext_noop("The chart has no such account.")


class AccountElsewhere(PostingRefused):
    message = gettext_noop("This area has no account “%(kind)s”: it is one of another level.")


class FinerThanCent(PostingRefused):
    message = gettext_noop("An amount is finer than a cent.")
    field = "amount"


class NotAnAmount(PostingRefused):
    message = gettext_noop("A line is a debit or a credit above zero.")


class PeriodClosed(PostingRefused):
    message = gettext_noop("The books of %(place)s are closed for %(month)s.")
    field = "occurred_on"


class Overdrawn(PostingRefused):
    message = gettext_noop("“%(kind)s” of %(place)s would stand at %(balance)s yuan on %(day)s.")
    field = "amount"


class NotApproved(PostingRefused):
    message = gettext_noop("Only an approved case of your area moves money.")


# What refuses in the database, and what it means.
REFUSALS: Mapping[str, type[PostingRefused]] = {
    "debits_equal_credits": Unbalanced,
    "schemes_never_mix": SchemesMixed,
    "entry_reason_is_on_the_list": ReasonUnknown,
    "the_reason_names_the_account": ReasonForbids,
    "account_kind_is_on_the_chart": AccountUnknown,
    "account_is_of_its_level": AccountElsewhere,
    "a_line_is_in_whole_cents": FinerThanCent,
    "a_line_is_a_debit_or_a_credit": NotAnAmount,
    "a_reversal_mirrors_its_entry": NotAMirror,
    "period_is_open": PeriodClosed,
    "account_is_not_overdrawn": Overdrawn,
    "the_web_posts_approved_cases": NotApproved,
    "a_key_stands_for_one_fact": EntryDiffers,
    "entry_reverses_id_key": ReversedBefore,
}


def label_of(choices: type[TextChoices], code: str) -> str:
    """The words for a code, or the code itself where it is on no list."""
    return str(choices(code).label) if code in choices.values else code


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an entry in yuan: a debit or a credit of an area's account of one kind.

    `area` is the 12-digit code of any region inside the area whose account it is: the kind says
    whether that is the county, the pooling area or the province.
    """

    area: int
    kind: Account.Kind
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    scheme: Person.Scheme = Person.Scheme.RESIDENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entry that is to be posted. Its scheme is that of its sides."""

    key: str
    reason: Entry.Reason
    occurred_on: date
    sides: Sequence[Side]
    case: Case | None = None
    reverses: Entry | None = None
    shard: int | None = None


def post(
    *,
    key: str,
    reason: Entry.Reason,
    occurred_on: date,
    sides: Sequence[Side],
    case: Case | None = None,
    reverses: Entry | None = None,
) -> Entry:
    """Write one entry with all its lines; a key that was posted is returned as it is.

    Raises the refusals of this module; the transaction goes on as if nothing had been asked. A
    connection of the web posts what its approved case says, and nothing else (NotApproved).
    """
    post_all(
        [
            Draft(
                key=key,
                reason=reason,
                occurred_on=occurred_on,
                sides=sides,
                case=case,
                reverses=reverses,
            )
        ]
    )
    return Entry.objects.get(key=key)


def post_all(drafts: Sequence[Draft]) -> int:
    """Write many entries by one statement, all or none. Returns how many keys are new.

    What moves together is posted together: two who lock the same accounts in one statement each
    wait for each other, and never for ever.
    """
    lines = [line for draft in drafts for line in _lines(draft)]
    columns = [list(column) for column in zip(*lines, strict=True)] or [[]] * COLUMNS
    with _named_refusals(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ASKED, columns)
        (added,) = cursor.fetchone()
    return int(added)


# The columns of `posting_line` in the database.
COLUMNS = 11
ASKED = """
    SELECT post_lines(coalesce(array_agg(ROW(l.*)::posting_line), ARRAY[]::posting_line[]))
      FROM unnest(%s::text[], %s::text[], %s::date[], %s::smallint[], %s::bigint[],
                  %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::numeric[],
                  %s::numeric[]) AS l
"""


def _lines(draft: Draft) -> Iterator[tuple[Any, ...]]:
    for side in draft.sides:
        read_yuan(side.debit)
        read_yuan(side.credit)
        yield (
            draft.key,
            str(draft.reason),
            draft.occurred_on,
            int(side.scheme),
            draft.case.pk if draft.case else None,
            draft.shard,
            draft.reverses.pk if draft.reverses else None,
            side.area,
            str(side.kind),
            side.debit,
            side.credit,
        )


@contextmanager
def _named_refusals() -> Iterator[None]:
    try:
        yield
    except Error as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        refusal = REFUSALS.get(getattr(diagnosis, "constraint_name", None) or "")
        if diagnosis is None or refusal is None:
            raise
        raise refusal(**_details(diagnosis.message_detail)) from error


def _details(told: str | None) -> dict[str, Any]:
    """What our own functions tell of a refusal; a CHECK tells the row, which is not shown."""
    return dict(json.loads(told)) if told and told.startswith("{") else {}


def reverse(*, entry: Entry, key: str, occurred_on: date, case: Case | None = None) -> Entry:
    """Undo an entry by a further one with its sides exchanged. Posting it twice has effect once."""
    lines = Line.objects.filter(entry=entry).select_related("account")
    sides = [
        Side(
            area=line.account.area_id,
            kind=Account.Kind(line.account.kind),
            debit=line.credit,
            credit=line.debit,
            scheme=Person.Scheme(line.account.scheme),
        )
        for line in lines
    ]
    return post(
        key=key,
        reason=Entry.Reason.REVERSAL,
        occurred_on=occurred_on,
        sides=sides,
        case=case,
        reverses=entry,
    )
