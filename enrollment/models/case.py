"""The Case: every act of a caseworker, whatever the app (docs/adr/0002-the-shared-case.md)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext_lazy as _

from enrollment.models.person import Person
from enrollment.models.region import Region


class Case(models.Model):
    """One act: kind, person, region, money, maker, checker, and where it stands.

    Each kind adds a detail table by multi-table inheritance in the app that owns it. The lifecycle
    is one for all kinds (`enrollment.rules.lifecycle`); the database refuses a checker who is the
    maker and a decision without a checker, whoever asks.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        CHECKED = "checked", _("checked, waiting for the second level")
        RETURNED = "returned", _("returned")
        APPROVED = "approved", _("approved")
        EFFECTED = "effected", _("effected")
        WITHDRAWN = "withdrawn", _("withdrawn")
        REVERSED = "reversed", _("reversed")

    class Channel(models.TextChoices):
        COUNTER = "counter", _("counter")
        ONLINE = "online", _("online")
        TOWNSHIP = "township", _("township")
        VILLAGE = "village", _("village")

    kind = models.CharField(_("kind"), max_length=40, editable=False)
    person = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("person"),
        help_text=_("Empty where the act is about an area, or makes the person's file."),
    )
    region = models.ForeignKey(
        Region,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("region"),
        db_column="region",
    )
    county = models.GeneratedField(
        expression=Cast(F("region") / 10**6, models.IntegerField()),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    year = models.SmallIntegerField(_("benefit year"))
    channel = models.CharField(
        _("channel"), max_length=16, choices=Channel.choices, default=Channel.COUNTER
    )
    state = models.CharField(
        _("state"), max_length=16, choices=State.choices, default=State.DRAFT, editable=False
    )
    amount = models.DecimalField(
        _("amount"), max_digits=17, decimal_places=2, null=True, blank=True
    )
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True, editable=False)
    due_is_provisional = models.BooleanField(
        _("due day is provisional"),
        db_default=False,
        default=False,
        editable=False,
        help_text=_("The holidays of that time were not published when the day was counted."),
    )
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="cases_made",
        verbose_name=_("maker"),
        editable=False,
    )
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases_checked",
        verbose_name=_("checker"),
        editable=False,
    )
    opened_at = models.DateTimeField(_("opened at"), auto_now_add=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True, editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True, editable=False)
    effected_at = models.DateTimeField(_("effected at"), null=True, blank=True, editable=False)
    shown_digest = models.CharField(
        _("digest of what the checker saw"), max_length=64, blank=True, editable=False
    )
    needs_second = models.BooleanField(
        _("needs a second level"), db_default=False, default=False, editable=False
    )
    second_checker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # nobody looks for cases by it
        related_name="cases_confirmed",
        verbose_name=_("second checker"),
        editable=False,
    )
    second_decided_at = models.DateTimeField(
        _("decided at the second level at"), null=True, blank=True, editable=False
    )
    second_digest = models.CharField(
        _("digest of what the second checker saw"),
        max_length=64,
        blank=True,
        db_default="",
        editable=False,
    )
    version = models.IntegerField(_("version"), default=1, editable=False)
    request_key = models.UUIDField(
        _("request key"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Of the form that made the case: a form sent twice makes one case."),
    )

    class Meta:
        db_table = "agency_case"
        ordering = ["-id"]
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        permissions = [
            ("check_case", _("Can check and approve cases")),
            ("confirm_case", _("Can approve cases at the second level")),
            ("effect_case", _("Can put approved cases into effect")),
        ]
        constraints = [
            models.CheckConstraint(
                name="maker_is_never_checker",
                condition=Q(checker=None) | ~Q(checker=F("maker")),
            ),
            models.CheckConstraint(
                name="decided_case_has_a_checker_and_a_digest",
                condition=~Q(state__in=["checked", "approved", "effected", "reversed"])
                | (Q(checker__isnull=False, decided_at__isnull=False) & ~Q(shown_digest="")),
            ),
            models.CheckConstraint(
                name="second_checker_is_neither_maker_nor_checker",
                condition=Q(second_checker=None)
                | (
                    Q(checker__isnull=False)
                    & ~Q(second_checker=F("maker"))
                    & ~Q(second_checker=F("checker"))
                ),
            ),
            models.CheckConstraint(
                name="case_that_needs_two_is_approved_by_two",
                condition=Q(needs_second=False)
                | ~Q(state__in=["approved", "effected", "reversed"])
                | Q(second_checker__isnull=False, second_decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="both_checkers_saw_the_same",
                condition=Q(second_checker=None) | Q(second_digest=F("shown_digest")),
            ),
            models.CheckConstraint(
                name="effected_case_has_its_moment",
                condition=~Q(state__in=["effected", "reversed"]) | Q(effected_at__isnull=False),
            ),
            models.CheckConstraint(
                name="case_amount_is_not_negative", condition=Q(amount=None) | Q(amount__gte=0)
            ),
            models.UniqueConstraint(fields=["request_key"], name="a_form_makes_one_case"),
        ]
        indexes = [
            # Worklists: what is open in a county, newest first.
            models.Index(fields=["county", "state", "id"], name="case_worklist"),
            # A maker's desk: drafts, returned, sent, the earliest deadline first.
            models.Index(
                fields=["maker", "state", "due_on", "id"],
                name="case_on_a_makers_desk",
                condition=Q(state__in=["draft", "returned", "submitted"]),
            ),
            # A checker's and an approver's desk: what waits, the earliest deadline first.
            models.Index(
                fields=["state", "due_on", "id"],
                name="case_that_waits",
                condition=Q(state__in=["submitted", "approved"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def whom(self) -> Person:
        """The person that the case is about; a case about an area has none (LookupError)."""
        if self.person is None:
            raise LookupError(f"case {self.pk} is about no person")
        return self.person


class CaseEvent(models.Model):
    """What happened to a case; appended by the lifecycle, never edited."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    from_state = models.CharField(max_length=16, choices=Case.State.choices, blank=True)
    to_state = models.CharField(max_length=16, choices=Case.State.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=255, blank=True)
    version = models.IntegerField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "case_event"
        ordering = ["id"]
        verbose_name = _("event of a case")
        verbose_name_plural = _("events of cases")

    def __str__(self) -> str:
        return f"{self.case_id} {self.to_state}"


class CaseReversal(Case):
    """冲销: undoes what another case did, as an act of its own that others check and approve."""

    reverses = models.ForeignKey(
        Case,
        on_delete=models.PROTECT,
        related_name="reversals",
        verbose_name=_("case to be undone"),
    )

    class Meta:
        db_table = "case_reversal"
        verbose_name = _("reversal")
        verbose_name_plural = _("reversals")
