"""The base of the screens of a kind of case, in whatever app."""

from django.urls import URLPattern, path

from enrollment.admin.cases.opening import OpeningScreens
from enrollment.admin.cases.pages import PageScreens


class CaseKindAdmin(OpeningScreens, PageScreens):
    """List, form, page, moves and print of a kind.

    A kind names `kind`, what it `asks` for and its `columns`, and stands in the navigation by
    `nav_group` and `nav_order`; contribution subsidy (kinds.py) is the one to copy.
    """

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/edit/", wrap(self.edit_view), name=f"{name}_edit"),
            path("<int:pk>/move/<slug:move>/", wrap(self.move_view), name=f"{name}_move"),
        ]
        return own + super().get_urls()
