"""Files that come by a screen: received, checked, confirmed, applied, each exactly once."""

import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from config.schedule import SCHEDULE
from enrollment.imports.problems import FileRefused
from enrollment.models import (
    History,
    Import,
    ImportPart,
    ImportReject,
    PersonCategory,
    Receipt,
    Region,
    User,
)
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.scope import set_scope
from enrollment.services import import_jobs
from enrollment.services.import_jobs import (
    FileAboveLimit,
    FileLooksWrong,
    FileRequired,
    NeitherSenderNorChecker,
    NothingToApply,
    NotTheFileShown,
    NotTheSender,
    NotToBeDecided,
    SameFileWaits,
    SentByYourself,
)
from tests import cast
from tests.roles import as_role

TODAY = date(2026, 11, 20)
CATEGORIES = "证件号码,类别,认定日期,终止日期,来源部门"
RECEIPTS = "流水号,证件号码,姓名,年度,险种,金额,缴费时间,渠道"


@pytest.fixture(autouse=True)
def autumn(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())
    with business_date_is(TODAY):
        yield


@pytest.fixture
def people(db: None) -> dict[str, User]:
    """张三 and 李四 of 蜀山 on file, and who works on files: of 合肥, one of 芜湖."""
    cast.law()
    cast.person("张三", number=1)
    cast.person("李四", number=2)
    return {
        "maker": cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI),
        "other": cast.officer("Maker", "he", "何娟", region=cast.HEFEI),
        "checker": cast.officer("Checker", "zhang", "张敏", region=cast.HEFEI),
        "elsewhere": cast.officer("Checker", "wuhu", "芜湖复核", region=cast.WUHU),
    }


Submit = Callable[..., Import]


def numbers() -> list[str]:
    from enrollment.models import Person

    return [person.identity_number for person in Person.objects.order_by("pk")]


def list_of(*ends: str, first: str = "2026-11-01") -> bytes:
    """A list of 低保 for the people on file, and one line of nobody."""
    lines = [
        f"{number},低保,{first},{end},民政局" for number, end in zip(numbers(), ends, strict=False)
    ]
    return "\n".join([CATEGORIES, *lines, "349900197205040999,低保,2026-11-01,,民政局"]).encode()


@pytest.fixture
def submit(people: dict[str, User]) -> Submit:
    def submit(content: bytes, kind: str = "categories", **options: Any) -> Import:
        told = {
            "area": Region.objects.get(pk=cast.HEFEI),
            "name": "低保.csv",
            "user": people["maker"],
            **options,
        }
        return import_jobs.submit(kind=kind, content=content, **told)

    return submit


def counted(source: Import) -> tuple[str, int, int, int, int, int]:
    source.refresh_from_db()
    return (
        source.state,
        source.lines_read,
        source.inserted,
        source.updated,
        source.unchanged,
        source.rejected,
    )


def test_a_list_is_received_checked_confirmed_and_applied(
    submit: Submit, people: dict[str, User]
) -> None:
    source = submit(list_of("", "2026-12-31"))
    assert (source.state, source.needs_second, source.sent_by) == (
        "received",
        True,
        people["maker"],
    )
    assert import_jobs.work(import_id=source.pk) == "checked"
    assert counted(source) == ("checked", 3, 2, 0, 0, 1)
    assert not PersonCategory.objects.exists()
    assert [(each["line"], each["column"]) for each in source.errors] == [(4, "证件号码")]

    import_jobs.confirm(source=source, user=people["checker"], previews=1)
    assert not PersonCategory.objects.exists()
    assert import_jobs.work(import_id=source.pk) == "applied"
    assert counted(source) == ("applied", 3, 2, 0, 0, 1)
    assert PersonCategory.objects.count() == 2
    assert ImportReject.objects.get().line == 4
    assert not ImportPart.objects.exists()  # the bytes are gone with the decision
    by = History.objects.filter(table_name="person_category").values_list("user", flat=True)
    assert set(by) == {people["maker"].pk}


def test_the_bytes_are_sealed_while_they_wait(submit: Submit) -> None:
    content = list_of("", "") + b"\n" * (2 << 20)
    source = submit(content)
    parts = [bytes(part.content) for part in source.parts.all()]
    assert len(parts) == 3
    assert not any(number.encode() in part for part in parts for number in numbers())
    assert import_jobs.work(import_id=source.pk) == "checked"


def test_the_job_does_everything_once_however_often_it_is_delivered(
    submit: Submit, people: dict[str, User]
) -> None:
    source = submit(list_of("", ""))
    assert [import_jobs.work(import_id=source.pk) for _ in range(3)] == ["checked", "held", "held"]
    import_jobs.confirm(source=source, user=people["checker"], previews=1)
    with pytest.raises(NotToBeDecided):
        import_jobs.confirm(source=source, user=people["checker"], previews=1)
    assert [import_jobs.work(import_id=source.pk) for _ in range(3)] == ["applied", "held", "held"]
    assert PersonCategory.objects.count() == 2
    assert ImportReject.objects.count() == 1


def test_the_same_file_waits_once_and_changes_nothing_the_second_time(
    submit: Submit, people: dict[str, User]
) -> None:
    first = submit(list_of("", ""))
    with pytest.raises(SameFileWaits) as refused:
        submit(list_of("", ""), user=people["other"], name="again.csv")
    assert refused.value.details["number"] == first.pk
    import_jobs.work(import_id=first.pk)
    import_jobs.confirm(source=first, user=people["checker"], previews=1)
    import_jobs.work(import_id=first.pk)
    second = submit(list_of("", "").replace(b"349900197205040999,", b""))
    assert second.digest != first.digest
    third = submit(list_of("", ""))
    assert import_jobs.work(import_id=third.pk) == "checked"
    assert counted(third) == ("checked", 3, 0, 0, 2, 1)


def test_who_sent_a_list_of_rights_does_not_confirm_it(
    submit: Submit, people: dict[str, User]
) -> None:
    source = submit(list_of(""))
    import_jobs.work(import_id=source.pk)
    for user, refusal in (
        ("maker", SentByYourself),
        ("other", NeitherSenderNorChecker),
        ("elsewhere", NeitherSenderNorChecker),
    ):
        with pytest.raises(refusal):
            import_jobs.confirm(source=source, user=people[user], previews=1)
    assert counted(source)[0] == "checked"


def test_receipts_are_confirmed_by_whoever_sent_them(
    submit: Submit, people: dict[str, User]
) -> None:
    line = f"R1,{numbers()[0]},张三,2027,居民,420.00,2026-11-19 10:00:00,手机"
    source = submit(f"{RECEIPTS}\n{line}".encode("gb18030"), "remittance", name="1119.txt")
    assert import_jobs.work(import_id=source.pk) == "checked"
    import_jobs.confirm(source=source, user=people["maker"], previews=1)
    assert import_jobs.work(import_id=source.pk) == "applied"
    assert Receipt.objects.get().receipt_number == "R1"


def test_what_would_do_something_else_by_now_is_shown_again(
    submit: Submit, people: dict[str, User]
) -> None:
    source = submit(list_of("", ""))
    import_jobs.work(import_id=source.pk)
    other = submit(list_of(""), user=people["other"], name="other.csv")
    import_jobs.work(import_id=other.pk)
    import_jobs.confirm(source=other, user=people["checker"], previews=1)
    import_jobs.confirm(source=source, user=people["checker"], previews=1)
    assert import_jobs.work(import_id=other.pk) == "applied"
    assert import_jobs.work(import_id=source.pk) == "checked"
    assert counted(source) == ("checked", 3, 1, 0, 1, 1)
    assert (source.previews, source.confirmed_by) == (2, None)
    assert PersonCategory.objects.count() == 1
    with pytest.raises(NotTheFileShown):
        import_jobs.confirm(source=source, user=people["checker"], previews=1)
    import_jobs.confirm(source=source, user=people["checker"], previews=2)
    assert import_jobs.work(import_id=source.pk) == "applied"
    assert PersonCategory.objects.count() == 2


def test_a_file_that_says_nothing_new_is_not_applied(
    submit: Submit, people: dict[str, User]
) -> None:
    line = f"R1,{numbers()[0]},张三,2027,居民,420.00,2026-11-19 10:00:00,手机"
    content = f"{RECEIPTS}\n{line}".encode()
    for _ in range(2):
        source = submit(content, "remittance")
        import_jobs.work(import_id=source.pk)
        if source.pk == Import.objects.earliest("pk").pk:
            import_jobs.confirm(source=source, user=people["maker"], previews=1)
            import_jobs.work(import_id=source.pk)
    with pytest.raises(NothingToApply):
        import_jobs.confirm(source=source, user=people["maker"], previews=1)


def test_a_file_is_cancelled_before_it_is_applied_by_its_sender_or_a_checker(
    submit: Submit, people: dict[str, User]
) -> None:
    source = submit(list_of(""))
    with pytest.raises(NotTheSender):
        import_jobs.cancel(source=source, user=people["other"])
    import_jobs.cancel(source=source, user=people["maker"])
    assert counted(source)[0] == "cancelled"
    assert not ImportPart.objects.exists()
    assert import_jobs.work(import_id=source.pk) == "held"
    again = submit(list_of(""))
    import_jobs.work(import_id=again.pk)
    import_jobs.cancel(source=again, user=people["checker"])
    with pytest.raises(NotToBeDecided):
        import_jobs.confirm(source=again, user=people["checker"], previews=1)


def test_a_file_that_is_refused_says_why_and_is_gone(submit: Submit) -> None:
    source = submit("证件号,类别\n1,低保\n".encode())
    assert import_jobs.work(import_id=source.pk) == "refused"
    source.refresh_from_db()
    assert source.refused_for == "renamed_column"
    assert "证件号码" in source.refusal
    assert not ImportPart.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("list.csv", b"", FileRequired),
        ("list.csv", b"PK\x03\x04 an archive", FileLooksWrong),
        ("list.exe", b"MZ", FileLooksWrong),
        ("list.xlsm", b"PK\x03\x04", FileLooksWrong),
        ("list.csv", b"%PDF-1.7", FileLooksWrong),
    ],
)
def test_what_is_no_table_is_refused_at_the_door(
    submit: Submit, name: str, content: bytes, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        submit(content, name=name)
    assert not Import.objects.exists()


def test_a_file_above_the_limit_is_refused(submit: Submit, settings: Any) -> None:
    settings.IMPORT_FILE_BYTES = 100
    with pytest.raises(FileAboveLimit):
        submit(b"a" * 101)


def test_a_name_steers_nothing(submit: Submit) -> None:
    assert submit(list_of(""), name="../../etc/低保\u202e名单.csv").file_name == "低保名单.csv"


def test_a_piece_that_was_exchanged_is_noticed(
    submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, other = submit(list_of("")), list_of("2027-01-31")
    monkeypatch.setattr(import_jobs, "unseal_bytes", lambda sealed: other)
    assert import_jobs.work(import_id=source.pk) == "refused"
    source.refresh_from_db()
    assert source.refused_for == "damaged"


# Lost, killed, forgotten --------------------------------------------------------------------------


def test_the_sweep_sends_again_what_no_worker_took(submit: Submit, people: dict[str, User]) -> None:
    source = submit(list_of(""))
    sent: list[int] = []
    assert import_jobs.sweep(queue=sent.extend) == 0
    Import.objects.filter(pk=source.pk).update(queued_at=timezone.now() - timedelta(minutes=2))
    assert import_jobs.sweep(queue=sent.extend) == 1
    assert import_jobs.sweep(queue=sent.extend) == 0
    assert sent == [source.pk]
    assert SCHEDULE["sweep imports"]["task"] == "enrollment.sweep_imports"


def test_work_that_breaks_off_leaves_nothing_and_ends_after_three_attempts(
    submit: Submit, people: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = submit(list_of(""))
    import_jobs.work(import_id=source.pk)
    import_jobs.confirm(source=source, user=people["checker"], previews=1)

    def killed(*args: object, **options: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("enrollment.services.imports.record", killed)
        for _ in range(import_jobs.MOST_ATTEMPTS):
            with pytest.raises(MemoryError):
                import_jobs.work(import_id=source.pk)
    assert not PersonCategory.objects.exists()
    assert not ImportReject.objects.exists()
    assert import_jobs.work(import_id=source.pk) == "refused"
    source.refresh_from_db()
    assert (source.state, source.refused_for) == ("refused", "broke_off")


def test_who_finds_the_register_busy_has_made_no_attempt(
    submit: Submit, people: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = submit(list_of(""))

    def busy(*args: object, **options: object) -> None:
        raise FileRefused("busy")

    with monkeypatch.context() as patch:
        patch.setattr(import_jobs, "take", busy)
        for _ in range(import_jobs.MOST_ATTEMPTS + 1):
            assert import_jobs.work(import_id=source.pk) == "held"
    source.refresh_from_db()
    assert (source.state, source.attempts) == ("received", 0)
    assert import_jobs.work(import_id=source.pk) == "checked"


def test_a_worker_that_was_killed_is_followed_by_another(
    submit: Submit, people: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = submit(list_of(""))
    import_jobs.work(import_id=source.pk)
    import_jobs.confirm(source=source, user=people["checker"], previews=1)
    with monkeypatch.context() as patch:
        patch.setattr("enrollment.services.imports.record", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            import_jobs.work(import_id=source.pk)
    assert import_jobs.work(import_id=source.pk) == "applied"
    assert PersonCategory.objects.count() == 1


def test_what_nobody_decides_about_is_given_up(submit: Submit, settings: Any) -> None:
    source = submit(list_of(""))
    import_jobs.work(import_id=source.pk)
    assert import_jobs.sweep(queue=lambda ids: None) == 0
    assert counted(source)[0] == "checked"
    settings.IMPORT_WAITS_DAYS = 0
    import_jobs.sweep(queue=lambda ids: None)
    assert counted(source)[0] == "cancelled"
    assert not ImportPart.objects.exists()


# The database refuses -----------------------------------------------------------------------------


@pytest.fixture
def applied(submit: Submit, people: dict[str, User]) -> Import:
    source = submit(list_of(""))
    import_jobs.work(import_id=source.pk)
    import_jobs.confirm(source=source, user=people["checker"], previews=1)
    import_jobs.work(import_id=source.pk)
    source.refresh_from_db()
    return source


@pytest.mark.parametrize(
    "change",
    [
        {"state": "applying"},
        {"state": "checked"},
        {"state": "cancelled"},
        {"inserted": 9},
        {"errors": []},
        {"digest": "0" * 64},
        {"confirmed_by": None},
    ],
)
def test_an_applied_file_is_never_applied_again_or_edited(
    applied: Import, change: dict[str, Any]
) -> None:
    with pytest.raises(DatabaseError, match=r"import|constraint"), transaction.atomic():
        Import.objects.filter(pk=applied.pk).update(**change)


@pytest.mark.parametrize(
    "change",
    [
        {"state": "applied"},
        {"state": "applying"},
        {"kind": "people"},
        {"area": cast.WUHU},
        {"digest": "0" * 64},
        {"needs_second": False},
        {"inserted": 9},
        {"sent_by": None},
    ],
)
def test_a_checked_file_is_what_was_sent_and_waits_for_a_name(
    submit: Submit, change: dict[str, Any]
) -> None:
    source = submit(list_of(""))
    import_jobs.work(import_id=source.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        Import.objects.filter(pk=source.pk).update(**change)


def test_the_sender_is_refused_by_the_database_too(submit: Submit, people: dict[str, User]) -> None:
    source = submit(list_of(""))
    import_jobs.work(import_id=source.pk)
    with pytest.raises(IntegrityError, match="who_sent_a_file"), transaction.atomic():
        Import.objects.filter(pk=source.pk).update(
            state="applying", confirmed_by=people["maker"], confirmed_at=timezone.now()
        )


def test_pieces_and_rejects_stay_as_they_are(applied: Import, submit: Submit) -> None:
    waiting = submit(list_of("2026-12-31"))
    import_jobs.work(import_id=waiting.pk)
    for forbidden in (
        lambda: ImportPart.objects.filter(source=waiting).update(content=b"x"),
        lambda: ImportPart.objects.create(source=waiting, number=7, content=b"x"),
        lambda: ImportReject.objects.filter(source=applied).update(reason="x"),
        lambda: ImportReject.objects.filter(source=applied)._raw_delete("default"),
        lambda: Import.objects.filter(pk=waiting.pk)._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            forbidden()


# As the plain roles, each on a connection of its own ----------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_web_receives_and_confirms_and_the_workers_do_the_rest(
    people: dict[str, User], submit: Submit
) -> None:
    maker, checker, area = people["maker"], people["checker"], Region.objects.get(pk=cast.HEFEI)
    content = list_of("", "")

    def received() -> int:
        with transaction.atomic():
            set_scope(maker)
            return import_jobs.submit(
                kind="categories", area=area, name="低保.csv", content=content, user=maker
            ).pk

    key = as_role("web", received)
    assert as_role("worker", lambda: import_jobs.work(import_id=key)) == "checked"

    def forbidden(statement: str) -> Callable[[], None]:
        def act() -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                set_scope(maker)
                cursor.execute(statement)

        return act

    for statement in (
        "SELECT content FROM import_part",
        "DELETE FROM import_part",
        f"UPDATE import SET state = 'applied', finished_at = now() WHERE id = {key}",
        f"UPDATE import SET inserted = 9 WHERE id = {key}",
        f"INSERT INTO import_reject (source_id, line, reason) VALUES ({key}, 1, 'x')",
        "INSERT INTO import (kind, state, received_at) VALUES ('people', 'applied', now())",
    ):
        with pytest.raises(DatabaseError):
            as_role("web", forbidden(statement))

    def confirmed() -> None:
        with transaction.atomic():
            set_scope(checker)
            import_jobs.confirm(source=Import.objects.get(pk=key), user=checker, previews=1)

    as_role("web", confirmed)
    outcomes: list[str] = []

    def working() -> None:
        outcomes.append(as_role("worker", lambda: import_jobs.work(import_id=key)))

    both = [threading.Thread(target=working) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert "applied" in outcomes
    assert set(outcomes) <= {"applied", "held"}
    assert PersonCategory.objects.count() == 2
    assert ImportReject.objects.count() == 1
    assert not ImportPart.objects.exists()
