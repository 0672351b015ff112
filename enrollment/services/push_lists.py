"""Lists of the unpaid and uninsured as files: for the field from a screen, whole by the command."""

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy, gettext_noop

from enrollment.declarations import ExportKind
from enrollment.models import Person, ScreenExport, User, YearRun, YearStep
from enrollment.models.identity import unseal
from enrollment.selectors.chase import STEP, Line, Wanted, lines_of
from enrollment.services.exports import SQL, Asked, ExportRefused, Sheet, escaped, select
from enrollment.services.import_sheets import GivenFile, give
from enrollment.services.refusals import Refused
from enrollment.services.screen_exports import reason_given

MOST = 20_000
# As `enrollment.imports.chase_results` reads them: the sheet comes back as it was filled in.
HEADER = (
    "批次", "编号", "姓名", "证件号码", "出生年份", "手机号", "名单区域", "区域性质", "网格员",
    "类别", "欠缴金额", "反馈截止日", "反馈结果", "反馈日期", "备注", "出处",
)  # fmt: skip
COLUMNS = [
    "round", "item", "id_number", "name", "region", "side", "kind", "owed", "due_on", "result",
    "told_on", "note",
]  # fmt: skip


class ListTooLong(Refused):
    message = gettext_noop(
        "A file has at most %(limit)s lines. Take one of each township or village."
    )


class ListIsEmpty(Refused):
    message = gettext_noop("Nobody is on this list.")


@transaction.atomic
def export_pushes(
    *, user: User, wanted: Wanted, on: date, reason: str, form: str, with_numbers: bool
) -> GivenFile:
    """A list as CSV or XLSX in one sheet, in the order of villages, and the record of it.

    Numbers are masked unless they are asked for; of people whose file is kept elsewhere they stay
    masked. Every line says who took it and under which record. Raises ExportWithoutReason,
    ListTooLong, ListIsEmpty.
    """
    reason = reason_given(reason)
    lines = lines_of(user, wanted, on, MOST + 1)
    if len(lines) > MOST:
        raise ListTooLong(limit=MOST)
    if not lines or wanted.pushed is None:
        raise ListIsEmpty
    known = _numbers(lines) if with_numbers else {}
    record_key = f"{wanted.year}-{wanted.pushed.serial}-{wanted.area}"
    moment = timezone.localtime()
    taken = f"{user.get_username()} {moment:%Y-%m-%d %H:%M}"
    rows: list[list[object]] = [
        [escaped(str(cell)) for cell in _cells(line, wanted.pushed, known, taken)] for line in lines
    ]
    given = give(f"push-{record_key}-{moment:%Y%m%d%H%M%S}", HEADER, rows, form)
    ScreenExport.objects.create(
        user=user,
        kind=ScreenExport.Kind.PUSH_NUMBERS if with_numbers else ScreenExport.Kind.PUSHES,
        reason=reason,
        rows=len(rows),
        digest=hashlib.sha256(given.content).hexdigest(),
    )
    return given


def _numbers(lines: list[Line]) -> dict[int, tuple[str, str]]:
    """Number and phone in clear of those whose file the user may see."""
    seen = {line.push.person_id for line in lines if line.is_on_file_here}
    found = Person.objects.filter(pk__in=seen)
    return {
        person: (unseal(bytes(number)), unseal(bytes(phone)) if phone else "")
        for person, number, phone in found.values_list("pk", "id_sealed", "phone_sealed")
    }


def _cells(
    line: Line, pushed: YearStep, known: dict[int, tuple[str, str]], taken: str
) -> list[object]:
    push = line.push
    number, phone = known.get(push.person_id, (push.id_mask, ""))
    return [
        f"{push.year}-{pushed.serial}",
        push.pk,
        push.name,
        number,
        push.birth_year,
        phone,
        line.place,
        push.get_side_display(),
        line.worker.name if line.worker else "",
        push.get_kind_display(),
        push.owed,
        push.due_on,
        push.result_word,
        push.told_on or "",
        push.note,
        taken,
    ]


# The command --------------------------------------------------------------------------------------

NOT_PUSHED = gettext_lazy("Nobody has been pushed for the year %(year)s yet.")


def _push_list(asked: Asked) -> Sheet:
    """The whole list of the year's latest round, with full numbers, in the order of villages."""
    year, _activated_on, parameters = asked.of_year()
    done = YearStep.objects.filter(
        name=STEP, area=None, run__mode=YearRun.Mode.REAL, run__year=year,
        state=YearStep.State.DONE,
    )  # fmt: skip
    latest = done.order_by("-serial").first()
    if latest is None:
        raise ExportRefused("not_pushed", NOT_PUSHED, year=year)
    parameters |= {"round": latest.pk}
    return Sheet(COLUMNS, _rows(latest, parameters))


def _rows(latest: YearStep, parameters: dict[str, Any]) -> Iterator[list[Any]]:
    for item, sealed, name, *others, note in select(SQL / "push_list.sql", parameters):
        number = escaped(unseal(sealed))
        yield [
            f"{latest.run.year}-{latest.serial}", item, number, escaped(name), *others,
            escaped(note),
        ]  # fmt: skip


PUSH_LIST = ExportKind("push_list", _push_list)

__all__ = [
    "HEADER",
    "MOST",
    "PUSH_LIST",
    "GivenFile",
    "ListIsEmpty",
    "ListTooLong",
    "export_pushes",
]
