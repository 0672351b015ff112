"""Category recognition (类别认定): a status of a person gained or lost, with its evidence."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enrollment.models.case import Case
from enrollment.models.person import Category, PersonCategory


class CategoryRecognition(Case):
    """A department recognised a status, or ended it.

    皖医保发〔2024〕6号 一（一）: the four groups of categorised subsidy, monitored people only
    where they meet the conditions; 一（二）: the groups without a wait. Unpaid bills of the open
    years follow at once; what was paid stays as it was.
    """

    class Act(models.TextChoices):
        GAINED = "gained", _("status gained")
        LOST = "lost", _("status lost")

    act = models.CharField(_("what happened"), max_length=8, choices=Act, default=Act.GAINED)
    category = models.CharField(_("category"), max_length=32, choices=Category)
    since = models.DateField(
        _("first day"), null=True, blank=True, help_text=_("First day of a status gained.")
    )
    until = models.DateField(
        _("last day"),
        null=True,
        blank=True,
        help_text=_("Of a status lost; of one gained only where the department names it."),
    )
    source = models.CharField(_("source department"), max_length=32, choices=PersonCategory.Source)
    evidence = models.CharField(_("evidence"), max_length=255)
    qualified = models.BooleanField(
        _("meets the conditions"),
        default=True,
        help_text=_("Monitored persons are subsidised only when they meet the conditions."),
    )
    # The row of the register that the effect wrote, and what it said before.
    row = models.ForeignKey(
        PersonCategory,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
    )
    was_valid = DateRangeField(null=True, editable=False)

    class Meta:
        db_table = "category_recognition"
        verbose_name = _("category recognition")
        verbose_name_plural = _("category recognitions")
        constraints = [
            models.CheckConstraint(
                name="a_status_gained_has_a_first_day_and_one_lost_a_last",
                condition=Q(act="gained", since__isnull=False) | Q(act="lost", until__isnull=False),
            ),
            models.CheckConstraint(
                name="a_status_ends_after_it_begins",
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")),
            ),
            models.CheckConstraint(name="a_recognition_has_evidence", condition=~Q(evidence="")),
        ]
