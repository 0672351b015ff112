"""Files that came in: what was sent, when, and what became of each line."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Import(models.Model):
    """One file of one kind, recognised by its digest; a second arrival changes nothing.

    A file that came by the command is received, checked and applied in one go. One that came by a
    screen waits in between: for the job that checks it, for the person who confirms what the check
    found, for the job that applies it. Its states move by a table that the database keeps
    (`imports_move_by_the_table` in enrollment/sql/database/).
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        CHECKED = "checked", _("checked (dry run)")
        APPLYING = "applying", _("being applied")
        APPLIED = "applied", _("applied")
        REFUSED = "refused", _("refused")
        CANCELLED = "cancelled", _("cancelled")
        UNDO_ASKED = "undo_asked", _("to be taken back")
        UNDOING = "undoing", _("being taken back")
        UNDONE = "undone", _("taken back")

    # States in which a worker has something to do, and in which the file has reached the register.
    AT_WORK = (State.RECEIVED, State.APPLYING, State.UNDOING)
    IN_FORCE = (State.APPLIED, State.UNDO_ASKED, State.UNDOING, State.UNDONE)
    UNDECIDED = (State.RECEIVED, State.CHECKED, State.APPLYING)

    kind = models.CharField(_("kind"), max_length=32)
    file_name = models.CharField(_("file name"), max_length=255)
    digest = models.CharField(_("SHA-256"), max_length=64)
    area = models.BigIntegerField(_("area"), null=True, blank=True)
    header = models.JSONField(_("header as it came"), default=list, blank=True)
    sheet = models.CharField(_("sheet"), max_length=64, blank=True, db_default="", default="")
    state = models.CharField(
        _("state"), max_length=16, choices=State.choices, default=State.RECEIVED
    )
    refused_for = models.CharField(
        _("name of the refusal"), max_length=32, blank=True, db_default="", default=""
    )
    refusal = models.TextField(_("reason of refusal"), blank=True)
    lines_read = models.IntegerField(_("lines read"), default=0)
    inserted = models.IntegerField(_("inserted"), default=0)
    updated = models.IntegerField(_("updated"), default=0)
    unchanged = models.IntegerField(_("unchanged"), default=0)
    rejected = models.IntegerField(_("rejected"), default=0)
    errors = models.JSONField(_("first refused lines"), default=list, blank=True)
    # of kinds that tell it: rows of event, outcome, lines
    summary = models.JSONField(_("lines by event and outcome"), default=list, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sent by"),
    )
    received_at = models.DateTimeField(_("received at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    # Of a file that came by a screen alone.
    by_screen = models.BooleanField(_("came by a screen"), default=False, db_default=False)
    size = models.IntegerField(_("size in bytes"), null=True, blank=True)
    needs_second = models.BooleanField(
        _("another person confirms"), default=False, db_default=False
    )
    previews = models.SmallIntegerField(_("times checked"), default=0, db_default=0)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,  # nobody looks for what an account confirmed
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    attempts = models.SmallIntegerField(_("attempts of the job"), default=0, db_default=0)
    queued_at = models.DateTimeField(_("queued at"), null=True, blank=True)
    phase = models.CharField(_("phase"), max_length=16, blank=True, default="", db_default="")
    lines_done = models.IntegerField(_("lines read so far"), default=0, db_default=0)
    lines_expected = models.IntegerField(_("lines expected"), default=0, db_default=0)

    # Taking back what was applied: asked for by one person with a reason, confirmed by another.
    undo_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("to be taken back, says"),
    )
    undo_reason = models.CharField(
        _("why it is taken back"), max_length=255, blank=True, default="", db_default=""
    )
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("taken back by"),
    )
    taken_back = models.IntegerField(_("rows taken back"), default=0, db_default=0)
    kept = models.IntegerField(_("rows kept, changed since"), default=0, db_default=0)

    class Meta:
        db_table = "import"
        ordering = ["-id"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        permissions = [("confirm_import", _("Can confirm a file that another person sent"))]
        constraints = [
            # Twice the same file, two clicks, a form sent again: it waits once.
            models.UniqueConstraint(
                name="a_file_waits_once",
                fields=["kind", "area", "digest"],
                condition=Q(by_screen=True, state__in=["received", "checked", "applying"]),
            ),
            models.CheckConstraint(
                name="who_sent_a_file_does_not_confirm_it",
                condition=Q(needs_second=False)
                | Q(confirmed_by=None)
                | ~Q(confirmed_by=F("sent_by")),
            ),
            models.CheckConstraint(
                name="who_asks_to_take_a_file_back_does_not_confirm_it",
                condition=Q(undone_by=None)
                | (Q(undo_asked_by__isnull=False) & ~Q(undone_by=F("undo_asked_by"))),
            ),
            models.CheckConstraint(
                name="a_file_is_taken_back_for_a_reason",
                condition=~Q(state__in=["undo_asked", "undoing", "undone"])
                | (Q(undo_asked_by__isnull=False) & ~Q(undo_reason="")),
            ),
            models.CheckConstraint(
                name="a_file_of_a_screen_is_applied_once_confirmed",
                condition=Q(by_screen=False)
                | ~Q(state__in=["applying", "applied"])
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_file_of_a_screen_has_a_sender_an_area_and_a_size",
                condition=Q(by_screen=False)
                | Q(sent_by__isnull=False, area__isnull=False, size__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"

    @property
    def region_id(self) -> int:
        """Where the file belongs, for the question whose duty reaches it."""
        return self.area or settings.PROVINCE


class ImportPart(models.Model):
    """A piece of a file that came by a screen, sealed; gone once the file is decided about.

    The web only adds pieces and cannot read them; the database removes them itself
    (docs/adr/0027-files-of-imports.md).
    """

    source = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="parts")
    number = models.SmallIntegerField()
    content = models.BinaryField()

    class Meta:
        db_table = "import_part"
        ordering = ["source", "number"]
        verbose_name = _("piece of a file")
        verbose_name_plural = _("pieces of files")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "number"], name="a_piece_stands_once_in_a_file"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}:{self.number}"


class ImportReject(models.Model):
    """A line that was refused, kept as it came so that it can be corrected and sent again."""

    source = models.ForeignKey(
        Import, on_delete=models.PROTECT, related_name="rejects", verbose_name=_("import")
    )
    line = models.IntegerField(_("line"))
    column = models.CharField(_("column"), max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    sealed_cells = models.BinaryField(_("cells as they came, sealed"))

    class Meta:
        db_table = "import_reject"
        ordering = ["source", "line"]
        verbose_name = _("rejected line")
        verbose_name_plural = _("rejected lines")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "line"], name="line_of_an_import_is_rejected_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}:{self.line}"


class ImportEffect(models.Model):
    """A row of the register that an import wrote, before and after, so that it can be taken back.

    `outcome` says what became of it then: taken back, or kept because it says something else since.
    """

    class Outcome(models.TextChoices):
        UNDONE = "undone", _("taken back")
        KEPT = "kept", _("kept, changed since")

    source = models.ForeignKey(
        Import, on_delete=models.PROTECT, related_name="effects", verbose_name=_("import")
    )
    table_name = models.CharField(
        _("table"), max_length=32, db_default="person_category", default="person_category"
    )
    row_id = models.BigIntegerField(_("row"))
    # whose rows are taken back together or not at all
    person_id = models.BigIntegerField(_("person"), null=True, blank=True)
    was = models.JSONField(_("before"), null=True, blank=True)
    became = models.JSONField(_("after"))
    outcome = models.CharField(
        _("outcome"), max_length=8, choices=Outcome.choices, blank=True, default="", db_default=""
    )

    class Meta:
        db_table = "import_effect"
        ordering = ["source", "row_id"]
        verbose_name = _("row that an import wrote")
        verbose_name_plural = _("rows that imports wrote")
        constraints = [
            # As an index: it takes the place of one that knew a single table.
            models.UniqueConstraint(
                F("source"),
                F("table_name"),
                F("row_id"),
                name="an_import_writes_a_row_of_a_table_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}:{self.row_id}"


class ImportAnswer(models.Model):
    """What became of one line of a list whose sender wants to know: exactly one outcome a line.

    The cells of a line that was taken are kept sealed here, those of a refused one with the refusal
    (ImportReject); together they go back as the feedback file.
    """

    class Outcome(models.TextChoices):
        APPLIED = "applied", _("taken over")
        KNOWN = "known", _("known before")
        CASE = "case", _("queued for a case")
        UNMATCHED = "unmatched", _("nobody with this number")
        NAME_DIFFERS = "name_differs", _("the name differs")
        REFUSED = "refused", _("sent back")

    source = models.ForeignKey(
        Import, on_delete=models.PROTECT, related_name="answers", verbose_name=_("import")
    )
    line = models.IntegerField(_("line"))
    event = models.CharField(_("event"), max_length=20, blank=True)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome.choices)
    sealed_cells = models.BinaryField(_("cells as they came, sealed"), null=True)

    class Meta:
        db_table = "import_answer"
        ordering = ["source", "line"]
        verbose_name = _("answer to a line")
        verbose_name_plural = _("answers to lines")
        constraints = [
            models.UniqueConstraint(fields=["source", "line"], name="a_line_has_one_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}:{self.line} {self.outcome}"
