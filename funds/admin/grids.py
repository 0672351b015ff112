"""Grids of figures that are typed: what was sent, read exactly or refused."""

from datetime import date
from decimal import Decimal

from django.http import HttpRequest

from enrollment.rules.keys import is_key
from enrollment.rules.money import read_decimal, read_yuan


def texts(request: HttpRequest) -> dict[str, str]:
    """What was typed, without the blanks around it."""
    return {key: str(value).strip() for key, value in request.POST.items()}


def whole_number(text: str | None) -> int:
    """A number of digits alone, and 0 for anything else."""
    return int(text) if text and is_key(text) else 0


def typed_day(text: str, otherwise: date) -> date:
    """A day written 2027-06-30, or the other where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


def unseparated(text: str) -> str:
    """A figure without the commas that people write, and with the minus sign that is read."""
    return text.replace(",", "").replace("，", "").replace("−", "-")


def typed_share(text: str) -> Decimal:
    """A share as 98.5% or 0.985. Raises RuleRefused `not_a_number`."""
    plain = unseparated(text)
    value = read_decimal(plain.removesuffix("%").removesuffix("％"))
    return value / 100 if plain.endswith(("%", "％")) else value


def typed_yuan(text: str, *, negative: bool = False) -> Decimal:
    """Yuan to the cent. Raises the refusals of money."""
    return read_yuan(unseparated(text), negative=negative)
