"""The law as dated data: documents, and parameters that can never overlap."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Mod
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from enrollment.models.region import Region

CITY_CODES = 10**10  # a code of twelve digits names its province by the first two


class PolicyDocument(models.Model):
    """An official document that parameters and screens cite by number (文号)."""

    key = models.SlugField(_("key"), max_length=64, unique=True)
    number = models.CharField(_("document number"), max_length=64, blank=True)
    title = models.CharField(_("title"), max_length=255)
    issuer = models.CharField(_("issuer"), max_length=255, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    in_force_from = models.DateField(_("in force from"), null=True, blank=True)
    url = models.URLField(_("address"), max_length=500, blank=True)

    class Meta:
        db_table = "policy_document"
        ordering = ["-issued_on", "key"]
        verbose_name = _("policy document")
        verbose_name_plural = _("policy documents")

    def __str__(self) -> str:
        return self.number or self.title


class PolicyParameter(models.Model):
    """One number of law for one area, scheme and range of days.

    `value` is JSON whose shape its unit decides: money and rates are decimal strings.
    Published rows are append-only; a new value closes nothing and overlaps nothing.
    """

    class Status(models.TextChoices):
        VERIFIED = "verified", _("verified")
        UNVERIFIED = "unverified", _("unverified")
        EXAMPLE = "example", _("example")

    class Scheme(models.IntegerChoices):
        BOTH = 0, _("both schemes")
        RESIDENT = 1, _("resident scheme")
        EMPLOYEE = 2, _("employee scheme")

    code = models.CharField(_("code"), max_length=100)
    area = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("area")
    )
    scheme = models.SmallIntegerField(_("scheme"), choices=Scheme.choices, default=Scheme.RESIDENT)
    valid = DateRangeField(_("validity"))
    unit = models.CharField(_("unit"), max_length=32)
    value = models.JSONField(_("value"))
    document = models.ForeignKey(
        PolicyDocument,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="parameters",
        verbose_name=_("document"),
    )
    clause = models.CharField(_("clause"), max_length=100, blank=True)
    url = models.URLField(_("source"), max_length=500, blank=True)
    verified_on = models.DateField(_("last verified on"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=16, choices=Status.choices)
    note = models.TextField(_("note"), blank=True)
    withdrawn_on = models.DateField(
        _("withdrawn on"),
        null=True,
        blank=True,
        help_text=_("Of a value that was taken back before its first day and never held."),
    )

    class Meta:
        db_table = "policy_parameter"
        ordering = ["code", "area", "valid"]
        verbose_name = _("policy parameter")
        verbose_name_plural = _("policy parameters")
        constraints = [
            ExclusionConstraint(
                name="parameter_has_one_value_a_day",
                expressions=[
                    ("code", RangeOperators.EQUAL),
                    ("area", RangeOperators.EQUAL),
                    ("scheme", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="verified_parameter_names_its_document",
                condition=~Q(status="verified") | (Q(document__isnull=False) & ~Q(clause="")),
            ),
            models.CheckConstraint(
                name="a_citys_value_names_document_and_clause",
                condition=Q(status="example")
                | Q(Exact(Mod(F("area"), CITY_CODES), 0))
                | (Q(document__isnull=False) & ~Q(clause="")),
            ),
            models.CheckConstraint(
                name="parameter_is_valid_on_some_day",
                condition=Q(valid__isempty=False, withdrawn_on=None)
                | Q(valid__isempty=True, withdrawn_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.area_id}"
