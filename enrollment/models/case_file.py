"""What comes with a case beside its form: files, and what people say to each other about it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from enrollment.models.case import Case

LARGEST = 20 * 2**20  # bytes; what an installation allows lies below (settings.CASE_FILE_BYTES)


class CaseFile(models.Model):
    """A file of a case, its bytes sealed as identity numbers are.

    A scan of an identity card is an identity number. `content` is large: no list reads it. A file
    that was taken off stays as a record; its bytes stay too once a checker may have seen them.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(_("file name"), max_length=100)
    media_type = models.CharField(_("kind of file"), max_length=40)
    size = models.IntegerField(_("size in bytes"))
    digest = models.CharField(_("digest"), max_length=64)
    content = models.BinaryField(_("content"), null=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("added by"),
    )
    added_at = models.DateTimeField(_("added at"))
    removed_at = models.DateTimeField(_("taken off at"), null=True, blank=True)

    class Meta:
        db_table = "case_file"
        ordering = ["id"]
        verbose_name = _("file of a case")
        verbose_name_plural = _("files of cases")
        constraints = [
            models.CheckConstraint(
                name="a_file_has_a_size_and_a_digest",
                condition=Q(size__gt=0, size__lte=LARGEST, digest__regex=r"^[0-9a-f]{64}$"),
            ),
            models.CheckConstraint(
                name="a_file_that_is_there_has_content",
                condition=Q(content__isnull=False) | Q(removed_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["case", "digest"],
                name="a_file_comes_once_with_a_case",
                condition=Q(removed_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CaseFileAccess(models.Model):
    """Somebody took a file of a case to their machine; appended, never edited."""

    file = models.ForeignKey(
        CaseFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file of a case")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    address = models.GenericIPAddressField(_("from address"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())

    class Meta:
        db_table = "case_file_access"
        ordering = ["-id"]
        verbose_name = _("download of a file")
        verbose_name_plural = _("downloads of files")

    def __str__(self) -> str:
        return f"{self.user_id} {self.file_id}"


class CaseComment(models.Model):
    """A remark on a case, seen by whoever sees the case; never edited."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="comments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(_("comment"), max_length=1000)
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())

    class Meta:
        db_table = "case_comment"
        ordering = ["id"]
        verbose_name = _("comment on a case")
        verbose_name_plural = _("comments on cases")
        constraints = [
            models.CheckConstraint(name="a_comment_says_something", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.user_id}"
