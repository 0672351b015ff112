"""What the collection of a year adds up to, so that no page reads the register.

Triggers of the register append differences, a task folds them into one row a key
(`services.collection.fold`): several rows may bear a key, and their sum is exact at every moment.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from enrollment.models.person import Category
from enrollment.models.push import county
from enrollment.models.year import StepShard


class CollectionTotal(models.Model):
    """Bills of residents of one benefit year by township and category. Money is yuan.

    A bill stands unless it ended before the year began; `insured` are those that stand and are paid
    in full (`is_insured` in enrollment/sql/database/). Subsidy, payable and paid are of bills
    that stand.
    """

    year = models.SmallIntegerField(_("benefit year"))
    region = models.BigIntegerField(_("township"))
    county = county()
    category = models.CharField(_("category"), max_length=32, blank=True, choices=Category.choices)
    billed = models.IntegerField(_("billed"))
    ended = models.IntegerField(_("ended before the year"))
    insured = models.IntegerField(_("paid in full"))
    subsidised = models.IntegerField(_("subsidised"))
    subsidised_insured = models.IntegerField(_("subsidised and paid in full"))
    subsidy = models.DecimalField(_("subsidy"), max_digits=18, decimal_places=2)
    payable = models.DecimalField(_("payable"), max_digits=18, decimal_places=2)
    paid = models.DecimalField(_("paid"), max_digits=18, decimal_places=2)

    class Meta:
        db_table = "collection_total"
        verbose_name = _("collection of a township")
        verbose_name_plural = _("collection by township")
        # A page reads the townships of an area from the index alone, as dense as they come.
        indexes = [
            models.Index(
                fields=["year", "region"],
                include=[
                    "county", "category", "billed", "ended", "insured", "subsidised",
                    "subsidised_insured", "subsidy", "payable", "paid",
                ],
                name="collection_total_by_area",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.year} {self.region}"


class CollectionDay(models.Model):
    """The same by county and by the day of the payment; without one, who had nothing to pay."""

    year = models.SmallIntegerField(_("benefit year"))
    county = models.IntegerField(_("county"))
    day = models.DateField(_("day"), null=True, blank=True)
    insured = models.IntegerField(_("paid in full"))
    subsidised_insured = models.IntegerField(_("subsidised and paid in full"))
    paid = models.DecimalField(_("paid"), max_digits=18, decimal_places=2)

    class Meta:
        db_table = "collection_day"
        verbose_name = _("collection of a day")
        verbose_name_plural = _("collection by day")
        # By day first: a page reads last year's season up to its close and not the days after it,
        # which grow with the people.
        indexes = [
            models.Index(
                fields=["year", "day", "county"],
                include=["insured", "subsidised_insured", "paid"],
                name="collection_day_by_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.county} {self.day}"


class PeopleTotal(models.Model):
    """People on file who live, by township: those who should be insured, and members at work.

    `habitual` and `hukou` are by where people live and where they are registered, `employees` and
    `residents` by where they are insured, of those who have not left.
    """

    region = models.BigIntegerField(_("township"))
    county = county()
    habitual = models.IntegerField(_("habitual residents"))
    hukou = models.IntegerField(_("registered households"))
    employees = models.IntegerField(_("members of the employee scheme"))
    residents = models.IntegerField(_("registered residents"))

    class Meta:
        db_table = "people_total"
        verbose_name = _("people of a township")
        verbose_name_plural = _("people by township")
        indexes = [models.Index(fields=["region"], name="people_total_by_area")]

    def __str__(self) -> str:
        return f"{self.region}"


class OpenedTotal(models.Model):
    """What a slice of `open` billed, by township and category: summed when its year is attached.

    `free` have nothing to pay.
    """

    shard = models.ForeignKey(
        StepShard, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    region = models.BigIntegerField(_("township"))
    category = models.CharField(_("category"), max_length=32, blank=True, choices=Category.choices)
    billed = models.IntegerField(_("billed"))
    subsidised = models.IntegerField(_("subsidised"))
    free = models.IntegerField(_("nothing to pay"))
    subsidy = models.DecimalField(_("subsidy"), max_digits=18, decimal_places=2)
    payable = models.DecimalField(_("payable"), max_digits=18, decimal_places=2)

    class Meta:
        db_table = "opened_total"
        verbose_name = _("bills of a slice")
        verbose_name_plural = _("bills of slices")

    def __str__(self) -> str:
        return f"{self.shard_id} {self.region}"
