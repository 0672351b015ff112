"""The computed key of the yearly tables.

`id = year * 10^12 + scheme * 10^11 + slot * 10^10 + person_id`: the primary key alone says "one
resident, one year", inserts are idempotent, and a year is one contiguous range of keys.
See docs/adr/0003-computed-yearly-key.md.
"""

YEAR = 10**12
SCHEME = 10**11
SLOT = 10**10
PERSON_LIMIT = 10**10

RESIDENT = 1
EMPLOYEE = 2


def yearly_key(*, year: int, person_id: int, scheme: int = RESIDENT, slot: int = 0) -> int:
    """Key of one spell of a person in a scheme and benefit year.

    Raises ValueError where a part does not fit its digits; residents have slot 0 only.
    """
    if not 1900 <= year <= 9999:
        raise ValueError(f"year {year} does not fit the key")
    if scheme not in (RESIDENT, EMPLOYEE):
        raise ValueError(f"scheme {scheme} does not fit the key")
    if not 0 <= slot <= 9 or (scheme == RESIDENT and slot):
        raise ValueError(f"slot {slot} does not fit the key")
    if not 0 < person_id < PERSON_LIMIT:
        raise ValueError(f"person {person_id} does not fit the key")
    return year * YEAR + scheme * SCHEME + slot * SLOT + person_id


def year_of(key: int) -> int:
    """Benefit year of a key."""
    return key // YEAR


def scheme_of(key: int) -> int:
    """Scheme of a key: 1 resident, 2 employee."""
    return key // SCHEME % 10


def is_key(text: str) -> bool:
    """Whether a text from an address or a form is a number that a key can be: ASCII digits, at
    most eighteen. `str.isdigit` also takes ², which no number is, and what outgrows the database.
    """
    return text.isascii() and text.isdigit() and len(text) < 19
