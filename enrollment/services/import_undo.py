"""Taking back what an import wrote, as one batch: what changed since is kept and listed.

One person of the area asks with a reason, another who confirms files takes the decision, a job does
it (docs/adr/0029-imports-are-taken-back.md).
"""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from enrollment.declarations import import_kinds
from enrollment.imports.kinds import sql_of
from enrollment.models import Finding, Import, User
from enrollment.selectors.calendar import business_date
from enrollment.services import changes
from enrollment.services.import_jobs import (
    MOST_ATTEMPTS,
    NotToBeDecided,
    attempt,
    locked,
    may_check,
    may_send,
)
from enrollment.services.imports import HeldByAnother, claim, name_actor
from enrollment.services.refusals import Refused


class NotTakenBack(Refused):
    """`why` is what the kind says about itself."""

    message = gettext_noop(
        "Files of this kind are not taken back as a whole: correct them by cases."
    )

    def __str__(self) -> str:
        return str(self.details.get("why") or super().__str__())


class NothingToTakeBack(Refused):
    message = gettext_noop("The file wrote nothing to the register.")


class UndoWithoutReason(Refused):
    message = gettext_noop("Say why the file is taken back.")
    field = "reason"


class AskedByYourself(Refused):
    message = gettext_noop("You asked for it: another person takes the file back.")


class NotYoursToTakeBack(Refused):
    message = gettext_noop("Your duty does not take files of this area back.")


def askable(source: Import, user: User) -> None:
    """Whether the user could ask for the file to be taken back.

    Raises NotTakenBack, NotToBeDecided, NothingToTakeBack, NotYoursToTakeBack.
    """
    refuse_without_undo(source)
    if source.state != Import.State.APPLIED:
        raise NotToBeDecided(state=source.get_state_display())
    if not (may_send(user, source) or may_check(user, source)):
        raise NotYoursToTakeBack
    waits = source.findings.filter(state=Finding.State.OPEN)
    if not source.effects.exists() and not waits.exists():
        raise NothingToTakeBack


def refuse_without_undo(source: Import) -> None:
    """Whether files of this kind are taken back at all. Raises NotTakenBack, saying why not."""
    if source.kind not in import_kinds:
        raise NotTakenBack
    kind = import_kinds[source.kind]
    if not kind.undo:
        raise NotTakenBack(why=kind.no_undo)


@transaction.atomic
def ask(*, source: Import, user: User, reason: str) -> None:
    """Ask that a file be taken back. Raises as `askable`, and UndoWithoutReason."""
    source = locked(source)
    askable(source, user)
    reason = reason.strip()
    if not reason:
        raise UndoWithoutReason
    Import.objects.filter(pk=source.pk).update(
        state=Import.State.UNDO_ASKED, undo_asked_by=user, undo_reason=reason[:255], undone_by=None
    )


def decidable(source: Import, user: User) -> None:
    """Whether the user could take the file back now, as was asked.

    Raises NotToBeDecided, AskedByYourself, NotYoursToTakeBack.
    """
    if source.state != Import.State.UNDO_ASKED:
        raise NotToBeDecided(state=source.get_state_display())
    if source.undo_asked_by_id == user.pk:
        raise AskedByYourself
    if not may_check(user, source):
        raise NotYoursToTakeBack


@transaction.atomic
def decide(*, source: Import, user: User) -> None:
    """Let a job take the file back. Raises as `decidable`."""
    source = locked(source)
    decidable(source, user)
    Import.objects.filter(pk=source.pk).update(
        state=Import.State.UNDOING, undone_by=user, queued_at=timezone.now(), attempts=0
    )


def leavable(source: Import, user: User) -> None:
    """Whether the user could leave the file applied: who asked, or who would decide.

    Raises NotToBeDecided, NotYoursToTakeBack.
    """
    if source.state != Import.State.UNDO_ASKED:
        raise NotToBeDecided(state=source.get_state_display())
    if source.undo_asked_by_id != user.pk and not may_check(user, source):
        raise NotYoursToTakeBack


@transaction.atomic
def leave(*, source: Import, user: User) -> None:
    """Leave the file applied after all. Raises as `leavable`."""
    source = locked(source)
    leavable(source, user)
    Import.objects.filter(pk=source.pk).update(state=Import.State.APPLIED)


def work(*, import_id: int) -> str:
    """The job: rows, counts and state in one transaction. Returns the state then, or "held".

    Work that broke off MOST_ATTEMPTS times leaves the file applied, to be asked for again.
    """
    try:
        with attempt(import_id, Import.State.UNDOING) as source:
            if source.attempts > MOST_ATTEMPTS:
                Import.objects.filter(pk=source.pk).update(state=Import.State.APPLIED, attempts=0)
                return Import.State.APPLIED
            _take_back(source)
    except HeldByAnother:
        return "held"
    return Import.State.UNDONE


@transaction.atomic
def _take_back(source: Import) -> None:
    """Raises HeldByAnother."""
    claim(source.pk)
    name_actor(source.undone_by_id)
    kind = import_kinds[source.kind]
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {"import": source.pk, "today": business_date()}
        cursor.execute(sql_of(kind.undo, kind.sql), parameters)
        taken_back, kept = cursor.fetchone()
    found = Import.objects.filter(pk=source.pk, state=Import.State.UNDOING)
    if not found.update(
        state=Import.State.UNDONE,
        taken_back=taken_back,
        kept=kept,
        attempts=0,
        finished_at=timezone.now(),
    ):
        raise HeldByAnother
    changes.announce()


def preview(source: Import) -> tuple[int, int]:
    """Rows that still say what the file wrote, and rows that say something else by now."""
    kind = import_kinds[source.kind]
    with connection.cursor() as cursor:
        cursor.execute(sql_of(f"{kind.undo}_preview", kind.sql), {"import": source.pk})
        as_written, changed = cursor.fetchone()
    return int(as_written), int(changed)
