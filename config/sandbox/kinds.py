"""How an input of a case is written in a form, and read back from it.

Reading a form never fails: what does not fit stands in the case as it was written, and the rules
refuse it by name.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from benefits.rules.covers import NONE

Pairs = Iterable[tuple[str, str]]  # names and texts of a form
Form = MultiValueDict[str, str]

YES, NO = "yes", "no"
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_BETWEEN = re.compile(r"[\s,;，；、]+")


class _Missing:
    """The form says nothing of an input."""


MISSING = _Missing()


@dataclass(frozen=True, slots=True)
class Kind:
    """`read` finds the input `name` in a form; `write` is its inverse; `widget` a template's part.

    `parts` are the ends of the names of the texts that make up one input.
    """

    widget: str
    read: Callable[[Form, str], Any]
    write: Callable[[str, Any], Pairs]
    numeric: bool = False


def whole(text: str) -> int | str:
    """A whole number, or the text where it is none."""
    return int(text) if _WHOLE.fullmatch(text) else text


def words_of(text: str) -> list[str]:
    """The entries of a list: separated by spaces, lines, commas, 、."""
    return [word for word in _BETWEEN.split(text) if word]


def lines_of(text: str) -> list[list[str]]:
    """The words of each line that has some."""
    return [words for line in text.splitlines() if (words := words_of(line))]


def text_in(form: Form, name: str) -> str:
    return (form.get(name) or "").strip()


def _read_text(form: Form, name: str) -> Any:
    return text_in(form, name) or MISSING


def _read_whole(form: Form, name: str) -> Any:
    text = text_in(form, name)
    return whole(text) if text else MISSING


def _write_text(name: str, value: Any) -> Pairs:
    return [(name, "" if value is None else str(value))]


def _read_flag(form: Form, name: str) -> Any:
    text = text_in(form, name)
    return {YES: True, NO: False}.get(text, text) if text else MISSING


def _write_flag(name: str, value: Any) -> Pairs:
    return [(name, {True: YES, False: NO}.get(value, str(value)))]


def _read_several(form: Form, name: str) -> Any:
    return form.getlist(name)


def _write_several(name: str, value: Any) -> Pairs:
    return [(name, str(each)) for each in value]


def _read_span(form: Form, name: str) -> Any:
    days = [text_in(form, f"{name}_first"), text_in(form, f"{name}_last")]
    return days if any(days) else MISSING


def _write_span(name: str, value: Any) -> Pairs:
    return [(f"{name}_first", str(value[0])), (f"{name}_last", str(value[1]))]


def _read_list(form: Form, name: str) -> Any:
    words = words_of(text_in(form, name))
    return words or MISSING


def _write_list(name: str, value: Any) -> Pairs:
    return [(name, "\n".join(map(str, value)))]


def _read_by_year(form: Form, name: str) -> Any:
    """Lines of a year and an amount; a year that stands twice is given on as twice."""
    found: dict[str, Any] = {}
    for words in lines_of(text_in(form, name)):
        year, amount = words[0].rstrip(":："), " ".join(words[1:])
        # " 2027" is read as a second 2027, and refused as such.
        found[f"0{year}" if year in found else year] = amount
    return found or MISSING


def _write_by_year(name: str, value: Mapping[Any, Any]) -> Pairs:
    return [(name, "\n".join(f"{year} {amount}" for year, amount in value.items()))]


def _read_by_code(form: Form, name: str) -> Any:
    start = f"{name}_"
    return {
        key.removeprefix(start): text
        for key in form
        if key.startswith(start) and (text := text_in(form, key))
    }


def _write_by_code(name: str, value: Mapping[Any, Any]) -> Pairs:
    return [(f"{name}_{code}", str(amount)) for code, amount in value.items()]


# The years of a person: one hidden text a year, turned by a click.


def history_of(form: Form, name: str) -> dict[str, str]:
    """Cover by year as the form holds it, with the years without cover."""
    found = {}
    for text in form.getlist(name):
        year, _colon, cover = text.partition(":")
        found[year] = cover
    return found


def _read_history(form: Form, name: str) -> Any:
    return {year: cover for year, cover in history_of(form, name).items() if cover != NONE}


def _write_history(name: str, value: Mapping[Any, Any]) -> Pairs:
    return [(name, f"{year}:{cover}") for year, cover in value.items()]


def _read_years(form: Form, name: str) -> Any:
    years = [whole(text) for text in form.getlist(name)]
    return years or MISSING


def _read_paid_by_year(form: Form, name: str) -> Any:
    return _read_by_code(form, name) or MISSING


# Relations of cover, a line each.


def _relation(words: Sequence[str]) -> list[Any]:
    if words and words[0] == "resident":
        return [*words[:2], *map(whole, words[2:])]
    return list(words)


def _read_relations(form: Form, name: str) -> Any:
    return [_relation(words) for words in lines_of(text_in(form, name))]


def _write_relations(name: str, value: Any) -> Pairs:
    return [(name, "\n".join(" ".join(map(str, each)) for each in value))]


def _read_relation(form: Form, name: str) -> Any:
    words = words_of(text_in(form, name))
    return _relation(words) if words else MISSING


def _write_relation(name: str, value: Any) -> Pairs:
    return [(name, " ".join(map(str, value)))]


def _read_lines(form: Form, name: str) -> Any:
    lines = [line.strip() for line in text_in(form, name).splitlines() if line.strip()]
    return lines or MISSING


TEXT = Kind("text", _read_text, _write_text)
DAY = Kind("day", _read_text, _write_text)
MONTH = Kind("month", _read_text, _write_text)
MONEY = Kind("number", _read_text, _write_text, numeric=True)
NUMBER = Kind("number", _read_text, _write_text, numeric=True)
WHOLE = Kind("whole", _read_whole, _write_text, numeric=True)
YEAR = Kind("year", _read_whole, _write_text, numeric=True)
FLAG = Kind("flag", _read_flag, _write_flag)
CHOICE = Kind("choice", _read_text, _write_text)
SEVERAL = Kind("several", _read_several, _write_several)
SPAN = Kind("span", _read_span, _write_span)
LIST = Kind("lines", _read_list, _write_list)
LINES = Kind("lines", _read_lines, _write_list)
BY_YEAR = Kind("lines", _read_by_year, _write_by_year)
BY_CODE = Kind("by_code", _read_by_code, _write_by_code)
RELATIONS = Kind("lines", _read_relations, _write_relations)
RELATION = Kind("text", _read_relation, _write_relation)
# Rows of the table of years.
HISTORY = Kind("history", _read_history, _write_history)
YEARS = Kind("years", _read_years, _write_several)
PAID = Kind("paid", _read_paid_by_year, _write_by_code)


def form_of(pairs: Pairs) -> QueryDict:
    """A form that holds these texts."""
    form = QueryDict(mutable=True)
    for name, text in pairs:
        form.appendlist(name, text)
    return form
