"""After full lists (名单后续): whose bill wants something done, with the case that does it."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.models import Refund
from enrollment.rules.keys import is_key
from enrollment.rules.recognition import AWARD, BILL, FOLLOW_UPS, REFUND
from enrollment.selectors.bills import ASSISTANCE
from enrollment.selectors.calendar import business_date
from enrollment.selectors.follow_ups import NEWEST, FollowUp, follow_ups
from enrollment.selectors.scope import scope_of

VIEW = "enrollment.view_personcategory"
WORDS = {
    AWARD: gettext_lazy("subsidy to award"),
    BILL: gettext_lazy("bill to change"),
    REFUND: gettext_lazy("refund to offer"),
}
LOOKS = {AWARD: "submitted", BILL: "returned", REFUND: "lapsed"}
# Who opens the case; a bill is lowered by the daily step, which supervisors follow.
PERMISSIONS = {
    AWARD: "enrollment.add_contributionsubsidy",
    BILL: "enrollment.view_yearrun",
    REFUND: "enrollment.add_refund",
}


def follow_up_list(request: HttpRequest) -> HttpResponse:
    """What is left to do in the user's regions; `?kind=` narrows it, `?before=` goes on."""
    chosen = request.GET.get("kind", "")
    kinds = (chosen,) if chosen in FOLLOW_UPS else FOLLOW_UPS
    page = follow_ups(scope_of(request.user), business_date(), kinds=kinds, before=_place(request))
    after = f"{page.after[0]}-{page.after[1]}" if page.after else ""
    context = {
        "title": _("After the lists"),
        "tabs": [("", _("all")), *WORDS.items()],
        "chosen": chosen if chosen in FOLLOW_UPS else "",
        "rows": [(row, WORDS[row.kind], LOOKS[row.kind], _act(request, row)) for row in page.rows],
        "next": urlencode({"kind": chosen, "before": after}) if after else "",
        "missing": page.missing,
    }
    request.current_app = admin.site.name
    everywhere = admin.site.each_context(request)
    return TemplateResponse(request, "enrollment/follow_ups.html", {**everywhere, **context})


def _place(request: HttpRequest) -> tuple[int, int]:
    """Where the page before ended; the newest for anything else."""
    change, _dash, year = request.GET.get("before", "").partition("-")
    is_place = is_key(change) and is_key(year) and len(year) == 4
    return (int(change), int(year)) if is_place else NEWEST


def _act(request: HttpRequest, row: FollowUp) -> str:
    """The address of the filled-in form that does it, where the user may open one."""
    if not request.user.has_perm(PERMISSIONS[row.kind]):
        return ""
    if row.kind == BILL:
        return reverse("admin:year")
    says: dict[str, Any] = {"person": row.person.pk, "year": row.year}
    if row.kind == AWARD:
        says |= {"funder": ASSISTANCE, "category": row.category, "amount": row.award}
        return f"{reverse('admin:enrollment_contributionsubsidy_add')}?{urlencode(says)}"
    says |= {"ground": Refund.Ground.ERROR, "event_on": row.paid_on, "reason": _reason(row)}
    return f"{reverse('admin:enrollment_refund_add')}?{urlencode(says)}"


def _reason(row: FollowUp) -> str:
    """Why a refund is offered, for the form."""
    return _("Recognised on the day of payment by the list of %(source)s of %(day)s") % {
        "source": row.told_by.get_department_display(),
        "day": row.told_by.day,
    }


def register(site: Any) -> None:
    """Let the page answer, and put it into the navigation."""
    site.register_page("follow-ups/", follow_up_list, "follow_ups", permission=VIEW)
    site.add_page("work", 35, gettext_lazy("After the lists"), "admin:follow_ups", VIEW, key="l")


register(admin.site)
