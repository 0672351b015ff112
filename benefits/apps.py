"""Declaration of the app to Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BenefitsConfig(AppConfig):
    name = "benefits"
    verbose_name = _("Benefits")

    def ready(self) -> None:
        from benefits.services import repairs
        from enrollment.declarations import case_kinds

        case_kinds.add(repairs.KIND)
