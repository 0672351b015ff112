"""Reading parameters from YAML, strictly: what is unclear is refused with file, key and remedy.

The format is described in enrollment/parameters/README.md. Nothing here touches the database; the
caller says which folders hold parameters, because enrollment does not know the apps above it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from enrollment.rules.dates import DayWindow, YearDay, read_date
from enrollment.rules.money import plain, round_yuan
from enrollment.rules.parameter_units import UNITS, Span, stored
from enrollment.rules.parameters import (
    EXAMPLE,
    SCHEMES,
    UNVERIFIED,
    VERIFIED,
    Document,
    MissingParameter,
    ParameterValue,
    province_of,
    resolve,
)
from enrollment.rules.refusals import RuleRefused

DOCUMENTS = "documents.yaml"
EXAMPLES = "example"
NATIONAL = 0


class ParameterFileError(ValueError):
    """A parameter file is refused: `name` is a stable code, the text says what to do."""

    def __init__(self, name: str, file: Path | str, key: str, wrong: str, remedy: str) -> None:
        self.name, self.file, self.key = name, str(file), key
        self.wrong, self.remedy = wrong, remedy
        super().__init__(f"{file}: {key}: {wrong}. {remedy}.")


@dataclass(frozen=True, slots=True)
class CityRule:
    """What a city may set: nothing, anything, what keeps to the province's value, or a share."""

    kind: str = "refused"
    share_of: str = ""
    rates: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """What one file says about its parameter, apart from the values."""

    code: str
    description_en: str
    description_zh: str
    unit: str
    scheme: str
    reading: str
    choices: tuple[str, ...]
    supported: tuple[Any, ...]
    low: Any
    high: Any
    city_rule: CityRule
    file: str


@dataclass(frozen=True)
class ParameterBook:
    """Every document, definition and value that was read."""

    documents: Mapping[str, Document]
    definitions: Mapping[str, Definition]
    values: tuple[ParameterValue, ...]

    def __post_init__(self) -> None:
        by_code: dict[str, list[ParameterValue]] = defaultdict(list)
        for value in self.values:
            by_code[value.code].append(value)
        object.__setattr__(self, "_by_code", by_code)

    def values_of(self, code: str) -> list[ParameterValue]:
        by_code: dict[str, list[ParameterValue]] = self.__dict__["_by_code"]
        return by_code.get(code, [])

    def find(self, code: str, *, area: int, on: date, scheme: str) -> ParameterValue:
        """As `resolve`. Raises MissingParameter."""
        return resolve(self.values_of(code), code, area, on, scheme)


class _StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML without its guesses: dates and decimals stay text, a key may appear once."""


_StrictLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:null", r"null|~|", ["n", "~", ""]),
    ("tag:yaml.org,2002:bool", r"true|false", ["t", "f"]),
    ("tag:yaml.org,2002:int", r"-?(0|[1-9][0-9]*)", list("-0123456789")),
):
    _StrictLoader.add_implicit_resolver(
        _tag, __import__("re").compile(rf"^(?:{_pattern})$"), _first
    )


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


class _Fields:
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

    def day(self, key: str, *, needed: bool = False) -> date | None:
        raw = self.need(key) if needed else self.raw.get(key)
        if raw is None:
            return None
        try:
            return read_date(raw)
        except RuleRefused:
            raise self.error(
                "wrong_date", key, f"{raw!r} is no day", "Write an existing day as YYYY-MM-DD"
            ) from None

    def area(self, raw: object) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int) or not 110_000 <= raw <= 659_999:
            raise self.error(
                "wrong_area", "area", f"{raw!r} is no area", "Write a six-digit code such as 340100"
            )
        return raw


_DOCUMENT_KEYS = (
    "key", "number", "title", "issuer", "issued_on", "in_force_from", "url", "province",
)  # fmt: skip
_FILE_KEYS = (
    "code", "description", "unit", "scheme", "reading", "choices", "supported", "range",
    "city_values", "values",
)  # fmt: skip
_VALUE_KEYS = (
    "area", "scheme", "from", "until", "value", "document", "clause", "url", "verified_on",
    "status", "note",
)  # fmt: skip


def read_documents(path: Path) -> dict[str, Document]:
    """The documents of documents.yaml by key. Raises ParameterFileError."""
    raw = read_yaml(path)
    if not isinstance(raw, list):
        raise ParameterFileError("wrong_type", path, "file", "a list is expected", "Write - key:")
    documents: dict[str, Document] = {}
    for number, entry in enumerate(raw, start=1):
        fields = _Fields(path, f"document {number}", entry, _DOCUMENT_KEYS)
        key = fields.text("key", needed=True)
        if key in documents:
            raise fields.error("duplicate_document", "key", f"{key} stands twice", "Keep one")
        province = fields.raw.get("province")
        documents[key] = Document(
            key=key,
            number=fields.text("number"),
            title=fields.text("title", needed=True),
            issuer=fields.text("issuer", needed=True),
            issued_on=fields.day("issued_on"),
            in_force_from=fields.day("in_force_from"),
            url=fields.text("url"),
            province=None if province is None else fields.area(province),
        )
    return documents


def load_parameters(roots: Sequence[Path], *, examples: bool = False) -> ParameterBook:
    """Everything under the parameter folders of the apps, checked as a whole.

    The first root holds documents.yaml and, with `examples`, the folder of example values, which
    only synthetic provinces use. Raises ParameterFileError at the first mistake.
    """
    documents = read_documents(roots[0] / DOCUMENTS)
    definitions: dict[str, Definition] = {}
    values: list[ParameterValue] = []
    for root in roots:
        for path in _files(root):
            definition, found = _read_file(root, path, documents)
            if definition.code in definitions:
                raise ParameterFileError(
                    "duplicate_code",
                    path,
                    "code",
                    f"{definition.code} is also defined in {definitions[definition.code].file}",
                    "Keep one file a parameter",
                )
            definitions[definition.code] = definition
            values += found
    if examples:
        values += _read_examples(roots[0] / EXAMPLES, definitions)
    book = ParameterBook(documents, definitions, tuple(_closed(values, definitions)))
    _check_readings(book)
    _check_cities(book)
    return book


def _files(root: Path) -> list[Path]:
    files = []
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if path.is_dir() or inside.parts[0] == EXAMPLES or inside.name == "README.md":
            continue
        if inside == Path(DOCUMENTS):
            continue
        files.append(_yaml_only(path))
    return files


def _yaml_only(path: Path) -> Path:
    if path.suffix != ".yaml":
        raise ParameterFileError(
            "unexpected_file", path, "file", "only .yaml files are read here", "Rename or move it"
        )
    return path


def _read_file(
    root: Path, path: Path, documents: Mapping[str, Document]
) -> tuple[Definition, list[ParameterValue]]:
    fields = _Fields(path, "", read_yaml(path), _FILE_KEYS)
    definition = _definition(root, path, fields)
    return definition, _values(path, fields.need("values"), definition, documents, example=False)


def _definition(root: Path, path: Path, fields: _Fields) -> Definition:
    code = fields.text("code", needed=True)
    expected = ".".join(path.relative_to(root).with_suffix("").parts)
    if code != expected:
        raise fields.error(
            "path_not_code", "code", f"{code} does not equal the path", f"Write {expected} or move"
        )
    description = _Fields(path, "description", fields.need("description"), ("en", "zh"))
    unit = fields.text("unit", needed=True)
    if unit not in UNITS:
        raise fields.error(
            "unknown_unit", "unit", f"{unit!r} is unknown", f"Use one of {', '.join(UNITS)}"
        )
    low, high = _range(fields, unit)
    return Definition(
        code=code,
        description_en=description.text("en", needed=True),
        description_zh=description.text("zh", needed=True),
        unit=unit,
        scheme=fields.one_of("scheme", SCHEMES, "unknown_scheme"),
        reading=fields.text("reading"),
        choices=_choices(fields, unit),
        supported=_supported(fields, unit),
        low=low,
        high=high,
        city_rule=_city_rule(path, fields),
        file=str(path),
    )


def _choices(fields: _Fields, unit: str) -> tuple[str, ...]:
    if (unit == "choice") != fields.has("choices"):
        raise fields.error(
            "wrong_choices", "choices", "choices belong to the unit choice", "Add or remove them"
        )
    if unit != "choice":
        return ()
    return tuple(_in_unit(fields, "choices", "codes", fields.need("choices")))


def _supported(fields: _Fields, unit: str) -> tuple[Any, ...]:
    if not fields.has("supported"):
        return ()
    if not fields.has("reading") or not isinstance(fields.need("supported"), list):
        raise fields.error(
            "wrong_type",
            "supported",
            "a list beside the reading is expected",
            "Name the reading, and the values that the rules know",
        )
    return tuple(_in_unit(fields, "supported", unit, raw) for raw in fields.need("supported"))


def _range(fields: _Fields, unit: str) -> tuple[Any, Any]:
    if not fields.has("range"):
        return None, None
    raw = fields.need("range")
    if not isinstance(raw, list) or len(raw) != 2:
        raise fields.error("wrong_type", "range", "two bounds are expected", "Write [low, high]")
    return _in_unit(fields, "range", unit, raw[0]), _in_unit(fields, "range", unit, raw[1])


def _city_rule(path: Path, fields: _Fields) -> CityRule:
    raw = fields.raw.get("city_values", "refused")
    if isinstance(raw, dict):
        share = _Fields(path, "city_values", raw, ("share_of", "rates"))
        return CityRule(
            "share", share.text("share_of", needed=True), share.text("rates", needed=True)
        )
    kinds = ("refused", "allowed", "at_least_province", "inside_province")
    return CityRule(fields.one_of("city_values", kinds, "wrong_type") if raw != "refused" else raw)


def _in_unit(fields: _Fields, key: str, unit: str, raw: object) -> Any:
    try:
        return UNITS[unit].read(raw)
    except RuleRefused as refused:
        raise fields.error(
            "value_outside_unit",
            key,
            f"{raw!r} does not fit the unit {unit} ({refused.name})",
            f"Write {UNITS[unit].written}",
        ) from None


def _values(
    path: Path,
    raw: object,
    definition: Definition,
    documents: Mapping[str, Document],
    *,
    example: bool,
) -> list[ParameterValue]:
    if not isinstance(raw, list):
        raise ParameterFileError(
            "wrong_type", path, "values", "a list is expected", "Write - area: ... for each value"
        )
    found: list[ParameterValue] = []
    for number, entry in enumerate(raw, start=1):
        fields = _Fields(path, f"value {number}", entry, _VALUE_KEYS)
        areas = fields.need("area")
        value = _value(fields, definition, documents, example=example)
        for area in areas if isinstance(areas, list) else [areas]:
            found.append(replace(value, area=fields.area(area)))
    return found


def _value(
    fields: _Fields,
    definition: Definition,
    documents: Mapping[str, Document],
    *,
    example: bool,
) -> ParameterValue:
    first, last = fields.day("from", needed=True), fields.day("until")
    assert first is not None
    if last is not None and last < first:
        raise fields.error("dates_reversed", "until", f"{last} lies before {first}", "Swap them")
    raw = fields.raw.get("value")
    value = _in_unit(fields, "value", definition.unit, fields.need("value"))
    _check_choice(fields, definition, raw, value)
    _check_range(fields, definition, value)
    key = fields.text("document")
    if key and key not in documents:
        raise fields.error(
            "unknown_document", "document", f"{key} is not in {DOCUMENTS}", "Add the document there"
        )
    status = _status(fields, example=example)
    return ParameterValue(
        code=definition.code,
        area=NATIONAL,
        scheme=_scheme(fields, definition),
        valid_from=first,
        valid_until=last,
        unit=definition.unit,
        value=value,
        stored=stored(value),
        document=key,
        document_citation=documents[key].citation if key else "",
        clause=fields.text("clause"),
        url=fields.text("url") or (documents[key].url if key else ""),
        verified_on=fields.day("verified_on"),
        status=status,
        note=fields.text("note"),
    )


def _scheme(fields: _Fields, definition: Definition) -> str:
    if not fields.has("scheme"):
        return definition.scheme
    scheme = fields.one_of("scheme", SCHEMES, "unknown_scheme")
    if definition.scheme != "both":
        raise fields.error(
            "unknown_scheme",
            "scheme",
            "the file is for one scheme",
            "Remove it, or write both above",
        )
    return scheme


def _status(fields: _Fields, *, example: bool) -> str:
    status = fields.one_of("status", (VERIFIED, UNVERIFIED, EXAMPLE), "unknown_status")
    if (status == EXAMPLE) != example:
        raise fields.error(
            "example_misplaced",
            "status",
            f"{status} does not belong into this folder",
            f"Example values stand in {EXAMPLES}/, and nothing else does",
        )
    needed = ("document", "clause", "verified_on") if status == VERIFIED else ()
    for key in needed:
        if not fields.has(key):
            raise fields.error(
                "missing_key",
                key,
                f"a verified value needs {key}",
                f"Add {key}, or mark unverified",
            )
    refused = {UNVERIFIED: ("verified_on",), EXAMPLE: ("verified_on", "document", "clause", "url")}
    for key in refused.get(status, ()):
        if fields.has(key):
            raise fields.error(
                "status_contradicted", key, f"the status is {status}", f"Remove {key}"
            )
    return status


def _check_choice(fields: _Fields, definition: Definition, raw: object, value: Any) -> None:
    if definition.choices and value not in definition.choices:
        raise fields.error(
            "value_outside_unit",
            "value",
            f"{raw!r} is no choice of {definition.code}",
            f"Use one of {', '.join(definition.choices)}",
        )
    if definition.supported and value not in definition.supported:
        raise fields.error(
            "reading_not_supported",
            "value",
            f"reading {definition.reading} with {raw!r} is not built",
            f"Use {', '.join(str(stored(entry)) for entry in definition.supported)}",
        )


def _order(value: Any) -> Any:
    """Days of a year compare by their place in it, everything else as it is."""
    if isinstance(value, YearDay):
        return value.offset, value.month, value.day or 31
    return value


def _check_range(fields: _Fields, definition: Definition, value: Any) -> None:
    if definition.low is None or value is None:
        return
    if not _order(definition.low) <= _order(value) <= _order(definition.high):
        raise fields.error(
            "value_outside_range",
            "value",
            f"{stored(value)} lies outside {stored(definition.low)} to {stored(definition.high)}",
            "Correct the value, or the range with its clause",
        )


def _read_examples(folder: Path, definitions: Mapping[str, Definition]) -> list[ParameterValue]:
    found: list[ParameterValue] = []
    for path in sorted(folder.rglob("*")):
        if path.is_dir() or path.name == "README.md":
            continue
        code = ".".join(_yaml_only(path).relative_to(folder).with_suffix("").parts)
        if code not in definitions:
            raise ParameterFileError(
                "path_not_code",
                path,
                "file",
                f"{code} is no parameter",
                "Give the example the path of the parameter that it belongs to",
            )
        fields = _Fields(path, "", read_yaml(path), ("values",))
        found += _values(path, fields.need("values"), definitions[code], {}, example=True)
    return found


def _closed(
    values: Iterable[ParameterValue], definitions: Mapping[str, Definition]
) -> list[ParameterValue]:
    """Each open value ends on the day before the next one of its area and scheme."""
    groups: dict[tuple[str, int, str], list[ParameterValue]] = defaultdict(list)
    for value in values:
        groups[value.code, value.area, value.scheme].append(value)
    closed: list[ParameterValue] = []
    for (code, area, scheme), group in groups.items():
        group.sort(key=lambda value: value.valid_from)
        for value, later in zip(group, group[1:], strict=False):
            if value.valid_from == later.valid_from or (
                value.valid_until is not None and value.valid_until >= later.valid_from
            ):
                raise ParameterFileError(
                    "overlapping_values",
                    definitions[code].file,
                    f"area {area}, {scheme}",
                    f"two values hold on {later.valid_from}",
                    "End the earlier value before, or remove one",
                )
            end = value.valid_until or later.valid_from - timedelta(days=1)
            closed.append(replace(value, valid_until=end))
        closed.append(group[-1])
    return closed


def _check_readings(book: ParameterBook) -> None:
    for definition in book.definitions.values():
        if definition.reading and not definition.supported and definition.unit == "choice":
            raise ParameterFileError(
                "missing_key",
                definition.file,
                "supported",
                "a reading must say which values the rules know",
                "Add supported",
            )
        for code in filter(None, (definition.city_rule.share_of, definition.city_rule.rates)):
            if code not in book.definitions:
                raise ParameterFileError(
                    "unknown_code",
                    definition.file,
                    "city_values",
                    f"{code} is no parameter",
                    "Name the code of an existing parameter",
                )


def _check_cities(book: ParameterBook) -> None:
    """Cities set what the province's law lets them, on every day on which both hold."""
    for value in book.values:
        definition = book.definitions[value.code]
        if value.area == province_of(value.area):
            continue
        match definition.city_rule.kind:
            case "refused":
                raise _city_error(
                    "city_value_refused",
                    definition,
                    value,
                    "cities do not set this parameter",
                    "Remove the value, or say under city_values what they may set",
                )
            case "inside_province":
                for _first, _last, limit in _province_values(book, value, value.code):
                    _check_inside(definition, value, limit)
            case "at_least_province":
                for _first, _last, limit in _province_values(book, value, value.code):
                    _check_at_least(definition, value, limit)
            case "share":
                _check_share(book, definition, value)


def _city_error(
    name: str, definition: Definition, value: ParameterValue, wrong: str, remedy: str
) -> ParameterFileError:
    key = f"area {value.area} from {value.valid_from}"
    return ParameterFileError(name, definition.file, key, wrong, remedy)


def _province_values(
    book: ParameterBook, value: ParameterValue, code: str
) -> list[tuple[date, date | None, ParameterValue]]:
    """The province's values of `code` while `value` holds, with the first and last such day."""
    found = []
    for limit in book.values_of(code):
        if limit.area != province_of(value.area):
            continue
        first = max(limit.valid_from, value.valid_from)
        ends = [day for day in (limit.valid_until, value.valid_until) if day is not None]
        last = min(ends) if ends else None
        if last is None or first <= last:
            found.append((first, last, limit))
    if not found or min(first for first, _last, _limit in found) > value.valid_from:
        definition = book.definitions[value.code]
        raise _city_error(
            "city_value_cannot_be_checked",
            definition,
            value,
            f"the province has no {code} on {value.valid_from}",
            "Add the province's value first",
        )
    return found


def _check_at_least(definition: Definition, value: ParameterValue, limit: ParameterValue) -> None:
    if value.value < limit.value:
        raise _city_error(
            "city_value_outside_range",
            definition,
            value,
            f"{value.stored} is less than the province's {limit.stored}",
            "Correct the city's value",
        )


def _check_inside(definition: Definition, value: ParameterValue, limit: ParameterValue) -> None:
    own, province = value.value, limit.value
    assert isinstance(own, DayWindow) and isinstance(province, DayWindow)
    inside = _order(province.first) <= _order(own.first) and _order(own.last) <= _order(
        province.last
    )
    if not inside:
        raise _city_error(
            "city_value_outside_range",
            definition,
            value,
            f"{value.stored} leaves the province's {limit.stored}",
            "Correct the city's value",
        )


def _check_share(book: ParameterBook, definition: Definition, value: ParameterValue) -> None:
    rule = definition.city_rule
    for first, last, standard in _province_values(book, value, rule.share_of):
        part = replace(value, valid_from=first, valid_until=last)
        for day, _last, rates in _province_values(book, part, rule.rates):
            low, high = share_bounds(standard.value, rates.value)
            if not low <= value.value <= high:
                raise _city_error(
                    "city_value_outside_range",
                    definition,
                    value,
                    f"{plain(value.value)} lies outside {plain(low)} to {plain(high)} on {day}"
                    f" ({rule.rates} of {rule.share_of})",
                    "Correct the city's value, or end it when the province's number changes",
                )


def share_bounds(standard: Decimal, rates: Span) -> tuple[Decimal, Decimal]:
    """Lowest and highest amount in yuan that `rates` of `standard` allow, both inside."""
    return round_yuan(standard * rates.low), round_yuan(standard * rates.high)


__all__ = ["MissingParameter", "ParameterBook", "ParameterFileError", "load_parameters"]
