"""One file a person (一人一档, 皖医保发〔2024〕6号 二（三）), insured or not."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext_lazy as _

from enrollment.models.identity import unseal
from enrollment.models.region import Region
from enrollment.rules.keys import EMPLOYEE, PERSON_LIMIT, RESIDENT


class StartsWith(models.Lookup):
    """`name__prefix`: `^@` is leakproof, so its index serves under row security; LIKE does not."""

    lookup_name = "prefix"

    def as_sql(self, compiler, connection):  # type: ignore[no-untyped-def]
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} ^@ {right}", [*left_params, *right_params]


models.CharField.register_lookup(StartsWith)


class Category(models.TextChoices):
    """Recognised status that lowers the contribution or lifts the wait; extensible by area.

    The four of categorised subsidy: 皖医保发〔2024〕6号 一（一）; exempt groups: the same 一（二）.
    """

    EXTREME_POVERTY = "extreme_poverty", _("extreme poverty")
    DIBAO = "dibao", _("dibao recipient")
    RETURNED_TO_POVERTY = "returned_to_poverty", _("returned to poverty")
    MONITORED = "monitored", _("monitored for relapse into poverty")
    NEWBORN = "newborn", _("newborn")
    MEDICAL_ASSISTANCE_NEW = "medical_assistance_new", _("newly recognised assistance recipient")
    LOW_INCOME_RECOGNISED = (
        "low_income_recognised",
        _("low-income person recognised by a department"),
    )
    RETURNED_RECRUIT = "returned_recruit", _("returned recruit")
    EMPLOYEE_INTERRUPTED = "employee_interrupted", _("interrupted employee-scheme member")
    DEMOBILISED = "demobilised", _("demobilised soldier")
    MILITARY_SPOUSE = "military_spouse", _("army-dependent spouse without work")
    RELEASED_PRISONER = "released_prisoner", _("leaver of other statutory cover")


class Person(models.Model):
    """A person of the register, with the present relation to the schemes.

    Everyone on the register who is not in the employee scheme, has no other statutory cover and
    has not left belongs to the resident scheme, so `scheme` is resident unless something says
    otherwise; and because it is a single field there is never a second relation.
    《安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见》一（一）.
    """

    class IdType(models.TextChoices):
        RESIDENT_ID = "resident_id", _("resident identity number")
        BIRTH_CERTIFICATE = "birth_certificate", _("birth certificate")
        OTHER = "other", _("other document")

    class Sex(models.TextChoices):
        MALE = "M", _("male")
        FEMALE = "F", _("female")

    class Scheme(models.IntegerChoices):
        RESIDENT = RESIDENT, _("resident scheme")
        EMPLOYEE = EMPLOYEE, _("employee scheme")

    class Left(models.TextChoices):
        MOVED_OUT = "moved_out", _("moved out")
        DUPLICATE = "duplicate", _("duplicate")
        OTHER_COVER = "other_cover", _("other statutory cover")
        NOT_REGISTERED = "not_registered", _("on file, not registered")

    id_type = models.CharField(
        _("document type"), max_length=20, choices=IdType.choices, default=IdType.RESIDENT_ID
    )
    id_digest = models.UUIDField(_("keyed digest"), editable=False)
    id_sealed = models.BinaryField(_("identity number, sealed"), editable=False)
    id_mask = models.CharField(_("identity number"), max_length=32, editable=False)
    name = models.CharField(_("name"), max_length=64, db_collation="C")
    initials = models.CharField(
        _("pinyin initials"), max_length=32, blank=True, db_collation="C", editable=False
    )
    sex = models.CharField(_("sex"), max_length=1, choices=Sex.choices)
    birth_date = models.DateField(_("birth date"))
    household_region = models.BigIntegerField(_("household registration (户籍地)"))
    residence_region = models.BigIntegerField(_("habitual residence (常住地)"))
    phone_sealed = models.BinaryField(_("phone, sealed"), null=True, blank=True, editable=False)
    died_on = models.DateField(_("died on"), null=True, blank=True)
    scheme = models.SmallIntegerField(
        _("scheme"), choices=Scheme.choices, default=Scheme.RESIDENT, db_default=RESIDENT
    )
    insured_region = models.ForeignKey(
        Region,
        on_delete=models.DO_NOTHING,
        db_constraint=False,  # codes change, old codes are real; `verify` compares
        db_index=False,  # person_county serves
        related_name="+",
        verbose_name=_("place of insurance (参保地)"),
        db_column="insured_region",
    )
    left_on = models.DateField(_("left on"), null=True, blank=True)
    left_for = models.CharField(
        _("left because"), max_length=16, choices=Left.choices, blank=True, db_default=""
    )
    county = models.GeneratedField(
        expression=Cast(F("insured_region") / 10**6, models.IntegerField()),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())

    # The years of the register, where a page that shows this file has read them already.
    years_read: "list[int] | None" = None

    class Meta:
        db_table = "person"
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(fields=["id_digest"], name="identity_number_has_one_file"),
            models.CheckConstraint(
                name="person_fits_the_yearly_key", condition=Q(id__gt=0, id__lt=PERSON_LIMIT)
            ),
            models.CheckConstraint(
                name="person_dies_after_birth",
                condition=Q(died_on=None) | Q(died_on__gte=F("birth_date")),
            ),
            models.CheckConstraint(
                name="leaving_has_a_day_and_a_reason",
                condition=Q(left_on=None, left_for="")
                | (Q(left_on__isnull=False) & ~Q(left_for="")),
            ),
            models.CheckConstraint(
                name="person_scheme_is_known", condition=Q(scheme__in=[RESIDENT, EMPLOYEE])
            ),
        ]
        indexes = [
            # Search by name and by initials, prefix by ^@ under row security; namesakes by key, so
            # that a page of thousands of them is one range.
            models.Index(fields=["name", "id"], name="person_by_name"),
            models.Index(fields=["initials", "id"], name="person_by_initials"),
            # Lists of one county in file order.
            models.Index(fields=["county", "id"], name="person_county"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def identity_number(self) -> str:
        """The number in clear. Every call by a screen must be logged with its reason."""
        return unseal(bytes(self.id_sealed))

    @property
    def lives_away_from_hukou(self) -> bool:
        """人户分离: registered in one county and living in another."""
        return self.household_region // 10**6 != self.residence_region // 10**6


class PersonCategory(models.Model):
    """A status recognised by a department, with its evidence and days of validity."""

    class Source(models.TextChoices):
        CIVIL_AFFAIRS = "civil_affairs", _("civil affairs")
        AGRICULTURE = "agriculture", _("agriculture and rural affairs")
        DISABLED_FEDERATION = "disabled_federation", _("disabled persons' federation")
        HEALTH = "health", _("health")
        POLICE = "police", _("public security")
        MILITARY = "military", _("military")
        JUSTICE = "justice", _("justice")
        MEDICAL_SECURITY = "medical_security", _("medical security")

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="categories", verbose_name=_("person")
    )
    category = models.CharField(_("category"), max_length=32, choices=Category.choices)
    valid = DateRangeField(_("validity"))
    source = models.CharField(_("source department"), max_length=32, choices=Source.choices)
    qualified = models.BooleanField(
        _("qualified"),
        db_default=True,
        default=True,
        help_text=_("Monitored persons are subsidised only when they meet the conditions."),
    )
    evidence = models.CharField(_("evidence"), max_length=255, blank=True, db_default="")
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())

    class Meta:
        db_table = "person_category"
        verbose_name = _("category of a person")
        verbose_name_plural = _("categories of people")
        constraints = [
            ExclusionConstraint(
                name="same_category_never_overlaps",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("category", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="category_is_valid_on_some_day", condition=~Q(valid__isempty=True)
            ),
        ]

    def __str__(self) -> str:
        return self.get_category_display()
