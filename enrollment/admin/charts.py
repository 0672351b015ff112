"""Charts: what a page draws, with the table of the same figures and a sentence that says it.

A template includes `enrollment/chart.html` with a `Chart`; without script, on paper and to a screen
reader the table stands for it. Nothing is computed in the browser: values are numbers as they are
shown, cut by the server.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# What a line or bar is, which decides its colour and dash (config/static/config/charts.js).
NOW, PROJECTED, LAST, TARGET = "now", "projected", "last", "target"
OTHERS = ("first", "second", "third", "fourth", "fifth")
LINE, BAR = "line", "bar"

Number = int | Decimal | None
ALL_MEDIA, OFF_PAPER = SafeString(""), SafeString(' class="tc-off-paper"')


@dataclass(frozen=True, kw_only=True)
class Series:
    """A line or a row of bars. `end` is written at its end, `point` marks one of its values."""

    name: str
    values: Sequence[Number]
    look: str
    end: str = ""
    point: tuple[int, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Band:
    """The area between two lines, over the last days of the axis that both know."""

    name: str
    low: Sequence[Number]
    high: Sequence[Number]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """`key` is its own on the page; `head` names the first column of the table.

    `summary` says what is to be seen. `marks` are the places of the axis that get a label, all
    where there are none. `places` are decimals, `unit` stands behind every value. `at` is where one
    begins to read; of a long table paper has every `on_paper`-th row from there, and both ends.
    """

    key: str
    head: str
    summary: str
    axis: Sequence[str]
    series: Sequence[Series]
    kind: str = LINE
    band: Band | None = None
    marks: Sequence[int] = ()
    unit: str = ""
    places: int = 0
    least: int | None = 0
    most: int | None = None
    stacked: bool = False
    lying: bool = False
    at: int = 0
    on_paper: int = 1

    @property
    def data_id(self) -> str:
        """Name of the element with the data."""
        return f"{self.key}-data"

    @property
    def data(self) -> dict[str, Any]:
        """What the script draws."""
        band = self.band and {
            "name": self.band.name,
            "low": [self._number(each) for each in self.band.low],
            "width": [
                None if low is None or high is None else self._number(high - low)
                for low, high in zip(self.band.low, self.band.high, strict=True)
            ],
        }
        return {
            "kind": self.kind,
            "axis": list(self.axis),
            "marks": list(self.marks),
            "unit": self.unit,
            "places": self.places,
            "least": self.least,
            "most": self.most,
            "stacked": self.stacked,
            "lying": self.lying,
            "at": self.at,
            "band": band,
            "series": [
                {
                    "name": each.name,
                    "look": each.look,
                    "end": each.end,
                    "point": each.point and {"at": each.point[0], "text": each.point[1]},
                    "values": [self._number(value) for value in each.values],
                }
                for each in self.series
            ],
        }

    def _number(self, value: Number) -> float | int | None:
        """As the script draws it, cut to the places that are shown."""
        if value is None or isinstance(value, int):
            return value
        return float(value.quantize(Decimal(1).scaleb(-self.places), rounding=ROUND_DOWN))

    @property
    def columns(self) -> list[str]:
        """Heads of the table beside its first."""
        band = [f"{self.band.name}, {end}" for end in ("≥", "≤")] if self.band else []
        return [*(each.name for each in self.series), *band]

    @property
    def body(self) -> SafeString:
        """The rows of the table in one piece: a season is thousands of cells, which a template
        writes one by one."""
        ends = (0, len(self.axis) - 1)
        return format_html_join(
            "",
            '<tr{}><th scope="row" class="nowrap">{}</th>{}</tr>',
            (
                (
                    ALL_MEDIA if at in ends or (at - self.at) % self.on_paper == 0 else OFF_PAPER,
                    name,
                    _figures(values),
                )
                for at, (name, values) in enumerate(self.rows)
            ),
        )

    @property
    def rows(self) -> Iterable[tuple[str, list[str]]]:
        """The table: what the axis says, and each value as it is shown."""
        told = [each.values for each in self.series]
        if self.band:
            told += [self.band.low, self.band.high]
        for at, name in enumerate(self.axis):
            yield name, [self._shown(values[at]) for values in told]

    def _shown(self, value: Number) -> str:
        if value is None:
            return "—"
        cut = Decimal(value).quantize(Decimal(1).scaleb(-self.places), rounding=ROUND_DOWN)
        return f"{cut:,}{self.unit}".replace("-", "−")


def table_rows(rows: Iterable[tuple[str, Sequence[str]]]) -> SafeString:
    """Rows of figures with their names, everything escaped."""
    return format_html_join(
        "",
        '<tr><th scope="row" class="nowrap">{}</th>{}</tr>',
        ((name, _figures(values)) for name, values in rows),
    )


def _figures(values: Sequence[str]) -> SafeString:
    return format_html('<td class="num">{}</td>' * len(values), *values)


__all__ = [
    "BAR",
    "LAST",
    "LINE",
    "NOW",
    "OTHERS",
    "PROJECTED",
    "TARGET",
    "Band",
    "Chart",
    "Series",
    "table_rows",
]
