"""The months of an area's books: which are closed, by whom, and who opened one again and why."""

from calendar import monthrange
from datetime import date
from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.models import User
from enrollment.rules.keys import is_key
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import places
from enrollment.services.refusals import Refused
from funds.models import Entry, PeriodClose
from funds.selectors import accounts
from funds.services import periods

VIEW = "funds.view_periodclose"
MONTHS_SHOWN = 13


def periods_view(request: HttpRequest) -> HttpResponse:
    """The months up to now of one area's books, the latest first; POST closes or opens one."""
    known = accounts.books()
    asked = request.POST.get("book") or request.GET.get("book", "")
    book = int(asked) if is_key(asked) and int(asked) in known else (known or [0])[0]
    refused = ""
    if request.method == "POST":
        try:
            told = _act(request, book)
        except Refused as error:
            refused = str(error)
        else:
            admin.site._registry[Entry].message_user(request, told)
            return HttpResponseRedirect(f"{reverse('admin:periods')}?book={book}")
    user, about = cast("User", request.user), PeriodClose(region_id=book)
    names = places(known)
    context = {
        "title": _("Accounting months"),
        "book": book,
        "books": [(code, names[code].short) for code in known],
        "rows": _months(book) if book else [],
        "may_close": user.has_perm(periods.CLOSE, about),
        "may_reopen": user.has_perm(periods.REOPEN, about),
        "refused": refused,
    }
    request.current_app = admin.site.name
    everywhere = admin.site.each_context(request) | context
    status = 409 if refused else 200
    return TemplateResponse(request, "funds/periods.html", everywhere, status=status)


def _act(request: HttpRequest, book: int) -> str:
    """What was pressed. Raises as `close_month` and `reopen_month`."""
    user = cast("User", request.user)
    try:
        month = date.fromisoformat(f"{request.POST.get('month', '')}-01")
    except ValueError:
        raise periods.MonthIsOpen from None
    if request.POST.get("act") == "reopen":
        reason = request.POST.get("reason", "")
        periods.reopen_month(user=user, book=book, month=month, reason=reason)
        return _("The month is open again.")
    periods.close_month(user=user, book=book, month=month)
    return _("The month is closed.")


def _months(book: int) -> list[dict[str, Any]]:
    closes = PeriodClose.objects.filter(region_id=book).select_related("closed_by", "reopened_by")
    by_month: dict[date, list[PeriodClose]] = {}
    for each in closes.order_by("-pk"):
        by_month.setdefault(each.month, []).append(each)
    rows, first = [], business_date().replace(day=1)
    this = first
    for _number in range(MONTHS_SHOWN):
        past = by_month.get(first, [])
        stands = next((each for each in past if each.reopened_at is None), None)
        rows.append(
            {
                "month": first,
                "last": first.replace(day=monthrange(first.year, first.month)[1]),
                "close": stands,
                "past": [each for each in past if each.reopened_at is not None],
                "over": first < this,
            }
        )
        first = date.fromordinal(first.toordinal() - 1).replace(day=1)
    return rows


def register(site: Any) -> None:
    """Let the page answer, and put it into the navigation."""
    site.register_page("funds/periods/", periods_view, "periods", permission=VIEW)
    site.add_page("funds", 20, gettext_lazy("Accounting months"), "admin:periods", VIEW)


register(admin.site)
