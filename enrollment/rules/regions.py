"""Region codes: 12 digits, filled up with zeros, a subtree is one contiguous range.

Province 2 digits, city 4, county 6, township 9, village 12 (GB/T 2260, GB/T 10114).
"""

PROVINCE = 10**10  # the 2-digit province
CITY = 10**8  # code // CITY is the 4-digit city
COUNTY = 10**6  # code // COUNTY is the 6-digit county
_STEPS = (10**10, 10**8, 10**6, 10**3, 1)


def fill_code(text: str) -> int:
    """12-digit code of a code written with 2, 4, 6, 9 or 12 digits.

    Raises ValueError for anything else.
    """
    if not (text.isascii() and text.isdigit()) or len(text) not in (2, 4, 6, 9, 12):
        raise ValueError(f"not a region code: {text!r}")
    if text[0] == "0":
        raise ValueError(f"not a region code: {text!r}")
    return int(text.ljust(12, "0"))


def scope_of(code: int) -> tuple[int, int]:
    """First and last code of the subtree of `code`, both inclusive."""
    for step in _STEPS:
        if code % step == 0:
            return code, code + step - 1
    return code, code


def city_of(code: int) -> int:
    """12-digit code of the city that `code` lies in."""
    return code // CITY * CITY


def county_of(code: int) -> int:
    """6-digit county of `code`."""
    return code // COUNTY


def province_of(code: int) -> int:
    """12-digit code of the province that `code` lies in."""
    return code // PROVINCE * PROVINCE


def pooling_area_of(code: int) -> int:
    """12-digit code of the pooling area (统筹地区) that `code` lies in.

    A city or prefecture; counties directly under a province (第三、四位 90) are their own.
    """
    if code // CITY % 100 == 90:
        return code // COUNTY * COUNTY
    return city_of(code)
