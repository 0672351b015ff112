"""Template filters for figures: the one way in which money, counts and rates look on a page.

A true minus, thousands separators, a dash where a figure does not apply; the unit stands in the
head of the column, never in the cell.
"""

from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from enrollment.admin import base
from enrollment.models import Fallout, Receipt, Region, StepShard, YearStep
from enrollment.rules.regions import CITY
from enrollment.selectors.monitor import declared_step
from enrollment.selectors.parameters import description_of
from enrollment.selectors.people import name_of
from enrollment.selectors.recognition_lists import category_label, outcome_label
from enrollment.selectors.totals import SLICES

register = template.Library()

DASH = "—"
TEN_THOUSAND = Decimal(10_000)


@register.filter
def yuan(amount: Decimal | None) -> str:
    """Yuan with two places: 1,234.00."""
    return base.yuan(amount)


@register.filter
def wan(amount: Decimal | None) -> str:
    """万元 with two places, of an amount in yuan; for cities and above."""
    return DASH if amount is None else base.yuan(amount / TEN_THOUSAND)


@register.filter
def money(amount: Decimal | None, unit: str) -> str:
    """Yuan or 万元, as the reader of the page chose (`yuan`, `wan`)."""
    return wan(amount) if unit == "wan" else yuan(amount)


@register.filter
def points(difference: Decimal | None) -> str:
    """A difference of shares in percentage points, cut towards nothing: +1.36, −4.61, 0.00."""
    if difference is None:
        return DASH
    cut = (difference * 100).quantize(Decimal("0.01"), rounding=ROUND_DOWN)
    return delta(cut) if cut else "0.00"


@register.filter
def count(number: int | None) -> str:
    """Whole numbers with separators: 7,632,683."""
    return DASH if number is None else f"{number:,}".replace("-", "−")


@register.filter
def delta(number: int | Decimal | None) -> str:
    """A difference: +1,204, −87, 0; amounts with two places."""
    if number is None:
        return DASH
    text = f"{number:+,.2f}" if isinstance(number, Decimal) else f"{number:+,}"
    if not number:
        text = text.lstrip("+-")
    return text.replace("-", "−")


@register.filter
def wan_delta(amount: Decimal | None) -> str:
    """A difference of money in 万元."""
    return DASH if amount is None else delta(amount / TEN_THOUSAND)


@register.filter
def rate(share: Decimal | None) -> str:
    """A share of one as a percentage, cut and never rounded up: 94.999% shows 94.99%."""
    if share is None:
        return DASH
    cut = (share * 100).quantize(Decimal("0.01"), rounding=ROUND_DOWN)
    return f"{cut:.2f}%".replace("-", "−")


@register.filter
def day(value: date | None) -> str:
    """2026-11-20; a dash where there is none."""
    return f"{value:%Y-%m-%d}" if value else DASH


@register.filter
def starter(name: str) -> str:
    """Who began a step: somebody, or the calendar."""
    return pgettext("started by", "calendar") if name == "calendar" else name or DASH


@register.filter
def duration(seconds: int | float | None) -> str:
    """At most two parts: 41 s, 2 min 10 s, 3 h 5 min; a short measured time with its tenths."""
    if seconds is None:
        return DASH
    whole = max(0, int(seconds))
    if isinstance(seconds, float) and seconds < 10:
        return _("%(seconds)s s") % {"seconds": f"{max(0.0, seconds):.1f}"}
    if whole < 60:
        return _("%(seconds)d s") % {"seconds": whole}
    if whole < 3600:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": whole // 60, "seconds": whole % 60}
    return _("%(hours)d h %(minutes)d min") % {
        "hours": whole // 3600,
        "minutes": whole % 3600 // 60,
    }


@register.filter
def digest_ends(digest: str) -> str:
    """First twelve and last eight digits of a digest, in groups of four."""
    if len(digest) <= 20:
        return grouped(digest)
    return f"{grouped(digest[:12])} … {grouped(digest[-8:])}"


@register.filter
def grouped(digest: str) -> str:
    """A digest in groups of four."""
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """An entry of a mapping, or None."""
    return mapping.get(key)


@register.filter
def at(items: Any, index: int) -> Any:
    """An entry of a list, or None."""
    return items[index] if items and index < len(items) else None


# Facts that a template has as a code.


@register.filter
def last_day(valid: Any) -> date | None:
    """The last day inside a range of days, whose upper bound is outside."""
    return valid.upper - timedelta(days=1) if valid.upper else None


@register.filter
def region_name(region: Region) -> str:
    """A region in the language of the page."""
    return name_of(region)


RECEIPT_LOOKS: dict[str, str] = {
    "": "queued",
    Receipt.Outcome.MATCHED: "done",
    Receipt.Outcome.UNDERPAID: "waiting",
    Receipt.Outcome.OVERPAID: "returned",
    Receipt.Outcome.AFTER_WINDOW: "waiting",
    Receipt.Outcome.PAID_TWICE: "duplicate",
}


@register.filter
def receipt_look(outcome: str) -> str:
    """The look of a receipt's outcome; what found no bill needs somebody."""
    return RECEIPT_LOOKS.get(outcome, "failed")


OUTCOME_LOOKS = {"joined": "done", "left": "failed", "up": "submitted", "down": "returned"}


@register.filter
def outcome_look(outcome: str) -> str:
    """The look of what a full list does to somebody."""
    return OUTCOME_LOOKS.get(outcome, "draft")


@register.filter
def outcome_word(outcome: str) -> str:
    """What a full list does to somebody, in words."""
    return outcome_label(outcome)


@register.filter
def category_word(category: str) -> str:
    """A category in words."""
    return category_label(category)


CAUSES = {
    "new_person": gettext_lazy("new on the register"),
    "person": gettext_lazy("facts of the person"),
    "category": gettext_lazy("category"),
    "receipt": gettext_lazy("receipt"),
    "transfer": gettext_lazy("enrolment transfer"),
    "subsidy": gettext_lazy("contribution subsidy"),
    "repair": gettext_lazy("gap repair payment"),
    "claim": gettext_lazy("claim"),
}


@register.filter
def cause(code: str) -> str:
    """What changed, in words; a code that this page does not know is shown as it is."""
    return str(CAUSES.get(code, code))


STEP_LOOKS: dict[str, str] = {
    YearStep.State.RUNNING: "running",
    YearStep.State.PAUSED: "suspended",
    YearStep.State.FAILED: "failed",
    YearStep.State.REFUSED: "failed",
    YearStep.State.DONE: "done",
}


@register.filter
def step_look(state: str) -> str:
    """The look of a step's state."""
    return STEP_LOOKS.get(state, "queued")


@register.filter
def step_label(name: str) -> str:
    """What a step is called; a step that is not declared any more keeps its name."""
    declared = declared_step(name)
    return str(declared.label) if declared else name


CELLS: dict[str, str] = {
    StepShard.State.DONE: "done",
    StepShard.State.RUNNING: "run",
    StepShard.State.RETRY: "retry",
    StepShard.State.FAILED: "fail",
}


@register.filter
def cell(state: str) -> str:
    """The class of a cell in the grid of slices."""
    return CELLS.get(state, "wait")


@register.filter
def told(shard: StepShard) -> str:
    """What a cell of the grid stands for: its number or work, its state, its rows."""
    name = f"{shard.number}" if shard.phase == SLICES else work(shard.work)
    rows = f", {count(shard.rows)}" if shard.rows else ""
    return f"{name}: {shard.get_state_display()}{rows}"


AREA_WORDS = {
    "done": gettext_lazy("done"),
    "running": gettext_lazy("running"),
    "queued": gettext_lazy("queued"),
}


@register.filter
def area_word(state: str) -> str:
    """How far an area is, in a word."""
    return str(AREA_WORDS.get(state, ""))


WORKS = {
    "fill": pgettext_lazy("piece of work", "slice"),
    "refill": pgettext_lazy("piece of work", "slice again"),
    "work": pgettext_lazy("piece of work", "slice"),
    "index id": pgettext_lazy("piece of work", "key"),
    "index county": pgettext_lazy("piece of work", "index by county"),
    "index region": pgettext_lazy("piece of work", "index by township"),
    "check": pgettext_lazy("piece of work", "check of references"),
    "vacuum": pgettext_lazy("piece of work", "freeze and statistics"),
    "attach": pgettext_lazy("piece of work", "attach the year"),
}


@register.filter
def work(name: str) -> str:
    """What a piece of a step does."""
    return str(WORKS.get(name, name))


@register.filter
def fallout_word(reason: str) -> str:
    """Why somebody fell out, in a word."""
    return str(Fallout.Reason(reason).label)


@register.filter
def city_code(code: int) -> int:
    """The four digits of a city that stand in its address."""
    return code // CITY


@register.filter
def year_url(page: str, year: int) -> str:
    """The address of a page of the year for a benefit year."""
    return reverse(f"admin:{page}", args=[year])


@register.filter
def parameter_words(code: str) -> str:
    """What a parameter means."""
    return description_of(code)
