"""Declaration of the app to Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BenefitsConfig(AppConfig):
    name = "benefits"
    verbose_name = _("Benefits")

    def ready(self) -> None:
        from benefits import annual
        from benefits.admin import claims
        from benefits.admin import standing as standing_screens
        from benefits.imports import KINDS
        from benefits.selectors.checks import CHECKS
        from benefits.services import exports, overrides, repairs, retirements, standing
        from enrollment.declarations import (
            case_kinds,
            change_takers,
            checks,
            export_kinds,
            import_kinds,
            person_panels,
        )

        annual.declare()
        change_takers.add(standing.TAKER)
        case_kinds.add(repairs.KIND)
        case_kinds.add(overrides.KIND)
        case_kinds.add(retirements.KIND)
        for check in CHECKS:
            checks.add(check)
        for kind in KINDS:
            import_kinds.add(kind)
        for export in exports.EXPORTS:
            export_kinds.add(export)
        person_panels.add(standing_screens.PERSON_PANEL)
        person_panels.add(claims.PERSON_PANEL)
