"""The top app: wiring only. It holds the admin site, the schedule and what spans the apps."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class TongchouAdminConfig(AdminConfig):
    default_site = "config.site.TongchouAdminSite"


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Tongchou"

    def ready(self) -> None:
        # Binds shared tasks to our broker in every process that may queue one.
        from config import celery  # noqa: F401
