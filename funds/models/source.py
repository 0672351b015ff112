"""What of the register an entry stands for: the tie of the ledger to receipts, awards and cases."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from enrollment.models import Person
from funds.models.ledger import Entry


class SourcePosting(models.Model):
    """An entry of the step `post`: of which source, area, scheme and day it is.

    The entries of a source, area, scheme and day add up to what the register says of it now
    (`unposted` of the database); a difference is a further entry. Appended, never changed.
    """

    class Source(models.TextChoices):
        RECEIPTS = "receipts", _("receipts by day of payment")
        AWARDS = "awards", _("subsidy awards")
        REFUNDS = "refunds", _("refunds")
        CLEARINGS = "clearings", _("suspense clearings")

    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, primary_key=True, related_name="source"
    )
    source = models.CharField(_("source"), max_length=16, choices=Source)
    area = models.BigIntegerField(_("area"))
    scheme = models.SmallIntegerField(_("scheme"), choices=Person.Scheme.choices)
    day = models.DateField(_("day"))

    class Meta:
        db_table = "source_posting"
        verbose_name = _("source of an entry")
        verbose_name_plural = _("sources of entries")
        indexes = [
            models.Index(fields=["area", "source", "scheme", "day"], name="source_posting_by_area"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.area} {self.day}"
