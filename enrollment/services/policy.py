"""Publishing the law: regions and parameters from their files into the database."""

import csv
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from enrollment.models import PolicyDocument, PolicyParameter, Region
from enrollment.rules.parameter_checks import check_cities
from enrollment.rules.parameter_files import load_parameters
from enrollment.rules.parameters import (
    BOTH,
    EMPLOYEE,
    EXAMPLE,
    RESIDENT,
    Definition,
    Document,
    ParameterBook,
    ParameterValue,
)
from enrollment.selectors.policy import policy_book

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
DIVISIONS = FIXTURES / "divisions-2023-06-30.csv"
PROVINCES = {"anhui": 34, "hubei": 42, "sichuan": 51}
SCHEMES = {
    BOTH: PolicyParameter.Scheme.BOTH,
    RESIDENT: PolicyParameter.Scheme.RESIDENT,
    EMPLOYEE: PolicyParameter.Scheme.EMPLOYEE,
}
LEVELS = {level.name.lower(): level for level in Region.Level}
KNOWN_ABOUT = ("valid", "unit", "value", "status", "clause", "url", "note")
COUNTRY = 100_000_000_000  # area 0 of the files: what holds everywhere


class PublishedValueDiffers(ValueError):
    """A file gives another value than the one published: published rows are append-only."""


class UnknownProvince(ValueError):
    """The province has no parameters here."""


@transaction.atomic
def load_regions(*, path: Path = DIVISIONS) -> int:
    """Load the dated table of divisions; known codes are brought up to date. Returns the rows."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            Region(
                code=int(row["code"]),
                name=row["name"],
                name_en=row["name_en"],
                level=LEVELS[row["level"]],
                is_pooling_area=row["level"] != "province" and bool(row["population_2020"]),
                population_2020=int(row["population_2020"]) if row["population_2020"] else None,
                valid_from=date.fromisoformat(row["valid_from"]),
                valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            )
            for row in csv.DictReader(file)
        ]
    Region.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[
            "name",
            "name_en",
            "level",
            "is_pooling_area",
            "population_2020",
            "valid_from",
            "valid_to",
        ],
    )
    return len(rows)


@transaction.atomic
def load_policies(
    *, provinces: Sequence[str], roots: Sequence[Path], with_examples: bool = False
) -> dict[str, int]:
    """Publish the parameters of the named provinces from their YAML files.

    Loads the divisions first. What is published already stays as it is; `with_examples` adds what
    is not law but a synthetic province needs. Returns how many rows were added and how many stood.
    Raises UnknownProvince, ParameterFileError (also for a city's published value that a new number
    of the province leaves outside its range), PublishedValueDiffers; then nothing is published.
    """
    for name in provinces:
        if name not in PROVINCES:
            raise UnknownProvince(f"unknown province {name!r}: use {', '.join(PROVINCES)}")
    load_regions()
    book = load_parameters(roots, examples=with_examples)
    wanted = {PROVINCES[name] for name in provinces}
    values = [
        value
        for value in book.values
        if value.area // 10_000 in wanted and Region.objects.filter(pk=value.area * 10**6).exists()
    ]
    documents = _publish_documents(book.documents.values(), {v.document for v in values})
    standing = {
        (row.code, row.area_id, row.scheme, row.valid.lower): row
        for row in PolicyParameter.objects.filter(withdrawn_on=None)
    }
    added: list[PolicyParameter] = []
    for value in values:
        row = _row(value, documents)
        if row.status == PolicyParameter.Status.EXAMPLE and _has_law(row):
            continue
        known = standing.get((row.code, row.area_id, row.scheme, row.valid.lower))
        if known is None:
            added.append(row)
        elif known.status != PolicyParameter.Status.EXAMPLE and not _stands(known, row):
            raise PublishedValueDiffers(
                f"{row.code} of area {row.area_id} from {row.valid.lower}: published is "
                f"{known.value} ({known.unit}) until {known.valid.upper}, the file says "
                f"{row.value} ({row.unit}) until {row.valid.upper}; published values are "
                f"append-only, their validity may only end"
            )
        elif any(getattr(known, name) != getattr(row, name) for name in KNOWN_ABOUT):
            row.pk = known.pk
            row.save()
    PolicyParameter.objects.bulk_create(added)
    _check_cities(book.definitions)
    return {"added": len(added), "unchanged": len(values) - len(added)}


def _check_cities(definitions: Mapping[str, Definition]) -> None:
    """Every city's published value against the province's, whoever published the two."""
    standing = [
        value
        for code, values in policy_book().values.items()
        for value in values
        if code in definitions
    ]
    check_cities(ParameterBook({}, definitions, tuple(standing)))


def _has_law(example: PolicyParameter) -> bool:
    """Whether an area published what a file only gives an example of, for some of its days."""
    rows = PolicyParameter.objects.filter(
        code=example.code, area=example.area_id, scheme=example.scheme
    ).exclude(status=PolicyParameter.Status.EXAMPLE)
    return rows.filter(valid__overlap=example.valid).exists()


def _stands(known: PolicyParameter, row: PolicyParameter) -> bool:
    """Whether a file says of a published value what the database will accept: at most its end."""
    ends = row.valid.upper or date.max
    return (known.unit, known.value) == (row.unit, row.value) and ends <= (
        known.valid.upper or date.max
    )


def _publish_documents(
    documents: Collection[Document], cited: Collection[str]
) -> dict[str, PolicyDocument]:
    rows = [
        PolicyDocument(
            key=document.key,
            number=document.number,
            title=document.title,
            issuer=document.issuer,
            issued_on=document.issued_on,
            in_force_from=document.in_force_from,
            url=document.url,
        )
        for document in documents
        if document.key in cited
    ]
    PolicyDocument.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["number", "title", "issuer", "issued_on", "in_force_from", "url"],
    )
    return {row.key: row for row in PolicyDocument.objects.all()}


def _row(value: ParameterValue, documents: dict[str, PolicyDocument]) -> PolicyParameter:
    until = None if value.valid_until is None else value.valid_until + timedelta(days=1)
    return PolicyParameter(
        code=value.code,
        area_id=value.area * 10**6,
        scheme=SCHEMES[value.scheme],
        valid=DateRange(value.valid_from, until),
        unit=value.unit,
        value=value.stored,
        document=documents.get(value.document) if value.status != EXAMPLE else None,
        clause=value.clause,
        url=value.url,
        verified_on=value.verified_on,
        status=value.status,
        note=value.note,
    )
