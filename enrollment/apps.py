"""Declaration of the app to Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnrollmentConfig(AppConfig):
    name = "enrollment"
    verbose_name = _("Enrollment")

    def ready(self) -> None:
        from enrollment import annual
        from enrollment.declarations import case_kinds
        from enrollment.services import subsidies, transfers

        annual.declare()
        case_kinds.add(subsidies.KIND)
        case_kinds.add(transfers.KIND)
