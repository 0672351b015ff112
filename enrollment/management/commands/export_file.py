"""Give a file for exchange: years of cover, fallout, the refused lines of an import, and more."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from enrollment.declarations import export_kinds
from enrollment.services.exports import ExportRefused, export_file


class Command(BaseCommand):
    help = "Write a CSV file in UTF-8 with full identity numbers, for exchange."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(export_kinds.items))
        parser.add_argument("--year", type=int, help="benefit year (of all but rejects)")
        parser.add_argument("--area", default="", help="region code of 6, 9 or 12 digits")
        parser.add_argument("--import", dest="import_id", type=int, help="number of the import")
        parser.add_argument("--out", type=Path, required=True, help="the file to write")
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["out"]
        try:
            rows = export_file(
                kind=options["kind"],
                path=path,
                year=options["year"],
                area=options["area"],
                import_id=options["import_id"],
            )
        except ExportRefused as refused:
            if options["json"]:
                told = {"error": refused.name, "reason": refused.reason}
                self.stdout.write(json.dumps(told, ensure_ascii=False))
            raise CommandError(refused.reason, returncode=1) from None
        if options["json"]:
            self.stdout.write(json.dumps({"export": options["kind"], "rows": rows}))
        else:
            self.stdout.write(
                _("%(rows)s rows written to %(path)s.") % {"rows": rows, "path": path}
            )
