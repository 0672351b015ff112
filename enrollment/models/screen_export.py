"""What left a screen as a file: who took it, why, how much, and what exactly it was."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ScreenExport(models.Model):
    """One file taken from a screen; appended by the service that wrote it, never edited.

    `digest` is the SHA-256 of the file, so that a file found elsewhere can be told from others.
    """

    class Kind(models.TextChoices):
        STATUSES = "statuses", _("table of statuses")
        REJECTS = "rejects", _("refused lines of a file")
        FEEDBACK = "feedback", _("feedback to a department")
        PUSHES = "pushes", _("list of the unpaid and uninsured")
        PUSH_NUMBERS = "push_numbers", _("list of the unpaid and uninsured, full numbers")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("taken by"),
    )
    kind = models.CharField(_("table"), max_length=32, choices=Kind.choices)
    reason = models.CharField(_("reason"), max_length=255)
    rows = models.IntegerField(_("rows"))
    digest = models.CharField(_("digest of the file"), max_length=64)
    taken_at = models.DateTimeField(_("taken at"), db_default=Now())

    class Meta:
        db_table = "screen_export"
        ordering = ["-id"]
        verbose_name = _("export from a screen")
        verbose_name_plural = _("exports from screens")
        permissions = [("export_statuses", _("Can export a table of statuses"))]
        constraints = [
            models.CheckConstraint(
                name="screen_export_has_a_reason_and_a_digest",
                condition=~models.Q(reason="") & ~models.Q(digest=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
