"""Findings (核查线索): what a list or a search found, that a caseworker has to decide.

A finding is no act: it changes nothing, and nobody made it. The act is the case that is opened
about it, by its own rules; until then it waits where its person is insured
(docs/adr: findings wait for a case).
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext_lazy as _

from enrollment.models.case import Case
from enrollment.models.imports import Import
from enrollment.models.person import Person
from enrollment.models.region import Region


class Finding(models.Model):
    """Somebody of whom something was found: what, since when, by which file; and what became of it.

    The same thing is found once, whether it waits, is taken up or was closed.
    """

    class Kind(models.TextChoices):
        MOVED = "moved", _("household moved away from the place of insurance")
        SWITCHED = "switched", _("began work where the area decides about a wait")
        EMPLOYED_TWICE = "employed_twice", _("began work while in the employee scheme elsewhere")
        IDENTITY = "identity", _("name or number was changed")
        TWO_FILES = "two_files", _("the new number has a file of its own")
        NEWBORN = "newborn", _("newborn, not registered")
        RETURNED = "returned", _("other cover ended")
        STUDENT = "student", _("student, not registered")
        PAID_AHEAD = "paid_ahead", _("paid for a year that will not begin")
        TWO_SCHEMES = "two_schemes", _("both schemes in the same months")
        TWO_AREAS = "two_areas", _("employee scheme of two areas in the same months")
        ONE_DIGIT_OFF = "one_digit_off", _("same name and birth date, number one digit off")
        CERTIFICATE = "certificate", _("birth certificate and identity number, one file each")
        OLD_NUMBER = "old_number", _("number of 15 and of 18 digits, one file each")

    class State(models.TextChoices):
        OPEN = "open", _("to be looked at")
        TAKEN = "taken", _("taken up by a case")
        CLOSED = "closed", _("closed without a case")

    # The kind of case that takes a finding up; two files of one person have none and are closed.
    CASES = {
        Kind.MOVED: "enrolment_transfer",
        Kind.SWITCHED: "enrolment_transfer",
        Kind.EMPLOYED_TWICE: "enrolment_transfer",
        Kind.IDENTITY: "identity_correction",
        Kind.NEWBORN: "registration",
        Kind.RETURNED: "registration",
        Kind.STUDENT: "registration",
        Kind.PAID_AHEAD: "refund",
        Kind.TWO_SCHEMES: "duplicate_resolution",
        Kind.TWO_AREAS: "enrolment_transfer",
    }

    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    other = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # found from the first of the two
        related_name="+",
        verbose_name=_("other file"),
    )
    region = models.ForeignKey(
        Region,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # finding_by_county serves
        related_name="+",
        verbose_name=_("region"),
        db_column="region",
    )
    county = models.GeneratedField(
        expression=Cast(F("region") / 10**6, models.IntegerField()),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    year = models.SmallIntegerField(_("benefit year"), null=True, blank=True)
    told = models.CharField(_("what tells it from others"), max_length=80, blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True)
    sealed = models.BinaryField(_("new number, sealed"), null=True, editable=False)
    source = models.ForeignKey(
        Import,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="findings",
        verbose_name=_("import"),
    )
    line = models.IntegerField(_("line"), null=True, blank=True)
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=State.choices,
        default=State.OPEN,
        db_default=State.OPEN.value,
    )
    case = models.ForeignKey(
        Case,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="findings",
        verbose_name=_("case"),
    )
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("closed by"),
    )
    reason = models.CharField(_("reason"), max_length=255, blank=True, db_default="", default="")
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    found_at = models.DateTimeField(_("found at"), db_default=Now())

    class Meta:
        db_table = "finding"
        ordering = ["-id"]
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        constraints = [
            models.UniqueConstraint(
                name="a_finding_is_queued_once",
                fields=["person", "kind", "year", "other", "told"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="a_finding_is_taken_up_or_closed_for_a_reason",
                condition=Q(state="open", case=None, closed_by=None, reason="")
                | Q(state="taken", case__isnull=False, closed_by=None)
                | Q(state="closed", case=None, closed_at__isnull=False) & ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="two_files_are_two", condition=Q(other=None) | ~Q(other=F("person"))
            ),
        ]
        indexes = [
            # What waits in a county, the newest first.
            models.Index(fields=["county", "state", "id"], name="finding_by_county"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class SchoolAttendance(models.Model):
    """Somebody goes to a school or university from a day on, as education tells (三（八）5)."""

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="attendances", verbose_name=_("person")
    )
    since = models.DateField(_("since"))
    region = models.BigIntegerField(_("place of the school"), null=True, blank=True)
    source = models.ForeignKey(
        Import, on_delete=models.PROTECT, related_name="+", verbose_name=_("import")
    )

    class Meta:
        db_table = "school_attendance"
        verbose_name = _("school attendance")
        verbose_name_plural = _("school attendances")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "since"], name="a_student_begins_once_on_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.since}"


class DuplicateSearch(models.Model):
    """A search of the register for duplicates: asked for by somebody or beat, done by a job.

    `found` counts what was queued anew, by kind. One at a time.
    """

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("asked for by"),
    )
    asked_at = models.DateTimeField(_("asked for at"), db_default=Now())
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    found = models.JSONField(_("found"), default=dict, blank=True)

    class Meta:
        db_table = "duplicate_search"
        ordering = ["-id"]
        verbose_name = _("search for duplicates")
        verbose_name_plural = _("searches for duplicates")
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(finished_at=None), name="one_search_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"
