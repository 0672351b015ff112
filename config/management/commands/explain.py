"""`manage.py explain FILE.json`: what the rules say about worked cases, and why."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from config.explain import explain
from config.explain.inputs import read_json


class Command(BaseCommand):
    """Standard output holds the JSON alone; a refused input is an answer too, with status 0."""

    help = "Answers one case {group, inputs[, parameters]} or {cases: [...]} from a JSON file."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a JSON file, or - for standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = read_json(_text_of(options["file"]))
        except OSError as error:
            raise CommandError(_("The file cannot be read: %(why)s") % {"why": error}) from None
        except ValueError as error:
            raise CommandError(_("The file is not JSON: %(why)s") % {"why": error}) from None
        self.stdout.write(json.dumps(explain(content), ensure_ascii=False))


def _text_of(file: str) -> str:
    if file == "-":
        return sys.stdin.read()
    return Path(file).read_text(encoding="utf-8-sig")
