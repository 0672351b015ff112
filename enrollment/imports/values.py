"""What one cell says: days, words, numbers of documents. Each reader refuses by name.

Cells come in compatibility form and stripped (`tidy`), so full-width digits are digits by then.
Readers remember what they have read, because a file repeats its days.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from enrollment.imports.problems import LineRefused
from enrollment.rules.identity import (
    convert_15_to_18,
    ends_in_its_check_character,
    mask_identity,
    normalise_identity,
)
from enrollment.rules.money import read_yuan
from enrollment.rules.refusals import RuleRefused

ID_NUMBER = "id_number"
SHANGHAI = ZoneInfo("Asia/Shanghai")
# What our own exports put before a cell that a spreadsheet would compute, and what people put
# before a number so that it stays text.
_APOSTROPHE = "'"

_DAY = re.compile(r"([0-9]{4})([-/.年])([0-9]{1,2})([-/.月])([0-9]{1,2})日?(?: +0?0:00(?::00)?)?")
_DAY_TOGETHER = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_SERIAL = re.compile(r"[1-9][0-9]{3,4}")
_FIRST_SERIAL_DAY = date(1899, 12, 30)  # Excel counts 1 March 1900 as 61
_TIME = re.compile(r"(.+?)[ T]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?")
_TIME_TOGETHER = re.compile(r"([0-9]{8})([0-9]{2})([0-9]{2})([0-9]{2})")
_ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]+")
_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
_FIFTEEN = re.compile(r"[0-9]{15}")
_DOCUMENT = re.compile(r"[A-Z0-9][A-Z0-9()/-]{3,31}")
_LOST = re.compile(r"[?\ufffd\x00-\x1f\x7f-\x9f\ue000-\uf8ff]")
# Dots that separate the parts of a name (阿卜杜拉·买买提) come in many shapes.
_DOTS = str.maketrans(dict.fromkeys("•‧∙・⋅", "·"))
_BLANK_INSIDE_HAN = re.compile(r"(?<=[\u2e80-\U0003ffff]) (?=[\u2e80-\U0003ffff])")
_MONEY = re.compile(r"[0-9]{1,8}(?:\.[0-9]{1,2})?", re.ASCII)  # as nearly all of it comes
_PHONE = re.compile(r"\+?[0-9]{7,15}")


def tidy(cell: str) -> str:
    """The cell as it is read: half-width, no blanks around, without a guarding apostrophe."""
    if not cell.isascii():
        cell = unicodedata.normalize("NFKC", cell).replace("\ufeff", "").replace("\u200b", "")
    cell = cell.strip()
    return cell[1:].strip() if cell.startswith(_APOSTROPHE) else cell


def tidy_name(text: str) -> str:
    """A tidy cell as the name that is kept: one shape of dot, no blanks inside Chinese."""
    if text.isascii():
        return " ".join(text.split())
    text = text.translate(_DOTS)
    return _BLANK_INSIDE_HAN.sub("", " ".join(text.split())) if " " in text else text


class Days:
    """Reads days and remembers them. `latest` is the last day that is believed."""

    def __init__(self, latest: date, *, from_workbook: bool) -> None:
        self._latest, self._from_workbook = latest, from_workbook
        self._known: dict[str, date] = {}

    def until(self, latest: date) -> "Days":
        """A reader that believes other days, for what may lie far ahead."""
        return Days(latest, from_workbook=self._from_workbook)

    def read(self, text: str, column: str) -> date:
        """A day that must be there. Raises LineRefused."""
        day = self._known.get(text)
        if day is None:
            if not text:
                raise LineRefused("required", column)
            day = self._parse(text, column)
            if day > self._latest:
                raise LineRefused("date_too_late", column, text)
            self._known[text] = day
        return day

    def read_or_none(self, text: str, column: str) -> date | None:
        """A day, or nothing where the cell is empty."""
        return self.read(text, column) if text else None

    def _parse(self, text: str, column: str) -> date:
        match = _DAY.fullmatch(text)
        if match and (match[2] == "年") == (match[4] == "月"):
            return _day(int(match[1]), int(match[3]), int(match[5]), text, column)
        match = _DAY_TOGETHER.fullmatch(text)
        if match:
            return _day(int(match[1]), int(match[2]), int(match[3]), text, column)
        if self._from_workbook and _SERIAL.fullmatch(text):
            return _FIRST_SERIAL_DAY + timedelta(days=int(text))
        raise LineRefused("not_a_date", column, text)


def _day(year: int, month: int, day: int, text: str, column: str) -> date:
    if year >= 1850:
        try:
            return date(year, month, day)
        except ValueError:
            pass
    raise LineRefused("not_a_date", column, text)


def read_time(text: str, column: str, days: Days) -> datetime:
    """A moment in Asia/Shanghai; a day alone is its first moment. Raises LineRefused."""
    if not text:
        raise LineRefused("required", column)
    match = _TIME_TOGETHER.fullmatch(text) or _TIME.fullmatch(text)
    try:
        if not match:
            return datetime.combine(days.read(text, column), datetime.min.time(), SHANGHAI)
        day = days.read(match[1], column)
        hour, minute, second = int(match[2]), int(match[3]), int(match[4] or 0)
        return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=SHANGHAI)
    except (LineRefused, ValueError):
        raise LineRefused("time_format", column, text) from None


def read_word(text: str, column: str, words: Mapping[str, str]) -> str:
    """The code of a word. Raises LineRefused for an empty cell and for a word not known."""
    code = words.get(text)
    if code is None:
        code = words.get(text.lower().replace(" ", "_").replace("-", "_"))
    if code is None:
        raise LineRefused("not_a_word" if text else "required", column, text)
    return code


def read_text(text: str, column: str, longest: int) -> str:
    """A text that must be there, printable and not too long. Raises LineRefused."""
    if not text:
        raise LineRefused("required", column)
    if len(text) > longest:
        raise LineRefused("too_long", column, text)
    if _LOST.search(text):
        # A question mark stands where a character could not be written in the file's encoding.
        raise LineRefused("unreadable", column, text)
    return text


def read_phone(text: str, column: str) -> str:
    """A phone number without blanks and hyphens, empty where none is given. Raises LineRefused."""
    if not text:
        return ""
    phone = text if text.isdigit() else re.sub(r"[\s()-]", "", text)
    if not _PHONE.fullmatch(phone):
        raise LineRefused("phone_format", column)
    return phone


def read_serial(text: str, column: str, longest: int) -> str:
    """The number of a receipt, bill or settlement. Raises LineRefused, also where Excel rounded."""
    number = read_text(text, column, longest)
    if "E+" in number.upper():
        raise LineRefused("identity_rounded", column)
    return number


def read_amount(text: str, column: str) -> Decimal:
    """Money in yuan, above zero, at most two decimals. Raises LineRefused."""
    amount = _read_yuan(text, column)
    if amount <= 0:
        raise LineRefused("amount_reversed" if amount else "amount_not_positive", column, text)
    return amount


def read_money(text: str, column: str) -> Decimal:
    """Money in yuan, zero or more, at most two decimals. Raises LineRefused."""
    amount = Decimal(text) if _MONEY.fullmatch(text) else _read_yuan(text, column)
    if amount < 0:
        raise LineRefused("amount_negative", column, text)
    return amount


def _read_yuan(text: str, column: str) -> Decimal:
    """Money of either sign, as people write it. Raises LineRefused."""
    if not text:
        raise LineRefused("required", column)
    try:
        amount = read_yuan(
            text.replace(",", "").removeprefix("¥").removesuffix("元"), negative=True
        )
    except RuleRefused:
        raise LineRefused("amount_format", column, text) from None
    if amount >= 10**8:
        raise LineRefused("amount_format", column, text)
    return amount


def read_year(text: str, column: str) -> int:
    """A benefit year. Raises LineRefused."""
    if not text:
        raise LineRefused("required", column)
    digits = text.removesuffix("年度").removesuffix("年")
    if not (digits.isdigit() and len(digits) == 4 and 1990 <= int(digits) <= 2199):
        raise LineRefused("year_format", column, text)
    return int(digits)


# Identity numbers ---------------------------------------------------------------------------------


class Identity:
    """A number as it is compared, its mask, the birth date inside (resident numbers only), and
    whether it may be one that Excel has rounded: then the rest of the file decides."""

    __slots__ = ("born", "doubtful", "number")

    def __init__(self, number: str, born: date | None, *, doubtful: bool = False) -> None:
        self.number, self.born, self.doubtful = number, born, doubtful

    @property
    def mask(self) -> str:
        return mask_identity(self.number)


@lru_cache(maxsize=1 << 16)
def birth_date(digits: str) -> date | None:
    """Day in digits 7 to 14; most files hold fewer different days than people."""
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def read_resident_number(text: str, column: str = ID_NUMBER) -> Identity:
    """A resident identity number (GB 11643-1999); 15 digits become 18. Raises LineRefused."""
    number = text.upper() if text.isascii() else normalise_identity(text)
    if _FIFTEEN.fullmatch(number):
        number = convert_15_to_18(number)
    elif not _EIGHTEEN.fullmatch(number):
        if not number:
            raise LineRefused("required", column)
        raise LineRefused(
            "identity_rounded" if _ROUNDED.fullmatch(number) else "identity_format", column
        )
    born = birth_date(number[6:14])
    if born is None:
        raise LineRefused("identity_birth_date", column)
    ends_in_zeros = may_be_rounded(number)
    if not ends_in_its_check_character(number):
        raise LineRefused("identity_rounded" if ends_in_zeros else "identity_check", column)
    return Identity(number, born, doubtful=ends_in_zeros)


def may_be_rounded(number: str) -> bool:
    """Whether a number is one that Excel may have rounded."""
    return number.endswith("000")


def is_resident_number(number: str) -> bool:
    """Whether 17 digits and a digit or X, half-width, are what `read_resident_number` takes."""
    return birth_date(number[6:14]) is not None and ends_in_its_check_character(number)


def read_document_number(text: str, column: str = ID_NUMBER) -> Identity:
    """The number of another document (birth certificate, passport). Raises LineRefused."""
    number = normalise_identity(text).replace(" ", "")
    if not number:
        raise LineRefused("required", column)
    if _ROUNDED.fullmatch(number):
        raise LineRefused("identity_rounded", column)
    if _EIGHTEEN.fullmatch(number) or _FIFTEEN.fullmatch(number):
        # Lines that name no type of document would look for a resident number.
        raise LineRefused("identity_type", column)
    if not _DOCUMENT.fullmatch(number):
        raise LineRefused("document_format", column)
    return Identity(number, None)


def read_any_number(text: str, column: str = ID_NUMBER) -> Identity:
    """A number in a line that names no type of document. Raises LineRefused."""
    number = text.upper()
    if number.isdigit() or _EIGHTEEN.fullmatch(number) or _ROUNDED.fullmatch(number) or not number:
        return read_resident_number(text, column)
    return read_document_number(text, column)
