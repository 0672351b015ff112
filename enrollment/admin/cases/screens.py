"""The base of the screens of a kind of case, in whatever app."""

from django.urls import URLPattern, path

from enrollment.admin.cases.files import FileScreens
from enrollment.admin.cases.opening import OpeningScreens


class CaseKindAdmin(OpeningScreens, FileScreens):
    """List, form, page, moves and print of a kind.

    A kind names `kind`, what it `asks` for and its `columns`, and stands in the navigation by
    `nav_group` and `nav_order`; contribution subsidy (subsidies.py) is the one to copy.
    """

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/edit/", wrap(self.edit_view), name=f"{name}_edit"),
            path("<int:pk>/move/<slug:move>/", wrap(self.move_view), name=f"{name}_move"),
            path("<int:pk>/attach/", wrap(self.attach_view), name=f"{name}_attach"),
            path("<int:pk>/comment/", wrap(self.comment_view), name=f"{name}_comment"),
            path("<int:pk>/file/<int:file>/", wrap(self.file_view), name=f"{name}_file"),
            path("<int:pk>/file/<int:file>/off/", wrap(self.take_off_view), name=f"{name}_off"),
        ]
        return own + super().get_urls()
