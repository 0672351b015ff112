"""What was changed on people, categories, cases and money: appended by the database alone."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from enrollment.models.case import Case
from enrollment.models.person import Person


class History(models.Model):
    """One row of the register or of a case that was changed: by whom, when, from what, to what.

    Statement triggers write it (docs/adr/0023-history-by-our-own-triggers.md); nobody else can, and
    nobody edits it. A row is about a person or about a case. `changed` has the values before and
    after by column; of what is sealed it says only that it changed.
    """

    table_name = models.CharField(_("table"), max_length=63)
    row_id = models.BigIntegerField(_("row"))
    act = models.CharField(
        _("act"),
        max_length=6,
        choices={"INSERT": _("added"), "UPDATE": _("changed"), "DELETE": _("removed")},
    )
    person = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )
    case = models.ForeignKey(
        Case,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("case"),
    )
    by_case = models.ForeignKey(
        Case,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by case"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # history_of_an_account has it
        related_name="+",
        verbose_name=_("by"),
    )
    by_role = models.CharField(_("database role"), max_length=63)
    changed = models.JSONField(_("before and after"))
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())

    class Meta:
        db_table = "history"
        ordering = ["-id"]
        verbose_name = _("change of a row")
        verbose_name_plural = _("history of changes")
        constraints = [
            models.CheckConstraint(
                name="history_is_about_a_person_or_a_case",
                condition=Q(person__isnull=False, case=None) | Q(person=None, case__isnull=False),
            ),
        ]
        indexes = [
            # A person file, a case page: the latest changes first.
            models.Index(fields=["person", "id"], name="history_of_a_person"),
            models.Index(fields=["case", "id"], name="history_of_a_case"),
            # The list: what one account did, and what was done on one day.
            models.Index(fields=["user", "id"], name="history_of_an_account"),
            BrinIndex(fields=["recorded_at"], name="history_of_a_day", pages_per_range=16),
        ]

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_id}"
