"""`manage.py load_policies [anhui|hubei|sichuan ...]`: publish the law from the YAML files."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.parameters import ROOTS
from enrollment.rules.parameter_yaml import ParameterFileError
from enrollment.services.policy import (
    PROVINCES,
    PublishedValueDiffers,
    UnknownProvince,
    load_policies,
)


class Command(BaseCommand):
    help = "Publish divisions, documents and parameters of the named provinces (default: all)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("provinces", nargs="*", metavar="province", help=", ".join(PROVINCES))

    def handle(self, *args: Any, **options: Any) -> None:
        provinces = options["provinces"] or list(PROVINCES)
        try:
            counts = load_policies(provinces=provinces, roots=ROOTS)
        except UnknownProvince as error:
            raise CommandError(str(error), returncode=2) from error
        except (ParameterFileError, PublishedValueDiffers) as error:
            raise CommandError(str(error), returncode=1) from error
        self.stdout.write(f"{counts['added']} parameters published, {counts['unchanged']} stood.")
