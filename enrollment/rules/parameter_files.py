"""Reading parameters from YAML, strictly: what is unclear is refused with file, key and remedy.

The format is described in enrollment/parameters/README.md. Nothing here touches the database; the
caller says which folders hold parameters, because enrollment does not know the apps above it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from enrollment.rules.parameter_checks import check_cities, check_readings, close_open_values
from enrollment.rules.parameter_units import UNITS, order, stored
from enrollment.rules.parameter_yaml import Fields, ParameterFileError, read_yaml
from enrollment.rules.parameters import (
    EXAMPLE,
    SCHEMES,
    UNVERIFIED,
    VERIFIED,
    CityRule,
    Definition,
    Document,
    ParameterBook,
    ParameterValue,
)
from enrollment.rules.refusals import RuleRefused

DOCUMENTS = "documents.yaml"
EXAMPLES = "example"


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
        fields = Fields(path, f"document {number}", entry, _DOCUMENT_KEYS)
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
    book = ParameterBook(documents, definitions, tuple(close_open_values(values, definitions)))
    check_readings(book)
    check_cities(book)
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
    fields = Fields(path, "", read_yaml(path), _FILE_KEYS)
    definition = _definition(root, path, fields)
    return definition, _values(path, fields.need("values"), definition, documents, example=False)


def _definition(root: Path, path: Path, fields: Fields) -> Definition:
    code = fields.text("code", needed=True)
    expected = ".".join(path.relative_to(root).with_suffix("").parts)
    if code != expected:
        raise fields.error(
            "path_not_code", "code", f"{code} does not equal the path", f"Write {expected} or move"
        )
    description = Fields(path, "description", fields.need("description"), ("en", "zh"))
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


def _choices(fields: Fields, unit: str) -> tuple[str, ...]:
    if (unit == "choice") != fields.has("choices"):
        raise fields.error(
            "wrong_choices", "choices", "choices belong to the unit choice", "Add or remove them"
        )
    if unit != "choice":
        return ()
    return tuple(_in_unit(fields, "choices", "codes", fields.need("choices")))


def _supported(fields: Fields, unit: str) -> tuple[Any, ...]:
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


def _range(fields: Fields, unit: str) -> tuple[Any, Any]:
    if not fields.has("range"):
        return None, None
    raw = fields.need("range")
    if not isinstance(raw, list) or len(raw) != 2:
        raise fields.error("wrong_type", "range", "two bounds are expected", "Write [low, high]")
    return _in_unit(fields, "range", unit, raw[0]), _in_unit(fields, "range", unit, raw[1])


def _city_rule(path: Path, fields: Fields) -> CityRule:
    raw = fields.raw.get("city_values", "refused")
    if isinstance(raw, dict):
        share = Fields(path, "city_values", raw, ("share_of", "rates"))
        return CityRule(
            "share", share.text("share_of", needed=True), share.text("rates", needed=True)
        )
    kinds = ("refused", "allowed", "at_least_province", "inside_province")
    return CityRule(fields.one_of("city_values", kinds, "wrong_type") if raw != "refused" else raw)


def _in_unit(fields: Fields, key: str, unit: str, raw: object) -> Any:
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
        fields = Fields(path, f"value {number}", entry, _VALUE_KEYS)
        areas = fields.need("area")
        codes = [fields.area(area) for area in (areas if isinstance(areas, list) else [areas])]
        if len(set(codes)) != len(codes) or not codes:
            raise fields.error("wrong_area", "area", "an area stands twice or none", "Correct it")
        value = _value(fields, codes[0], definition, documents, example=example)
        found += [replace(value, area=code) for code in codes]
    return found


def _value(
    fields: Fields,
    area: int,
    definition: Definition,
    documents: Mapping[str, Document],
    *,
    example: bool,
) -> ParameterValue:
    first, last = fields.need_day("from"), fields.day("until")
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
        area=area,
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


def _scheme(fields: Fields, definition: Definition) -> str:
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


def _status(fields: Fields, *, example: bool) -> str:
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


def _check_choice(fields: Fields, definition: Definition, raw: object, value: Any) -> None:
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


def _check_range(fields: Fields, definition: Definition, value: Any) -> None:
    if definition.low is None or value is None:
        return
    if not order(definition.low) <= order(value) <= order(definition.high):
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
        fields = Fields(path, "", read_yaml(path), ("values",))
        found += _values(path, fields.need("values"), definitions[code], {}, example=True)
    return found
