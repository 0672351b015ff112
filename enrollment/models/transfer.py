"""Enrolment transfer (转移接续): a case with two sides (docs/adr/0022)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enrollment.models.case import Case
from enrollment.models.person import Person
from enrollment.models.region import Region
from enrollment.rules.keys import RESIDENT


class EnrolmentTransfer(Case):
    """转移接续: the place of insurance moves; residents from the next benefit year.

    The area that the person leaves decides about the case; the one that they join accepts it, and
    knows of it from the hand-over on, or from the first day where it asked for it.
    医保办发〔2021〕43号; 安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（三）.
    """

    to_region = models.ForeignKey(
        Region,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("new place of insurance"),
        db_column="to_region",
    )
    from_scheme = models.SmallIntegerField(
        _("scheme that is left"),
        choices=Person.Scheme.choices,
        default=Person.Scheme.RESIDENT,
        db_default=RESIDENT,
    )
    to_scheme = models.SmallIntegerField(
        _("scheme after the move"),
        choices=Person.Scheme.choices,
        default=Person.Scheme.RESIDENT,
        db_default=RESIDENT,
    )
    starts_on = models.DateField(
        _("first month of the new scheme"),
        null=True,
        blank=True,
        help_text=_("First day of that month; only at a switch between the schemes."),
    )
    gap_paid = models.BooleanField(
        _("gap is paid"),
        default=False,
        db_default=False,
        help_text=_("The months without cover before that day are paid afterwards."),
    )
    # What the register said of the switch when the case was made.
    continuous_years = models.SmallIntegerField(_("years of continuous cover"), null=True)
    gap_months = models.SmallIntegerField(_("months without cover"), null=True)
    wait_months = models.SmallIntegerField(_("months of wait"), null=True)
    retroactive = models.BooleanField(
        _("reaches back over the gap"), default=False, db_default=False
    )
    covered_from = models.DateField(_("covered by the new scheme from"), null=True)
    applied_on = models.DateField(
        _("applied on"), editable=False, help_text=_("Both terms run from this day.")
    )
    asked_for = models.BooleanField(
        _("asked for by the new area"),
        default=False,
        db_default=False,
        editable=False,
        help_text=_("Written where the person lives now; the area that insures them hands over."),
    )
    handed_over_version = models.IntegerField(
        _("handed over with version"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("From this version of the case on the new area sees what happens to it."),
    )
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # nobody looks for transfers by it
        related_name="+",
        verbose_name=_("accepted by"),
        editable=False,
    )
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True, editable=False)
    accepted_digest = models.CharField(
        _("digest of what was accepted"),
        max_length=64,
        blank=True,
        db_default="",
        default="",
        editable=False,
    )

    class Meta:
        db_table = "enrolment_transfer"
        verbose_name = _("enrolment transfer")
        verbose_name_plural = _("enrolment transfers")
        constraints = [
            models.CheckConstraint(
                name="acceptance_has_hand_moment_and_digest",
                condition=Q(accepted_by=None, accepted_at=None, accepted_digest="")
                | (
                    Q(accepted_by__isnull=False, accepted_at__isnull=False) & ~Q(accepted_digest="")
                ),
            ),
            models.CheckConstraint(
                name="a_switch_of_schemes_says_from_when",
                condition=Q(
                    from_scheme=F("to_scheme"),
                    starts_on=None,
                    gap_paid=False,
                    wait_months=None,
                    covered_from=None,
                )
                | (
                    ~Q(from_scheme=F("to_scheme"))
                    & Q(
                        # A CHECK takes what is unknown for true.
                        starts_on__isnull=False,
                        continuous_years__isnull=False,
                        gap_months__isnull=False,
                        wait_months__isnull=False,
                        covered_from__isnull=False,
                        starts_on__day=1,
                        continuous_years__gte=0,
                        gap_months__gte=0,
                        wait_months__gte=0,
                    )
                ),
            ),
            models.CheckConstraint(
                name="only_what_was_handed_over_is_accepted",
                condition=Q(accepted_by=None) | Q(handed_over_version__isnull=False),
            ),
        ]

    @property
    def is_switch(self) -> bool:
        """Whether the scheme changes, and not the area alone."""
        return self.from_scheme != self.to_scheme

    @property
    def is_accepted(self) -> bool:
        """Whether the new area took the transfer on, as it is approved now."""
        return self.accepted_by_id is not None
