"""What the cases of an office add up to, so that no page of a supervisor reads the cases.

Triggers append differences, a task folds them into one row a key (`services.quality.fold`): several
rows may bear a key, and their sum is exact at every moment. No row tells who made a case.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from enrollment.models.case import Case


class CaseTotal(models.Model):
    """Cases of a county by kind and state; while somebody has to act on them, also by their days.

    `opened_on` and `due_on` are empty once nothing is left to do; `due_on` also before a deadline
    runs.
    """

    county = models.IntegerField(_("county"))
    kind = models.CharField(_("kind"), max_length=40)
    state = models.CharField(_("state"), max_length=16, choices=Case.State.choices)
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    cases = models.IntegerField(_("cases"))

    class Meta:
        db_table = "case_total"
        verbose_name = _("cases of an office")
        verbose_name_plural = _("cases by office")
        # A page adds up the counties of an area.
        indexes = [models.Index(fields=["county"], name="case_total_by_area")]

    def __str__(self) -> str:
        return f"{self.county} {self.kind} {self.state}"


class CaseMonth(models.Model):
    """Moves of cases in a month by county and kind, as the log of events has them.

    `late` are those that came into effect after the day on which they were due. Of transfers that
    came into effect between two pooling areas, one is `moved_out` and the other `moved_in`.
    """

    county = models.IntegerField(_("county"))
    kind = models.CharField(_("kind"), max_length=40)
    month = models.DateField(_("month"), help_text=_("Its first day."))
    submitted = models.IntegerField(_("submitted"))
    returned = models.IntegerField(_("sent back"))
    effected = models.IntegerField(_("put into effect"))
    late = models.IntegerField(_("put into effect late"))
    reversed = models.IntegerField(_("reversed"))
    moved_out = models.IntegerField(_("moved out"), db_default=0)
    moved_in = models.IntegerField(_("moved in"), db_default=0)

    class Meta:
        db_table = "case_month"
        verbose_name = _("moves of cases in a month")
        verbose_name_plural = _("moves of cases by month")
        # A page adds up the counties of an area over some months.
        indexes = [models.Index(fields=["county", "month"], name="case_month_by_area")]

    def __str__(self) -> str:
        return f"{self.county} {self.kind} {self.month}"
