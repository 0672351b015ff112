"""Claims: what the funds paid for a person's treatment, and their sum by benefit year."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext_lazy as _

from enrollment.models import Import, Person, Region
from enrollment.rules import keys

YUAN: dict[str, Any] = {"max_digits": 12, "decimal_places": 2}


class Claim(models.Model):
    """One settlement (结算) of a person with a provider. Amounts are yuan.

    `fund_paid` is what the pooled fund paid, `major_illness_paid` what major-illness insurance
    (大病保险) and `assistance_paid` what medical assistance (医疗救助) paid on top.
    """

    class Kind(models.TextChoices):
        OUTPATIENT = "outpatient", _("outpatient")
        INPATIENT = "inpatient", _("inpatient")
        MAJOR_ILLNESS = "major_illness", _("major illness")
        ASSISTANCE = "assistance", _("medical assistance")

    claim_number = models.CharField(_("settlement number"), max_length=64)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="claims", verbose_name=_("person")
    )
    region = models.ForeignKey(
        Region,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("place of insurance (参保地)"),
        db_column="region",
        help_text=_("Where the person was insured when the settlement came in."),
    )
    county = models.GeneratedField(
        expression=Cast(F("region") / 10**6, models.IntegerField()),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    settled_on = models.DateField(_("settled on"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    provider = models.CharField(_("provider"), max_length=64)
    total = models.DecimalField(_("total cost"), **YUAN)
    in_policy = models.DecimalField(_("cost inside the policy"), **YUAN)
    fund_paid = models.DecimalField(_("paid by the pooled fund"), **YUAN)
    major_illness_paid = models.DecimalField(_("paid by major-illness insurance"), **YUAN)
    assistance_paid = models.DecimalField(_("paid by medical assistance"), **YUAN)
    source = models.ForeignKey(
        Import,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("import"),
    )
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())

    class Meta:
        db_table = "claim"
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.UniqueConstraint(
                fields=["claim_number"], name="a_settlement_number_counts_once"
            ),
            models.CheckConstraint(
                name="no_amount_of_a_claim_is_negative",
                condition=Q(
                    total__gte=0,
                    in_policy__gte=0,
                    fund_paid__gte=0,
                    major_illness_paid__gte=0,
                    assistance_paid__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="a_claim_pays_no_more_than_it_cost",
                condition=Q(in_policy__lte=F("total"))
                & Q(total__gte=F("fund_paid") + F("major_illness_paid") + F("assistance_paid")),
            ),
        ]

    def __str__(self) -> str:
        return self.claim_number


class ClaimUse(models.Model):
    """What a person used in a benefit year: the sums of the claims settled in it, by computed key.

    Kept by whoever writes claims, for the persons and years written, in the same statement run;
    `verify` proves that it equals the claims. A year without a row used nothing.
    """

    id = models.BigIntegerField(_("key"), primary_key=True)
    claims = models.IntegerField(_("claims"))
    total = models.DecimalField(_("total cost"), max_digits=14, decimal_places=2)
    fund_paid = models.DecimalField(_("paid by the pooled fund"), max_digits=14, decimal_places=2)
    major_illness_paid = models.DecimalField(
        _("paid by major-illness insurance"), max_digits=14, decimal_places=2
    )
    assistance_paid = models.DecimalField(
        _("paid by medical assistance"), max_digits=14, decimal_places=2
    )

    class Meta:
        db_table = "claim_use"
        verbose_name = _("use of a year")
        verbose_name_plural = _("use of years")
        constraints = [
            models.CheckConstraint(
                name="a_year_is_used_by_a_resident_key",
                condition=Q(id__gte=F("id") / keys.YEAR * keys.YEAR + keys.SCHEME)
                & Q(id__lt=F("id") / keys.YEAR * keys.YEAR + 2 * keys.SCHEME),
            ),
        ]

    def __str__(self) -> str:
        return f"{keys.year_of(self.id)}"
