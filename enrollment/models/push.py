"""Who is pushed to pay or to join (催缴), by whom, and what came back: rows that `chase` makes.

皖医保发〔2024〕6号 二（三）: lists of the uninsured go down to cities, counties, townships and
villages; where somebody lives apart from their register both areas share the work.
"""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext_lazy as _

from enrollment.models.identity import unseal
from enrollment.models.imports import Import
from enrollment.models.person import Person
from enrollment.models.year import YearStep

# Answers that report a fact of the register: they change nothing there and are followed up.
REPORTED_FACTS = (
    "employee",
    "insured_elsewhere",
    "other_cover",
    "moved_away",
    "deceased",
    "cannot_afford",
)


def county() -> models.GeneratedField:
    """The six-digit county of `region`, by which indexes and row security know a row."""
    return models.GeneratedField(
        expression=Cast(F("region") / 10**6, models.IntegerField()),
        output_field=models.IntegerField(),
        db_persist=True,
    )


class StepDeadline(models.Model):
    """Until when a pooling area answers a round: what the law said on the day of the step."""

    step = models.ForeignKey(YearStep, on_delete=models.PROTECT, related_name="deadlines")
    area = models.BigIntegerField(_("area"))
    due_on = models.DateField(_("answers due on"))
    sources = models.JSONField(_("sources"), default=dict)

    class Meta:
        db_table = "step_deadline"
        verbose_name = _("deadline of a round")
        verbose_name_plural = _("deadlines of rounds")
        constraints = [
            models.UniqueConstraint(
                fields=["step", "area"], name="a_round_has_a_deadline_once_an_area"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area} {self.due_on}"


class Push(models.Model):
    """Somebody on the list of an area in one round: a run of the step `chase`.

    A person stands once on the list of the registered area and once on that of the habitual area,
    or once where the two are the same. Name, mask and year of birth are those of the day, because
    the second area has no sight of the file. Whether somebody has paid since is never kept here:
    it follows from the bill (`pushes_in` in enrollment/sql/database/). `owed` is yuan.
    """

    class Kind(models.TextChoices):
        UNPAID = "unpaid", _("unpaid")
        UNINSURED = "uninsured", _("insured nowhere")

    class Side(models.TextChoices):
        ONE = "one", _("registered and habitual area")
        HOUSEHOLD = "household", _("registered area")
        RESIDENCE = "residence", _("habitual area")
        INSURED = "insured", _("place of insurance")

    class Result(models.TextChoices):
        """What the field answers; which of them may be used on a day says `chase.results`."""

        WILL_PAY = "will_pay", _("will pay")
        PAID = "paid", _("says it is paid")
        EMPLOYEE = "employee", _("in the employee scheme elsewhere")
        INSURED_ELSEWHERE = "insured_elsewhere", _("insured as a resident elsewhere")
        OTHER_COVER = "other_cover", _("other statutory cover")
        MOVED_AWAY = "moved_away", _("moved away")
        DECEASED = "deceased", _("deceased")
        CANNOT_AFFORD = "cannot_afford", _("cannot afford it")
        UNREACHABLE = "unreachable", _("cannot be reached")
        REFUSES = "refuses", _("refuses")

    step = models.ForeignKey(
        YearStep,
        on_delete=models.PROTECT,
        db_constraint=False,  # made by the step itself, millions at once; `verify` compares
        db_index=False,  # push_by_area serves
        related_name="+",
        verbose_name=_("round"),
    )
    year = models.SmallIntegerField(_("benefit year"))
    pushed_on = models.DateField(_("pushed on"))
    due_on = models.DateField(_("answers due on"))
    person = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        db_constraint=False,  # taken from the register by the step; nobody deletes there
        db_index=False,  # somebody_is_listed_once_a_round_and_side serves
        related_name="+",
        verbose_name=_("person"),
    )
    region = models.BigIntegerField(_("list of"))
    county = county()
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    side = models.CharField(_("area is"), max_length=16, choices=Side.choices)
    owed = models.DecimalField(_("owed (yuan)"), max_digits=10, decimal_places=2)
    name = models.CharField(_("name"), max_length=64, db_collation="C")
    id_mask = models.CharField(_("identity number"), max_length=32)
    birth_year = models.SmallIntegerField(_("year of birth"))
    shard = models.BigIntegerField(_("made by shard"), editable=False)
    result = models.CharField(_("result"), max_length=32, blank=True, db_default="")
    told_on = models.DateField(_("told on"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=255, blank=True, db_default="")
    told_by = models.ForeignKey(
        Import,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # nobody asks what a file answered; the file counts it
        related_name="+",
        verbose_name=_("told by file"),
    )

    class Meta:
        db_table = "push"
        verbose_name = _("push")
        verbose_name_plural = _("pushes")
        permissions = [
            ("export_push", _("Can export lists of the unpaid and uninsured, masked")),
            ("export_push_numbers", _("Can export them with full numbers and phones")),
        ]
        constraints = [
            # also how a payment finds the pushes of its person
            models.UniqueConstraint(
                fields=["person", "step", "side"], name="somebody_is_listed_once_a_round_and_side"
            ),
            models.CheckConstraint(
                name="an_answer_has_a_code_and_a_day",
                condition=Q(result="", told_on=None, note="", told_by=None)
                | (~Q(result="") & Q(told_on__isnull=False, told_on__gte=F("pushed_on"))),
            ),
            models.CheckConstraint(
                name="only_a_bill_is_owed",
                condition=Q(kind="unpaid", owed__gt=0) | Q(kind="uninsured", owed=0),
            ),
        ]
        indexes = [
            # The list of an area in the order of villages, by key.
            models.Index(fields=["step", "region", "id"], name="push_by_area"),
            # What a year's answers leave to follow up, in the same order.
            models.Index(
                fields=["year", "region", "id"],
                name="push_to_follow",
                condition=Q(result__in=REPORTED_FACTS),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step_id} {self.name}"

    @property
    def result_word(self) -> str:
        """The answer in words; a code of somebody's own stands for itself."""
        known = self.result in self.Result.values
        return str(self.Result(self.result).label) if known else self.result


class PushTotal(models.Model):
    """Pushes of a round by township: what pages read in place of the lists.

    Triggers append differences, a task folds them into one row a key (`fold_pushes`): several rows
    may bear a key, and their sum is exact at every moment. `paid` are those whose bill is paid up.
    """

    step = models.ForeignKey(
        YearStep, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    region = models.BigIntegerField(_("township"))
    county = county()
    kind = models.CharField(_("kind"), max_length=16, choices=Push.Kind.choices)
    side = models.CharField(_("area is"), max_length=16, choices=Push.Side.choices)
    pushed = models.IntegerField(_("pushed"))
    answered = models.IntegerField(_("answered"))
    paid = models.IntegerField(_("paid since"))

    class Meta:
        db_table = "push_total"
        verbose_name = _("pushes of a township")
        verbose_name_plural = _("pushes by township")
        # A page reads the townships of an area from the index alone.
        indexes = [
            models.Index(
                fields=["step", "region"],
                include=["county", "kind", "side", "pushed", "answered", "paid"],
                name="push_total_by_area",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step_id} {self.region}"


class PushDay(models.Model):
    """Pushes of a round by county and day: on which day they were pushed, answered and paid.

    Differences, as in `PushTotal`. A payment counts on its own day, one from before the push on the
    day of the push.
    """

    step = models.ForeignKey(
        YearStep, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    county = models.IntegerField(_("county"))
    day = models.DateField(_("day"))
    pushed = models.IntegerField(_("pushed"))
    answered = models.IntegerField(_("answered"))
    paid = models.IntegerField(_("paid since"))

    class Meta:
        db_table = "push_day"
        verbose_name = _("pushes of a day")
        verbose_name_plural = _("pushes by day")
        indexes = [models.Index(fields=["step", "county", "day"], name="push_day_by_county")]

    def __str__(self) -> str:
        return f"{self.step_id} {self.day} {self.county}"


class GridWorker(models.Model):
    """Whose work a township or a village is (网格员), from when to when.

    皖医保发〔2024〕6号 二（三）. One at a time an area; a village without one is its township's.
    """

    region = models.BigIntegerField(
        _("township or village"), help_text=_("Nine digits of a township, twelve of a village.")
    )
    county = county()
    name = models.CharField(_("name"), max_length=64)
    contact_sealed = models.BinaryField(_("phone, sealed"), null=True, blank=True, editable=False)
    valid = DateRangeField(_("days"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("entered by"),
    )
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())

    class Meta:
        db_table = "grid_worker"
        verbose_name = _("grid worker")
        verbose_name_plural = _("grid workers")
        constraints = [
            ExclusionConstraint(
                name="an_area_has_one_grid_worker_at_a_time",
                expressions=[
                    ("region", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="grid_workers_serve_townships_and_villages",
                condition=Q(region__gte=10**11, region__lt=10**12)
                & ~Q(region=F("region") / 10**6 * 10**6),
            ),
            models.CheckConstraint(
                name="grid_worker_serves_on_some_day", condition=~Q(valid__isempty=True)
            ),
        ]
        indexes = [models.Index(fields=["county", "id"], name="grid_worker_county")]

    def __str__(self) -> str:
        return self.name

    @property
    def region_id(self) -> int:
        """Where a duty must reach to touch it."""
        return self.region

    @property
    def contact(self) -> str:
        """The phone in clear, empty where none is known."""
        return unseal(bytes(self.contact_sealed)) if self.contact_sealed else ""


__all__ = ["REPORTED_FACTS", "GridWorker", "Push", "PushDay", "PushTotal", "StepDeadline"]
