"""Files and comments of a case.

A file is added and taken off by the maker while the case may be changed; its digest is among the
facts that an approval is bound to. The bytes are sealed and lie in the database, under the row
security of the case (docs/adr/0021-files-of-cases-in-the-database.md). Whoever works on the case
comments at any time.
"""

import hashlib

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from enrollment.models import Case, CaseComment, CaseFile, CaseFileAccess, User
from enrollment.models.identity import seal_bytes, unseal_bytes
from enrollment.rules import lifecycle, uploads
from enrollment.services import cases
from enrollment.services.refusals import Refused


class FileMissing(Refused):
    message = gettext_noop("Choose a file.")
    field = "file"


class FileTooLarge(Refused):
    message = gettext_noop(
        "The file is larger than %(megabytes)s MB. Scan it at a lower resolution."
    )
    field = "file"


class FileNotAllowed(Refused):
    message = gettext_noop("%(name)s: only PDF, JPEG and PNG files are taken.")
    field = "file"


class FileIsNotWhatItSays(Refused):
    message = gettext_noop(
        "%(name)s is not what its name says, or was cut off: open it, save it anew and try again."
    )
    field = "file"


class FileActs(Refused):
    message = gettext_noop(
        "%(name)s holds a script, a further file, a lock or a picture of unreasonable size: print "
        "or scan it anew."
    )
    field = "file"


class TooManyFiles(Refused):
    message = gettext_noop(
        "A case takes %(files)s files at most, those included that were taken off after a "
        "submission."
    )
    field = "file"


class FileTwice(Refused):
    message = gettext_noop("This file is attached already, as %(name)s.")
    field = "file"


class FileDamaged(Refused):
    message = gettext_noop("%(name)s cannot be read any more: tell the administrator.")


class NothingSaid(Refused):
    message = gettext_noop("Write the comment.")
    field = "text"


@transaction.atomic
def attach(*, case: Case, user: User, name: str, content: bytes) -> CaseFile:
    """Keep a file with a case. `content` may be cut behind the limit; it is refused then.

    Raises ClosedForChange, NotTheMaker, FileMissing, FileTooLarge, FileNotAllowed,
    FileIsNotWhatItSays, FileActs, TooManyFiles, FileTwice.
    """
    case = cases.locked_for_change(case=case, user=user)
    shown = uploads.clean_name(name)
    kind = _kind_of(shown, content)
    digest = hashlib.sha256(content).hexdigest()
    kept = CaseFile.objects.filter(case=case.pk, content__isnull=False)
    known = kept.filter(removed_at=None, digest=digest).only("name").first()
    if known is not None:
        raise FileTwice(name=known.name)
    if kept.count() >= settings.CASE_FILES:
        raise TooManyFiles(files=settings.CASE_FILES)
    return CaseFile.objects.create(
        case_id=case.pk,
        name=shown,
        media_type=kind.media_type,
        size=len(content),
        digest=digest,
        content=seal_bytes(content),
        added_by=user,
        added_at=timezone.now(),
    )


def _kind_of(name: str, content: bytes) -> uploads.FileKind:
    """What the file is, by name and bytes alike.

    Raises FileMissing, FileTooLarge, FileNotAllowed, FileIsNotWhatItSays, FileActs.
    """
    if not content:
        raise FileMissing
    if len(content) > settings.CASE_FILE_BYTES:
        raise FileTooLarge(megabytes=settings.CASE_FILE_BYTES // 2**20)
    kind = uploads.kind_by_name(name)
    if kind is None:
        raise FileNotAllowed(name=name)
    if uploads.kind_by_bytes(content) is not kind:
        raise FileIsNotWhatItSays(name=name)
    try:
        kind.harmless(content)
    except uploads.Acting as error:
        raise FileActs(name=name) from error
    return kind


@transaction.atomic
def take_off(*, file: CaseFile, user: User) -> None:
    """Take a file off a case; the record stays, and the bytes too if they were ever submitted.

    Raises ClosedForChange, NotTheMaker.
    """
    case = cases.locked_for_change(case=file.case, user=user)
    rows = CaseFile.objects.filter(pk=file.pk, removed_at=None)
    if case.submitted_at is None or case.submitted_at < file.added_at:
        rows.update(removed_at=timezone.now(), content=None)  # nobody decided about it
    else:
        rows.update(removed_at=timezone.now())


@transaction.atomic
def fetch(*, file: CaseFile, user: User, address: str | None = None) -> bytes:
    """The bytes of a file, recorded as taken. Raises FileDamaged."""
    sealed = CaseFile.objects.values_list("content", flat=True).get(pk=file.pk)
    try:
        content = unseal_bytes(bytes(sealed or b"\0"))
    except ValueError as error:
        raise FileDamaged(name=file.name) from error
    if hashlib.sha256(content).hexdigest() != file.digest:
        raise FileDamaged(name=file.name)
    CaseFileAccess.objects.create(file_id=file.pk, user=user, address=address or None)
    return content


@transaction.atomic
def comment(*, case: Case, user: User, text: str) -> CaseComment:
    """Say something about a case, in whatever state; said twice in a row it is said once.

    Raises NothingSaid.
    """
    text = text.strip()
    if not text:
        raise NothingSaid
    last = CaseComment.objects.filter(case=case.pk).order_by("-pk").first()
    if last is not None and (last.user_id, last.text) == (user.pk, text):
        return last
    return CaseComment.objects.create(case_id=case.pk, user=user, text=text)


def may_change_files(case: Case, user: User) -> bool:
    """Whether the user could add and take off files now."""
    return case.state in lifecycle.OPEN_FOR_CHANGE and case.maker_id == user.pk
