"""Why a figure of a year of cover is what it is: from what the step kept, nothing computed anew."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from enrollment.models import (
    Award,
    Enrollment,
    Person,
    PolicyParameter,
    StepQuota,
    StepShard,
    StepTerms,
    YearStep,
)
from enrollment.models.person import Category
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.regions import pooling_area_of
from enrollment.selectors.people import name_of
from enrollment.selectors.policy import PolicyBook, policy_book


@dataclass(frozen=True, slots=True)
class WhyLine:
    """A step of a figure: name and amount, the parameter with its area and days, its clause."""

    label: str
    amount: Decimal | None = None
    text: str = ""
    citation: str = ""
    code: str = ""  # of the parameter
    area: str = ""
    valid: tuple[date | None, date | None] = (None, None)
    status: str = ""  # verified, unverified, example: said on screen wherever it is not verified


@dataclass(frozen=True, slots=True)
class Why:
    """Why a figure of a year is what it is."""

    subject: str  # standard, subsidy or payable
    year: int
    answer: Decimal
    lines: list[WhyLine]
    computed_on: date | None
    step: YearStep | None


SUBJECTS = ("standard", "subsidy", "payable")


def why(person: Person, row: Enrollment, subject: str) -> Why:
    """Standard, subsidy or payable of a row, from what the step kept and nothing computed anew.

    Raises KeyError for another subject.
    """
    amount: Decimal = {name: getattr(row, name) for name in SUBJECTS}[subject]
    step = step_of_shard(row.shard)
    sources = _Sources(row, step)
    lines = []
    if subject != "subsidy":
        lines.append(sources.standard())
    if subject != "standard":
        lines.extend(sources.subsidy(person))
    return Why(subject, row.year, amount, lines, step.on if step else None, step)


def step_of_shard(shard: int | None) -> YearStep | None:
    """The step whose shard made a row; none for a row that came by a file or a case."""
    if shard is None:
        return None
    found = StepShard.objects.select_related("step").filter(pk=shard).first()
    return found.step if found else None


def parameter_lines(sources: Mapping[str, Mapping[str, Any]]) -> dict[str, WhyLine]:
    """The parameter behind each source that a step kept, by the name of the source: one query."""
    keys = {source["parameter"] for source in sources.values()}
    rows = PolicyParameter.objects.select_related("area").in_bulk(keys)
    return {
        name: _parameter_line(source, rows.get(source["parameter"]))
        for name, source in sources.items()
    }


def _parameter_line(source: Mapping[str, Any], row: PolicyParameter | None) -> WhyLine:
    citation = " ".join(part for part in (source["document"], source["clause"]) if part)
    if row is None:
        return WhyLine("", None, source["code"], citation, status=source["status"])
    last = row.valid.upper - timedelta(days=1) if row.valid.upper else None
    return WhyLine(
        "",
        citation=citation,
        code=row.code,
        area=name_of(row.area),
        valid=(row.valid.lower, last),
        status=source["status"],
    )


class _Sources:
    """The parameters behind a row: those its step kept, or for a row of history those in force."""

    def __init__(self, row: Enrollment, step: YearStep | None) -> None:
        self.row = row
        self.step = step
        self.area = pooling_area_of(row.region_id)
        self._book: PolicyBook | None = None

    def line(self, label: str, amount: Decimal, source: dict[str, Any] | None) -> WhyLine:
        """A figure with its parameter: what it is, where and when it holds, who says so."""
        if not source:
            return WhyLine(label, amount, str(_("The parameter is not on file.")))
        return replace(parameter_lines({label: source})[label], label=label, amount=amount)

    def standard(self) -> WhyLine:
        label = str(_("Individual standard"))
        source = self._kept_terms().get("standard") or self._in_force(
            "contribution.individual_standard"
        )
        return self.line(label, self.row.standard, source)

    def subsidy(self, person: Person) -> Iterable[WhyLine]:
        """The category and its quota, then every award: they add up to the subsidy."""
        row = self.row
        if row.category:
            yield self._category(person)
        awards = list(Award.objects.filter(enrollment=row).order_by("pk"))
        if row.category and not awards:
            yield self._quota(row.category, row.subsidy)
        for award in awards:
            if award.shard is not None and award.category:
                yield self._quota(award.category, award.amount)
            else:
                yield _award(award)
        if not row.category and not awards:
            yield WhyLine(
                str(_("No subsidy")),
                row.subsidy,
                str(_("No subsidised category was in force on the day of the step.")),
            )

    def _category(self, person: Person) -> WhyLine:
        on = self.step.on if self.step else date(self.row.year, 1, 1)
        held = person.categories.filter(category=self.row.category, valid__contains=on).first()
        text = ""
        if held is not None:
            text = str(
                _("recognised by %(source)s from %(day)s")
                % {"source": held.get_source_display(), "day": held.valid.lower}
            )
        label = str(Category(self.row.category).label)
        return WhyLine(label, None, text, "皖医保发〔2024〕6号 一（一）")

    def _quota(self, category: str, amount: Decimal) -> WhyLine:
        label = str(_("Quota of medical assistance"))
        source = self._kept_quota(category) or self._in_force(f"subsidy.quota.{category}")
        return self.line(label, amount, source)

    def _kept_terms(self) -> dict[str, Any]:
        terms = StepTerms.objects.filter(step=self.step, area=self.area).first()
        return terms.sources if terms else {}

    def _kept_quota(self, category: str) -> dict[str, Any] | None:
        quota = StepQuota.objects.filter(step=self.step, area=self.area, category=category).first()
        return quota.sources if quota else None

    def _in_force(self, code: str) -> dict[str, Any] | None:
        if self._book is None:
            self._book = policy_book([code])
        try:
            value = self._book.find(code, area=self.area, on=date(self.row.year, 1, 1))
        except MissingParameter:
            return None
        return self._book.source(value)


def _award(award: Award) -> WhyLine:
    """Money that did not come by a quota: who gave it, when, by which case."""
    day = award.awarded_on.isoformat()
    text = str(_("Case %(case)s, %(day)s") % {"case": award.case_id, "day": day})
    text = text if award.case_id else day
    return WhyLine(str(award.get_funder_display()), award.amount, text)


__all__ = ["SUBJECTS", "Why", "WhyLine", "parameter_lines", "why"]
