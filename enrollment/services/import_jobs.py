"""Files that come by a screen: received, checked by a job, confirmed by a person, applied by a job.

What is said here holds whatever is sent twice, clicked twice, delivered twice or killed: the row of
the file decides (docs/adr/0027-files-of-imports.md). A job does its work and moves the row in one
transaction; a sweep sends again what no worker holds.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.translation import gettext_noop

from enrollment.declarations import import_kinds
from enrollment.imports.formats import CHUNK, look
from enrollment.imports.kinds import Counts
from enrollment.imports.load import OtherThanAgreed
from enrollment.imports.problems import FileRefused
from enrollment.models import Import, ImportPart, RecognitionList, Region, User
from enrollment.models.identity import seal_bytes, unseal_bytes
from enrollment.rules.uploads import clean_name
from enrollment.services.imports import HeldByAnother, claim, refuse, take
from enrollment.services.refusals import Refused

MOST_ATTEMPTS = 3
REQUEUE_AFTER = 60  # seconds; a job that runs is held, so that a second message ends at once
TOLD_EVERY = 1.0  # seconds between two signs of progress

Queue = Callable[[Iterable[int]], None]


class FileRequired(Refused):
    message = gettext_noop("Choose a file.")
    field = "file"


class FileAboveLimit(Refused):
    message = gettext_noop(
        "The file is larger than %(megabytes)s MB. Split it, or have it imported by the command."
    )
    field = "file"


class FileLooksWrong(Refused):
    message = "%(reason)s"  # the sentence of the reader that looked at it
    field = "file"


class SameFileWaits(Refused):
    message = gettext_noop("The same file waits as import %(number)s already.")
    field = "file"


class NotToBeDecided(Refused):
    message = gettext_noop("The file is %(state)s: there is nothing to decide about it now.")


class NotTheFileShown(Refused):
    message = gettext_noop("The file was checked again meanwhile. Look at the result first.")


class NotAcknowledged(Refused):
    message = gettext_noop(
        "The list drops an implausible share of the people on file: acknowledge that it is whole,"
        " or give the file up."
    )
    field = "acknowledged"


class NothingToApply(Refused):
    message = gettext_noop("The register says all of this already: there is nothing to apply.")


class SentByYourself(Refused):
    message = gettext_noop("You sent this file: another person confirms it.")


class NeitherSenderNorChecker(Refused):
    message = gettext_noop("Your duty does not confirm files of this kind in this area.")


class NotTheSender(Refused):
    message = gettext_noop("Whoever sent the file cancels it, or whoever could confirm it.")


# Receiving ----------------------------------------------------------------------------------------


def waiting() -> QuerySet[Import]:
    """Files that wait for a worker; those of the command never do, but to be taken back."""
    return Import.objects.filter(Q(by_screen=True) | Q(state=Import.State.UNDOING)).filter(
        state__in=Import.AT_WORK
    )


@transaction.atomic
def submit(*, kind: str, area: Region, name: str, content: bytes, user: User) -> Import:
    """Receive a file of a kind for an area; a job checks it. `content` may be cut behind the limit.

    Raises FileRequired, FileAboveLimit, FileLooksWrong, SameFileWaits.
    """
    shown = clean_name(name)
    if not content:
        raise FileRequired
    if len(content) > settings.IMPORT_FILE_BYTES:
        raise FileAboveLimit(megabytes=settings.IMPORT_FILE_BYTES // 2**20)
    try:
        look(content[:CHUNK], len(content), shown)
    except FileRefused as refused:
        raise FileLooksWrong(reason=refused.reason) from refused
    digest = hashlib.sha256(content).hexdigest()
    try:
        with transaction.atomic():
            source = Import.objects.create(
                kind=kind,
                area=area.pk,
                file_name=shown,
                digest=digest,
                size=len(content),
                by_screen=True,
                needs_second=import_kinds[kind].needs_second,
                sent_by=user,
                queued_at=timezone.now(),
            )
    except IntegrityError as error:
        waits = Import.objects.filter(
            kind=kind, area=area.pk, digest=digest, by_screen=True, state__in=Import.UNDECIDED
        ).first()
        if waits is None:
            raise
        raise SameFileWaits(number=waits.pk) from error
    _keep(source, content)
    return source


def _keep(source: Import, content: bytes) -> None:
    """Seal the file piece by piece: no statement is longer than a piece."""
    with connection.cursor() as cursor:
        for number, start in enumerate(range(0, len(content), CHUNK)):
            cursor.execute(
                # Without RETURNING, as the web may not read what it hands in.
                "INSERT INTO import_part (source_id, number, content) VALUES (%s, %s, %s)",
                [source.pk, number, seal_bytes(content[start : start + CHUNK])],
            )


@contextmanager
def _file_of(source: Import) -> Iterator[Path]:
    """The file in memory under a name that can be opened; no disk ever has it in clear."""
    handle = os.memfd_create(f"import-{source.pk}", os.MFD_CLOEXEC)
    try:
        with os.fdopen(handle, "wb", closefd=False) as file:
            pieces = ImportPart.objects.filter(source=source.pk).order_by("number")
            for sealed in pieces.values_list("content", flat=True).iterator(chunk_size=4):
                file.write(unseal_bytes(bytes(sealed)))
        yield Path(f"/proc/self/fd/{handle}")
    except ValueError:
        raise FileRefused("damaged") from None
    finally:
        os.close(handle)


# Deciding -----------------------------------------------------------------------------------------


def may_send(user: User, source: Import) -> bool:
    """Whether a duty of the user sends files for the area of this one."""
    return user.has_perm("enrollment.add_import", source)


def may_check(user: User, source: Import) -> bool:
    """Whether a duty of the user confirms files of others for the area of this one."""
    return user.has_perm("enrollment.confirm_import", source)


def confirmable(source: Import, user: User) -> None:
    """Whether the user could confirm the file now.

    Raises NotToBeDecided, NothingToApply, SentByYourself, NeitherSenderNorChecker.
    """
    if source.state != Import.State.CHECKED or not source.by_screen:
        raise NotToBeDecided(state=source.get_state_display())
    if source.needs_second and source.sent_by_id == user.pk:
        raise SentByYourself
    if not (may_check(user, source) or (not source.needs_second and may_send(user, source))):
        raise NeitherSenderNorChecker
    # A file of which every line is refused is applied to keep the refused lines.
    if not source.inserted + source.updated + source.rejected:
        raise NothingToApply


@transaction.atomic
def confirm(*, source: Import, user: User, previews: int, acknowledged: bool = False) -> Import:
    """Say that what the check found shall be applied; a job does it.

    `previews` is the number of the check that the user looked at, `acknowledged` whether the user
    says that a full list which drops many people is whole. Raises as `confirmable`, and
    NotTheFileShown, NotAcknowledged.
    """
    source = locked(source)
    confirmable(source, user)
    if source.previews != previews:
        raise NotTheFileShown
    now = timezone.now()
    drops_many = RecognitionList.objects.filter(pk=source.pk, drops_many=True)
    if drops_many.exists():
        if not acknowledged:
            raise NotAcknowledged
        drops_many.update(acknowledged_by=user, acknowledged_at=now)
    Import.objects.filter(pk=source.pk).update(
        state=Import.State.APPLYING,
        confirmed_by=user,
        confirmed_at=now,
        queued_at=now,
        attempts=0,
        finished_at=None,
    )
    source.refresh_from_db()
    return source


def cancellable(source: Import, user: User) -> None:
    """Whether the user could cancel the file now. Raises NotToBeDecided, NotTheSender."""
    if source.state not in (Import.State.RECEIVED, Import.State.CHECKED) or not source.by_screen:
        raise NotToBeDecided(state=source.get_state_display())
    if not ((source.sent_by_id == user.pk and may_send(user, source)) or may_check(user, source)):
        raise NotTheSender


@transaction.atomic
def cancel(*, source: Import, user: User) -> Import:
    """Give a file up before it is applied; its bytes go. Raises as `cancellable`."""
    source = locked(source)
    cancellable(source, user)
    Import.objects.filter(pk=source.pk).update(
        state=Import.State.CANCELLED, finished_at=timezone.now()
    )
    source.refresh_from_db()
    return source


def locked(source: Import) -> Import:
    """The row as it is now; of two clicks the second sees what the first did."""
    return Import.objects.select_for_update(no_key=True, of=("self",)).get(pk=source.pk)


# The job ------------------------------------------------------------------------------------------


@translation.override(settings.LANGUAGE_CODE)
def work(*, import_id: int) -> str:
    """Do what a file waits for: check it, or apply it. Returns its state then, or "held".

    Whatever goes wrong leaves the file as it was; the sweep tries it again, MOST_ATTEMPTS times.
    """
    try:
        with attempt(import_id, Import.State.RECEIVED, Import.State.APPLYING) as source:
            _try(source)
    except HeldByAnother:
        return "held"
    return source.state


@contextmanager
def attempt(import_id: int, *states: Import.State) -> Iterator[Import]:
    """The file in one of the states, one attempt more, for all to see.

    Who finds the file or the register in somebody else's hands made no attempt. Raises
    HeldByAnother, before or from the block.
    """
    source = _begin(import_id, *states)
    try:
        yield source
    except HeldByAnother:
        Import.objects.filter(pk=import_id, attempts__gt=0).update(attempts=F("attempts") - 1)
        raise


def _begin(import_id: int, *states: Import.State) -> Import:
    with transaction.atomic():
        claim(import_id)
        source = waiting().filter(pk=import_id, state__in=states).first()
        if source is None:
            raise HeldByAnother
        Import.objects.filter(pk=import_id).update(attempts=F("attempts") + 1)
    source.attempts += 1
    return source


def _try(source: Import) -> None:
    """Raises HeldByAnother."""
    if source.attempts > MOST_ATTEMPTS:
        refuse(source, FileRefused("broke_off", times=MOST_ATTEMPTS))
        return
    progress = Progress(source)
    try:
        with _file_of(source) as path:
            _take(source, path, progress)
    except FileRefused as refused:
        if refused.name == "busy":
            raise HeldByAnother from refused
        if refused.name != "changed_meanwhile":  # the next attempt may fare better
            refuse(source, refused)
    finally:
        progress.close()


def _take(source: Import, path: Path, progress: "Progress") -> None:
    """Check the file, or apply what was confirmed.

    What would do something else than what was looked at is not applied, but shown again.
    """
    if source.state == Import.State.RECEIVED:
        take(source, path=path, dry_run=True, watch=progress)
        return
    seen = Counts(source.inserted, source.updated, source.unchanged), source.rejected
    try:
        take(source, path=path, dry_run=False, agreed=seen, watch=progress)
    except OtherThanAgreed:
        take(source, path=path, dry_run=True, watch=progress)


class Progress:
    """Tells how far a job is, on a connection of its own: the work is one transaction."""

    def __init__(self, source: Import) -> None:
        self._source, self._connection = source, connection.copy()
        self._told = time.monotonic()

    def __call__(self, phase: str, lines: int, expected: int) -> None:
        if time.monotonic() - self._told < TOLD_EVERY:
            return
        self._told = time.monotonic()
        with self._connection.cursor() as cursor:
            cursor.execute(
                "UPDATE import SET phase = %s, lines_done = %s, lines_expected = %s"
                " WHERE id = %s AND state = %s",
                [phase, lines, expected, self._source.pk, self._source.state],
            )

    def close(self) -> None:
        """End the connection; work that was short never opened it."""
        self._connection.close()


def sweep(*, queue: Queue) -> int:
    """Send again what waits for a worker, and give up what nobody decided about. Returns how many.

    Called by beat, so that loss of the broker or of a worker loses nothing.
    """
    old = timezone.now() - timedelta(days=settings.IMPORT_WAITS_DAYS)
    forgotten = Import.objects.filter(by_screen=True, state=Import.State.CHECKED)
    forgotten.filter(finished_at__lt=old).update(state=Import.State.CANCELLED, finished_at=Now())
    late = timezone.now() - timedelta(seconds=REQUEUE_AFTER)
    with transaction.atomic():
        lost = list(
            waiting()
            .filter(Q(queued_at=None) | Q(queued_at__lt=late))
            .select_for_update(skip_locked=True, no_key=True)
            .values_list("pk", flat=True)
        )
        Import.objects.filter(pk__in=lost).update(queued_at=Now())
    queue(lost)
    return len(lost)
