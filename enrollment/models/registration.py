"""Registration (参保登记): somebody comes into the resident scheme, for the first time or again."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enrollment.models.case import Case
from enrollment.models.person import Category, Person, PersonCategory
from enrollment.models.region import Region
from enrollment.rules.registration import IN_PERIOD, LATE


class Registration(Case):
    """A registration for one benefit year or two.

    安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（一）、（二）; 皖医保发〔2024〕6号
    一（二）. Who has no file yet is put on file with the draft, as not registered: one file a
    person, insured or not. Household registration elsewhere is no reason to refuse.
    """

    class Ground(models.TextChoices):
        IN_PERIOD = IN_PERIOD, _("in the payment period")
        LATE = LATE, _("after the payment period, with a wait")
        NEWBORN = Category.NEWBORN.value, _("newborn")
        MEDICAL_ASSISTANCE_NEW = (
            Category.MEDICAL_ASSISTANCE_NEW.value,
            _("newly recognised assistance recipient"),
        )
        LOW_INCOME_RECOGNISED = (
            Category.LOW_INCOME_RECOGNISED.value,
            _("low-income person recognised by a department"),
        )
        RETURNED_RECRUIT = Category.RETURNED_RECRUIT.value, _("returned recruit")
        EMPLOYEE_INTERRUPTED = (
            Category.EMPLOYEE_INTERRUPTED.value,
            _("interrupted employee-scheme member"),
        )
        DEMOBILISED = Category.DEMOBILISED.value, _("demobilised soldier")
        MILITARY_SPOUSE = Category.MILITARY_SPOUSE.value, _("army-dependent spouse without work")
        RELEASED_PRISONER = (
            Category.RELEASED_PRISONER.value,
            _("leaver of other statutory cover"),
        )

    insured_region = models.ForeignKey(
        Region,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("place of insurance (参保地)"),
        db_column="insured_region",
    )
    ground = models.CharField(_("ground of the registration"), max_length=32, choices=Ground)
    also_next_year = models.BooleanField(_("for the next benefit year too"), default=False)
    recognised_on = models.DateField(_("recognised on"), null=True, blank=True)
    source = models.CharField(
        _("source department"), max_length=32, choices=PersonCategory.Source, blank=True
    )
    evidence = models.CharField(_("evidence"), max_length=255, blank=True)
    employee_until = models.DateField(
        _("last day in the employee scheme"),
        null=True,
        blank=True,
        help_text=_("Where the register still says employee scheme."),
    )
    # What the effect found and changed, for the reversal.
    recognised = models.ForeignKey(
        PersonCategory,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
    )
    was_scheme = models.SmallIntegerField(null=True, editable=False, choices=Person.Scheme)
    was_region = models.BigIntegerField(null=True, editable=False)
    was_left_on = models.DateField(null=True, editable=False)
    was_left_for = models.CharField(max_length=16, blank=True, editable=False)

    class Meta:
        db_table = "registration"
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        constraints = [
            models.CheckConstraint(
                name="off_period_registration_has_its_evidence",
                condition=Q(ground__in=[IN_PERIOD, LATE])
                | Q(recognised_on__isnull=False) & ~Q(evidence="") & ~Q(source=""),
            ),
        ]

    @property
    def years(self) -> list[int]:
        """The benefit years it bills."""
        return [self.year, self.year + 1] if self.also_next_year else [self.year]
