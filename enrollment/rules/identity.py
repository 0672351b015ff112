"""Citizen identity numbers (GB 11643-1999): reading, checking, masking.

The area code is not checked: codes change, and old ones are real.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from enrollment.rules.trace import Trace, gettext_noop, step

CHECK_CHARACTERS = "10X98765432"
_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
_FIFTEEN = re.compile(r"[0-9]{15}")
# Serial numbers kept for people born before 1900, who were alive when 15 digits were used.
_CENTENARIANS = ("996", "997", "998", "999")


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """Whether a number is valid; if so its birth date and sex (M, F), otherwise the reason:
    `format`, `birth_date` or `check_character`, the first that applies."""

    number: str
    valid: bool
    birth_date: date | None
    sex: str | None
    reason: str | None
    trace: Trace = ()


def normalise_identity(text: str) -> str:
    """The number as it is compared: half-width, no spaces around, upper case."""
    return unicodedata.normalize("NFKC", text).strip().upper()


def check_character(first_seventeen: str) -> str:
    """The eighteenth character. Raises ValueError unless 17 digits are given."""
    if len(first_seventeen) != 17 or not (first_seventeen.isascii() and first_seventeen.isdigit()):
        raise ValueError("17 digits are needed")
    return _check_character(first_seventeen)


def ends_in_its_check_character(number: str) -> bool:
    """Whether a number does, of which it is known that it is 17 digits and a digit or X."""
    return _check_character(number[:17]) == number[17]


def _check_character(first_seventeen: str) -> str:
    """The weights 7, 9, 10 ... 4, 2 are the powers of two, modulo eleven, down to the first. To the
    base 13, which is 2 modulo eleven, the digits weigh just so.
    """
    return CHECK_CHARACTERS[2 * int(first_seventeen, 13) % 11]


def convert_15_to_18(number: str) -> str:
    """The 18-character form of an old 15-digit number. Raises ValueError for anything else."""
    if not _FIFTEEN.fullmatch(number):
        raise ValueError("15 digits are needed")
    century = "18" if number[-3:] in _CENTENARIANS else "19"
    longer = number[:6] + century + number[6:]
    return longer + check_character(longer)


def _birth_date(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def check_identity(text: str) -> IdentityCheck:
    """Check a number of 18 characters, birth date first, then check character (GB 11643).

    Never raises; an old 15-digit number has to be converted first.
    """
    number = normalise_identity(text)
    if not _EIGHTEEN.fullmatch(number):
        return IdentityCheck(number, False, None, None, "format")
    born = _birth_date(number)
    if born is None:
        return IdentityCheck(number, False, None, None, "birth_date")
    expected = check_character(number[:17])
    trace = (
        step(gettext_noop("Birth date"), born),
        step(gettext_noop("Check character expected"), expected),
        step(gettext_noop("Check character given"), number[17]),
    )
    if number[17] != expected:
        return IdentityCheck(number, False, None, None, "check_character", trace)
    sex = "M" if int(number[16]) % 2 else "F"
    return IdentityCheck(number, True, born, sex, None, trace)


def mask_identity(number: str) -> str:
    """First six characters, ten asterisks, last two; everything hidden where that is too much."""
    if len(number) < 15:
        return "*" * len(number)
    return f"{number[:6]}{'*' * 10}{number[-2:]}"
