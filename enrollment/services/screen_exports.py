"""Taking a table from a screen as a file: masked, escaped, bounded, with a reason, recorded."""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from enrollment.models import ScreenExport, User
from enrollment.selectors.people import YearOfCover
from enrollment.selectors.statuses import LINES, Asked, Status, heading, statuses_of
from enrollment.services.exports import escaped
from enrollment.services.refusals import Refused


class ExportWithoutReason(Refused):
    message = gettext_noop("Say what the file is for.")
    field = "reason"


class ExportTooLong(Refused):
    message = gettext_noop("A file has at most %(limit)s lines; this one would have %(lines)s.")


@dataclass(frozen=True, slots=True)
class Taken:
    """The file as it was taken, and its record."""

    name: str
    content: bytes
    record: ScreenExport


def reason_given(text: str) -> str:
    """What a file is for, as it is recorded. Raises ExportWithoutReason."""
    reason = text.replace("\0", "").strip()
    if not reason:
        raise ExportWithoutReason
    return reason[:255]


@transaction.atomic
def export_statuses(*, user: User, lines: Sequence[Asked], reason: str, on: date) -> Taken:
    """The table of statuses as CSV, and the record of it. Whose rows `user` may see, no others.

    Numbers are masked, cells that a spreadsheet would compute escaped; the last line says who took
    it, when and why. Raises ExportWithoutReason, ExportTooLong.
    """
    reason = reason_given(reason)
    if len(lines) > LINES:
        raise ExportTooLong(limit=LINES, lines=len(lines))
    content = _csv(statuses_of(lines, on), user=user, reason=reason, on=on)
    record = ScreenExport.objects.create(
        user=user,
        kind=ScreenExport.Kind.STATUSES,
        reason=reason,
        rows=len(lines),
        digest=hashlib.sha256(content).hexdigest(),
    )
    return Taken(f"statuses-{on:%Y%m%d}-{record.pk}.csv", content, record)


def _csv(rows: Sequence[Status], *, user: User, reason: str, on: date) -> bytes:
    """With a byte order mark: without one a spreadsheet takes Chinese for something else."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heading(on))
    for row in rows:
        writer.writerow([escaped(str(cell)) for cell in _cells(row)])
    moment = f"{timezone.localtime():%Y-%m-%d %H:%M:%S}"
    told = _("Taken by %(user)s (%(account)s) at %(moment)s: %(reason)s") % {
        "user": user,
        "account": user.get_username(),
        "moment": moment,
        "reason": reason,
    }
    writer.writerow([escaped(told)])
    return text.getvalue().encode("utf-8-sig")


def _cells(row: Status) -> list[object]:
    cells: list[object] = [row.asked.line, row.asked.mask, row.outcome]
    if row.person is None or row.present is None:
        return cells
    now = _year_cells(row.present.label, row.this_year)
    after = _year_cells(row.coming.label if row.coming else "", row.next_year)
    return [*cells, row.person.name, row.place, *now, *after]


def _year_cells(status: str, year: YearOfCover | None) -> list[object]:
    if year is None:
        return [status, "", "", "", ""]
    money = ["", ""] if year.without_money else [year.row.payable, year.row.paid]
    return [status, year.row.get_category_display(), *money, year.waits_until or ""]
