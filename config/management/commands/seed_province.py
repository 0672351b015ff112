"""`manage.py seed_province anhui --people N`: a synthetic province, never real people."""

import json
import re
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext

from benefits.services.seed import seed_claims
from config.parameters import ROOTS
from enrollment.rules.parameter_yaml import ParameterFileError
from enrollment.rules.parameters import MissingParameter
from enrollment.selectors.policy import QuotaOutOfRange
from enrollment.services.policy import PublishedValueDiffers, load_policies
from enrollment.services.seed import PROVINCES, SeedRefused, check_request, seed_province

WRONG_USAGE = {"unknown_province", "people_out_of_range", "years_out_of_order"}


def read_years(text: str) -> tuple[int, int]:
    """First and last year of "2024-2026" or "2026"."""
    found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{4}))?", text)
    if not found:
        raise ArgumentTypeError(f"not years: {text!r}; write 2024-2026")
    return int(found[1]), int(found[2] or found[1])


class Command(BaseCommand):
    help = (
        "Fill an empty register with synthetic people, their categories, their past years and the "
        "receipts of the coming year. Publishes the province's parameters and the examples first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("province", help=", ".join(PROVINCES))
        parser.add_argument("--people", type=int, required=True, metavar="N")
        parser.add_argument(
            "--years", type=read_years, default=(2024, 2026), help="past years; default 2024-2026"
        )
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument(
            "--claims", action="store_true", help="also what the residents claimed in those years"
        )
        parser.add_argument("--json", action="store_true", help="totals as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        first, last = options["years"]
        wanted = {
            "province": options["province"],
            "people": options["people"],
            "first_year": first,
            "last_year": last,
        }
        try:
            check_request(**wanted)
            load_policies(provinces=[options["province"]], roots=ROOTS, with_examples=True)
            seeded = seed_province(**wanted, seed=options["seed"], progress=self._progress)
            claims = None
            if options["claims"]:
                claims = seed_claims(first_year=first, last_year=last, seed=options["seed"])
        except SeedRefused as refusal:
            told = gettext(refusal.told) % refusal.details
            raise CommandError(
                f"{refusal.name}: {told}", returncode=2 if refusal.name in WRONG_USAGE else 1
            ) from refusal
        except (MissingParameter, QuotaOutOfRange, ParameterFileError, PublishedValueDiffers) as no:
            raise CommandError(str(no), returncode=1) from no
        if options["json"]:
            totals = seeded.as_json() if claims is None else seeded.as_json() | {"claims": claims}
            self.stdout.write(json.dumps(totals))
            return
        history = ", ".join(f"{year}: {rows}" for year, rows in seeded.history.items())
        self.stdout.write(
            gettext(
                "%(people)d people, %(categories)d categories, history %(history)s, "
                "%(receipts)d receipts in %(seconds).1f s: %(rate)d people a second."
            )
            % {
                "people": seeded.people,
                "categories": seeded.categories,
                "history": history,
                "receipts": seeded.receipts,
                "seconds": seeded.seconds,
                "rate": seeded.people_per_second,
            }
        )
        if claims is not None:
            self.stdout.write(gettext("%(claims)d claims.") % {"claims": claims})

    def _progress(self, done: int, people: int, seconds: float) -> None:
        self.stderr.write(
            gettext("%(done)d of %(people)d people, %(rate)d a second")
            % {"done": done, "people": people, "rate": done / max(seconds, 0.001)}
        )
