"""Budgets and their adjustments (基金预算, 预算调整) on screen: lines, sums and execution."""

from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benefits.admin.repairs import trace_of
from enrollment.admin.base import number
from enrollment.admin.cases import CaseForm, CaseKindAdmin, page_of
from enrollment.admin.figures import rate
from enrollment.models import Case, Region, User
from enrollment.rules import lifecycle
from enrollment.rules.refusals import RuleRefused
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import name_of
from enrollment.selectors.scope import scope_for
from enrollment.services.refusals import Refused
from funds.admin import budget_sheets as sheets
from funds.admin.budget_forms import APPROVALS, AdjustmentForm, ApprovalForm, BudgetForm
from funds.admin.grids import texts, typed_day, typed_yuan, whole_number
from funds.admin.scope import scope_of
from funds.models import Budget, BudgetAdjustment, Reason
from funds.selectors import budgets as reads
from funds.selectors.budget_execution import by_reason, executions
from funds.services import budget_adjustments, budget_scores, budgets
from funds.services.budget_figures import LinesRefused
from funds.services.ledger_sheets import CSV, TYPES

ADD = "funds.add_budget"
GOAL_ROWS = 8  # as many goals as fit the form


class BudgetScreens(CaseKindAdmin):
    """What a budget and its adjustment have in common on screen."""

    starts_with = ""
    about_person = False
    effect_form = ApprovalForm
    effect_label = gettext_lazy("Put into effect by the approval")
    page_template = "funds/budget_page.html"
    first_columns = ("opens",)  # a budget has a number of its own
    nav_group = "funds"

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/lines/", wrap(self.lines_view), name=f"{name}_lines"),
            path("<int:pk>/sums/", wrap(self.sums_view), name=f"{name}_sums"),
            path("<int:pk>/counties/", wrap(self.counties_view), name=f"{name}_counties"),
            path("<int:pk>/goals/", wrap(self.goals_view), name=f"{name}_goals"),
            path("<int:pk>/scores/", wrap(self.scores_view), name=f"{name}_scores"),
            path("<int:pk>/sum/", wrap(self.sum_view), name=f"{name}_sum"),
            path("<int:pk>/export/", wrap(self.export_view), name=f"{name}_export"),
        ]
        return own + super().get_urls()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(kind=self.kind)

    @admin.display(description=gettext_lazy("case number"))
    def opens(self, case: Budget) -> SafeString:
        return self.number(case)

    @admin.display(description=gettext_lazy("scheme"))
    def of_scheme(self, case: Budget) -> str:
        return str(case.get_scheme_display())

    @admin.display(description=gettext_lazy("budgeted revenue"))
    def comes_in(self, case: Budget) -> SafeString | str:
        return number(case.revenue)

    @admin.display(description=gettext_lazy("budgeted expenditure"))
    def is_spent(self, case: Budget) -> SafeString | str:
        return number(case.expenditure)

    @admin.display(description=gettext_lazy("balance at the end"))
    def ends_with(self, case: Budget) -> SafeString | str:
        return number(case.opening + case.revenue - case.expenditure)

    # The page.

    def page_context(self, request: HttpRequest, case: Case) -> dict[str, Any]:
        budget = cast("Budget", case)
        on = typed_day(request.GET.get("on", ""), business_date())
        province = reads.is_of_province(budget.region_id)
        in_effect = budget.state == lifecycle.EFFECTED
        execution = next(iter(executions([budget], on)), None) if in_effect else None
        now = reads.roll_up(budget.year, budget.scheme, business_date()) if province else None
        shown = sheets.sides(budget, execution, now.amounts if now else None)
        line = _chosen(request, budget)
        return {
            "budget": budget,
            "heading": sheets.heading_of(budget),
            "version": sheets.version_of(budget),
            "scope": scope_of(budget, on),
            "sides": shown,
            "execution": execution,
            "on_day": on,
            "time_share": rate(execution.time_share) if execution else "",
            "is_province": province,
            "missing": now.missing if now else [],
            "apart": now is not None and any(row.apart for side in shown for row in side.rows),
            "parts": reads.parts_of(budget) if province else [],
            "surplus": budget.revenue - budget.expenditure,
            "closing": budget.opening + budget.revenue - budget.expenditure,
            "months": sheets.months_told(budgets.balance_of(budget)),
            "refuses": _refuses(budget),
            "chosen": line,
            "chosen_trace": trace_of(line.trace, reads.SUBJECT) if line else [],
            "reasons": _reasons(budget, line.item, on) if line and execution else [],
            "counties": _counties(budget),
            "goals": reads.goals_of(budget),
            "versions": [
                (page_of(each), sheets.version_of(each), each) for each in reads.versions_of(budget)
            ],
            "approvals": [
                label for code, label in APPROVALS if code in getattr(budget, "approvals", ())
            ],
            "adjust_address": self._adjust_address(request, budget),
            "may_score": in_effect and self.has_change_permission(request, budget),
        }

    def _adjust_address(self, request: HttpRequest, budget: Budget) -> str:
        may = request.user.has_perm("funds.add_budgetadjustment", budget)
        if budget.state != lifecycle.EFFECTED or not may or reads.adjustment_of(budget):
            return ""
        return f"{reverse('admin:funds_budgetadjustment_add')}?adjusts={budget.pk}"

    # What the maker types.

    def lines_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The sheet: drivers of all lines; what is wrong stands at its line."""
        budget = cast("Budget", self._own_draft(request, pk))
        if reads.is_of_province(budget.region_id):
            raise Http404
        typed: dict[str, str] = {}
        errors: dict[str, str] = {}
        refused = ""
        if request.method == "POST":
            typed = texts(request)
            given, errors = sheets.read_grid(budget, typed)
            if errors:
                errors = sheets.missing_errors(budget, given, errors)
                refused = str(LinesRefused(errors))
            else:
                try:
                    budgets.record_lines(
                        case=budget, user=cast("User", request.user), lines=given,
                        expected_version=whole_number(typed.get("version")),
                    )  # fmt: skip
                except LinesRefused as error:
                    refused, errors = str(error), dict(error.lines)
                except Refused as error:
                    refused = str(error)
                else:
                    self.message_user(request, _("The lines were recorded and computed."))
                    address = request.path if "stay" in typed else page_of(budget)
                    return HttpResponseRedirect(address)
        return self._grid_page(
            request, budget, "funds/budget_lines.html", _("Lines of the budget"), refused,
            grids=sheets.grids(budget, typed, errors), errors=errors,
            closing=budget.opening + budget.revenue - budget.expenditure,
            surplus=budget.revenue - budget.expenditure, sums=reverse(
                f"admin:{self.opts.app_label}_{self.opts.model_name}_sums", args=[budget.pk]
            ),
            months=sheets.months_told(budgets.balance_of(budget)),
        )  # fmt: skip

    def sums_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The sums of what is typed, for the sheet; only by POST, and nothing is recorded."""
        budget = cast("Budget", self._own_draft(request, pk))
        if request.method != "POST" or reads.is_of_province(budget.region_id):
            raise Http404
        return JsonResponse(sheets.sums_while_typing(budget, texts(request)))

    def counties_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What each county may spend in the year."""
        budget = cast("Budget", self._own_draft(request, pk))
        if reads.is_of_province(budget.region_id):
            raise Http404
        typed, refused = {}, ""
        counties = list(reads.counties_of_area(budget.region_id))
        if request.method == "POST":
            typed = texts(request)
            try:
                budgets.record_counties(
                    case=budget, user=cast("User", request.user),
                    expected_version=whole_number(typed.get("version")),
                    amounts={each.pk: _county_amount(each, typed) for each in counties},
                )  # fmt: skip
            except Refused as error:
                refused = str(error)
            else:
                self.message_user(request, _("The budgets of the counties were recorded."))
                return HttpResponseRedirect(page_of(budget))
        given = reads.given_of(budget)
        rows = []
        for each in counties:
            key, amount = f"amount-{each.pk}", given.get(each.pk)
            rows.append((name_of(each), key, typed.get(key, f"{amount:,.2f}" if amount else "")))
        allowed = reads.for_counties(budget.lines.all())
        return self._grid_page(
            request, budget, "funds/budget_counties.html", _("Budgets of the counties"), refused,
            rows=rows, allowed=allowed, given=sum(given.values()),
            left=allowed - sum(given.values()),
            law=_(
                "A county's plans of all months together never exceed what stands here: "
                "鄂政办发〔2020〕9号 三（五）."
            ),
        )  # fmt: skip

    def goals_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The performance goals: name, target, points."""
        budget = cast("Budget", self._own_draft(request, pk))
        typed, refused = {}, ""
        if request.method == "POST":
            typed = texts(request)
            try:
                budgets.record_goals(
                    case=budget, user=cast("User", request.user),
                    expected_version=whole_number(typed.get("version")), goals=_goals(typed),
                )  # fmt: skip
            except Refused as error:
                refused = str(error)
            else:
                self.message_user(request, _("The goals were recorded."))
                return HttpResponseRedirect(page_of(budget))
        known = [each.goal for each in reads.goals_of(budget)]
        rows = []
        for place in range(GOAL_ROWS):
            goal = known[place] if place < len(known) else None
            said = (goal.name, goal.target, str(goal.weight)) if goal else ("", "", "")
            keys = [f"{name}-{place}" for name in ("name", "target", "points")]
            pairs = [(key, typed.get(key, text)) for key, text in zip(keys, said, strict=True)]
            rows.append((place + 1, pairs))
        return self._grid_page(
            request, budget, "funds/budget_goals.html", _("Performance goals"), refused, rows=rows
        )

    def scores_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How far each goal was reached by a day."""
        budget = cast("Budget", self._case(request, pk))
        if not self.has_change_permission(request, budget):
            raise PermissionDenied
        goals = reads.goals_of(budget)
        if not goals or budget.state != lifecycle.EFFECTED:
            raise Http404
        typed, refused = {}, ""
        if request.method == "POST":
            typed = texts(request)
            try:
                budget_scores.record_scores(
                    budget=budget, user=cast("User", request.user),
                    scored_on=typed_day(typed.get("scored_on", ""), business_date()),
                    scores=_scores(goals, typed),
                )  # fmt: skip
            except Refused as error:
                refused = str(error)
            else:
                self.message_user(request, _("The scores were recorded."))
                return HttpResponseRedirect(page_of(budget))
        rows = [
            (
                each,
                [
                    (f"{name}-{each.goal.pk}", typed.get(f"{name}-{each.goal.pk}", ""))
                    for name in ("reached", "score", "use")
                ],
            )
            for each in goals
        ]
        return self._grid_page(
            request, budget, "funds/budget_scores.html", _("Evaluation"), refused, rows=rows,
            scored_on=typed.get("scored_on", f"{business_date():%Y-%m-%d}"),
        )  # fmt: skip

    def sum_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Sum the province's budget from its cities' again; only by POST."""
        budget = cast("Budget", self._own_draft(request, pk))
        if request.method == "POST":
            try:
                budgets.sum_again(
                    case=budget, user=cast("User", request.user),
                    expected_version=whole_number(request.POST.get("version")),
                )  # fmt: skip
            except Refused as error:
                return self._case_page(request, budget, refused=error)
            self.message_user(request, _("The cities' budgets were summed."))
        return HttpResponseRedirect(page_of(budget))

    def _grid_page(
        self,
        request: HttpRequest,
        budget: Budget,
        template: str,
        title: str,
        refused: str,
        **context: Any,
    ) -> HttpResponse:
        everywhere = {
            "case": budget,
            "original": budget,
            "page": page_of(budget),
            "heading": sheets.heading_of(budget),
            "refused": refused,
        }
        status = 409 if refused else 200
        return self._respond(request, template, title, everywhere | context, status)

    # The file.

    def export_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The sheet with its execution as a file."""
        budget = cast("Budget", self._seen(request, pk))
        on = typed_day(request.GET.get("on", ""), business_date())
        in_effect = budget.state == lifecycle.EFFECTED
        execution = next(iter(executions([budget], on)), None) if in_effect else None
        shown = sheets.sides(budget, execution, None)
        until = execution.until if execution else ""
        asked = request.GET.get("as", "")
        form = asked if asked in TYPES else CSV
        content = sheets.exported(budget, sheets.heading_of(budget), shown, until, form)
        name = content_disposition_header(True, f"budget-{budget.pk}.{form}")
        return HttpResponse(
            content, content_type=TYPES[form], headers={"Content-Disposition": name}
        )


@admin.register(Budget)
class BudgetAdmin(BudgetScreens):
    """基金预算."""

    kind = budgets.NAME
    form_class = BudgetForm
    form_template = "funds/budget_form.html"
    asks = ("scheme", "opening", "exception_document", "exception_clause")
    columns = ("of_scheme", "comes_in", "is_spent", "ends_with")
    nav_order = 12

    def open(self, **given: Any) -> Case:
        given.pop("person", None)
        if not scope_for(given["maker"], ADD).allows(given["region_id"]):
            raise budgets.NotYourArea
        return budgets.open_budget(**given)

    def change(self, **given: Any) -> Case:
        return budgets.change_budget(**given)

    def form_context(self, request: HttpRequest, form: CaseForm) -> dict[str, Any]:
        return {
            "law": _(
                "No deficit of the year in principle, never a cumulative one: 安徽省级统筹实施意见 "
                "一（四）. The province's budget is the sum of its cities': "
                "川办发〔2023〕38号 二（三）."
            )
        }


@admin.register(BudgetAdjustment)
class AdjustmentAdmin(BudgetScreens):
    """预算调整."""

    kind = budget_adjustments.NAME
    form_class = AdjustmentForm
    form_template = "funds/adjustment_form.html"
    asks = ("cause", "exception_document", "exception_clause")
    columns = ("of_scheme", "which", "comes_in", "is_spent", "ends_with")
    nav_order = 13

    @admin.display(description=gettext_lazy("adjustment no."))
    def which(self, case: Budget) -> str:
        return str(case.number)

    def open(self, **given: Any) -> Case:
        given.pop("person", None)
        adjusts = Budget.objects.filter(pk=given.pop("adjusts")).first()
        if adjusts is None:
            raise budget_adjustments.NotInForce
        if not scope_for(given["maker"], ADD).allows(adjusts.region_id):
            raise budgets.NotYourArea
        return budget_adjustments.open_adjustment(adjusts=adjusts, **given)

    def change(self, **given: Any) -> Case:
        given.pop("adjusts", None)
        return budget_adjustments.change_adjustment(**given)

    def form_context(self, request: HttpRequest, form: CaseForm) -> dict[str, Any]:
        return {
            "law": _(
                "The approved budget is followed strictly; it is adjusted only for special causes, "
                "through the government of the city: 鄂政办发〔2020〕9号 三（五）."
            )
        }


def _refuses(budget: Budget) -> str:
    """Why a draft cannot be submitted yet, in a sentence."""
    if budget.state not in lifecycle.OPEN_FOR_CHANGE:
        return ""
    try:
        budgets.check_whole(budget)
    except Refused as refused:
        return str(refused)
    return ""


def _chosen(request: HttpRequest, budget: Budget) -> Any:
    """The line whose computation is shown: the one asked for, or the largest."""
    lines = reads.lines_of(budget)
    asked = request.GET.get("item", "")
    found = [line for line in lines if line.item == asked]
    return next(iter(found or sorted(lines, key=lambda line: -line.amount)), None)


def _reasons(budget: Budget, item: str, on: date) -> list[tuple[str, int, Decimal]]:
    areas = [part.region_id for part in reads.parts_of(budget)] or [budget.region_id]
    first, last = date(budget.year, 1, 1), date(budget.year, 12, 31)
    rows = by_reason(areas, budget.scheme, item, first, min(max(on, first), last))
    return [(str(Reason(reason).label), entries, amount) for reason, entries, amount in rows]


def _counties(budget: Budget) -> list[tuple[str, Decimal, Decimal | None, Decimal | None]]:
    """Counties that are given something; in effect with what plans took, and what is left."""
    rows = []
    counties = list(budget.counties.select_related("county"))
    asked = [each.county_id for each in counties] if budget.state == lifecycle.EFFECTED else []
    lefts = reads.counties_left(asked, budget.scheme, budget.year)
    for each in counties:
        taken = lefts[each.county_id].disbursed if each.county_id in lefts else None
        rest = each.amount - taken if taken is not None else None
        if each.amount or taken:
            rows.append((name_of(each.county), each.amount, taken, rest))
    return rows


def _county_amount(county: Region, typed: dict[str, str]) -> Decimal:
    """Raises AmountUnreadable."""
    text = typed.get(f"amount-{county.pk}", "")
    try:
        return typed_yuan(text or "0")
    except RuleRefused as error:
        raise budgets.AmountUnreadable(place=name_of(county), text=text) from error


def _goals(typed: dict[str, str]) -> list[tuple[str, str, int]]:
    rows = [
        tuple(typed.get(f"{name}-{place}", "") for name in ("name", "target", "points"))
        for place in range(GOAL_ROWS)
    ]
    return [
        (name[:64], target[:128], whole_number(points))
        for name, target, points in rows
        if name or target or points
    ]


def _scores(goals: list[reads.Goal], typed: dict[str, str]) -> list[budget_scores.Score]:
    """The goals of which something was typed. Raises ScoreOutside."""
    found = []
    for each in goals:
        key = each.goal.pk
        reached, score = typed.get(f"reached-{key}", ""), typed.get(f"score-{key}", "")
        if not reached and not score:
            continue
        try:
            value = typed_yuan(score)
        except RuleRefused as error:
            raise budget_scores.ScoreOutside(name=each.goal.name) from error
        found.append(
            budget_scores.Score(key, reached[:128], value, typed.get(f"use-{key}", "")[:255])
        )
    return found
