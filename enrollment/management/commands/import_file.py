"""Take a file into the register: people, history and what else the apps declare."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from enrollment.declarations import import_kinds
from enrollment.services.imports import ImportRefused, ImportResult, receive_file


class Command(BaseCommand):
    help = "Take a CSV or XLSX file into the register. Refused lines are kept as they came."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(import_kinds.items))
        parser.add_argument("path", type=Path)
        parser.add_argument("--area", default="", help="region code; lines of others are refused")
        parser.add_argument(
            "--dry-run", action="store_true", help="check and count, change nothing"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = receive_file(
                kind=options["kind"],
                path=options["path"],
                area=options["area"],
                dry_run=options["dry_run"],
            )
        except ImportRefused as refused:
            if options["json"]:
                self.stdout.write(json.dumps(refused.as_json(), ensure_ascii=False))
            raise CommandError(
                _("Nothing was imported. %(reason)s") % {"reason": refused.reason}, returncode=1
            ) from None
        if options["json"]:
            self.stdout.write(json.dumps(result.as_json(), ensure_ascii=False))
        else:
            self._tell(result, dry_run=options["dry_run"])

    def _tell(self, result: ImportResult, *, dry_run: bool) -> None:
        if dry_run:
            self.stdout.write(_("Checked only; nothing was changed."))
        self.stdout.write(
            _(
                "Import %(import_id)s: %(read)s lines read, %(inserted)s new, %(updated)s updated,"
                " %(unchanged)s unchanged, %(rejected)s refused."
            )
            % vars(result)
        )
        for error in result.errors:
            self.stdout.write(_("Line %(line)s: %(reason)s") % error)
        if result.rejected > len(result.errors):
            more = result.rejected - len(result.errors)
            self.stdout.write(_("And %(more)s more lines were refused.") % {"more": more})
        if result.rejected and not dry_run:
            self.stdout.write(
                _("The refused lines as they came: export_file rejects --import %(id)s --out PATH")
                % {"id": result.import_id}
            )
