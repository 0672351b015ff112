"""One box for everything (总搜索): identity number, name, initials, receipt or case number.

People are found by `enrollment.selectors.people.find_people`; what has digits is also looked for
among receipts and cases, whole and by their unique indexes, so that nothing is read on the way.
"""

from dataclasses import dataclass, field

from enrollment.models import Case, Receipt
from enrollment.rules.keys import is_key
from enrollment.selectors.people import LIST_FIELDS, Found, find_people, is_number, squeezed

CASE_DIGITS = 14  # of a case number at most; from 15 on digits are an identity number
RECEIPT_FIELDS = ("receipt_number", "name", "year", "amount", "paid_at", "outcome", "person")


@dataclass(frozen=True, slots=True)
class Findings:
    """What the box found. `refused` of `people` stands only where nothing else answers."""

    people: Found
    cases: list[Case] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.people.people or self.cases or self.receipts)

    @property
    def only_case(self) -> Case | None:
        """The case, where it is the one thing found."""
        alone = len(self.cases) == 1 and not self.people.people and not self.receipts
        return self.cases[0] if alone else None

    @property
    def only_person(self) -> int | None:
        """Whose file it is, where everything found is of one person; by prefix, one alone."""
        if self.people.more or self.cases:
            return None
        found: set[int | None] = {person.pk for person in self.people.people}
        found |= {receipt.person_id for receipt in self.receipts}
        (only,) = found if len(found) == 1 else (None,)
        return only


def find_everything(
    text: str,
    *,
    after: tuple[str, int] | None = None,
    with_cases: bool = True,
    with_receipts: bool = True,
) -> Findings:
    """What a text stands for: people, and where it has digits cases and receipts.

    `with_cases` and `with_receipts` say what the user may see. `after` reads on in a list of names.
    """
    asked = squeezed(text)
    if not is_number(asked):
        return Findings(find_people(asked, after=after))
    cases = _cases(asked) if with_cases else []
    receipts = _receipts(asked) if with_receipts else []
    if is_key(asked) and len(asked) <= CASE_DIGITS:
        return Findings(Found("short_number"), cases, receipts)
    people = find_people(asked)
    if people.refused and receipts:
        people = Found("number")
    return Findings(people, cases, receipts)


def _cases(number: str) -> list[Case]:
    if not (is_key(number) and len(number) <= CASE_DIGITS):
        return []
    return list(Case.objects.filter(pk=number).select_related("person", "maker"))


def _receipts(number: str) -> list[Receipt]:
    """The receipt of that number; none where it was paid for somebody outside the user's scope."""
    shown = (*RECEIPT_FIELDS, *(f"person__{name}" for name in LIST_FIELDS))
    rows = Receipt.objects.filter(receipt_number=number).select_related("person").only(*shown)
    return [row for row in rows if row.person_id is None or row.person is not None]


__all__ = ["Findings", "find_everything"]
