"""Full lists of departments: compared, looked at, applied once, taken back."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from enrollment.imports import recognition_list
from enrollment.models import (
    Import,
    ListedChange,
    Person,
    PersonCategory,
    RecognitionList,
    Region,
    User,
)
from enrollment.rules.parameters import RESIDENT, MissingParameter
from enrollment.rules.recognition import follow_up_of, outcome_of
from enrollment.selectors import quotas
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.policy import terms_of_area
from enrollment.services import import_jobs, import_undo
from enrollment.services.exports import feedback_rows
from enrollment.services.imports import ImportRefused, receive_file
from tests import cast

TODAY, DAY = date(2026, 11, 20), date(2026, 11, 18)
SINCE = date(2025, 1, 1)
QUOTA = Decimal("378.00")  # 低保 in 合肥 for 2027, an example
HEADER = "证件号码,姓名,类别,来源部门,名单日期,认定日期,终止日期"


@pytest.fixture(autouse=True)
def autumn(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())
    with business_date_is(TODAY):
        yield


@pytest.fixture
def officers(db: None) -> dict[str, User]:
    cast.law()
    return {
        "maker": cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI),
        "checker": cast.officer("Checker", "zhang", "张敏", region=cast.HEFEI),
        "second": cast.officer("Checker", "qian", "钱伟", region=cast.HEFEI),
    }


def hold(person: Person, category: str, source: str = "civil_affairs", **says: Any) -> None:
    says = {"valid": DateRange(SINCE, None), **says}
    PersonCategory.objects.create(person=person, category=category, source=source, **says)


@pytest.fixture
def people(officers: dict[str, User]) -> dict[str, Person]:
    """甲 stays, 乙 leaves, 丙 goes up, 丁 goes down to what agriculture told, 戊 joins, 己 leaves
    one list and keeps the same height, 庚 lives in another area."""
    found = {name: cast.person(name, number=n) for n, name in enumerate("甲乙丙丁戊己", start=1)}
    found["庚"] = cast.person("庚", number=7, region=cast.JINGHU)
    for name in "甲乙丙丁庚":
        hold(found[name], "dibao")
    hold(found["丁"], "monitored", "agriculture")
    hold(found["己"], "extreme_poverty", "medical_security")
    hold(found["己"], "dibao")
    return found


Submit = Callable[..., Import]


@pytest.fixture
def submit(officers: dict[str, User]) -> Submit:
    def submit(*lines: str, area: int = cast.HEFEI, header: str = HEADER) -> Import:
        return import_jobs.submit(
            kind="recognition_list",
            area=Region.objects.get(pk=area),
            name="民政名单.csv",
            content="\n".join([header, *lines]).encode(),
            user=officers["maker"],
        )

    return submit


def line(
    person: Person, category: str, *, source: str = "民政局", day: date = DAY, **says: str
) -> str:
    name, number = says.get("name", person.name), says.get("number", person.identity_number)
    first, last = says.get("first", ""), says.get("last", "")
    return f"{number},{name},{category},{source},{day},{first},{last}"


def checked(source: Import) -> RecognitionList:
    assert import_jobs.work(import_id=source.pk) == "checked", Import.objects.get().refusal
    return RecognitionList.objects.get(pk=source.pk)


def applied(source: Import, officers: dict[str, User], **says: Any) -> Import:
    checked(source)
    source.refresh_from_db()
    import_jobs.confirm(source=source, user=officers["checker"], previews=source.previews, **says)
    assert import_jobs.work(import_id=source.pk) == "applied"
    source.refresh_from_db()
    return source


def register() -> set[tuple[str, str, date, date | None, str]]:
    rows = PersonCategory.objects.select_related("person")
    return {
        (row.person.name, row.category, row.valid.lower, row.valid.upper, row.source)
        for row in rows
    }


def the_list(people: dict[str, Person]) -> list[str]:
    return [
        line(people["甲"], "低保"),
        line(people["丙"], "特困"),
        line(people["戊"], "低保", first="2026-11-10"),
    ]


@pytest.mark.parametrize("many", [1, 2_000])
def test_a_list_ends_begins_and_keeps(
    submit: Submit,
    people: dict[str, Person],
    officers: dict[str, User],
    many: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether it is joined as a long list or as a short one."""
    monkeypatch.setattr(recognition_list, "MANY_LINES", many)
    source = submit(*the_list(people))
    found = checked(source)
    assert (found.department, found.day) == ("civil_affairs", DAY)
    assert (found.on_file, found.listed, found.leaving, found.held) == (5, 3, 3, 0)
    assert sorted(map(tuple, found.people)) == [
        (340104, "down", "dibao", "monitored", 1),
        (340104, "joined", "", "dibao", 1),
        (340104, "left", "dibao", "", 1),
        (340104, "unchanged", "dibao", "dibao", 1),
        (340104, "unchanged", "extreme_poverty", "extreme_poverty", 1),
        (340104, "up", "dibao", "extreme_poverty", 1),
    ]
    applied_ = applied_source(source, officers)
    assert (applied_.inserted, applied_.updated, applied_.unchanged) == (3, 4, 1)
    assert register() == {
        ("甲", "dibao", SINCE, None, "civil_affairs"),
        ("乙", "dibao", SINCE, DAY, "civil_affairs"),
        ("丙", "dibao", SINCE, DAY, "civil_affairs"),
        ("丙", "extreme_poverty", DAY, None, "civil_affairs"),
        ("丁", "dibao", SINCE, DAY, "civil_affairs"),
        ("丁", "monitored", SINCE, None, "agriculture"),
        ("戊", "dibao", date(2026, 11, 10), None, "civil_affairs"),
        # free of any wait to the end of the year that one pays for
        (
            "戊",
            "medical_assistance_new",
            date(2026, 11, 10),
            date(2028, 1, 1),
            "civil_affairs",
        ),
        ("己", "extreme_poverty", SINCE, None, "medical_security"),
        ("己", "dibao", SINCE, DAY, "civil_affairs"),
        ("庚", "dibao", SINCE, None, "civil_affairs"),
    }
    assert {
        (each.person.name, each.outcome, each.was, each.becomes)
        for each in ListedChange.objects.select_related("person")
    } == {
        ("乙", "left", "dibao", ""),
        ("丙", "up", "dibao", "extreme_poverty"),
        ("丁", "down", "dibao", "monitored"),
        ("戊", "joined", "", "dibao"),
        ("己", "unchanged", "extreme_poverty", "extreme_poverty"),
    }


def applied_source(source: Import, officers: dict[str, User]) -> Import:
    source.refresh_from_db()
    import_jobs.confirm(source=source, user=officers["checker"], previews=source.previews)
    assert import_jobs.work(import_id=source.pk) == "applied"
    source.refresh_from_db()
    return source


# What is refused, and who is kept for it ----------------------------------------------------------


def refused(source: Import) -> str:
    assert import_jobs.work(import_id=source.pk) == "refused"
    source.refresh_from_db()
    return source.refused_for


def test_a_file_that_is_no_list_of_one_department_and_day_is_refused(
    submit: Submit, people: dict[str, Person], officers: dict[str, User]
) -> None:
    one = line(people["甲"], "低保")
    files = {
        "several_lists": [one, line(people["丙"], "监测对象", source="农业农村局")],
        "list_of_a_day_to_come": [line(people["甲"], "低保", day=date(2026, 11, 21))],
        "no_such_department": [line(people["甲"], "低保", source="公安局")],
        "no_readable_line": [f"{people['甲'].identity_number},甲,低保,民政局,,,"],
    }
    assert {name: refused(submit(*lines)) for name, lines in files.items()} == {
        name: name for name in files
    }
    applied(submit(*the_list(people)), officers)
    assert refused(submit(line(people["甲"], "低保", day=date(2026, 11, 1)))) == "older_list"
    assert import_jobs.work(import_id=submit(*the_list(people), " ").pk) == "checked"


def test_lines_are_refused_by_name(submit: Submit, people: dict[str, Person]) -> None:
    Person.objects.filter(pk=people["戊"].pk).update(died_on=date(2026, 10, 1))
    source = submit(
        line(people["甲"], "低保"),
        line(people["甲"], "低保"),
        line(people["乙"], "低保", name="乙二"),
        line(people["丙"], "监测对象"),
        line(people["丁"], "低保", first="2026-11-19"),
        line(people["己"], "低保", last="2026-11-17"),
        line(people["戊"], "低保"),
        line(people["庚"], "低保"),
        line(people["甲"], "先富"),
        line(people["甲"], "特困", number="34990019720504001X"),
    )
    assert checked(source).problems == {
        "same_line": 1,
        "name_differs": 1,
        "not_its_category": 1,
        "begins_after_the_list": 1,
        "ends_before_the_list": 1,
        "died_before": 1,
        "outside_area": 1,
        "not_a_word": 1,
        "identity_check": 1,
    }


def test_nobody_is_dropped_for_a_line_that_cannot_be_taken(
    submit: Submit, people: dict[str, Person], officers: dict[str, User]
) -> None:
    """乙's name is misspelt, 丙's number has a digit too much wrong, 丁's category is unknown."""
    wrong = people["丙"].identity_number[:-1] + ("0" if people["丙"].id_mask[-1] != "0" else "1")
    source = submit(
        line(people["甲"], "低保"),
        line(people["乙"], "低保", name="乙二"),
        line(people["丙"], "低保", number=wrong),
        line(people["丁"], "先富"),
    )
    found = checked(source)
    assert (found.leaving, found.held) == (1, 3)
    applied_source(source, officers)
    ended = PersonCategory.objects.filter(valid__endswith=DAY).values_list("person__name")
    assert {name for (name,) in ended} == {"己"}


def test_the_department_gets_an_outcome_for_every_line(
    submit: Submit, people: dict[str, Person], officers: dict[str, User]
) -> None:
    lines = [*the_list(people), line(people["乙"], "低保", name="乙二"), line(people["丁"], "先富")]
    source = applied(submit(*lines), officers)
    assert source.summary == [["", "applied", 2], ["", "known", 1], ["", "name_differs", 1],
                              ["", "refused", 1]]  # fmt: skip
    told = source.answers.values_list("line", "outcome")
    assert dict(told) == {2: "known", 3: "applied", 4: "applied", 5: "name_differs", 6: "refused"}
    back = [[*row[1:3], row[-3]] for row in feedback_rows(source)]
    assert back == [
        ["甲", "低保", 2],
        ["丙", "特困", 3],
        ["戊", "低保", 4],
        ["乙二", "低保", 5],
        ["丁", "先富", 6],
    ]


def test_what_another_department_told_is_not_ended(
    submit: Submit, people: dict[str, Person], officers: dict[str, User]
) -> None:
    applied(submit(line(people["甲"], "监测对象", source="农业农村局")), officers)
    assert {row for row in register() if row[0] in "甲丁"} == {
        ("甲", "dibao", SINCE, None, "civil_affairs"),
        ("甲", "monitored", DAY, None, "agriculture"),
        ("丁", "dibao", SINCE, None, "civil_affairs"),
        ("丁", "monitored", SINCE, DAY, "agriculture"),
    }
    told = {(each.person.name, each.outcome) for each in ListedChange.objects.all()}
    assert told == {("甲", "unchanged"), ("丁", "unchanged")}


def test_validities_are_brought_up_to_date_and_never_run_into_others(
    submit: Submit, people: dict[str, Person], officers: dict[str, User]
) -> None:
    """甲's end becomes known; 戊 had the status before and is recognised from a day inside of that;
    乙 held it only until a case recognised it anew after the day of the list."""
    hold(people["戊"], "dibao", valid=DateRange(date(2024, 1, 1), date(2026, 6, 1)))
    PersonCategory.objects.filter(person=people["乙"]).update(
        valid=DateRange(date(2026, 11, 19), None)
    )
    lines = [
        line(people["甲"], "低保", last="2027-06-30"),
        line(people["戊"], "低保", first="2026-03-01"),
        line(people["乙"], "低保"),
        *(line(people[name], "低保") for name in "丙丁己"),
    ]
    applied(submit(*lines), officers)
    assert {row[:4] for row in register() if row[0] in "甲乙戊" and row[1] == "dibao"} == {
        ("甲", "dibao", SINCE, date(2027, 7, 1)),
        ("乙", "dibao", DAY, date(2026, 11, 19)),
        ("乙", "dibao", date(2026, 11, 19), None),
        ("戊", "dibao", date(2024, 1, 1), date(2026, 6, 1)),
        ("戊", "dibao", date(2026, 6, 1), None),
    }


def test_a_monitored_person_counts_only_where_the_list_says_so(
    submit: Submit, people: dict[str, Person], officers: dict[str, User]
) -> None:
    PersonCategory.objects.filter(person=people["丁"], category="monitored").update(qualified=False)
    header = HEADER + ",符合资助条件"
    lines = [
        line(people["丁"], "监测对象", source="农业农村局") + ",",
        line(people["甲"], "监测对象", source="农业农村局") + ",不符合",
    ]
    applied(submit(*lines, header=header), officers)
    rows = PersonCategory.objects.filter(category="monitored")
    assert set(rows.values_list("person__name", "qualified")) == {("丁", False), ("甲", False)}
    applied(submit(*(each.replace("不符合", "是") for each in lines), header=header), officers)
    assert set(rows.values_list("person__name", "qualified")) == {("丁", False), ("甲", True)}


# The safety stop ----------------------------------------------------------------------------------


@pytest.fixture
def strict(settings: Any) -> None:
    settings.LIST_LEAVING_PERCENT, settings.LIST_LEAVING_LEAST = 5, 2


def test_a_list_that_drops_many_is_applied_only_when_acknowledged(
    submit: Submit, people: dict[str, Person], officers: dict[str, User], strict: None
) -> None:
    source = submit(*the_list(people))
    assert checked(source).drops_many
    source.refresh_from_db()
    says: dict[str, Any] = {"source": source, "user": officers["checker"], "previews": 1}
    with pytest.raises(import_jobs.NotAcknowledged):
        import_jobs.confirm(**says)
    # nor by going around the service
    moved = {
        "state": "applying",
        "confirmed_by": officers["checker"],
        "confirmed_at": timezone.now(),
    }
    for acknowledged in (None, officers["second"]):
        RecognitionList.objects.update(
            acknowledged_by=acknowledged, acknowledged_at=acknowledged and timezone.now()
        )
        with pytest.raises(DatabaseError, match="nobody acknowledged"), transaction.atomic():
            Import.objects.filter(pk=source.pk).update(**moved)
    import_jobs.confirm(**says, acknowledged=True)
    assert import_jobs.work(import_id=source.pk) == "applied"
    assert RecognitionList.objects.get().acknowledged_by == officers["checker"]


def test_the_command_refuses_a_list_that_drops_many(
    people: dict[str, Person], strict: None, tmp_path: Any
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("\n".join([HEADER, *the_list(people)]))
    before = register()
    for dry_run in (True, False):
        with pytest.raises(ImportRefused) as told:
            receive_file(kind="recognition_list", path=path, area="340100", dry_run=dry_run)
        assert told.value.name == "drops_too_many"
    assert register() == before


def test_a_list_that_does_something_else_by_now_is_shown_again(
    submit: Submit, people: dict[str, Person], officers: dict[str, User], strict: None
) -> None:
    """One leaves and one joins less: every count is the same, the people are not."""
    source = submit(*the_list(people))
    first = checked(source)
    source.refresh_from_db()
    import_jobs.confirm(source=source, user=officers["checker"], previews=1, acknowledged=True)
    PersonCategory.objects.filter(person=people["乙"]).update(
        valid=DateRange(SINCE, date(2026, 2, 1))
    )
    hold(cast.person("辛", number=8), "dibao")
    assert import_jobs.work(import_id=source.pk) == "checked"
    again = RecognitionList.objects.get()
    assert (again.leaving, first.leaving) == (3, 3)
    assert again.digest != first.digest
    assert again.acknowledged_by is None
    assert not ListedChange.objects.exists()


def test_it_is_applied_once_however_often_it_is_delivered(
    submit: Submit, people: dict[str, Person], officers: dict[str, User]
) -> None:
    source = applied(submit(*the_list(people)), officers)
    rows = register()
    assert [import_jobs.work(import_id=source.pk) for _ in range(2)] == ["held", "held"]
    again = checked(submit(*the_list(people)))
    assert (again.leaving, again.people) == (
        0,
        [
            [340104, "unchanged", "dibao", "dibao", 2],
            [340104, "unchanged", "extreme_poverty", "extreme_poverty", 1],
        ],
    )
    assert register() == rows


def test_a_list_is_taken_back_as_a_batch(
    submit: Submit, people: dict[str, Person], officers: dict[str, User]
) -> None:
    before = register()
    source = applied(submit(*the_list(people)), officers)
    PersonCategory.objects.filter(person=people["丙"], category="extreme_poverty").update(
        evidence="特困证 118"
    )
    import_undo.ask(source=source, user=officers["maker"], reason="取错月份")
    import_undo.decide(source=source, user=officers["checker"])
    assert import_undo.work(import_id=source.pk) == "undone"
    source.refresh_from_db()
    assert (source.taken_back, source.kept) == (6, 1)
    assert register() == before | {("丙", "extreme_poverty", DAY, None, "civil_affairs")}


def test_what_a_list_said_and_whom_it_changed_is_fixed(
    submit: Submit, people: dict[str, Person], officers: dict[str, User]
) -> None:
    applied(submit(*the_list(people)), officers)
    now = timezone.now()
    with pytest.raises(DatabaseError), transaction.atomic():
        ListedChange.objects.update(outcome="up")
    with pytest.raises(DatabaseError), transaction.atomic():
        ListedChange.objects.all().delete()
    with pytest.raises(DatabaseError, match="decided about"), transaction.atomic():
        RecognitionList.objects.update(acknowledged_by=officers["second"], acknowledged_at=now)
    with pytest.raises(DatabaseError), transaction.atomic():
        RecognitionList.objects.all().delete()


# The money, and the wait --------------------------------------------------------------------------


def test_the_preview_tells_the_money_of_the_open_years(
    submit: Submit, people: dict[str, Person]
) -> None:
    """Example quotas of 合肥 in 2027: 低保 378.00, 监测 210.00; 特困 is paid in full, 420.00."""
    cast.year(2027, closed=False)
    full = {"standard": Decimal(420)}
    for name in "甲乙丙丁":
        cast.bill(people[name], 2027, subsidy=QUOTA, category="dibao", **full)
    paid = {"paid": Decimal(420), "paid_on": date(2026, 11, 15), **full}
    cast.bill(people["戊"], 2027, **paid)
    cast.bill(people["己"], 2027, subsidy=Decimal(420), category="extreme_poverty", **full)
    found = checked(submit(*the_list(people)))
    assert not found.missing
    assert found.money == [
        # 丙 goes up
        [2027, 340104, "award", 1, str(420 - QUOTA), "0"],
        # 乙 left, 丁 fell to what agriculture told
        [2027, 340104, "bill", 2, "0", str(QUOTA + QUOTA - 210)],
        # 戊 was recognised on 10 November, paid all of it on 15 November
        [2027, 340104, "refund", 1, str(QUOTA), "0"],
    ]


def test_nothing_is_said_of_money_where_a_quota_is_not_published(
    submit: Submit, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.year(2027, closed=False)
    cast.bill(people["戊"], 2027, standard=Decimal(420))

    def unpublished(area: int, year: int, **says: Any) -> Any:
        if says["categories"] == ("dibao",):
            raise MissingParameter("subsidy.quota.dibao", area, RESIDENT, date(year, 1, 1))
        return terms_of_area(area, year, **says)

    monkeypatch.setattr(quotas, "terms_of_area", unpublished)
    found = checked(submit(*the_list(people)))
    assert {(each["code"], each["year"]) for each in found.missing} == {
        ("subsidy.quota.dibao", 2027)
    }
    assert found.money == []


def test_the_two_evaluators_agree_on_every_pair_of_categories(
    submit: Submit, officers: dict[str, User]
) -> None:
    """Every set of categories before, every list of civil affairs after, one person each."""
    kinds = ("extreme_poverty", "dibao", "low_income_recognised")
    sets = [each for size in range(4) for each in combinations(kinds, size)]
    expected, lines, number = {}, [], 0
    for before in sets:
        for after in sets:
            for other in ((), ("monitored",)):
                number += 1
                person = cast.person(f"人{number}", number=number)
                for category in before:
                    hold(person, category)
                for category in other:
                    hold(person, category, "agriculture")
                lines += [line(person, category) for category in after]
                if before != after:
                    expected[person.pk] = outcome_of((*before, *other), (*after, *other))
    applied(submit(*lines), officers, acknowledged=True)
    assert dict(ListedChange.objects.values_list("person_id", "outcome")) == expected


@pytest.mark.parametrize(
    "facts",
    [
        {"paid": paid, "payable": payable, "given": given, "due": due, "due_when_paid": when}
        for paid in (0, 60, 420)
        for payable in (0, 60, 420)
        for given in (0, 360)
        for due in (0, 210, 360)
        for when in (0, 360)
    ],
)
def test_the_two_evaluators_agree_on_what_follows(db: None, facts: dict[str, int]) -> None:
    amounts = {name: Decimal(value) for name, value in facts.items()}
    with connection.cursor() as cursor:
        for ended in (None, TODAY):
            for begun in (False, True):
                cursor.execute(
                    "SELECT subsidy_follow_up(payable => %(payable)s, paid => %(paid)s,"
                    " given => %(given)s, due => %(due)s, due_when_paid => %(due_when_paid)s,"
                    " ended_on => %(ended)s::date, has_begun => %(begun)s)",
                    {**amounts, "ended": ended, "begun": begun},
                )
                assert cursor.fetchone()[0] == follow_up_of(
                    **amounts, has_ended=ended is not None, has_begun=begun
                )
