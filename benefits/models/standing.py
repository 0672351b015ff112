"""Standing: what a person has earned, lost and must wait for, one row a benefit year.

皖医保发〔2024〕6号 一（二）. The yearly step `assess` writes the rows of everyone: each follows
from that of the year before and what happened in between; a year never needs the whole history.
"""

from collections.abc import Iterable
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enrollment.models import Person, Region, YearStep
from enrollment.rules import keys

YUAN: dict[str, Any] = {"max_digits": 10, "decimal_places": 2}


class StandingQuerySet(models.QuerySet["Standing"]):
    """By year and by person, because only the key prunes the partitions."""

    def of_year(self, year: int) -> Self:
        """Rows of one benefit year, from one partition."""
        return self.filter(id__gte=year * keys.YEAR, id__lt=(year + 1) * keys.YEAR)

    def of_person(self, person_id: int, years: Iterable[int]) -> Self:
        """Rows of one person by key look-ups."""
        wanted = [keys.yearly_key(year=year, person_id=person_id) for year in years]
        return self.filter(id__in=wanted)


class Standing(models.Model):
    """The standing of one person in one benefit year. Amounts are yuan.

    Everyone who was covered in the year or before has a row, so that a break or an employee year
    carries the count on. Ceiling and wait are empty unless the person is a paid resident of the
    year (`cover` R). Every component of a figure is kept beside it.
    """

    class Cover(models.TextChoices):
        RESIDENT = "R", _("resident scheme")
        EMPLOYEE = "E", _("employee scheme")
        NONE = "N", _("not covered")

    id = models.BigIntegerField(_("key"), primary_key=True)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, db_index=False, related_name="+", verbose_name=_("person")
    )
    region = models.ForeignKey(
        Region,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # standing_region serves
        related_name="+",
        verbose_name=_("place of insurance (参保地)"),
        db_column="region",
    )
    county = models.IntegerField()  # written and checked: generated, it cost a copy of each row
    shard = models.BigIntegerField(
        _("made by shard"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("None where a change had the person assessed again."),
    )
    cover = models.CharField(_("cover"), max_length=1, choices=Cover.choices)
    gap_years = models.SmallIntegerField(_("consecutive broken years before"))
    streak = models.SmallIntegerField(_("years of continuous resident cover"))
    broken_years_total = models.SmallIntegerField(_("broken years in all"))
    continuity_bonus = models.DecimalField(_("continuity bonus"), **YUAN)
    continuity_gain = models.DecimalField(_("continuity bonus earned this year"), **YUAN)
    zero_claim_bonus = models.DecimalField(_("zero-claim bonus"), **YUAN)
    zero_claim_gain = models.DecimalField(_("zero-claim bonus earned this year"), **YUAN)
    zero_claim_cleared = models.DecimalField(
        _("zero-claim bonus cleared"),
        help_text=_("Because the year before used it."),
        **YUAN,
    )
    base_cap = models.DecimalField(_("original ceiling"), null=True, blank=True, **YUAN)
    bonus_applied = models.DecimalField(_("bonus after the limit"), null=True, blank=True, **YUAN)
    penalty_applied = models.DecimalField(
        _("reduction after the limit"), null=True, blank=True, **YUAN
    )
    cap = models.DecimalField(_("ceiling of the year"), null=True, blank=True, **YUAN)
    paid_on = models.DateField(_("paid on"), null=True, blank=True)
    exemption = models.CharField(_("exempt from waiting"), max_length=32, blank=True, db_default="")
    broken_years = models.SmallIntegerField(_("broken years of the wait"), null=True, blank=True)
    fixed_months = models.SmallIntegerField(_("fixed wait in months"), null=True, blank=True)
    variable_before = models.SmallIntegerField(
        _("variable wait before repair, in months"), null=True, blank=True
    )
    repaired_months = models.SmallIntegerField(_("months removed by repair"), null=True, blank=True)
    variable_months = models.SmallIntegerField(
        _("variable wait after repair, in months"), null=True, blank=True
    )
    benefit_start = models.DateField(
        _("benefits from"),
        null=True,
        blank=True,
        help_text=_("None where a paid resident has no benefit in the year."),
    )

    objects = StandingQuerySet.as_manager()

    class Meta:
        db_table = "standing"
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        constraints = [
            models.CheckConstraint(
                name="a_standing_lies_in_the_county_of_its_region",
                condition=Q(county=F("region") / 10**6),
            ),
            models.CheckConstraint(
                name="standing_key_is_computed",
                condition=Q(id=F("id") / keys.YEAR * keys.YEAR + keys.SCHEME + F("person")),
            ),
            models.CheckConstraint(
                name="a_ceiling_is_original_plus_bonus_less_reduction",
                condition=Q(cap=None)
                | Q(cap=F("base_cap") + F("bonus_applied") - F("penalty_applied")),
            ),
            models.CheckConstraint(
                name="only_a_paid_resident_has_ceiling_and_wait",
                condition=Q(
                    cover="R",
                    cap__isnull=False,
                    paid_on__isnull=False,
                    broken_years__isnull=False,
                    fixed_months__isnull=False,
                    variable_months__isnull=False,
                )
                | Q(
                    cover__in=["E", "N"],
                    cap=None,
                    paid_on=None,
                    broken_years=None,
                    fixed_months=None,
                    variable_months=None,
                    benefit_start=None,
                ),
            ),
        ]
        indexes = [
            # Row security and lists by county; lists by township.
            models.Index(fields=["county", "id"], name="standing_county"),
            models.Index(fields=["region", "id"], name="standing_region"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.person_id}"

    @property
    def year(self) -> int:
        """Benefit year, from the key."""
        return keys.year_of(self.id)


class StandingTerms(models.Model):
    """What a pooling area's law said for a step of `assess`, as its SQL reads it.

    In force on 1 January of the benefit year and kept with the step: a later change of the law
    re-dates no wait that was fixed, and the year can be computed again to the byte.
    """

    step = models.ForeignKey(
        YearStep, on_delete=models.PROTECT, related_name="standing_terms", verbose_name=_("step")
    )
    area = models.BigIntegerField(_("area"))
    window_first = models.DateField(_("first day of collection"))
    window_last = models.DateField(_("last day of collection"))
    grace_end = models.DateField(_("last day of the extension"), null=True, blank=True)
    fixed_months = models.SmallIntegerField(_("fixed wait in months"))
    variable_offset = models.SmallIntegerField(_("broken years without a variable month"))
    floor_years = models.SmallIntegerField(_("broken years from which the wait has a floor"))
    floor_total_months = models.SmallIntegerField(_("least wait in months"))
    count_breaks_from = models.SmallIntegerField(_("first year whose break counts"))
    newborn_days = models.SmallIntegerField(_("days to enrol a newborn"))
    never_enrolled_counts = models.BooleanField(_("years before any cover count"))
    count_missed_window_year = models.BooleanField(_("a missed window counts as a broken year"))
    exemptions = ArrayField(models.CharField(max_length=32), verbose_name=_("groups without wait"))
    base_cap = models.DecimalField(_("original ceiling"), **YUAN)
    incentive_step = models.DecimalField(_("step of the incentives"), **YUAN)
    penalty_step = models.DecimalField(_("step of the reduction"), **YUAN)
    streak_needed = models.SmallIntegerField(_("years needed before the first gain"))
    limit_rate = models.DecimalField(
        _("limit of bonus and reduction"), max_digits=6, decimal_places=4
    )
    sources = models.JSONField(
        _("sources"), default=dict, help_text=_("Parameter and status behind each value.")
    )

    class Meta:
        db_table = "standing_terms"
        verbose_name = _("terms of an assessment")
        verbose_name_plural = _("terms of assessments")
        constraints = [
            models.UniqueConstraint(
                fields=["step", "area"], name="an_assessment_has_terms_once_an_area"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area}"


class StandingSum(models.Model):
    """How many residents who paid have the same streak, bonus, wait ..., by pooling area.

    Kept by the step `assess` once its year is there, slice by slice (benefits/sql/assess_sums.sql).
    As of the day of the step: whoever is assessed again later stands in the file.
    """

    class Kind(models.TextChoices):
        STREAK = "streak", _("years of contribution in a row")
        BONUS = "bonus", _("bonus on the ceiling")
        PENALTY = "penalty", _("reduction of the ceiling")
        WAIT = "wait", _("months of wait")
        GAP = "gap", _("years broken before they came back")
        REPAIRED = "repaired", _("months repaired")

    step = models.ForeignKey(
        YearStep, on_delete=models.PROTECT, related_name="standing_sums", verbose_name=_("step")
    )
    area = models.BigIntegerField(_("area"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    value = models.DecimalField(_("value"), help_text=_("Years, months or yuan."), **YUAN)
    people = models.IntegerField(_("people"))

    class Meta:
        db_table = "standing_sum"
        verbose_name = _("standings of an area")
        verbose_name_plural = _("standings by area")
        constraints = [
            models.UniqueConstraint(
                fields=["step", "area", "kind", "value"], name="a_step_sums_a_standing_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area} {self.kind} {self.value}"
