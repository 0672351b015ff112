"""Correction of identity (信息更正): who the file says somebody is, before and after."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enrollment.models.case import Case
from enrollment.models.person import Person


class IdentityCorrection(Case):
    """A name, number, sex or birth date was wrong, or a newborn got an identity number.

    Both versions are kept with the case, numbers sealed as in the register; an empty new value
    stays what it is. One number has one file: two files of one person are no correction.
    """

    id_type = models.CharField(_("document type"), max_length=20, choices=Person.IdType, blank=True)
    id_sealed = models.BinaryField(null=True, editable=True)
    id_digest = models.UUIDField(null=True)
    id_mask = models.CharField(_("identity number"), max_length=32, blank=True)
    name = models.CharField(_("name"), max_length=64, blank=True)
    sex = models.CharField(_("sex"), max_length=1, choices=Person.Sex, blank=True)
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    evidence = models.CharField(_("evidence"), max_length=255)
    # What the file said when the case was made or changed.
    old_id_type = models.CharField(max_length=20)
    old_id_sealed = models.BinaryField(editable=True)
    old_id_digest = models.UUIDField(editable=True)
    old_id_mask = models.CharField(max_length=32)
    old_name = models.CharField(max_length=64)
    old_sex = models.CharField(max_length=1)
    old_birth_date = models.DateField(editable=True)

    class Meta:
        db_table = "identity_correction"
        verbose_name = _("correction of identity")
        verbose_name_plural = _("corrections of identity")
        constraints = [
            models.CheckConstraint(
                name="a_correction_corrects_something",
                condition=~Q(name="")
                | ~Q(sex="")
                | Q(birth_date__isnull=False)
                | Q(id_digest__isnull=False),
            ),
            models.CheckConstraint(
                name="a_corrected_number_is_whole",
                condition=Q(id_digest=None, id_sealed=None, id_mask="", id_type="")
                | Q(id_digest__isnull=False, id_sealed__isnull=False)
                & ~Q(id_mask="")
                & ~Q(id_type=""),
            ),
            models.CheckConstraint(name="a_correction_has_evidence", condition=~Q(evidence="")),
        ]
