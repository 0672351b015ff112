"""A duty: who has which role in which region on which days (docs/adr: duties decide)."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from enrollment.models.region import Region


class RoleConflict(models.Model):
    """Two roles that nobody holds on the same day, in whatever regions.

    Written by `apply_roles` from `config/roles.py`, the one place that names the pairs; read by the
    service that grants a duty and by the trigger that guards the table.
    """

    role = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "role_conflict"
        verbose_name = _("incompatible roles")
        verbose_name_plural = _("incompatible roles")
        constraints = [
            models.UniqueConstraint(fields=["role", "other"], name="a_conflict_is_named_once"),
            models.CheckConstraint(name="a_conflict_is_ordered", condition=Q(role__lt=F("other"))),
        ]

    def __str__(self) -> str:
        return f"{self.role} / {self.other}"


class Duty(models.Model):
    """A role in a region and all that lies in it, for a range of days.

    `granted_for` is what was granted and never changes; `valid` is what is in force, and only
    shrinks: to an earlier end, or to nothing when the duty is taken away before it took effect.
    Rights follow from the duties in force on the business date and from nothing else.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="duties",
        verbose_name=_("account"),
    )
    role = models.ForeignKey(
        Group, on_delete=models.PROTECT, related_name="duties", verbose_name=_("role")
    )
    region = models.ForeignKey(
        Region,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("region"),
        db_column="region",
    )
    granted_for = DateRangeField(_("granted for"), editable=False)
    valid = DateRangeField(_("in force"), editable=False)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("granted by"),
        editable=False,
        help_text=_("Nobody for what was granted when the system was set up."),
    )
    granted_at = models.DateTimeField(_("granted at"), db_default=Now(), editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ended by"),
        editable=False,
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True, editable=False)
    end_reason = models.CharField(
        _("reason of the end"), max_length=255, blank=True, db_default="", editable=False
    )

    class Meta:
        db_table = "duty"
        ordering = ["-id"]
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        constraints = [
            ExclusionConstraint(
                name="same_duty_never_overlaps",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("region", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="a_duty_begins_on_a_day",
                condition=Q(granted_for__isempty=False, granted_for__lower_inf=False),
            ),
            models.CheckConstraint(
                name="a_duty_is_in_force_only_as_granted",
                condition=Q(valid__contained_by=F("granted_for")),
            ),
            models.CheckConstraint(
                name="nobody_grants_a_duty_to_themselves",
                condition=Q(granted_by=None) | ~Q(granted_by=F("user")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role} {self.region}"
