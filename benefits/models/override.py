"""Waiting-period override (等待期例外): one person waits less for one year, by decision."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enrollment.models import Case


class WaitingOverride(Case):
    """A decision of two levels that somebody waits less than the rule says.

    皖医保发〔2024〕6号 一（二）: the wait holds 原则上 (reading W-A7: a hard rule, departed from
    for one person alone, recorded and approved). What the rule said is kept beside the decision.
    Once in effect the row names the year of cover that it holds for; `assess` reads it there.
    """

    months = models.PositiveSmallIntegerField(
        _("wait in all, months"),
        help_text=_("Instead of the months by the rule; 0 is no wait."),
    )
    evidence = models.CharField(_("evidence"), max_length=255)
    contribution_paid_on = models.DateField(_("contribution paid on"))
    computed_months = models.PositiveSmallIntegerField(_("wait by the rule, months"))
    computed_start = models.DateField(_("benefits from, by the rule"), null=True, blank=True)
    benefit_start = models.DateField(_("benefits from"))
    in_force = models.BigIntegerField(
        _("year of cover that it holds for"), null=True, unique=True, editable=False
    )

    class Meta:
        db_table = "waiting_override"
        verbose_name = _("waiting-period override")
        verbose_name_plural = _("waiting-period overrides")
        constraints = [
            models.CheckConstraint(
                name="an_override_shortens_the_wait",
                condition=Q(months__lt=F("computed_months"))
                & (Q(computed_start=None) | Q(benefit_start__lt=F("computed_start"))),
            ),
            models.CheckConstraint(name="an_override_has_evidence", condition=~Q(evidence="")),
        ]
