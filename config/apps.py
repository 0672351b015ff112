"""The top app: wiring only. It holds the admin site, the schedule and what spans the apps."""

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class TongchouAdminConfig(AdminConfig):
    default_site = "config.site.TongchouAdminSite"


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Tongchou"

    def ready(self) -> None:
        # Binds shared tasks to our broker in every process that may queue one.
        from config import celery  # noqa: F401
        from config.database import apply_guarantees, refuse_powerful_role
        from config.sandbox import views

        # Triggers, row security and grants are applied whole after every migrate, once the last
        # app with tables is done (docs/adr/0006-guarantees-in-the-database.md).
        if settings.ROLE == "web":
            # Also a role that was given powers later is refused, at the next connection.
            connection_created.connect(refuse_powerful_role)
        post_migrate.connect(apply_guarantees, sender=apps.get_app_config("funds"))
        views.register()
        _ask_by_filters_alone()
        # The library lets whoever sees the failed logins clear them away: a reader changes nothing.
        admin.site._registry[apps.get_model("axes", "AccessAttempt")].actions = ()


def _ask_by_filters_alone() -> None:
    """The lists of the libraries answer no more than their filters, like those of the apps."""
    from enrollment.admin.base import AskedByFilters

    for model, screen in list(admin.site._registry.items()):
        if not isinstance(screen, AskedByFilters):
            bounded = type(type(screen).__name__, (AskedByFilters, type(screen)), {})
            admin.site.unregister(model)
            admin.site.register(model, bounded)
