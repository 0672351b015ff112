"""Whose personal accounts pay for a pasted list (个人账户共济): owner, relation, papers of a line.

Behind the number of the person a line has that of the account's owner, the relation, and, where
they are not the same for the whole list, its proof and the consent. Read once: from then on a line
is the key of its owner, as the person is, and the numbers go round no more.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from django.db import connection

from enrollment.models import ContributionSubsidy
from enrollment.models.identity import digest
from enrollment.rules.identity import check_identity, mask_identity
from enrollment.selectors.statuses import as_number, cells_of

# What people write of the owner, who is this to the person (《民法典》第一千零四十五条).
_WORDS = {
    "spouse": "配偶 丈夫 妻子 夫 妻",
    "parent": "父母 父亲 母亲 父 母",
    "child": "子女 儿子 女儿 子 女",
    "sibling": "兄弟姐妹 兄弟 姐妹 哥哥 弟弟 姐姐 妹妹 兄 弟 姐 妹",
    "grandparent": "祖父母 外祖父母 祖父 祖母 外祖父 外祖母 爷爷 奶奶 外公 外婆",
    "grandchild": "孙子女 外孙子女 孙子 孙女 外孙 外孙女",
}
RELATIONS = {word: code for code, words in _WORDS.items() for word in (code, *words.split())}
LONGEST = ContributionSubsidy._meta.get_field("kinship").max_length


@dataclass(frozen=True, slots=True)
class Sharing:
    """Whose account pays for a line. Without `owner_id`, `owner_mask` tells a number that names no
    account, and `is_number` whether it was one."""

    owner_id: int | None = None
    owner_mask: str = ""
    is_number: bool = True
    relation: str = ""
    kinship: str = ""
    consent: str = ""


def read_sharing(text: str) -> dict[int, Sharing]:
    """What the lines of a list say of their accounts, by the line; one query for all of them."""
    found: dict[int, tuple[Sharing, UUID | None]] = {}
    for at, cells in cells_of(text):
        number, relation, kinship, consent = [*cells[1:5], "", "", "", ""][:4]
        checked = check_identity(as_number(number))
        told = Sharing(
            owner_mask=mask_identity(checked.number) if number else "",
            is_number=checked.valid,
            relation=RELATIONS.get(relation, ""),
            kinship=kinship[:LONGEST],
            consent=consent[:LONGEST],
        )
        found[at] = (told, digest(checked.number) if checked.valid else None)
    owners = account_owners({key for _told, key in found.values() if key})
    return {
        at: replace(told, owner_id=owners.get(key) if key else None)
        for at, (told, key) in found.items()
    }


def account_owners(numbers: set[UUID]) -> dict[UUID, int | None]:
    """The members of the employee scheme with these numbers, in whatever area, by number.

    What is asked of an owner kept elsewhere is recorded, as with one number.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT n, account_owner(n) FROM unnest(%s::uuid[]) n", [list(numbers)])
        return dict(cursor.fetchall())


__all__ = ["RELATIONS", "Sharing", "account_owners", "read_sharing"]
