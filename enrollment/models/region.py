"""Administrative divisions. A subtree is one contiguous range of 12-digit codes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from enrollment.rules import regions


class Region(models.Model):
    """A division by its GB/T 2260 code, filled up with zeros to 12 digits.

    Codes change over the years: a row keeps the dates between which its code is valid, and what
    refers to a region keeps the code of its own year.
    """

    class Level(models.IntegerChoices):
        PROVINCE = 1, _("province")
        CITY = 2, _("city")
        COUNTY = 3, _("county")
        TOWNSHIP = 4, _("township")
        VILLAGE = 5, _("village")

    code = models.BigIntegerField(_("code"), primary_key=True)
    name = models.CharField(_("name"), max_length=64)
    name_en = models.CharField(_("English name"), max_length=64, blank=True)
    level = models.SmallIntegerField(_("level"), choices=Level.choices)
    is_pooling_area = models.BooleanField(
        _("pooling area"),
        default=False,
        help_text=_("A region with its own policy values."),
    )
    population_2020 = models.IntegerField(_("population in the 2020 census"), null=True, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        db_table = "region"
        ordering = ["code"]
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        constraints = [
            models.CheckConstraint(
                name="region_code_has_twelve_digits",
                condition=models.Q(code__gte=10**11, code__lt=10**12),
            ),
            models.CheckConstraint(
                name="region_ends_after_it_begins",
                condition=models.Q(valid_to=None) | models.Q(valid_to__gt=models.F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> tuple[int, int]:
        """First and last code of the subtree, both inclusive."""
        return regions.scope_of(self.code)
