"""`manage.py grant_duty USERNAME ROLE REGION`: a duty from the command line of the installation.

The first security administrator gets theirs here; everybody else's come from the screens.
"""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from config.roles import ROLES, apply_roles
from enrollment.models import Region
from enrollment.rules.regions import fill_code
from enrollment.selectors.calendar import business_date
from enrollment.services.duties import grant_duty
from enrollment.services.refusals import Refused


class Command(BaseCommand):
    """Also writes the roles and their conflicts as this version declares them."""

    help = "Write the roles as declared, and give an account a role in a region."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("role", choices=[role.name for role in ROLES])
        parser.add_argument("region", help="code of 2, 4, 6, 9 or 12 digits")
        parser.add_argument("--from", dest="first", type=date.fromisoformat, help="default: today")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, help="default: no end")

    def handle(self, *args: Any, **options: Any) -> None:
        groups = apply_roles()
        user = get_user_model().objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']}.")
        try:
            region = Region.objects.get(code=fill_code(options["region"]))
        except (ValueError, Region.DoesNotExist) as error:
            raise CommandError(f"There is no region {options['region']}.") from error
        try:
            duty = grant_duty(
                user=user,
                role=groups[options["role"]],
                region=region,
                first=options["first"] or business_date(),
                last=options["last"],
            )
        except Refused as refused:
            raise CommandError(f"{refused.name}: {refused}") from refused
        self.stdout.write(f"duty {duty.pk}: {duty}")
