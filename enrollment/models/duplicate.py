"""Duplicate resolution (重复参保处理): which of two relations of one year stays."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enrollment.models.case import Case


class DuplicateResolution(Case):
    """Somebody has a bill of the resident scheme and an employee relation in the same year.

    安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（一）: 不得重复参保; 皖医保发
    〔2024〕6号 二（三）. The rule decides where it can; otherwise the person chooses in writing,
    and the paper is named here.
    """

    class Keep(models.TextChoices):
        EMPLOYEE = "employee", _("the employee scheme")
        RESIDENT = "resident", _("the resident scheme")

    keep = models.CharField(_("relation that stays"), max_length=16, choices=Keep)
    written_choice = models.CharField(
        _("written choice"),
        max_length=255,
        blank=True,
        help_text=_("The paper on which the person chose; not needed where the rule decides."),
    )
    months = models.SmallIntegerField(_("employee months in a row"))
    by_rule = models.BooleanField(_("decided by rule"))
    was_scheme = models.SmallIntegerField(null=True, editable=False)  # for the reversal

    class Meta:
        db_table = "duplicate_resolution"
        verbose_name = _("duplicate resolution")
        verbose_name_plural = _("duplicate resolutions")
        constraints = [
            models.CheckConstraint(
                name="a_duplicate_is_resolved_by_rule_or_in_writing",
                condition=Q(by_rule=True) | ~Q(written_choice=""),
            ),
        ]
