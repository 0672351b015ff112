"""Searching the register for duplicates (重复参保排查): set-based, found once, queued as findings.

皖医保发〔2024〕6号 二（三）: 持续做好重复参保治理工作. Across schemes and areas, and files of one
person; a number itself cannot stand twice (`identity_number_has_one_file`), nor a resident year.
Called by a job: at the calendar, or where somebody asked for it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_noop

from enrollment.models import DuplicateSearch, Finding, Person, User
from enrollment.models.identity import unseal
from enrollment.rules import keys
from enrollment.rules.duplicates import numbers_alike
from enrollment.rules.identity import convert_15_to_18
from enrollment.selectors.bills import years_open
from enrollment.selectors.calendar import business_date
from enrollment.services.refusals import Refused

SQL = Path(__file__).resolve().parent.parent / "sql" / "duplicates"
SLICE = 500_000  # person ids of one statement
PAIRS_AT_ONCE = 5_000
Kind = Finding.Kind


class SearchUnderWay(Refused):
    message = gettext_noop("A search is under way since %(since)s: its result will stand here.")


def ask(*, user: User | None) -> DuplicateSearch:
    """Ask for a search; a job does it. Of two at once the key lets one through.

    Raises SearchUnderWay.
    """
    try:
        with transaction.atomic():
            return DuplicateSearch.objects.create(asked_by=user)
    except IntegrityError as error:
        if "one_search_at_a_time" not in str(error):
            raise
        waiting = DuplicateSearch.objects.filter(finished_at=None).first()
        since = timezone.localtime(waiting.asked_at if waiting else None)
        raise SearchUnderWay(since=f"{since:%Y-%m-%d %H:%M}") from error


def ask_by_calendar() -> None:
    """Ask for the search of the week, unless one waits already."""
    try:
        ask(user=None)
    except SearchUnderWay:
        return


def work() -> dict[str, int] | None:
    """Do the search that was asked for; None where none was, or somebody is at it.

    Findings and mark commit together: work that broke off leaves nothing and is done again.
    """
    with transaction.atomic():
        asked = (
            DuplicateSearch.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(finished_at=None)
            .first()
        )
        if asked is None:
            return None
        found = search(years=years_open(business_date()))
        DuplicateSearch.objects.filter(pk=asked.pk).update(finished_at=timezone.now(), found=found)
    return found


def search(*, years: list[int]) -> dict[str, int]:
    """Queue what is found anew; how many of each kind."""
    found = dict.fromkeys([Kind.TWO_SCHEMES.value, Kind.TWO_AREAS.value], 0)
    last = Person.objects.aggregate(last=Max("pk"))["last"] or 0
    for year in years:
        for first in range(0, last + 1, SLICE):
            slice_ = {
                "year": year,
                "base": year * keys.YEAR,
                "first": first,
                "last": first + SLICE - 1,
            }
            for kind in found:
                found[kind] += _run(kind, slice_)
    found |= dict.fromkeys(
        [Kind.ONE_DIGIT_OFF.value, Kind.CERTIFICATE.value, Kind.OLD_NUMBER.value], 0
    )
    batch: list[tuple[str, int, int, int]] = []
    for pair in _pairs():
        batch.append(pair)
        if len(batch) == PAIRS_AT_ONCE:
            _queue(batch, found)
            batch = []
    _queue(batch, found)
    return found


def _run(name: str, parameters: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute((SQL / f"{name}.sql").read_text(), parameters)
        return int(cursor.rowcount)


def _queue(batch: list[tuple[str, int, int, int]], found: dict[str, int]) -> None:
    for kind in {kind for kind, *_ in batch}:
        mine = [pair for pair in batch if pair[0] == kind]
        kinds, people, others, regions = map(list, zip(*mine, strict=True))
        found[kind] += _run(
            "pairs", {"kinds": kinds, "people": people, "others": others, "regions": regions}
        )


def _pairs() -> Iterator[tuple[str, int, int, int]]:
    """Kind, later file, earlier file and region of each pair that is alike once unsealed."""
    with connection.chunked_cursor() as cursor:
        cursor.execute((SQL / "namesakes.sql").read_text())
        while rows := cursor.fetchmany(PAIRS_AT_ONCE):
            for person, other, region, *documents in rows:
                kind = _alike(*documents)
                if kind:
                    yield kind, person, other, region


def _alike(one_type: str, other_type: str, one: bytes, other: bytes, same_sex: bool) -> str | None:
    """What makes two files one person's: a certificate and a number, old and new, a digit."""
    types = {one_type, other_type}
    if types == {Person.IdType.BIRTH_CERTIFICATE, Person.IdType.RESIDENT_ID}:
        return Kind.CERTIFICATE if same_sex else None
    shorter, longer = sorted((unseal(bytes(one)), unseal(bytes(other))), key=len)
    if len(shorter) == 15 and shorter.isdigit():
        return Kind.OLD_NUMBER if convert_15_to_18(shorter) == longer else None
    return Kind.ONE_DIGIT_OFF if numbers_alike(shorter, longer) else None
