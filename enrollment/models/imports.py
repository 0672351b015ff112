"""Files that came in: what was sent, when, and what became of each line."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Import(models.Model):
    """One file of one kind, recognised by its digest; a second arrival changes nothing."""

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        CHECKED = "checked", _("checked (dry run)")
        APPLIED = "applied", _("applied")
        REFUSED = "refused", _("refused")

    kind = models.CharField(_("kind"), max_length=32)
    file_name = models.CharField(_("file name"), max_length=255)
    digest = models.CharField(_("SHA-256"), max_length=64)
    area = models.BigIntegerField(_("area"), null=True, blank=True)
    header = models.JSONField(_("header as it came"), default=list, blank=True)
    state = models.CharField(
        _("state"), max_length=16, choices=State.choices, default=State.RECEIVED
    )
    refusal = models.TextField(_("reason of refusal"), blank=True)
    lines_read = models.IntegerField(_("lines read"), default=0)
    inserted = models.IntegerField(_("inserted"), default=0)
    updated = models.IntegerField(_("updated"), default=0)
    unchanged = models.IntegerField(_("unchanged"), default=0)
    rejected = models.IntegerField(_("rejected"), default=0)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sent by"),
    )
    received_at = models.DateTimeField(_("received at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        db_table = "import"
        ordering = ["-id"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"


class ImportReject(models.Model):
    """A line that was refused, kept as it came so that it can be corrected and sent again."""

    source = models.ForeignKey(
        Import, on_delete=models.PROTECT, related_name="rejects", verbose_name=_("import")
    )
    line = models.IntegerField(_("line"))
    column = models.CharField(_("column"), max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    sealed_cells = models.BinaryField(_("cells as they came, sealed"))

    class Meta:
        db_table = "import_reject"
        ordering = ["source", "line"]
        verbose_name = _("rejected line")
        verbose_name_plural = _("rejected lines")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "line"], name="line_of_an_import_is_rejected_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}:{self.line}"
