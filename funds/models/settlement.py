"""The settlement sheet (清算表) of the provincial adjustment fund: a case with a line a city.

A year and scheme has two: the levy, and the allocation that closes it. What is in effect is locked;
it is opened again by a reversal that two others approve, and settled by a further sheet.
"""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from enrollment.models import Case, Person, Region

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class SettlementSheet(Case):
    """What a province settles with its cities for one year and scheme, in yuan.

    安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（五）; 川办发〔2023〕38号 二（四）:
    by scheme, on separate accounts, never across. Its results are kept beside the inputs.
    """

    class Part(models.TextChoices):
        LEVY = "levy", pgettext_lazy("settlement", "levy")
        ALLOCATION = "allocation", pgettext_lazy("settlement", "allocation")

    class Method(models.TextChoices):
        ANHUI = "anhui", _("gaps are shared (Anhui)")
        SICHUAN = "sichuan", _("everything is distributed (Sichuan)")

    scheme = models.SmallIntegerField(_("scheme"), choices=Person.Scheme.choices)
    part = models.CharField(_("part"), max_length=16, choices=Part.choices)
    method = models.CharField(_("method"), max_length=16, choices=Method.choices, editable=False)
    rate = models.DecimalField(
        _("rate of the levy"),
        max_digits=6,
        decimal_places=5,
        null=True,
        blank=True,
        help_text=_("As a decimal: 0.03 is three per cent."),
    )
    decision = models.CharField(
        _("document of the decision"),
        max_length=128,
        help_text=_("By which the province set the rate, the shares or the weights."),
    )
    approvals = models.JSONField(_("approvals on record"), default=list, blank=True)
    fund_balance = models.DecimalField(
        _("balance of the adjustment fund"),
        max_digits=18,
        decimal_places=2,
        editable=False,
        help_text=_("By the ledger: before the levy; before the allocation what can be paid."),
    )
    reserve_balance = models.DecimalField(
        _("balance of the risk reserve"), max_digits=18, decimal_places=2, editable=False
    )
    reserve_in = models.DecimalField(
        _("into the risk reserve"), max_digits=18, decimal_places=2, default=0, editable=False
    )
    suspended = models.BooleanField(_("levy suspended"), default=False, editable=False)
    trace = models.JSONField(_("computation"), default=list, editable=False)
    countersigned_by = models.CharField(
        _("countersigned by"), max_length=64, blank=True, default="", editable=False
    )
    countersigned_on = models.DateField(_("countersigned on"), null=True, editable=False)
    countersign_document = models.CharField(
        _("document of the countersignature"),
        max_length=128,
        blank=True,
        default="",
        editable=False,
    )
    stands_for = models.CharField(
        _("what it settles"),
        max_length=40,
        null=True,
        unique=True,
        editable=False,
        help_text=_("Province, year, scheme and part; empty once it was withdrawn or reversed."),
    )

    class Meta:
        db_table = "settlement_sheet"
        verbose_name = _("settlement sheet")
        verbose_name_plural = _("settlement sheets")
        constraints = [
            models.CheckConstraint(
                name="a_rate_is_a_share", condition=Q(rate=None) | Q(rate__gt=0, rate__lte=1)
            ),
            models.CheckConstraint(name="a_sheet_names_its_decision", condition=~Q(decision="")),
            models.CheckConstraint(
                name="a_countersignature_is_whole",
                condition=Q(countersigned_by="", countersigned_on=None, countersign_document="")
                | (
                    ~Q(countersigned_by="")
                    & Q(countersigned_on__isnull=False)
                    & ~Q(countersign_document="")
                ),
            ),
        ]


def _money(label: "_StrPromise", **options: object) -> models.DecimalField:
    return models.DecimalField(label, max_digits=18, decimal_places=2, **options)  # type: ignore[arg-type]


def _input(label: "_StrPromise") -> models.DecimalField:
    return _money(label, null=True, blank=True)


def _result(label: "_StrPromise") -> models.DecimalField:
    return _money(label, default=0, editable=False)


class SettlementLine(models.Model):
    """A city of a sheet: what was recorded of it, and what the rules make of that; yuan.

    `base` is what the levy is a share of: in Anhui the contributions of the year before, in Sichuan
    the fund income of the year. Empty inputs are not known yet, and keep a sheet from its checker.
    """

    sheet = models.ForeignKey(
        SettlementSheet, on_delete=models.PROTECT, related_name="lines", verbose_name=_("sheet")
    )
    area = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("city")
    )
    base = _input(_("base of the levy"))
    revenue = _input(_("revenue of the year"))
    expenditure = _input(_("expenditure of the year"))
    balance = _input(_("accumulated balance"))
    loss = _money(_("loss from violations"), default=0)
    share = models.DecimalField(
        _("share of the province"), max_digits=6, decimal_places=5, null=True, blank=True
    )
    weight = models.DecimalField(
        _("weight"), max_digits=12, decimal_places=6, null=True, blank=True
    )
    levy = _result(_("levy"))
    gap = _result(_("gap of the year"))
    eligible = _result(_("gap with an accepted cause"))
    claim = _result(_("the province's part"))
    allocation = _result(_("paid by the adjustment fund"))
    from_balance = _result(_("from the city's own balance"))
    government = _result(_("covered by the government"))
    uncovered = _result(_("not borne"))
    trace = models.JSONField(_("computation"), default=list, editable=False)

    class Meta:
        db_table = "settlement_line"
        ordering = ["area"]
        verbose_name = _("city of a settlement sheet")
        verbose_name_plural = _("cities of settlement sheets")
        constraints = [
            models.UniqueConstraint(fields=["sheet", "area"], name="a_sheet_has_a_city_once"),
            models.CheckConstraint(
                name="a_city_receives_and_pays_no_negative_money",
                condition=Q(levy__gte=0, allocation__gte=0, loss__gte=0)
                & (Q(base=None) | Q(base__gte=0))
                & (Q(revenue=None) | Q(revenue__gte=0))
                & (Q(expenditure=None) | Q(expenditure__gte=0))
                & (Q(weight=None) | Q(weight__gte=0)),
            ),
            models.CheckConstraint(
                name="a_share_of_the_province_lies_between_none_and_all",
                condition=Q(share=None) | Q(share__gte=0, share__lte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.area_id}"


class GapCause(models.Model):
    """An accepted cause of a city's gap, its amount in yuan and what proves it.

    安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（五）: 因国家和省出台医保政策、
    突发重大疫情救治费用、老龄化等. An amount of nothing is a cause that was taken back.
    """

    class Cause(models.TextChoices):
        POLICY = "policy_change", _("policy change of the state or the province")
        EPIDEMIC = "epidemic", _("treatment in a sudden major epidemic")
        DEPENDENCY = "dependency_ratio", _("higher dependency ratio")
        REASONABLE = "reasonable_spending", _("other reasonable medical-insurance spending")

    line = models.ForeignKey(
        SettlementLine, on_delete=models.PROTECT, related_name="causes", verbose_name=_("city")
    )
    cause = models.CharField(_("cause"), max_length=24, choices=Cause.choices)
    amount = _money(_("amount"))
    evidence = models.CharField(_("evidence"), max_length=255, blank=True)

    class Meta:
        db_table = "gap_cause"
        ordering = ["id"]
        verbose_name = _("cause of a gap")
        verbose_name_plural = _("causes of gaps")
        constraints = [
            models.UniqueConstraint(fields=["line", "cause"], name="a_city_names_a_cause_once"),
            models.CheckConstraint(
                name="a_cause_has_evidence",
                condition=Q(amount=0) | (Q(amount__gt=0) & ~Q(evidence="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.cause}"
