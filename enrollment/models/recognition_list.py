"""Full lists of departments (部门认定名单): what each was compared to, and whom it changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enrollment.models.imports import Import
from enrollment.models.person import Category, Person, PersonCategory


class RecognitionList(models.Model):
    """What the check of a full list found: whom it brings, whom it drops, and the money of it.

    A list is of one department, one area and one day. `digest` is over every act on the register
    that it means; what is confirmed is the digest that was shown. Where it drops an implausible
    share of the people on file, whoever confirms it says so (`acknowledged_by`), which a trigger of
    the import asks for. Written by the workers alone, but for that.
    """

    source = models.OneToOneField(
        Import,
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="recognition_list",
        verbose_name=_("import"),
    )
    department = models.CharField(
        _("source department"), max_length=32, choices=PersonCategory.Source
    )
    day = models.DateField(_("day of the list"))
    on_file = models.IntegerField(_("people of the department on file"))
    listed = models.IntegerField(_("people on the list"))
    leaving = models.IntegerField(_("people missing from the list"))
    held = models.IntegerField(_("people kept, because their line is in doubt"))
    drops_many = models.BooleanField(_("drops an implausible share"))
    digest = models.CharField(_("digest of what it does"), max_length=64)
    was_digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    # [county, outcome, category before, category after, people]
    people = models.JSONField(_("people by county, outcome and category"), default=list)
    # [year, county, follow-up, bills, yuan more, yuan less]
    money = models.JSONField(_("money by year, county and follow-up"), default=list)
    problems = models.JSONField(_("refused lines by reason"), default=dict)
    # outcome: [[person, category before, category after], ...], the first ones
    first = models.JSONField(_("first people of each outcome"), default=dict)
    missing = models.JSONField(_("terms that are not published"), default=list)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("acknowledged by"),
    )
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)

    class Meta:
        db_table = "recognition_list"
        verbose_name = _("full list of a department")
        verbose_name_plural = _("full lists of departments")
        constraints = [
            models.CheckConstraint(
                name="an_acknowledgement_has_a_person_and_a_time",
                condition=Q(acknowledged_by=None, acknowledged_at=None)
                | Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_department_display()} {self.day}"


class ListedChange(models.Model):
    """A person whom an applied list changed: from which category to which, over all departments."""

    class Outcome(models.TextChoices):
        JOINED = "joined", _("joined")
        LEFT = "left", _("left")
        UP = "up", _("up")
        DOWN = "down", _("down")
        UNCHANGED = "unchanged", _("unchanged in effect")

    source = models.ForeignKey(
        Import, on_delete=models.PROTECT, related_name="listed_changes", verbose_name=_("import")
    )
    person = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,  # the latest change of a person: listed_change_of_a_person
        verbose_name=_("person"),
    )
    # Where the person was insured then: whose list of what is left to do this is.
    county = models.IntegerField(_("county"))
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    was = models.CharField(_("category before"), max_length=32, blank=True, choices=Category)
    becomes = models.CharField(_("category after"), max_length=32, blank=True, choices=Category)
    is_settled = models.BooleanField(_("nothing is left to do"), default=False, db_default=False)

    class Meta:
        db_table = "listed_change"
        ordering = ["-id"]
        verbose_name = _("person changed by a list")
        verbose_name_plural = _("people changed by lists")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "person"], name="a_list_changes_a_person_once"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "id"], name="listed_change_of_a_person"),
            # What is left to do in some counties, the latest first.
            models.Index(
                fields=["county", "id"],
                name="listed_change_to_follow",
                condition=Q(is_settled=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}:{self.person_id} {self.outcome}"
