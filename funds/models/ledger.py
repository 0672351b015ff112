"""Append-only double entry. Only funds/posting.py writes here; the database proves every statement
and keeps the balances (funds/sql/database/)."""

from typing import TypeAlias

from django.db import models
from django.db.models import Case as Choose
from django.db.models import F, Func, Q, Value, When
from django.db.models.functions import Cast, Now, Round
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from enrollment.models import Case, Person, Region
from enrollment.rules.regions import CITY, COUNTY
from funds.models import chart

# The pooling area of an account, as `pooling_area` of the database has it: a county directly under
# the province (第三、四位 90) is its own. The province keeps a book of its own.
BOOK = Choose(
    When(
        Exact(F("area") / Value(CITY) % Value(100), Value(90)),
        then=F("area") / Value(COUNTY) * Value(COUNTY),
    ),
    default=F("area") / Value(CITY) * Value(CITY),
)
# Which transaction wrote a row: an entry takes no line from a later one.
THIS_TRANSACTION = Cast(
    Cast(Func(function="pg_current_xact_id"), models.TextField()), models.BigIntegerField()
)


class Account(models.Model):
    """An area's account of one scheme and kind: a pooling area's, a county's or the province's.

    `book` is the pooling area (or the province) in whose books it stands: each entry balances
    within each book. Opened by the first entry, never changed.
    """

    Kind: TypeAlias = chart.Kind

    area = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("area")
    )
    scheme = models.SmallIntegerField(_("scheme"), choices=Person.Scheme.choices)
    kind = models.CharField(_("kind"), max_length=32, choices=chart.Kind.choices)
    book = models.GeneratedField(
        verbose_name=_("book of"),
        expression=BOOK,
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    class Meta:
        db_table = "account"
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["area", "scheme", "kind"], name="an_area_has_each_account_once"
            ),
            models.CheckConstraint(
                name="account_kind_is_on_the_chart", condition=Q(kind__in=chart.Kind.values)
            ),
            models.CheckConstraint(
                name="account_is_of_one_scheme", condition=Q(scheme__in=Person.Scheme.values)
            ),
        ]
        indexes = [models.Index(fields=["book", "scheme"], name="account_by_book")]

    def __str__(self) -> str:
        return f"{self.area} {self.get_scheme_display()} {self.get_kind_display()}"


class Entry(models.Model):
    """A business fact in money: why, when it happened, when it was recorded, from what.

    What is behind it is a case, a shard of the step `post`, or the entry that it reverses.
    """

    Reason: TypeAlias = chart.Reason

    key = models.CharField(_("idempotency key"), max_length=100, unique=True)
    reason = models.CharField(_("reason"), max_length=40, choices=chart.Reason.choices)
    scheme = models.SmallIntegerField(
        _("scheme"), choices=Person.Scheme.choices, db_default=Person.Scheme.RESIDENT
    )
    occurred_on = models.DateField(_("occurred on"))
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())
    transaction = models.BigIntegerField(db_default=THIS_TRANSACTION, editable=False)
    case = models.ForeignKey(
        Case,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
        verbose_name=_("case"),
    )
    shard = models.BigIntegerField(_("posted by shard"), null=True, blank=True, editable=False)
    reverses = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
        verbose_name=_("reverses"),
    )

    class Meta:
        db_table = "entry"
        ordering = ["-id"]
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        constraints = [
            models.CheckConstraint(
                name="a_reversal_names_what_it_reverses",
                condition=Q(reason="reversal", reverses__isnull=False)
                | (~Q(reason="reversal") & Q(reverses=None)),
            ),
            models.CheckConstraint(
                name="entry_reason_is_on_the_list", condition=Q(reason__in=chart.Reason.values)
            ),
        ]
        indexes = [
            # What carries a year is no revenue of its own: asked by funds_at.
            models.Index(
                fields=["id"], condition=Q(reason="year_closed"), name="entry_that_closes_a_year"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Line(models.Model):
    """One side of an entry: a debit or a credit of one account, in yuan, never both.

    `day` is that of its entry, kept here for the statement of an account. The amounts have no scale
    in the database, so that what is finer than a cent is refused and not rounded.
    """

    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, related_name="lines", verbose_name=_("entry")
    )
    account = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        db_index=False,  # line_of_account serves
        related_name="lines",
        verbose_name=_("account"),
    )
    day = models.DateField(_("occurred on"), db_default=Cast(Now(), models.DateField()))
    debit = models.DecimalField(_("debit"), max_digits=18, decimal_places=2, db_default=0)
    credit = models.DecimalField(_("credit"), max_digits=18, decimal_places=2, db_default=0)

    class Meta:
        db_table = "entry_line"
        verbose_name = _("journal line")
        verbose_name_plural = _("journal lines")
        constraints = [
            models.CheckConstraint(
                name="a_line_is_a_debit_or_a_credit",
                condition=Q(debit__gt=0, credit=0) | Q(debit=0, credit__gt=0),
            ),
            models.CheckConstraint(
                name="a_line_is_in_whole_cents",
                condition=Q(
                    debit=Round(F("debit"), precision=2), credit=Round(F("credit"), precision=2)
                ),
            ),
        ]
        indexes = [
            # The statement of an account, by day.
            models.Index(fields=["account", "day", "id"], name="line_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.debit - self.credit}"


class AccountTotal(models.Model):
    """All that was posted to an account, in yuan. Written by the trigger of the lines alone.

    Its row is also the lock by which two who post to an account follow one another.
    """

    account = models.OneToOneField(
        Account, on_delete=models.PROTECT, primary_key=True, related_name="total"
    )
    debit = models.DecimalField(_("debit"), max_digits=20, decimal_places=2)
    credit = models.DecimalField(_("credit"), max_digits=20, decimal_places=2)

    class Meta:
        db_table = "account_total"
        verbose_name = _("total of an account")
        verbose_name_plural = _("totals of accounts")

    def __str__(self) -> str:
        return f"{self.account_id} {self.debit - self.credit}"


class AccountDay(models.Model):
    """What was posted to an account with a day, in yuan: the balance of any day is a sum of these.

    Written by the trigger of the lines alone (docs/adr names why).
    """

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, db_index=False, related_name="days"
    )
    day = models.DateField(_("day"))
    debit = models.DecimalField(_("debit"), max_digits=20, decimal_places=2)
    credit = models.DecimalField(_("credit"), max_digits=20, decimal_places=2)

    class Meta:
        db_table = "account_day"
        verbose_name = _("day of an account")
        verbose_name_plural = _("days of accounts")
        constraints = [
            models.UniqueConstraint(fields=["account", "day"], name="an_account_has_each_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.day}"
