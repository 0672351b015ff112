"""What changed after a year was rehearsed or run: the one thing that travels up besides code."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Change(models.Model):
    """A fact of a person's year that changed; appended in the transaction that changed it.

    Rows come from statement triggers on the register (enrollment/sql/database/) and from
    services. Upper apps take them in order, each under its own mark (`ChangeTaken`).
    """

    person = models.ForeignKey(
        "enrollment.Person", on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    year = models.SmallIntegerField(_("benefit year"))
    cause = models.CharField(_("cause"), max_length=40)
    case = models.ForeignKey(
        "enrollment.Case",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="changes",
        verbose_name=_("case"),
    )
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())

    class Meta:
        db_table = "change"
        ordering = ["id"]
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        indexes = [
            # Which slices have to be computed again at signing; what a person file calls pending.
            models.Index(fields=["year", "person", "id"], name="change_year_person"),
            # What a taker of a few acts still has to do, among all the changes of a year.
            models.Index(fields=["cause", "id"], name="change_cause"),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.year}"


class ChangeTaken(models.Model):
    """A taker's mark on a change; written in the transaction of what it did about it."""

    change = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="taken")
    taker = models.CharField(max_length=40)
    taken_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "change_taken"
        verbose_name = _("change taken")
        verbose_name_plural = _("changes taken")
        constraints = [
            models.UniqueConstraint(
                fields=["change", "taker"], name="change_is_taken_once_by_each_taker"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.taker} {self.change_id}"
