"""Fund movement (资金划拨): one move of the money path that an officer records, a kind of case.

鄂政办发〔2020〕9号 三（五）: contributions by the treasury to the city's special fiscal account,
fiscal subsidies of all levels into it, and on to the expenditure accounts; 川办发〔2023〕38号
二（四）: the risk reserve, and losses from violations. What nobody records by hand (receipts,
awards, levies) is no purpose here, and the counties' plans have a kind of their own.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enrollment.models import Case, Person, Region
from funds.models.chart import Kind, Reason


class Level(models.TextChoices):
    """Who owes a fiscal subsidy."""

    CENTRAL = "central", _("central")
    PROVINCIAL = "provincial", _("provincial")
    CITY = "city", _("city")
    COUNTY = "county", _("county")


PURPOSES = (
    Reason.TREASURY_PAID_OVER,
    Reason.SUBSIDY_DUE,
    Reason.SUBSIDY_RECEIVED,
    Reason.ASSISTANCE_FUNDED,
    Reason.ASSISTANCE_PAID,
    Reason.SPONSOR_PAID,
    Reason.DRAWN,
    Reason.COUNTY_RETURNED,
    Reason.BENEFIT_PAID,
    Reason.BENEFIT_RECOVERED,
    Reason.REFUND_PAID,
    Reason.INTEREST_RECEIVED,
    Reason.VIOLATION_FOUND,
    Reason.VIOLATION_COVERED,
    Reason.RESERVE_USED,
    Reason.OPENING_BALANCE,
    Reason.YEAR_CLOSED,
)
OF_A_LEVEL = (Reason.SUBSIDY_DUE, Reason.SUBSIDY_RECEIVED)
# Medical assistance and sponsors pay for residents alone: 皖医保发〔2024〕6号 一（一）.
RESIDENTS_ONLY = (Reason.ASSISTANCE_FUNDED, Reason.ASSISTANCE_PAID, Reason.SPONSOR_PAID)
# The accounts that a purpose leaves open, with what stands against each.
HOLDINGS: dict[Reason, dict[Kind, Kind]] = {
    Reason.BENEFIT_PAID: {
        Kind.EXPENDITURE_COUNTY: Kind.BENEFIT_EXPENDITURE,
        Kind.EXPENDITURE_CITY: Kind.BENEFIT_EXPENDITURE,
    },
    Reason.BENEFIT_RECOVERED: {
        Kind.EXPENDITURE_COUNTY: Kind.BENEFIT_EXPENDITURE,
        Kind.EXPENDITURE_CITY: Kind.BENEFIT_EXPENDITURE,
        Kind.SPECIAL_FISCAL: Kind.BENEFIT_EXPENDITURE,
    },
    Reason.INTEREST_RECEIVED: {
        Kind.SPECIAL_FISCAL: Kind.INTEREST_REVENUE,
        Kind.EXPENDITURE_CITY: Kind.INTEREST_REVENUE,
        Kind.EXPENDITURE_COUNTY: Kind.INTEREST_REVENUE,
        Kind.ASSISTANCE_DEPOSIT: Kind.ASSISTANCE_BALANCE,
        Kind.ADJUSTMENT_DEPOSIT: Kind.ADJUSTMENT_FUND,
    },
    Reason.OPENING_BALANCE: {
        Kind.TREASURY_IN_TRANSIT: Kind.POOLED_FUND,
        Kind.SPECIAL_FISCAL: Kind.POOLED_FUND,
        Kind.EXPENDITURE_CITY: Kind.POOLED_FUND,
        Kind.EXPENDITURE_COUNTY: Kind.POOLED_FUND,
        Kind.ASSISTANCE_DEPOSIT: Kind.ASSISTANCE_BALANCE,
        Kind.ADJUSTMENT_DEPOSIT: Kind.ADJUSTMENT_FUND,
        Kind.RISK_RESERVE: Kind.ADJUSTMENT_DEPOSIT,
        Kind.RECEIVABLE_CENTRAL: Kind.SUBSIDIES_DUE,
        Kind.RECEIVABLE_PROVINCIAL: Kind.SUBSIDIES_DUE,
        Kind.RECEIVABLE_CITY: Kind.SUBSIDIES_DUE,
        Kind.RECEIVABLE_COUNTY: Kind.SUBSIDIES_DUE,
    },
}
HELD = tuple(dict.fromkeys(kind for kinds in HOLDINGS.values() for kind in kinds))


class FundMovement(Case):
    """One move of money: for what, of which fund, on which day, by which document.

    The case stands in the area whose books it moves; the use of the risk reserve stands in the
    province and names the city that receives. The amount is the case's, in yuan; the close of a
    year has none, and keeps what it carries.
    """

    class Event(models.TextChoices):
        """川办发〔2023〕38号 二（四）: 重大疫情、重大自然灾害等突发事件."""

        EPIDEMIC = "epidemic", _("major epidemic")
        DISASTER = "disaster", _("major natural disaster")
        OTHER = "other", _("other sudden event")

    purpose = models.CharField(
        _("purpose"), max_length=40, choices=[(each.value, each.label) for each in PURPOSES]
    )
    scheme = models.SmallIntegerField(_("scheme"), choices=Person.Scheme.choices)
    occurred_on = models.DateField(
        _("occurred on"), help_text=_("The day of the voucher: it decides month and year.")
    )
    document = models.CharField(_("document number"), max_length=128)
    level = models.CharField(
        _("level of government"),
        max_length=16,
        choices=Level.choices,
        blank=True,
        default="",
        help_text=_("For fiscal subsidies."),
    )
    holding = models.CharField(
        _("which account"),
        max_length=32,
        choices=[(each.value, each.label) for each in HELD],
        blank=True,
        default="",
        help_text=_("For benefits, interest and opening balances."),
    )
    receiver = models.ForeignKey(
        Region,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # nobody looks for movements by it
        related_name="+",
        verbose_name=_("city that receives"),
        help_text=_("For the use of the risk reserve."),
    )
    event = models.CharField(
        _("event"),
        max_length=16,
        choices=Event.choices,
        blank=True,
        default="",
        help_text=_("For the use of the risk reserve."),
    )
    evidence = models.CharField(
        _("event or violation, with its document"),
        max_length=255,
        blank=True,
        default="",
        help_text=_("For the use of the risk reserve and for losses from violations."),
    )
    revenue = models.DecimalField(
        _("revenue of the year"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    expenditure = models.DecimalField(
        _("expenditure of the year"), max_digits=18, decimal_places=2, null=True, blank=True
    )

    class Meta:
        db_table = "fund_movement"
        verbose_name = _("fund movement")
        verbose_name_plural = _("fund movements")
        constraints = [
            models.CheckConstraint(
                name="a_movement_has_a_purpose_of_the_list",
                condition=Q(purpose__in=[each.value for each in PURPOSES]),
            ),
            models.CheckConstraint(name="a_movement_names_its_document", condition=~Q(document="")),
            models.CheckConstraint(
                name="a_subsidy_and_no_other_move_has_a_level",
                condition=(Q(purpose__in=OF_A_LEVEL) & ~Q(level=""))
                | (~Q(purpose__in=OF_A_LEVEL) & Q(level="")),
            ),
            models.CheckConstraint(
                name="a_move_that_leaves_it_open_names_its_account",
                condition=(Q(purpose__in=list(HOLDINGS)) & ~Q(holding=""))
                | (~Q(purpose__in=list(HOLDINGS)) & Q(holding="")),
            ),
            models.CheckConstraint(
                name="the_reserve_goes_to_a_city_for_an_event",
                condition=(
                    Q(purpose=Reason.RESERVE_USED, receiver__isnull=False)
                    & ~Q(event="")
                    & ~Q(evidence="")
                )
                | (~Q(purpose=Reason.RESERVE_USED) & Q(receiver=None, event="")),
            ),
            models.CheckConstraint(
                name="a_violation_is_named",
                condition=~Q(purpose=Reason.VIOLATION_FOUND) | ~Q(evidence=""),
            ),
            models.CheckConstraint(
                name="assistance_is_for_residents",
                condition=~Q(purpose__in=RESIDENTS_ONLY) | Q(scheme=Person.Scheme.RESIDENT),
            ),
            models.CheckConstraint(
                name="a_year_is_closed_on_its_last_day_with_its_figures",
                condition=(
                    Q(
                        purpose=Reason.YEAR_CLOSED,
                        occurred_on__month=12,
                        occurred_on__day=31,
                        revenue__isnull=False,
                        expenditure__isnull=False,
                    )
                )
                | (~Q(purpose=Reason.YEAR_CLOSED) & Q(revenue=None, expenditure=None)),
            ),
        ]
