"""Accounts: the trial balance of an area, the accounts of a kind, and the statement of one account.

Read only. A figure leads to its account, a line to its entry, an entry to its case or its day.
"""

from datetime import date
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.models import Person
from enrollment.rules.keys import is_key
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import places
from funds.admin.grids import typed_day
from funds.models import Account, AccountKind, Kind
from funds.selectors import accounts
from funds.services import ledger_sheets

VIEW = "funds.view_account"


def trial_view(request: HttpRequest) -> HttpResponse:
    """科目余额表 of an area or of all the user sees, by kind; with `kind` account by account."""
    until = typed_day(request.GET.get("until", ""), business_date())
    since = typed_day(request.GET.get("since", ""), until.replace(month=1, day=1))
    book = _number(request.GET.get("book", ""))
    scheme = _number(request.GET.get("scheme", ""))
    if scheme not in (None, *Person.Scheme.values):
        raise Http404
    kind = request.GET.get("kind", "")
    if kind and kind not in Kind.values:
        raise Http404
    found = accounts.accounts_between(since, until, book=book, scheme=scheme, kind=kind)
    form = request.GET.get("as", "")
    if form in ledger_sheets.TYPES:
        return _file(ledger_sheets.sheet(found, form), f"trial-balance-{until:%Y%m%d}", form)
    rows = found if kind else accounts.by_kind(found)
    asked = request.GET.copy()
    asked.pop("kind", None)
    sums = accounts.totals(found)
    known = accounts.books()
    names = places({*known, *(row.area for row in rows if row.area)})
    title = _("Trial balance")
    return _page(
        request,
        "funds/trial_balance.html",
        title,
        rows=[(row, names.get(row.area or 0)) for row in rows],
        sums=sums,
        ties=sums[0] == sums[1] and sums[2] == sums[3] and sums[4] == sums[5],
        since=since,
        until=until,
        book=book,
        scheme=scheme,
        kind=kind,
        kind_label=Kind(kind).label if kind else "",
        whole=asked.urlencode(),
        books=[(code, names[code].short) for code in known],
        schemes=Person.Scheme.choices,
        place=names[book].short if book in names else _("all areas"),
        scope=_scope(names[book].short if book in names else _("all areas"), scheme, until),
    )


def statement_view(request: HttpRequest) -> HttpResponse:
    """The lines of one account, newest first, with the balance after each."""
    number = _number(request.GET.get("account", ""))
    account = Account.objects.filter(pk=number).first() if number else None
    if account is None:
        raise Http404
    kind = AccountKind.objects.get(kind=account.kind)
    until = typed_day(request.GET.get("until", ""), business_date())
    form = request.GET.get("as", "")
    if form in ledger_sheets.TYPES:
        whole = accounts.statement(
            account, until=until, side=kind.side, shown=ledger_sheets.STATEMENT_LINES
        )
        content = ledger_sheets.statement_sheet(whole.rows, form, more=bool(whole.more))
        return _file(content, f"statement-{account.pk}-{until:%Y%m%d}", form)
    found = accounts.statement(
        account, until=until, side=kind.side, before=request.GET.get("before", "")
    )
    place = places([account.area_id])[account.area_id].short
    title = f"{place} · {account.get_kind_display()}"
    return _page(
        request,
        "funds/statement.html",
        title,
        account=account,
        kind=kind,
        found=found,
        until=until,
        place=place,
        balance=found.rows[0][1] if found.rows else None,
        scope=_scope(place, account.scheme, until),
    )


def _scope(place: str, scheme: int | None, until: date) -> list[tuple[str, str]]:
    """What the figures are about; accounts of no scheme in particular are of both."""
    schemes = [each for each in Person.Scheme if scheme in {None, each.value}]
    return [
        (_("Region"), place),
        (_("Scheme"), " · ".join(str(each.label) for each in schemes)),
        (_("Data as of"), f"{until:%Y-%m-%d}"),
    ]


def _file(content: bytes, name: str, form: str) -> HttpResponse:
    response = HttpResponse(content, content_type=ledger_sheets.TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def _number(text: str) -> int | None:
    return int(text) if is_key(text) else None


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    request.current_app = admin.site.name
    everywhere = admin.site.each_context(request) | {"title": title}
    return TemplateResponse(request, template, everywhere | context)


def register(site: Any) -> None:
    """Let the pages answer, and put the first into the navigation."""
    site.register_page("funds/trial-balance/", trial_view, "trial_balance", permission=VIEW)
    site.register_page("funds/statement/", statement_view, "account_statement", permission=VIEW)
    site.add_page("funds", 5, gettext_lazy("Trial balance"), "admin:trial_balance", VIEW, key="b")


register(admin.site)
