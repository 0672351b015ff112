"""`manage.py take_changes`: let everybody act on the changes that wait, without a broker."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from enrollment.services.changes import take_all


class Command(BaseCommand):
    help = "Take the changes that wait, as the workers do: post the money of acts, and the like."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        taken = take_all()
        if options["json"]:
            self.stdout.write(json.dumps({"taken": taken}))
            return
        for name, count in taken.items():
            self.stdout.write(f"{name}: {count}")
