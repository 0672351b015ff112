"""Region codes in a file: which are real, and where a person is insured.

The table of divisions reaches down to townships in the register's own province, and to pooling
areas elsewhere; of the other provinces it knows nothing.
"""

from enrollment.imports.problems import LineRefused
from enrollment.models import Region
from enrollment.rules.regions import fill_code, pooling_area_of, province_of

LENGTHS = (6, 9, 12)
# First two digits of every province (GB/T 2260).
PROVINCES = frozenset(
    province
    for first, last in (
        (11, 15),
        (21, 23),
        (31, 37),
        (41, 46),
        (50, 54),
        (61, 65),
        (71, 71),
        (81, 82),
    )
    for province in range(first, last + 1)
)


class Places:
    """Reads region codes and remembers them."""

    def __init__(self) -> None:
        rows = list(Region.objects.values_list("code", "level", "is_pooling_area"))
        self._known = {code for code, _, _ in rows}
        self._pooling = {code for code, _, pooling in rows if pooling}
        self._provinces = {province_of(code) for code in self._known}
        below = [code for code, level, pooling in rows if level > Region.Level.CITY and not pooling]
        self._divided = {pooling_area_of(code) for code in below}
        self._own = {province_of(code) for code in below}
        self._codes: dict[str, int] = {}
        self._insured: dict[tuple[int, int], int | None] = {}

    def read(self, text: str, column: str) -> int:
        """The 12-digit code of a region that may exist. Raises LineRefused."""
        code = self._codes.get(text)
        if code is None:
            if not text:
                raise LineRefused("required", column)
            try:
                if len(text) not in LENGTHS:
                    raise ValueError
                code = fill_code(text)
            except ValueError:
                raise LineRefused("region_format", column, text) from None
            if not self._may_exist(code):
                raise LineRefused("region_unknown", column, text)
            self._codes[text] = code
        return code

    def read_insured(self, text: str, column: str) -> int:
        """The region of the register that a code names or lies in. Raises LineRefused."""
        region = self.resolve(self.read(text, column))
        if region is None:
            raise LineRefused("region_unknown", column, text)
        return region

    def insured(self, *, residence: int, household: int) -> int | None:
        """Where a new person is insured: at the residence, else where the household is registered.

        The register's own province comes first; a pooling area elsewhere serves where neither lies
        in it. None where neither is known.
        """
        asked = (residence, household)
        if asked not in self._insured:
            found = [region for region in map(self.resolve, asked) if region is not None]
            own = [region for region in found if province_of(region) in self._own]
            self._insured[asked] = next(iter(own or found), None)
        return self._insured[asked]

    def resolve(self, code: int) -> int | None:
        """The known region inside a pooling area that a code names or lies in.

        A village is taken for its township, and any code for its pooling area where the table does
        not divide that.
        """
        area = pooling_area_of(code)
        if area not in self._pooling:
            return None
        if code in self._known:
            return code
        township = code // 1000 * 1000
        if township in self._known:
            return township
        return None if area in self._divided else area

    def _may_exist(self, code: int) -> bool:
        """Whether the code is known, or lies where the table knows no codes."""
        if code in self._known or self.resolve(code) is not None:
            return True
        province = province_of(code)
        return province // 10**10 in PROVINCES and province not in self._provinces
