"""Cases as screens and services read them: what a checker is shown, and the lists."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet, Subquery, Value

from enrollment.declarations import CaseKind, case_kinds
from enrollment.models import (
    Case,
    CaseComment,
    CaseEvent,
    CaseFile,
    CaseReversal,
    Person,
    Region,
    YearRun,
)
from enrollment.rules.keys import is_key
from enrollment.rules.lifecycle import Fact, digest_of
from enrollment.rules.regions import CITY, PROVINCE, city_of
from enrollment.rules.trace import gettext_noop
from enrollment.selectors.people import name_of, places

ATTACHED = gettext_noop("Attached files")


def kind_of(case: Case) -> CaseKind:
    """The declaration of a case's kind."""
    return case_kinds[case.kind]


def whole_case(case_id: int) -> Case:
    """A case with its details, as the model of its kind. Raises Case.DoesNotExist."""
    case = Case.objects.only("kind").get(pk=case_id)
    model = kind_of(case).model
    return model.objects.select_related("person", "region", "maker", "checker").get(pk=case_id)


def facts_of(case: Case) -> list[Fact]:
    """What is shown to a checker and bound by the approval: the case, then what its kind adds.

    `case` is the model of its kind. Of the person it names what the page shows, never the number.
    """
    place = places([case.region_id])[case.region_id]
    insured, area = gettext_noop("Place of insurance (参保地)"), gettext_noop("Area")
    kind = kind_of(case)
    with kind.on_behalf(case):
        own: Sequence[Fact] = kind.facts(case)
        attached = _facts_of_files(case)
    return [
        Fact(gettext_noop("Case"), case.pk),
        *_facts_about(case.person),
        Fact(insured if case.person_id else area, case.region_id, str(place)),
        Fact(gettext_noop("Benefit year"), case.year),
        Fact(gettext_noop("Channel"), case.channel, str(case.get_channel_display())),
        *own,
        *attached,
        Fact(gettext_noop("Amount (yuan)"), case.amount),
        Fact(gettext_noop("Reason given"), case.reason),
    ]


def _facts_about(person: Person | None) -> list[Fact]:
    if person is None:
        return []
    return [
        Fact(gettext_noop("Person"), [person.pk, person.name], person.name),
        Fact(gettext_noop("Identity number"), person.id_mask),
    ]


def _facts_of_files(case: Case) -> list[Fact]:
    """What is attached; a case without files says nothing of them."""
    files = list(files_of(case.pk))
    return [fact_of_files(files)] if files else []


def fact_of_files(files: Sequence[CaseFile]) -> Fact:
    """Files as a fact: their names and digests."""
    told = "；".join(f"{file.name} ({file.digest[:8]})" for file in files)
    return Fact(ATTACHED, [[file.name, file.digest] for file in files], told)


def files_of(case_id: int) -> QuerySet[CaseFile]:
    """The files of a case that were not taken off again, without their bytes."""
    rows = CaseFile.objects.filter(case=case_id, removed_at=None)
    return rows.select_related("added_by").defer("content")


def comments_of(case_id: int) -> QuerySet[CaseComment]:
    """What was said about a case, in order."""
    return CaseComment.objects.filter(case=case_id).select_related("user")


def shown_digest_of(case: Case) -> str:
    """The digest of what a checker of the case is shown now."""
    return digest_of(facts_of(case))


def events_of(case: Case) -> list[CaseEvent]:
    """What happened to a case, in order."""
    return list(CaseEvent.objects.filter(case=case.pk).select_related("user").order_by("pk"))


def reversals_of(case_id: int) -> QuerySet[CaseReversal]:
    """The reversals that were asked for of a case, newest first."""
    return CaseReversal.objects.filter(reverses=case_id)


def cases_of(person_id: int, limit: int = 50) -> list[Case]:
    """A person's cases, newest first."""
    return list(Case.objects.filter(person=person_id).select_related("maker")[:limit])


def worklist(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """What a list of cases shows, without a query a row."""
    return queryset.select_related("person", "region", "maker", "checker")


def filter_places(chosen: str, counties: tuple[int, ...] | None) -> list[tuple[int, str]]:
    """What a list can be narrowed to: the cities of the province, and a chosen one's counties.

    `counties` are those that the user sees, None being all.
    """
    runs = YearRun.objects.filter(mode=YearRun.Mode.REAL).order_by("-year")
    province = Subquery(runs.values("province")[:1])
    city = city_of(int(chosen)) if is_key(chosen) else 0
    places = Region.objects.filter(
        valid_to=None, code__gte=province, code__lt=province + Value(PROVINCE)
    )
    rows = places.filter(
        Q(level=Region.Level.CITY)
        | Q(level=Region.Level.COUNTY, code__gte=city, code__lt=city + CITY)
    ).order_by("code")
    seen = None if counties is None else {county // 100 for county in counties}
    return [
        (row.code, name_of(row) if row.level == Region.Level.CITY else f"　{name_of(row)}")
        for row in rows
        if seen is None or row.code // CITY in seen
    ]
