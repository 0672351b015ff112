"""Who looked at whose file, and who asked for a number in clear: appended, never edited."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from enrollment.models.person import Person


class PersonAccess(models.Model):
    """One look at one person: who, when, whom, why, and from which machine.

    The database refuses to change or remove a row; the audit administrator and the auditor read it.
    """

    class Act(models.TextChoices):
        VIEWED = "viewed", _("file viewed")
        REVEALED = "revealed", _("number shown in clear")
        COMPARED = "compared", _("last four digits compared")
        ELSEWHERE = "elsewhere", _("asked whether there is a file elsewhere")

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    act = models.CharField(_("act"), max_length=16, choices=Act.choices)
    reason = models.CharField(_("reason"), max_length=255, blank=True, db_default="")
    address = models.GenericIPAddressField(_("from address"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())

    class Meta:
        db_table = "person_access"
        ordering = ["-id"]
        verbose_name = _("access to a file")
        verbose_name_plural = _("accesses to files")
        permissions = [("reveal_identity", _("Can see an identity number in clear"))]
        constraints = [
            models.CheckConstraint(
                name="a_number_is_shown_for_a_reason",
                condition=~Q(act="revealed") | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_act_display()} {self.person_id}"
