"""Contribution subsidy (资助参保): somebody else pays part of a person's contribution."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enrollment.models.case import Case
from enrollment.models.enrollment import Award
from enrollment.models.person import Category, Person

PERSONAL_ACCOUNT = "personal_account"


class ContributionSubsidy(Case):
    """Who pays how much of a bill, and on what it rests (皖医保发〔2024〕6号 一（一）).

    Funders lower the personal share by an award. A near relative's personal account (个人账户共济)
    pays the share like the person would, so that the bill is paid and the share stays.
    """

    class Relation(models.TextChoices):
        """近亲属 (《民法典》第一千零四十五条): what the account's owner is to the person."""

        SPOUSE = "spouse", _("spouse")
        PARENT = "parent", _("parent")
        CHILD = "child", _("child")
        SIBLING = "sibling", _("brother or sister")
        GRANDPARENT = "grandparent", _("grandparent")
        GRANDCHILD = "grandchild", _("grandchild")

    funder = models.CharField(
        _("funder"),
        max_length=32,
        choices=(*Award.Funder.choices, (PERSONAL_ACCOUNT, _("relative's personal account"))),
    )
    category = models.CharField(
        _("category"),
        max_length=32,
        blank=True,
        choices=Category.choices,
        help_text=_("Where the money is given because of a category."),
    )
    giver = models.CharField(
        _("name of the giver"),
        max_length=100,
        blank=True,
        default="",
        db_default="",
        help_text=_("The collective, charity or other organisation; needed for “other”."),
    )
    relation = models.CharField(
        _("relation of the owner"),
        max_length=16,
        blank=True,
        choices=Relation,
        default="",
        db_default="",
        help_text=_("What the owner of the account is to the person: 《民法典》第一千零四十五条."),
    )
    kinship = models.CharField(
        _("proof of the relation"),
        max_length=255,
        blank=True,
        default="",
        db_default="",
        help_text=_("Document and number: household book, marriage or birth certificate."),
    )
    consent = models.CharField(
        _("consent of the owner"),
        max_length=255,
        blank=True,
        default="",
        db_default="",
        help_text=_("Number and day of the signed 个人账户共济备案表."),
    )
    owner = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # nobody looks for cases by it
        related_name="+",
        verbose_name=_("owner of the account"),
    )
    owner_mask = models.CharField(
        _("owner's number"), max_length=32, blank=True, default="", db_default=""
    )
    # What the bill said before the effect.
    was_category = models.CharField(
        max_length=32, blank=True, default="", db_default="", editable=False
    )
    was_paid_on = models.DateField(null=True, editable=False)

    class Meta:
        db_table = "contribution_subsidy"
        verbose_name = _("contribution subsidy")
        verbose_name_plural = _("contribution subsidies")
        constraints = [
            models.CheckConstraint(
                name="assistance_is_given_for_a_category",
                condition=~Q(funder="medical_assistance") | ~Q(category=""),
            ),
            models.CheckConstraint(
                name="another_giver_is_named", condition=~Q(funder="other") | ~Q(giver="")
            ),
            models.CheckConstraint(
                name="a_shared_account_names_relation_proof_and_consent",
                condition=(
                    Q(funder=PERSONAL_ACCOUNT, category="", giver="", owner__isnull=False)
                    & ~Q(relation="")
                    & ~Q(kinship="")
                    & ~Q(consent="")
                )
                | (
                    ~Q(funder=PERSONAL_ACCOUNT) & Q(owner=None, relation="", kinship="", consent="")
                ),
            ),
        ]
