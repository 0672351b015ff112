"""Names of people: the pinyin initials by which a caseworker looks for them."""

from functools import cache

# Characters that are read otherwise as a surname.
SURNAMES = {
    "单": "s", "解": "x", "仇": "q", "曾": "z", "盖": "g", "查": "z", "翟": "z", "乐": "y",
    "尉迟": "yc", "区": "o", "朴": "p", "缪": "m", "种": "c", "阚": "k", "覃": "q", "员": "y",
}  # fmt: skip


@cache
def _initial_of(character: str) -> str:
    """Lower-case first letter of a character's reading; a letter or digit itself, else nothing."""
    # Here and not above: its tables take half a second to load, and few processes read names.
    from pypinyin import Style, lazy_pinyin

    (reading,) = lazy_pinyin(character, style=Style.FIRST_LETTER, errors="default")[:1] or ("",)
    return reading.lower() if reading.isascii() and reading.isalnum() else ""


def initials_of(name: str) -> str:
    """Pinyin initials of a name in lower case: 曾晓敏 is zxm.

    Characters are read one by one, so the same name always has the same initials; a surname with a
    reading of its own has that reading at the beginning.
    """
    for length in (2, 1):
        if initials := SURNAMES.get(name[:length]):
            return initials + initials_of_given(name[length:])
    return initials_of_given(name)


def initials_of_given(name: str) -> str:
    """Initials of a name without a surname."""
    return "".join(map(_initial_of, name))
