"""Declaration of the app to Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnrollmentConfig(AppConfig):
    name = "enrollment"
    verbose_name = _("Enrollment")

    def ready(self) -> None:
        from enrollment import annual
        from enrollment.admin.access import PANEL as IDENTITY_PANEL
        from enrollment.admin.cases import PERSON_PANEL
        from enrollment.admin.history import PERSON_PANEL as HISTORY_PANEL
        from enrollment.declarations import (
            case_kinds,
            checks,
            export_kinds,
            import_kinds,
            person_panels,
        )
        from enrollment.imports import KINDS
        from enrollment.selectors.checks import CHECKS
        from enrollment.services import (
            clearings,
            corrections,
            duplicates,
            exports,
            parameter_settings,
            push_lists,
            recognitions,
            refunds,
            registrations,
            reversals,
            subsidies,
            transfers,
        )

        annual.declare()
        for check in CHECKS:
            checks.add(check)
        case_kinds.add(registrations.KIND)
        case_kinds.add(recognitions.KIND)
        case_kinds.add(corrections.KIND)
        case_kinds.add(refunds.KIND)
        case_kinds.add(clearings.KIND)
        case_kinds.add(duplicates.KIND)
        case_kinds.add(subsidies.KIND)
        case_kinds.add(transfers.KIND)
        case_kinds.add(parameter_settings.KIND)
        case_kinds.add(reversals.KIND)
        person_panels.add(PERSON_PANEL)
        person_panels.add(IDENTITY_PANEL)
        person_panels.add(HISTORY_PANEL)
        for kind in KINDS:
            import_kinds.add(kind)
        for export in (*exports.EXPORTS, push_lists.PUSH_LIST):
            export_kinds.add(export)
