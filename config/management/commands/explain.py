"""`manage.py explain FILE.json`: what the rules say about worked cases, and why."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from config.explain.files import answer_file


class Command(BaseCommand):
    """Standard output holds the JSON alone; a refused input is an answer too, with status 0.

    `manage.py` answers a file that can be read without loading Django at all.
    """

    help = "Answers one case {group, inputs[, parameters]} or {cases: [...]} from a JSON file."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a JSON file, or - for standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(answer_file(options["file"]))
        except OSError as error:
            raise CommandError(_("The file cannot be read: %(why)s") % {"why": error}) from None
        except ValueError as error:
            raise CommandError(_("The file is not JSON: %(why)s") % {"why": error}) from None
