"""An applied list taken back as a batch: what changed since is kept, and listed."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import translation

from enrollment.imports.kinds import Counts
from enrollment.models import Change, History, Import, ImportEffect, Person, PersonCategory, User
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.imports import kept_rows
from enrollment.services import import_jobs, import_undo
from enrollment.services.import_jobs import NotToBeDecided
from enrollment.services.import_undo import (
    AskedByYourself,
    NothingToTakeBack,
    NotTakenBack,
    NotYoursToTakeBack,
    UndoWithoutReason,
)
from enrollment.services.imports import receive_file
from tests import cast

TODAY = date(2026, 11, 20)
SINCE = date(2026, 1, 1)
HEADER = "id_number,category,valid_from,valid_to,source"


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with business_date_is(TODAY):
        yield


@pytest.fixture
def officers(db: None) -> dict[str, User]:
    cast.law()
    return {
        "maker": cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI),
        "checker": cast.officer("Checker", "zhang", "张敏", region=cast.HEFEI),
        "second": cast.officer("Checker", "qian", "钱伟", region=cast.HEFEI),
        "elsewhere": cast.officer("Checker", "wuhu", "芜湖复核", region=cast.WUHU),
    }


@pytest.fixture
def people(officers: dict[str, User]) -> dict[str, Person]:
    """Four newcomers to 低保, and one whose open validity the list closes."""
    found = {name: cast.person(name, number=n) for n, name in enumerate("甲乙丙丁戊", start=1)}
    PersonCategory.objects.create(
        person=found["戊"], category="dibao", valid=DateRange(SINCE, None), source="agriculture"
    )
    return found


@pytest.fixture
def applied(people: dict[str, Person], officers: dict[str, User], tmp_path: Any) -> Import:
    lines = [
        f"{people[name].identity_number},dibao,2026-11-01,,civil_affairs" for name in "甲乙丙丁"
    ]
    lines.append(f"{people['戊'].identity_number},dibao,2026-01-01,2026-10-31,civil_affairs")
    path = tmp_path / "list.csv"
    path.write_text("\n".join([HEADER, *lines]))
    result = receive_file(kind="categories", path=path, area="340100", user=officers["maker"])
    assert (result.inserted, result.updated) == (4, 1)
    return Import.objects.get(pk=result.import_id)


def taken_back(source: Import, officers: dict[str, User]) -> Import:
    import_undo.ask(source=source, user=officers["maker"], reason="名单有误")
    import_undo.decide(source=source, user=officers["checker"])
    assert import_undo.work(import_id=source.pk) == "undone"
    source.refresh_from_db()
    return source


def register() -> set[tuple[str, date, date | None, str]]:
    rows = PersonCategory.objects.select_related("person")
    return {(row.person.name, row.valid.lower, row.valid.upper, row.source) for row in rows}


def test_what_nobody_touched_is_as_if_the_file_had_not_come(
    applied: Import, officers: dict[str, User]
) -> None:
    assert import_undo.preview(applied) == (5, 0)
    changes = Change.objects.count()
    source = taken_back(applied, officers)
    assert (source.taken_back, source.kept) == (5, 0)
    assert register() == {("戊", SINCE, None, "agriculture")}
    assert not kept_rows(source)
    by = History.objects.filter(table_name="person_category").order_by("-pk")[:5]
    assert {(each.act, each.user) for each in by} == {
        ("DELETE", officers["checker"]),
        ("UPDATE", officers["checker"]),
    }
    assert Change.objects.count() >= changes


def test_rows_that_changed_since_are_listed_and_not_overwritten(
    applied: Import, people: dict[str, Person], officers: dict[str, User]
) -> None:
    def row(name: str) -> Any:
        return PersonCategory.objects.filter(person=people[name])

    row("甲").update(valid=DateRange(date(2026, 11, 1), date(2026, 12, 1)))
    row("乙").update(evidence="低保证 340104-2026-118")
    # what the list closed was opened again from another day
    PersonCategory.objects.create(
        person=people["戊"],
        category="dibao",
        valid=DateRange(date(2026, 11, 15), None),
        source="civil_affairs",
    )
    assert import_undo.preview(applied) == (3, 2)
    source = taken_back(applied, officers)
    assert (source.taken_back, source.kept) == (2, 3)
    november, until = date(2026, 11, 1), date(2026, 12, 1)
    assert register() == {
        ("甲", november, until, "civil_affairs"),
        ("乙", november, None, "civil_affairs"),
        ("戊", SINCE, november, "civil_affairs"),
        ("戊", date(2026, 11, 15), None, "civil_affairs"),
    }
    with translation.override("zh-hans"):
        told = {each.name: (each.wrote, each.now) for each in kept_rows(source)}
    assert told == {
        "甲": ("低保对象 2026-11-01 ~, 民政", "低保对象 2026-11-01 ~ 2026-11-30, 民政"),
        "乙": (
            "低保对象 2026-11-01 ~, 民政",
            "低保对象 2026-11-01 ~, 民政, 低保证 340104-2026-118",
        ),
        "戊": (
            "低保对象 2026-01-01 ~ 2026-10-31, 民政",
            "低保对象 2026-01-01 ~ 2026-10-31, 民政",
        ),
    }


def test_a_row_that_a_case_rests_on_is_kept(
    applied: Import, people: dict[str, Person], officers: dict[str, User]
) -> None:
    from enrollment.models import CategoryRecognition

    row = PersonCategory.objects.get(person=people["甲"])
    CategoryRecognition.objects.create(
        kind="category_recognition",
        person=people["甲"],
        region_id=cast.SHUSHAN,
        year=2026,
        maker=officers["maker"],
        act="lost",
        category="dibao",
        until=TODAY,
        source="civil_affairs",
        evidence="函",
        row=row,
    )
    source = taken_back(applied, officers)
    assert (source.taken_back, source.kept) == (4, 1)
    assert PersonCategory.objects.filter(pk=row.pk).exists()


def test_the_same_list_comes_again_after_it_was_taken_back(
    applied: Import, officers: dict[str, User], tmp_path: Any
) -> None:
    taken_back(applied, officers)
    path = tmp_path / "list.csv"
    result = receive_file(kind="categories", path=path, area="340100")
    assert Counts(result.inserted, result.updated, result.unchanged) == Counts(4, 1, 0)


def test_it_is_taken_back_once_however_often_it_is_delivered(
    applied: Import, officers: dict[str, User]
) -> None:
    source = taken_back(applied, officers)
    assert import_undo.work(import_id=source.pk) == "held"
    assert import_jobs.work(import_id=source.pk) == "held"
    acts: tuple[Callable[[], None], ...] = (
        lambda: import_undo.ask(source=source, user=officers["maker"], reason="再次"),
        lambda: import_undo.decide(source=source, user=officers["second"]),
        lambda: import_undo.leave(source=source, user=officers["maker"]),
    )
    for act in acts:
        with pytest.raises(NotToBeDecided):
            act()


def test_one_asks_with_a_reason_and_another_decides(
    applied: Import, officers: dict[str, User]
) -> None:
    refused: list[tuple[type[Exception], Callable[[], object]]] = [
        (
            UndoWithoutReason,
            lambda: import_undo.ask(source=applied, user=officers["maker"], reason="  "),
        ),
        (
            NotYoursToTakeBack,
            lambda: import_undo.ask(source=applied, user=officers["elsewhere"], reason="错"),
        ),
    ]
    for refusal, act in refused:
        with pytest.raises(refusal):
            act()
    import_undo.ask(source=applied, user=officers["checker"], reason="名单有误")
    for user, refusal in (
        ("checker", AskedByYourself),
        ("maker", NotYoursToTakeBack),
        ("elsewhere", NotYoursToTakeBack),
    ):
        with pytest.raises(refusal):
            import_undo.decide(source=applied, user=officers[user])
    with pytest.raises(IntegrityError, match="who_asks_to_take"), transaction.atomic():
        Import.objects.filter(pk=applied.pk).update(state="undoing", undone_by=officers["checker"])
    import_undo.leave(source=applied, user=officers["checker"])
    applied.refresh_from_db()
    assert applied.state == "applied"
    assert len(register()) == 5


def test_other_kinds_and_empty_files_are_not_taken_back(
    applied: Import, officers: dict[str, User], tmp_path: Any
) -> None:
    again = receive_file(kind="categories", path=tmp_path / "list.csv", area="340100")
    with pytest.raises(NothingToTakeBack):
        import_undo.ask(
            source=Import.objects.get(pk=again.import_id), user=officers["checker"], reason="错"
        )
    other = Import.objects.create(
        kind="remittance", file_name="p.csv", digest="", area=cast.HEFEI, state="applied"
    )
    with pytest.raises(NotTakenBack):
        import_undo.ask(source=other, user=officers["checker"], reason="错")


def test_the_database_takes_back_only_what_was_decided(
    applied: Import, officers: dict[str, User]
) -> None:
    def sql(statement: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [applied.pk])

    with pytest.raises(DatabaseError, match="is not being taken back"):
        sql("SELECT * FROM take_back_categories(%s)")
    with pytest.raises(DatabaseError, match="does not go from"):
        sql("UPDATE import SET state = 'undone' WHERE id = %s")
    with pytest.raises(IntegrityError, match="for_a_reason"):
        sql("UPDATE import SET state = 'undo_asked' WHERE id = %s")
    import_undo.ask(source=applied, user=officers["maker"], reason="名单有误")
    with pytest.raises(DatabaseError, match=r"what import \d+ did is fixed"):
        sql("UPDATE import SET state = 'applied', inserted = 9 WHERE id = %s")
    assert ImportEffect.objects.filter(outcome="").count() == 5


def test_work_that_breaks_off_leaves_the_file_applied(
    applied: Import, officers: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    import_undo.ask(source=applied, user=officers["maker"], reason="名单有误")
    import_undo.decide(source=applied, user=officers["checker"])
    with monkeypatch.context() as patch:
        patch.setattr("enrollment.services.import_undo.changes.announce", lambda: 1 / 0)
        for _ in range(import_jobs.MOST_ATTEMPTS):
            with pytest.raises(ZeroDivisionError):
                import_undo.work(import_id=applied.pk)
    assert len(register()) == 5
    assert import_undo.work(import_id=applied.pk) == "applied"
