"""Setting of a policy parameter (政策参数设定): an area's own number, within the law's range."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enrollment.models.case import Case
from enrollment.models.policy import PolicyParameter


class ParameterSetting(Case):
    """An area sets a quota, a window or another number of its own from a first day.

    皖医保发〔2024〕6号 一（一）: amounts are set by each pooling area within the province's range.
    The database publishes what was approved, and nothing else (`publish_setting`).
    """

    code = models.CharField(_("parameter"), max_length=100)
    scheme = models.SmallIntegerField(_("scheme"), choices=PolicyParameter.Scheme)
    unit = models.CharField(_("unit"), max_length=32)
    value = models.JSONField(_("value"))
    valid_from = models.DateField(
        _("first day"),
        help_text=_("What belongs to a benefit year holds from its 1 January."),
    )
    valid_until = models.DateField(
        _("last day"), null=True, blank=True, help_text=_("Empty: until further notice.")
    )
    document_number = models.CharField(_("document number"), max_length=64)
    document_title = models.CharField(_("title of the document"), max_length=255)
    document_issued_on = models.DateField(_("issued on"), null=True, blank=True)
    clause = models.CharField(_("clause"), max_length=100)
    published = models.ForeignKey(
        PolicyParameter,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        db_index=False,  # nobody looks for cases by it
        related_name="+",
        verbose_name=_("published value"),
    )

    class Meta:
        db_table = "parameter_setting"
        verbose_name = _("setting of a policy parameter")
        verbose_name_plural = _("settings of policy parameters")
        constraints = [
            models.CheckConstraint(
                name="a_setting_names_document_and_clause",
                condition=~Q(document_number="") & ~Q(document_title="") & ~Q(clause=""),
            ),
            models.CheckConstraint(
                name="a_setting_ends_after_it_begins",
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
            ),
        ]
