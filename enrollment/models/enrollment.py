"""Who is covered: one row a person, scheme and benefit year, in yearly partitions."""

from collections.abc import Iterable
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThan
from django.utils.translation import gettext_lazy as _

from enrollment.models.person import Category, Person
from enrollment.models.region import Region
from enrollment.models.year import YearRun
from enrollment.rules import keys

# The two digits of the key that name the scheme and the spell in it.
SPELL = F("id") / keys.SLOT % 100


class EnrollmentStatus(models.TextChoices):
    """The words of a year of cover; every screen, export and notice uses these and no others."""

    UNPAID = "unpaid", _("registered, unpaid")
    PAID = "paid", _("paid, not begun")
    WAITING = "waiting", _("waiting period")
    COVERED = "covered", _("covered")
    SUSPENDED = "suspended", _("suspended")
    ENDED = "ended", _("ended")
    LAPSED = "lapsed", _("lapsed")


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    """The only ways in: by year and by person, because only the key prunes the partitions."""

    def of_year(self, year: int) -> Self:
        """Rows of one benefit year, from one partition."""
        return self.filter(id__gte=year * keys.YEAR, id__lt=(year + 1) * keys.YEAR)

    def of_person(self, person_id: int, years: Iterable[int]) -> Self:
        """Rows of one person by key look-ups: the resident row and ten employee slots a year."""
        wanted = [
            keys.yearly_key(year=year, person_id=person_id, scheme=scheme, slot=slot)
            for year in years
            for scheme, slots in ((keys.RESIDENT, (0,)), (keys.EMPLOYEE, range(10)))
            for slot in slots
        ]
        return self.filter(id__in=wanted)

    def residents(self, year: int) -> Self:
        """Resident rows of one benefit year."""
        first = year * keys.YEAR + keys.RESIDENT * keys.SCHEME
        return self.filter(id__gte=first, id__lt=first + keys.SCHEME)

    def with_status(self, on: date) -> Self:
        """Annotate `status_code`, the state of each row on a day, by the database's expression.

        A year that was activated is seen from its activation on, also by a business date before.
        """
        year = YearRun.objects.filter(
            mode=YearRun.Mode.REAL, year=models.OuterRef("id") / keys.YEAR
        )
        return self.annotate(
            status_code=models.Func(
                models.F("id"),
                models.Value(on),
                models.Subquery(year.values("activated_on")[:1]),
                models.F("payable"),
                models.F("paid"),
                models.F("due_on"),
                models.F("paid_on"),
                models.F("benefit_start"),
                models.F("benefit_end"),
                models.F("suspended_from"),
                models.F("ended_on"),
                function="enrollment_status",
                output_field=models.CharField(choices=EnrollmentStatus.choices),
            )
        )


class Enrollment(models.Model):
    """One person in one scheme in one benefit year, and nothing but facts about it.

    Amounts are yuan. `payable = standard - subsidy`; an employee row carries no money here, its
    `months` is a map of twelve bits, January lowest. Whether the row is unpaid, waiting, covered
    or lapsed follows from these facts and the state of the year (`enrollment_status` in
    enrollment/sql/database/); it is never stored.
    """

    class Ended(models.TextChoices):
        """In the order in which a reason applies."""

        DECEASED = "deceased", _("deceased")
        EMPLOYEE_SCHEME = "employee_scheme", _("employee scheme")
        RESIDENT_SCHEME = "resident_scheme", _("resident scheme")  # of an employee spell
        MOVED_OUT = "moved_out", _("moved out")
        DUPLICATE = "duplicate", _("duplicate")
        OTHER_COVER = "other_cover", _("other statutory cover")
        REFUNDED = "refunded", _("refunded")
        REVERSED = "reversed", _("registration reversed")

    id = models.BigIntegerField(_("key"), primary_key=True)
    person = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        db_index=False,  # the key begins with the year and ends with the person: of_person()
        related_name="+",
        verbose_name=_("person"),
    )
    region = models.ForeignKey(
        Region,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # enrollment_region serves
        related_name="+",
        verbose_name=_("place of insurance (参保地)"),
        db_column="region",
    )
    county = models.GeneratedField(
        expression=Cast(F("region") / 10**6, models.IntegerField()),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    shard = models.BigIntegerField(_("made by shard"), null=True, blank=True, editable=False)
    category = models.CharField(
        _("category"), max_length=32, blank=True, choices=Category.choices, db_default=""
    )
    standard = models.DecimalField(
        _("individual standard"), max_digits=10, decimal_places=2, db_default=0
    )
    subsidy = models.DecimalField(_("subsidy"), max_digits=10, decimal_places=2, db_default=0)
    payable = models.DecimalField(_("payable"), max_digits=10, decimal_places=2, db_default=0)
    paid = models.DecimalField(_("paid"), max_digits=10, decimal_places=2, db_default=0)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    paid_on = models.DateField(_("paid on"), null=True, blank=True)
    benefit_start = models.DateField(_("benefits from"), null=True, blank=True)
    benefit_end = models.DateField(_("benefits until"), null=True, blank=True)
    suspended_from = models.DateField(_("suspended from"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    ended_for = models.CharField(
        _("ended because"), max_length=16, choices=Ended.choices, blank=True, db_default=""
    )
    months = models.SmallIntegerField(_("employee months"), db_default=0)
    repaired_years = models.SmallIntegerField(_("repaired years"), db_default=0)
    repaired_on = models.DateField(_("repair received on"), null=True, blank=True)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        db_table = "enrollment"
        verbose_name = _("year of cover")
        verbose_name_plural = _("years of cover")
        constraints = [
            models.CheckConstraint(
                name="enrollment_key_is_computed",
                condition=Q(person=F("id") % 10**10),
            ),
            models.CheckConstraint(
                name="a_resident_has_one_spell_a_year",
                condition=Q(Exact(SPELL, keys.RESIDENT * 10), months=0)
                | Q(GreaterThanOrEqual(SPELL, keys.EMPLOYEE * 10))
                & Q(LessThan(SPELL, keys.EMPLOYEE * 10 + 10)),
            ),
            models.CheckConstraint(
                name="payable_is_standard_less_subsidy",
                condition=Q(payable=F("standard") - F("subsidy"), subsidy__gte=0, payable__gte=0),
            ),
            models.CheckConstraint(name="paid_is_not_negative", condition=Q(paid__gte=0)),
            models.CheckConstraint(
                name="ending_has_a_day_and_a_reason",
                condition=Q(ended_on=None, ended_for="")
                | (Q(ended_on__isnull=False) & ~Q(ended_for="")),
            ),
        ]
        indexes = [
            # Row security and lists by county; lists by township and their export.
            models.Index(fields=["county", "id"], name="enrollment_county"),
            models.Index(fields=["region", "id"], name="enrollment_region"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.person_id}"

    @property
    def year(self) -> int:
        """Benefit year, from the key."""
        return keys.year_of(self.id)

    @property
    def scheme(self) -> int:
        """1 resident, 2 employee, from the key."""
        return keys.scheme_of(self.id)


class Award(models.Model):
    """Money that somebody else pays towards a person's contribution: one row a change of it.

    The awards of an enrollment add up to its `subsidy`; `verify` proves it. A category that was
    gained or lost is a further row with the difference, never an edit.
    """

    class Funder(models.TextChoices):
        MEDICAL_ASSISTANCE = "medical_assistance", _("medical assistance fund")
        VILLAGE_COLLECTIVE = "village_collective", _("village collective")
        CHARITY = "charity", _("charity")
        LOCAL_EXTRA = "local_extra", _("local government")
        OTHER = "other", _("other organisation or person")

    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.PROTECT, related_name="awards", verbose_name=_("year of cover")
    )
    funder = models.CharField(_("funder"), max_length=32, choices=Funder.choices)
    category = models.CharField(
        _("category"), max_length=32, blank=True, choices=Category.choices, db_default=""
    )
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    awarded_on = models.DateField(_("awarded on"))
    shard = models.BigIntegerField(_("made by shard"), null=True, blank=True, editable=False)
    case = models.ForeignKey(
        "enrollment.Case",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="awards",
        verbose_name=_("case"),
    )

    class Meta:
        db_table = "award"
        verbose_name = _("subsidy award")
        verbose_name_plural = _("subsidy awards")
        constraints = [
            models.CheckConstraint(name="award_moves_money", condition=~Q(amount=0)),
            models.CheckConstraint(
                name="award_comes_from_a_shard_or_a_case",
                condition=Q(shard__isnull=False, case=None) | Q(shard=None, case__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_funder_display()} {self.amount}"


class Fallout(models.Model):
    """Covered last year and not this year: exactly one reason a person and year."""

    class Reason(models.TextChoices):
        """In the order in which a reason applies."""

        DECEASED = "deceased", _("deceased")
        EMPLOYEE_SCHEME = "employee_scheme", _("employee scheme")
        MOVED_OUT = "moved_out", _("moved out")
        DUPLICATE = "duplicate", _("duplicate")
        OTHER_COVER = "other_cover", _("other statutory cover")
        REFUNDED = "refunded", _("refunded")
        UNPAID = "unpaid", _("unpaid")

    id = models.BigIntegerField(_("key"), primary_key=True)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, db_index=False, related_name="+", verbose_name=_("person")
    )
    region = models.ForeignKey(
        Region,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("place of insurance (参保地)"),
        db_column="region",
    )
    county = models.GeneratedField(
        expression=Cast(F("region") / 10**6, models.IntegerField()),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    reason = models.CharField(_("reason"), max_length=16, choices=Reason.choices)
    shard = models.BigIntegerField(_("made by shard"))

    class Meta:
        db_table = "fallout"
        verbose_name = _("fallout")
        verbose_name_plural = _("fallout")
        constraints = [
            models.CheckConstraint(
                name="fallout_key_is_computed", condition=Q(person=F("id") % 10**10)
            ),
        ]
        indexes = [models.Index(fields=["county", "id"], name="fallout_county")]

    def __str__(self) -> str:
        return f"{keys.year_of(self.id)} {self.reason}"
