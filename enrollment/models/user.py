"""The people who work here. What somebody may do and see follows from duties (`Duty`)."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """An account of the agency; `display_name` is what cases, logs and notices show."""

    display_name = models.CharField(_("name"), max_length=64, blank=True)

    class Meta(AbstractUser.Meta):
        db_table = "agency_user"
        verbose_name = _("account")  # type: ignore[assignment]
        verbose_name_plural = _("accounts")  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.display_name or self.username
