"""The run ledger: what was done to everyone, by whom, when, with which result.

A shard's work and its mark commit together, so the ledger is the truth about progress; the
broker only carries keys into it (docs/adr/0007-shards-exactly-once.md).
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from enrollment.models.region import Region


class YearRun(models.Model):
    """A benefit year of a province, for real or as a rehearsal of one step."""

    class Mode(models.TextChoices):
        REAL = "real", _("real")
        REHEARSAL = "rehearsal", _("rehearsal")

    year = models.SmallIntegerField(_("benefit year"))
    province = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("province")
    )
    mode = models.CharField(_("mode"), max_length=16, choices=Mode.choices)
    from_history = models.BooleanField(
        _("came by history files"),
        default=False,
        help_text=_("A year that came by history counts as closed and activated."),
    )
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    activated_on = models.DateField(_("activated on"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        db_table = "year_run"
        ordering = ["-year", "-id"]
        verbose_name = _("yearly run")
        verbose_name_plural = _("yearly runs")
        permissions = [
            ("sign_rehearsal", _("Can sign a rehearsal")),
            ("steer_run", _("Can start, pause, resume and retry yearly steps")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "province"],
                condition=Q(mode="real"),
                name="a_province_turns_a_year_once",
            ),
            models.CheckConstraint(
                name="a_year_opens_closes_and_is_activated_in_order",
                condition=(Q(closed_on=None) | Q(closed_on__gte=F("opened_on")))
                & (Q(activated_on=None) | Q(activated_on__gte=F("closed_on"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}"

    @property
    def is_rehearsal(self) -> bool:
        """Whether its steps only compute."""
        return self.mode == self.Mode.REHEARSAL


class YearStep(models.Model):
    """One step of a run: its day, its terms, its state and, once done, its digest.

    A real step may follow a rehearsed one (`rehearsed`) that somebody signed; then each shard
    must come out as it did in the rehearsal, or the step stops by name.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        FAILED = "failed", _("failed")
        REFUSED = "refused", _("refused")
        DONE = "done", _("done")

    run = models.ForeignKey(
        YearRun, on_delete=models.PROTECT, related_name="steps", verbose_name=_("run")
    )
    name = models.CharField(_("step"), max_length=32)
    serial = models.SmallIntegerField(
        _("serial"), default=1, help_text=_("Daily steps run many times in a year.")
    )
    area = models.BigIntegerField(_("area"), null=True, blank=True)
    on = models.DateField(_("business date"))
    state = models.CharField(
        _("state"), max_length=16, choices=State.choices, default=State.RUNNING
    )
    refusal = models.TextField(_("reason"), blank=True)
    table_name = models.CharField(_("table"), max_length=63, blank=True)
    terms_digest = models.CharField(_("digest of the terms"), max_length=64, blank=True)
    sql_digest = models.CharField(_("digest of the SQL"), max_length=64, blank=True)
    digest = models.CharField(_("digest of the report"), max_length=64, blank=True)
    last_change = models.BigIntegerField(_("changes seen up to"), default=0)
    rehearsed = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="executions",
        verbose_name=_("rehearsal"),
    )
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("signed by"),
    )
    signed_at = models.DateTimeField(_("signed at"), null=True, blank=True)
    started_by = models.CharField(_("started by"), max_length=64, blank=True)
    started_at = models.DateTimeField(_("started at"), db_default=Now())
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        db_table = "year_step"
        ordering = ["id"]
        verbose_name = _("yearly step")
        verbose_name_plural = _("yearly steps")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "name", "serial"], name="a_step_of_a_run_happens_once"
            ),
            models.CheckConstraint(
                name="done_step_has_finished_with_a_digest",
                condition=~Q(state="done") | (Q(finished_at__isnull=False) & ~Q(digest="")),
            ),
            models.CheckConstraint(
                name="signature_has_a_day",
                condition=Q(signed_by=None) | Q(signed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.serial}"


class StepShard(models.Model):
    """A piece of a step: a slice of person ids, or one longer piece of the whole year.

    `phase` orders the pieces: all of a phase are done before one of the next begins.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        RETRY = "retry", _("will be tried again")
        FAILED = "failed", _("failed")
        DONE = "done", _("done")

    step = models.ForeignKey(
        YearStep, on_delete=models.PROTECT, related_name="shards", verbose_name=_("step")
    )
    phase = models.SmallIntegerField(_("phase"))
    number = models.IntegerField(_("number"))
    work = models.CharField(_("work"), max_length=32)
    first_person = models.BigIntegerField(_("first person"), default=0)
    last_person = models.BigIntegerField(_("last person"), default=0)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.QUEUED)
    attempts = models.IntegerField(_("attempts"), default=0)
    worker = models.CharField(_("worker"), max_length=100, blank=True)
    queued_at = models.DateTimeField(_("queued at"), null=True, blank=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    rows = models.BigIntegerField(_("rows"), default=0)
    error = models.TextField(_("last error"), blank=True)

    class Meta:
        db_table = "step_shard"
        ordering = ["step", "phase", "number"]
        verbose_name = _("shard")
        verbose_name_plural = _("shards")
        constraints = [
            models.UniqueConstraint(
                fields=["step", "phase", "number"], name="a_shard_of_a_step_exists_once"
            ),
            models.CheckConstraint(
                name="done_shard_has_finished",
                condition=~Q(state="done") | Q(finished_at__isnull=False),
            ),
        ]
        indexes = [
            # What the sweep and the monitor look for; done shards are most of them.
            models.Index(fields=["step", "state"], name="step_shard_state"),
        ]

    def __str__(self) -> str:
        return f"{self.work} {self.number}"


class CountedItem(models.Model):
    """What a step counted of a county and item. Amounts are yuan.

    `item` is what the step counts by: category, funder, outcome or reason. `output_hash` is the
    exclusive or of a hash of every row counted, whatever their order.
    """

    county = models.IntegerField(_("county"))
    item = models.CharField(_("item"), max_length=40)
    persons = models.BigIntegerField(_("persons"))
    standard = models.DecimalField(max_digits=18, decimal_places=2, db_default=0)
    subsidy = models.DecimalField(max_digits=18, decimal_places=2, db_default=0)
    payable = models.DecimalField(max_digits=18, decimal_places=2, db_default=0)
    paid = models.DecimalField(max_digits=18, decimal_places=2, db_default=0)
    output_hash = models.BigIntegerField(_("hash of the output"), db_default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.county} {self.item}"


class ShardTotal(CountedItem):
    """Control totals of a shard by county and item; appended with its mark, never upserted."""

    shard = models.ForeignKey(StepShard, on_delete=models.PROTECT, related_name="totals")

    class Meta:
        db_table = "shard_total"
        verbose_name = _("control total")
        verbose_name_plural = _("control totals")
        constraints = [
            models.UniqueConstraint(
                fields=["shard", "county", "item"], name="a_shard_counts_an_item_once"
            ),
        ]


class StepTotal(CountedItem):
    """Control totals of a whole step that is done: those of its shards added up, for pages.

    Appended by the database as the step is done (enrollment/sql/database/02_years.sql), so that
    what a page reads does not grow with the number of slices.
    """

    step = models.ForeignKey(YearStep, on_delete=models.PROTECT, related_name="totals")

    class Meta:
        db_table = "step_total"
        verbose_name = _("total of a step")
        verbose_name_plural = _("totals of steps")
        constraints = [
            models.UniqueConstraint(
                fields=["step", "county", "item"], name="a_step_counts_an_item_once"
            ),
        ]


class StepTerms(models.Model):
    """What a pooling area's law said on the day of the step, as the step's SQL reads it."""

    step = models.ForeignKey(YearStep, on_delete=models.PROTECT, related_name="terms")
    area = models.BigIntegerField(_("area"))
    standard = models.DecimalField(_("individual standard"), max_digits=10, decimal_places=2)
    fiscal = models.DecimalField(_("fiscal standard"), max_digits=10, decimal_places=2)
    window_first = models.DateField(_("first day of collection"))
    window_last = models.DateField(_("last day of collection"))
    sources = models.JSONField(
        _("sources"), default=dict, help_text=_("Parameter and status behind each value.")
    )

    class Meta:
        db_table = "step_terms"
        verbose_name = _("terms of a step")
        verbose_name_plural = _("terms of steps")
        constraints = [
            models.UniqueConstraint(fields=["step", "area"], name="a_step_has_terms_once_an_area"),
        ]

    def __str__(self) -> str:
        return f"{self.area}"


class StepQuota(models.Model):
    """The quota of a category in a pooling area on the day of the step, in yuan."""

    step = models.ForeignKey(YearStep, on_delete=models.PROTECT, related_name="quotas")
    area = models.BigIntegerField(_("area"))
    category = models.CharField(_("category"), max_length=32)
    amount = models.DecimalField(_("quota"), max_digits=10, decimal_places=2)
    sources = models.JSONField(_("sources"), default=dict)

    class Meta:
        db_table = "step_quota"
        verbose_name = _("quota of a step")
        verbose_name_plural = _("quotas of steps")
        constraints = [
            models.UniqueConstraint(
                fields=["step", "area", "category"], name="a_step_has_a_quota_once_a_category"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area} {self.category}"
