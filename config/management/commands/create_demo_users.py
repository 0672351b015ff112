"""`manage.py create_demo_users`: one account a role, with passwords that are shown once.

Maker and checker serve the first city of the province, everybody else the whole of it, so that a
demo shows what isolation by region is.
"""

import secrets
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from config.roles import ROLES, apply_roles, label_of
from enrollment.models import Region
from enrollment.services.duties import grant_duty

# Without what is mistaken for something else when it is copied from a screen.
ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
PASSWORD_LENGTH = 16  # 16 of 55 signs: 92 bits
OF_A_CITY = ("Maker", "Checker")
BEGINNING = date(2020, 1, 1)  # before every business date that a demo lives on


def new_password() -> str:
    """A random password that passes the validators of the settings."""
    return "".join(secrets.choice(ALPHABET) for _ in range(PASSWORD_LENGTH))


class Command(BaseCommand):
    """Outside of a demo nobody gets an account without the security administrator."""

    help = "Create one account for each role of a demo and print the passwords once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--reset", action="store_true", help="give every demo account a new password"
        )

    def handle(self, *args: Any, reset: bool, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Only a demo has accounts made for it: set TONGCHOU_DEMO=1.")
        made = create(reset=reset)
        if not made:
            self.stdout.write("The demo accounts exist. New passwords: create_demo_users --reset")
            return
        width = max(len(name) for name, _, _ in made)
        for name, label, password in made:
            self.stdout.write(f"{name:<{width}}  {password}  {label}")


def places() -> tuple[Region, Region]:
    """The province and its first city. Raises CommandError while the divisions are not loaded."""
    province = Region.objects.filter(pk=settings.PROVINCE).first()
    cities = Region.objects.filter(
        level=Region.Level.CITY, code__gt=settings.PROVINCE, code__lt=settings.PROVINCE + 10**10
    )
    city = cities.order_by("code").first()
    if province is None or city is None:
        raise CommandError("Load the divisions first: load_policies.")
    return province, city


@transaction.atomic
def create(*, reset: bool) -> list[tuple[str, str, str]]:
    """Make the accounts that are missing: (user name, role, password) of each that was given one.

    An account that exists keeps its password unless `reset`.
    """
    groups = apply_roles()
    province, city = places()
    users = get_user_model().objects
    made = []
    for role in ROLES:
        user, new = users.get_or_create(
            username=role.username,
            defaults={"display_name": role.display_name, "is_staff": True},
        )
        if not user.duties.exists():
            grant_duty(
                user=user,
                role=groups[role.name],
                region=city if role.name in OF_A_CITY else province,
                first=BEGINNING,
            )
        if new or reset:
            password = new_password()
            user.set_password(password)
            user.save(update_fields=["password"])
            made.append((user.get_username(), label_of(role.name), password))
    return made
