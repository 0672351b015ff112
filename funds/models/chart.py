"""The chart of accounts, and for what money may move: closed lists, stated by the database.

Names follow 社会保险基金会计制度 (财会〔2017〕28号). Fiscal subsidies and awards stand as due in a
receivable with its counterpart, and become revenue when the money is there: the funds are kept on a
cash basis. The rows of both tables are written by funds/sql/database/; docs/adr tells why.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """Kinds of accounts. Their level, side and floor: AccountKind."""

    # Assets
    TREASURY_IN_TRANSIT = "treasury_in_transit", _("treasury in transit")
    SPECIAL_FISCAL = "special_fiscal", _("special fiscal account")
    EXPENDITURE_CITY = "expenditure_city", _("expenditure account of the city")
    EXPENDITURE_COUNTY = "expenditure_county", _("expenditure account of a county")
    ASSISTANCE_DEPOSIT = "assistance_deposit", _("medical assistance fund")
    ADJUSTMENT_DEPOSIT = "adjustment_deposit", _("provincial special fiscal account")
    RECEIVABLE_CENTRAL = "receivable_central", _("central subsidy due")
    RECEIVABLE_PROVINCIAL = "receivable_provincial", _("provincial subsidy due")
    RECEIVABLE_CITY = "receivable_city", _("city subsidy due")
    RECEIVABLE_COUNTY = "receivable_county", _("county subsidy due")
    RECEIVABLE_ASSISTANCE = "receivable_assistance", _("due from medical assistance")
    RECEIVABLE_SPONSORS = "receivable_sponsors", _("due from other subsidisers")
    RECEIVABLE_VIOLATION = "receivable_violation", _("losses that the government must cover")
    # Liabilities
    SUSPENSE = "suspense", _("money in suspense")
    REFUNDS_PAYABLE = "refunds_payable", _("refunds payable")
    SUBSIDIES_DUE = "subsidies_due", _("subsidies due, not received")
    # Net assets
    POOLED_FUND = "pooled_fund", _("balance of the pooled fund")
    ASSISTANCE_BALANCE = "assistance_balance", _("balance of medical assistance")
    ADJUSTMENT_FUND = "adjustment_fund", _("provincial adjustment fund")
    RISK_RESERVE = "risk_reserve", _("provincial risk reserve")
    # Revenue
    CONTRIBUTION_REVENUE = "contribution_revenue", _("contribution revenue")
    ASSISTANCE_CONTRIBUTIONS = "assistance_contributions", _("contributions by medical assistance")
    SPONSOR_CONTRIBUTIONS = "sponsor_contributions", _("contributions by other subsidisers")
    SUBSIDY_CENTRAL = "subsidy_central", _("central subsidy received")
    SUBSIDY_PROVINCIAL = "subsidy_provincial", _("provincial subsidy received")
    SUBSIDY_CITY = "subsidy_city", _("city subsidy received")
    SUBSIDY_COUNTY = "subsidy_county", _("county subsidy received")
    INTEREST_REVENUE = "interest_revenue", _("interest revenue")
    ALLOCATION_REVENUE = "allocation_revenue", _("allocations from the province")
    # Expenditure
    BENEFIT_EXPENDITURE = "benefit_expenditure", _("benefit expenditure")
    MAJOR_ILLNESS_EXPENDITURE = "major_illness_expenditure", _("major illness expenditure")
    LEVY_EXPENDITURE = "levy_expenditure", _("levies paid to the province")
    ASSISTANCE_EXPENDITURE = "assistance_expenditure", _("contributions paid by medical assistance")


class Reason(models.TextChoices):
    """For what money may move (专款专用): nothing else can be posted. The sides: ReasonSide."""

    OPENING_BALANCE = "opening_balance", _("opening balance")
    RECEIPTS = "receipts", _("tax receipts of an area and day")
    REPAIR_RECEIVED = "repair_received", _("gap repair payment received")
    SUSPENSE_CLEARED = "suspense_cleared", _("suspense cleared")
    CONTRIBUTION_REFUNDED = "contribution_refunded", _("contribution to be refunded")
    REFUND_PAID = "refund_paid", _("refund paid")
    TREASURY_PAID_OVER = "treasury_paid_over", _("treasury to special fiscal account")
    SUBSIDY_DUE = "subsidy_due", _("fiscal subsidy due")
    SUBSIDY_RECEIVED = "subsidy_received", _("fiscal subsidy received")
    CONTRIBUTION_AWARDED = "contribution_awarded", _("contributions awarded to people")
    ASSISTANCE_FUNDED = "assistance_funded", _("medical assistance funded")
    ASSISTANCE_PAID = "assistance_paid", _("medical assistance paid contributions")
    SPONSOR_PAID = "sponsor_paid", _("other subsidisers paid contributions")
    DRAWN = "drawn", _("special fiscal account to city")
    COUNTY_FUNDED = "county_funded", _("city to county")
    COUNTY_RETURNED = "county_returned", _("county back to city")
    BENEFIT_PAID = "benefit_paid", _("paid to provider or person")
    BENEFIT_RECOVERED = "benefit_recovered", _("benefit recovered")
    LEVY_PAID = "levy_paid", _("levy to the province")
    RESERVE_SET_ASIDE = "reserve_set_aside", _("risk reserve set aside")
    ALLOCATION_PAID = "allocation_paid", _("allocation from the province")
    GAP_SHARE_PAID = "gap_share_paid", _("provincial share of a gap")
    RESERVE_USED = "reserve_used", _("risk reserve used")
    INTEREST_RECEIVED = "interest_received", _("interest received")
    VIOLATION_FOUND = "violation_found", _("loss from a violation found")
    VIOLATION_COVERED = "violation_covered", _("loss covered by the government")
    YEAR_CLOSED = "year_closed", _("year closed")
    REVERSAL = "reversal", _("reversal")


class AccountKind(models.Model):
    """What the database knows of a kind: its element, normal side, level, and its floor."""

    class Element(models.TextChoices):
        ASSET = "asset", _("asset")
        LIABILITY = "liability", _("liability")
        NET_ASSET = "net_asset", _("net asset")
        REVENUE = "revenue", _("revenue")
        EXPENDITURE = "expenditure", _("expenditure")

    class Side(models.IntegerChoices):
        DEBIT = 1, _("debit")
        CREDIT = -1, _("credit")

    class Level(models.TextChoices):
        """Whose account it is: the code of its area must be of this level."""

        PROVINCE = "province", _("province")
        POOLING_AREA = "pooling_area", _("pooling area")
        COUNTY = "county", _("county")
        EITHER = "either", _("pooling area or province")  # money of which nobody knows the area

    kind = models.CharField(_("kind"), max_length=32, primary_key=True, choices=Kind.choices)
    position = models.SmallIntegerField(_("position"), unique=True)  # in a trial balance
    element = models.CharField(_("element"), max_length=16, choices=Element)
    side = models.SmallIntegerField(_("normal side"), choices=Side)
    may_be_negative = models.BooleanField(_("may stand on the other side"))
    level = models.CharField(_("level"), max_length=16, choices=Level)

    class Meta:
        db_table = "account_kind"
        ordering = ["position"]
        verbose_name = _("kind of account")
        verbose_name_plural = _("kinds of accounts")
        constraints = [
            # The trigger of the lines gathers the kinds of an entry in a number of 64 bits.
            models.CheckConstraint(
                name="a_position_is_a_bit", condition=Q(position__gte=0, position__lte=63)
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class ReasonSide(models.Model):
    """A kind of account that an entry of a reason may have a line on, and on which side."""

    class Side(models.IntegerChoices):
        DEBIT = 1, _("debit")
        EITHER = 0, _("either")
        CREDIT = -1, _("credit")

    reason = models.CharField(_("reason"), max_length=40, choices=Reason.choices)
    kind = models.CharField(_("kind"), max_length=32, choices=Kind.choices)
    side = models.SmallIntegerField(_("side"), choices=Side)

    class Meta:
        db_table = "reason_side"
        verbose_name = _("side of a reason")
        verbose_name_plural = _("sides of reasons")
        constraints = [
            models.UniqueConstraint(fields=["reason", "kind"], name="a_reason_names_a_kind_once"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.kind}"
