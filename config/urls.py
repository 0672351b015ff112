"""Addresses: the admin is the whole site; beside it the language switch and the health checks."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from config import views

urlpatterns = [
    path("health/live", views.live, name="health_live"),
    path("health/ready", views.ready, name="health_ready"),
    path("language/", set_language, name="set_language"),
    # Where an administrator of Django would look first.
    path("admin/", RedirectView.as_view(pattern_name="admin:index")),
    path("", admin.site.urls),
]

handler400 = "config.views.bad_request"
handler403 = "config.views.forbidden"
handler404 = "config.views.not_found"
handler500 = "config.views.server_error"
