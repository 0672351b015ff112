"""YAML without its guesses, and mappings whose every key is known.

What is unclear is refused with file, key, what is wrong and what to do.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from enrollment.rules.dates import read_date
from enrollment.rules.refusals import RuleRefused


class ParameterFileError(ValueError):
    """A parameter file is refused: `name` is a stable code, the text says what to do."""

    def __init__(self, name: str, file: Path | str, key: str, wrong: str, remedy: str) -> None:
        self.name, self.file, self.key = name, str(file), key
        self.wrong, self.remedy = wrong, remedy
        super().__init__(f"{file}: {key}: {wrong}. {remedy}.")


class _StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML without its guesses: dates and decimals stay text, a key may appear once."""


_StrictLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:null", r"null|~|", ["n", "~", ""]),
    ("tag:yaml.org,2002:bool", r"true|false", ["t", "f"]),
    ("tag:yaml.org,2002:int", r"-?(0|[1-9][0-9]*)", list("-0123456789")),
):
    _StrictLoader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), _first)


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str | int):
            raise ParameterFileError(
                "not_yaml", "", str(key), "a key must be a word", "Write the key as plain text"
            )
        if key in seen:
            raise ParameterFileError(
                "duplicate_key",
                "",
                str(key),
                f"the key stands twice, again in line {key_node.start_mark.line + 1}",
                "Keep one of the two",
            )
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(path: Path) -> Any:
    """The content of a YAML file. Raises ParameterFileError `not_yaml`, `duplicate_key`."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506
    except ParameterFileError as error:
        raise ParameterFileError(error.name, path, error.key, error.wrong, error.remedy) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        told = " ".join(str(error).split())
        raise ParameterFileError(
            "not_yaml", path, "file", f"not readable as YAML: {told}", "Correct the syntax"
        ) from None


class Fields:
    """One mapping of a file, from which every key is taken once and by name."""

    def __init__(self, file: Path, where: str, raw: object, allowed: Iterable[str]) -> None:
        self.file, self.where = file, where
        if not isinstance(raw, dict):
            raise ParameterFileError(
                "wrong_type", file, where or "file", "a mapping is expected", "Write KEY: VALUE"
            )
        self.raw: dict[str, Any] = raw
        allowed = tuple(allowed)
        for key in raw:
            if key not in allowed:
                raise self.error(
                    "unknown_key",
                    str(key),
                    "the key is unknown",
                    f"Use one of {', '.join(allowed)}",
                )

    def error(self, name: str, key: str, wrong: str, remedy: str) -> ParameterFileError:
        where = f"{self.where}.{key}" if self.where and key else self.where or key
        return ParameterFileError(name, self.file, where, wrong, remedy)

    def has(self, key: str) -> bool:
        return key in self.raw

    def need(self, key: str) -> Any:
        if key not in self.raw or self.raw[key] is None:
            raise self.error("missing_key", key, "the key is missing", f"Add {key}")
        return self.raw[key]

    def text(self, key: str, *, needed: bool = False) -> str:
        raw = self.need(key) if needed else self.raw.get(key)
        if raw is None:
            return ""
        if not isinstance(raw, str):
            raise self.error("wrong_type", key, "text is expected", "Quote the value")
        return " ".join(raw.split())

    def one_of(self, key: str, choices: Sequence[str], name: str) -> str:
        word = self.text(key, needed=True)
        if word not in choices:
            raise self.error(name, key, f"{word!r} is unknown", f"Use one of {', '.join(choices)}")
        return word

    def day(self, key: str) -> date | None:
        raw = self.raw.get(key)
        if raw is None:
            return None
        try:
            return read_date(raw)
        except RuleRefused:
            raise self.error(
                "wrong_date", key, f"{raw!r} is no day", "Write an existing day as YYYY-MM-DD"
            ) from None

    def need_day(self, key: str) -> date:
        self.need(key)
        day = self.day(key)
        if day is None:
            raise self.error("missing_key", key, "the key is missing", f"Add {key}")
        return day

    def area(self, raw: object) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int) or not 110_000 <= raw <= 659_999:
            raise self.error(
                "wrong_area", "area", f"{raw!r} is no area", "Write a six-digit code such as 340100"
            )
        return raw
