"""Files and comments of a case, as the web serves them: plain role, row security, crafted posts."""

import io
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import Client, override_settings

from enrollment.models import Award, Case, CaseComment, CaseFile, CaseFileAccess, Person, User
from enrollment.models.identity import unseal_bytes
from enrollment.selectors.cases import shown_digest_of, whole_case
from enrollment.selectors.scope import set_scope
from enrollment.services import case_files, cases, subsidies
from tests import cast
from tests.papers import jpeg, pdf, png
from tests.roles import as_role
from tests.screens import text_of

TODAY = date(2026, 11, 20)
SUBSIDY = "/enrollment/contributionsubsidy"
MEGABYTE = 2**20


@pytest.fixture(autouse=True)
def today(officers: dict[str, User], db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The day of every thread; what a test does through its own connection is undone."""
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())


@pytest.fixture(scope="module")
def officers(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, User]]:
    """Committed once for this module; each test has a case and a person of its own."""
    with django_db_blocker.unblock():
        cast.law()
        cast.year(2026)
        cast.year(2027, closed=False)
        yield {
            "maker": cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI),
            "other": cast.officer("Maker", "he", "何娟", region=cast.HEFEI),
            "checker": cast.officer("Checker", "zhang", "张敏", region=cast.HEFEI),
            "approver": cast.officer("Approver", "chen", "陈立群", region=cast.HEFEI),
            "auditor": cast.officer("Auditor", "zhou", "周明", region=cast.HEFEI),
            "wuhu": cast.officer("Maker", "wuhu", "芜湖员", region=cast.WUHU),
        }
        call_command("flush", interactive=False, verbosity=0, reset_sequences=False)


@pytest.fixture
def case(officers: dict[str, User]) -> Case:
    return opened(officers["maker"])


def opened(maker: User) -> Case:
    """A draft for somebody billed for 2027, committed for the web to see."""

    def make() -> Case:
        person = cast.person("张三", number=Person.objects.count() + 1)
        cast.bill(person, 2027)
        return cases.open_case(
            kind=subsidies.NAME,
            maker=maker,
            person=person,
            year=2027,
            amount=Decimal(100),
            funder=Award.Funder.CHARITY,
        )

    return as_role("owner", make)


def submit(case: Case, officers: dict[str, User]) -> Case:
    return as_role("owner", partial(cases.submit_case, case=case, user=officers["maker"]))


def decide(case: Case, officers: dict[str, User]) -> Case:
    def approve() -> Case:
        shown = shown_digest_of(whole_case(case.pk))
        return cases.approve_case(case=case, checker=officers["checker"], shown_digest=shown)

    return as_role("owner", approve)


def give_back(case: Case, officers: dict[str, User]) -> Case:
    checker = officers["checker"]
    return as_role("owner", partial(cases.return_case, case=case, checker=checker, reason="看不清"))


Ask = Callable[..., HttpResponse]


@pytest.fixture
def ask(officers: dict[str, User]) -> Ask:
    """`ask("maker", path, {...})` by POST, without data by GET; served as the role `web`."""

    def send(who: str, path: str, data: dict[str, Any] | None = None) -> HttpResponse:
        def serve() -> HttpResponse:
            client = Client()
            client.force_login(officers[who])
            response = client.get(path) if data is None else client.post(path, data)
            assert response.status_code < 500, path
            return response  # type: ignore[return-value]

        return as_role("web", serve)

    return send


def page(case: Case, of: str = "change") -> str:
    return f"{SUBSIDY}/{case.pk}/{of}/"


def upload(ask: Ask, case: Case, name: str, content: bytes, who: str = "maker") -> HttpResponse:
    return ask(who, page(case, "attach"), {"file": SimpleUploadedFile(name, content)})


def kept(case: Case) -> list[tuple[str, str]]:
    rows = CaseFile.objects.filter(case=case.pk, removed_at=None)
    return list(rows.values_list("name", "media_type"))


def the_file(case: Case) -> CaseFile:
    return CaseFile.objects.get(case=case.pk)


def downloads(case: Case) -> int:
    return CaseFileAccess.objects.filter(file__case=case.pk).count()


def comments(case: Case) -> int:
    return CaseComment.objects.filter(case=case.pk).count()


# What is taken ----------------------------------------------------------------------------------


def test_a_scan_is_kept_sealed_and_comes_back_as_a_download(ask: Ask, case: Case) -> None:
    content = pdf("低保证")
    assert upload(ask, case, "低保证.pdf", content).status_code == 302
    assert upload(ask, case, "正面.JPG", jpeg()).status_code == 302
    assert kept(case) == [("低保证.pdf", "application/pdf"), ("正面.JPG", "image/jpeg")]
    file = CaseFile.objects.filter(case=case.pk).earliest("pk")
    assert "低保证".encode() not in bytes(file.content or b"")
    assert unseal_bytes(bytes(file.content or b"")) == content
    assert "低保证.pdf" in text_of(ask("checker", page(case)))
    sent = ask("checker", f"{page(case, 'file')}{file.pk}/")
    assert sent.content == content
    assert sent.headers["Content-Type"] == "application/pdf"
    assert sent.headers["Content-Disposition"] == (
        f"attachment; filename*=utf-8''{quote('低保证.pdf')}"
    )
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert sent.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert sent.headers["Cache-Control"] == "no-store, private"


def test_every_download_is_recorded_and_read_by_the_auditor(
    ask: Ask, case: Case, officers: dict[str, User]
) -> None:
    upload(ask, case, "证明.pdf", pdf())
    file = the_file(case)
    ask("auditor", f"{page(case, 'file')}{file.pk}/")
    looks = CaseFileAccess.objects.filter(file=file.pk).values_list("file", "user", "address")
    assert list(looks) == [(file.pk, officers["auditor"].pk, "127.0.0.1")]
    told = text_of(ask("auditor", "/enrollment/casefileaccess/"))
    assert "证明.pdf" in told
    assert "周明" in told
    assert ask("maker", "/enrollment/casefileaccess/").status_code == 403


NO_SCANS = [
    ("证明.pdf", b"MZ\x90\x00" + bytes(100), "内容与扩展名不符"),
    ("证明.pdf", jpeg(), "内容与扩展名不符"),
    ("证明.png", png()[:-4], "内容与扩展名不符"),
    ("宏.docm", b"PK\x03\x04" + bytes(100), "只接受 PDF"),
    ("宏.pdf", b"PK\x03\x04" + bytes(100), "内容与扩展名不符"),
    ("页面.html", b"<script>alert(1)</script>", "只接受 PDF"),
    ("图.svg", b"<svg onload='x'/>", "只接受 PDF"),
    ("证明.pdf", pdf(objects=b"<< /OpenAction << /JS (x) >> >>"), "含有脚本"),
    ("包.pdf", pdf(objects=bytes(20 * MEGABYTE), packed=True), "含有脚本"),
    ("大.png", png(width=60_000, height=60_000), "含有脚本"),
    ("空.pdf", b"", "请选择文件"),
]


def test_what_is_no_scan_is_refused_at_the_field_and_nothing_is_kept(ask: Ask, case: Case) -> None:
    for name, content, says in NO_SCANS:
        refused = upload(ask, case, name, content)
        assert refused.status_code == 200
        told = refused.content.decode().split('<ul class="errorlist" id="file-error"><li>')[1]
        assert says in told.split("</li>")[0], name
        assert kept(case) == []


def test_a_file_one_byte_too_large_is_refused_and_one_of_the_size_is_taken(
    ask: Ask, case: Case
) -> None:
    with override_settings(CASE_FILE_BYTES=MEGABYTE):
        fits = pdf("x" * (MEGABYTE - len(pdf(""))))
        assert len(fits) == MEGABYTE
        large = upload(ask, case, "大.pdf", pdf("x" * (MEGABYTE + 1 - len(pdf("")))))
        assert "超过 1 MB" in text_of(large)
        huge = upload(ask, case, "大.pdf", pdf("x" * (9 * MEGABYTE)))
        assert "超过 1 MB" in text_of(huge)
        assert kept(case) == []
        assert upload(ask, case, "正好.pdf", fits).status_code == 302


def test_a_case_takes_so_many_files_and_no_more(ask: Ask, case: Case) -> None:
    with override_settings(CASE_FILES=2):
        for number in range(2):
            assert upload(ask, case, f"{number}.pdf", pdf(str(number))).status_code == 302
        assert "最多 2 个附件" in text_of(upload(ask, case, "3.pdf", pdf("3")))
        first = CaseFile.objects.filter(case=case.pk).earliest("pk")
        ask("maker", f"{page(case, 'file')}{first.pk}/off/", {})
        assert upload(ask, case, "3.pdf", pdf("3")).status_code == 302


def test_one_file_a_form_and_the_same_file_once(ask: Ask, case: Case) -> None:
    two = {"file": SimpleUploadedFile("a.pdf", pdf()), "more": SimpleUploadedFile("b.pdf", pdf())}
    assert ask("maker", page(case, "attach"), two).status_code == 400
    assert upload(ask, case, "a.pdf", pdf()).status_code == 302
    assert "该文件已上传，名为 a.pdf" in text_of(upload(ask, case, "b.pdf", pdf()))
    assert kept(case) == [("a.pdf", "application/pdf")]


def test_a_name_with_a_path_keeps_its_last_part(ask: Ask, case: Case) -> None:
    form = io.BytesIO(pdf())
    form.name = "..\\..\\windows\\x.pdf"
    assert ask("maker", page(case, "attach"), {"file": form}).status_code == 302
    assert kept(case) == [("x.pdf", "application/pdf")]


def test_no_file_is_written_to_a_disk_in_clear(
    ask: Ask, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a temporary file was asked for")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)
    assert upload(ask, case, "大.pdf", pdf("x" * (4 * MEGABYTE))).status_code == 302


# Whose, and when --------------------------------------------------------------------------------


def test_somebody_of_another_region_finds_no_case_no_file_and_no_comment(
    ask: Ask, case: Case
) -> None:
    upload(ask, case, "证明.pdf", pdf())
    file = the_file(case)
    assert ask("wuhu", f"{page(case, 'file')}{file.pk}/").status_code == 404
    assert upload(ask, case, "b.pdf", pdf("b"), who="wuhu").status_code == 404
    assert ask("wuhu", f"{page(case, 'file')}{file.pk}/off/", {}).status_code == 404
    assert ask("wuhu", page(case, "comment"), {"text": "x"}).status_code == 404
    assert kept(case) == [("证明.pdf", "application/pdf")]
    assert downloads(case) == 0


def test_a_file_of_another_case_is_not_found_under_ones_own(
    ask: Ask, case: Case, officers: dict[str, User]
) -> None:
    other = opened(officers["maker"])
    upload(ask, other, "别案.pdf", pdf())
    file = the_file(other)
    assert ask("maker", f"{page(case, 'file')}{file.pk}/").status_code == 404
    assert ask("maker", f"{page(case, 'file')}{file.pk}/off/", {}).status_code == 404


def test_only_the_maker_adds_and_takes_off(ask: Ask, case: Case) -> None:
    upload(ask, case, "证明.pdf", pdf())
    file = the_file(case)
    told = text_of(upload(ask, case, "b.pdf", pdf("b"), who="other"))
    assert "只有本案件的经办人刘婷可以办理" in told
    assert upload(ask, case, "b.pdf", pdf("b"), who="checker").status_code == 403
    assert ask("checker", f"{page(case, 'file')}{file.pk}/off/", {}).status_code == 403
    assert kept(case) == [("证明.pdf", "application/pdf")]


def test_after_a_submission_files_are_fixed_by_crafted_posts_too(
    ask: Ask, case: Case, officers: dict[str, User]
) -> None:
    upload(ask, case, "证明.pdf", pdf())
    file = the_file(case)
    case = submit(case, officers)
    for _decided in (False, True):
        told = text_of(upload(ask, case, "b.pdf", pdf("b")))
        assert "草稿" in told
        assert 'id="id_file"' not in told
        ask("maker", f"{page(case, 'file')}{file.pk}/off/", {})
        assert kept(case) == [("证明.pdf", "application/pdf")]
        if case.state == "submitted":
            case = decide(case, officers)


def test_an_approval_is_bound_to_the_files(ask: Ask, case: Case, officers: dict[str, User]) -> None:
    bare = shown_digest_of(case)
    upload(ask, case, "证明.pdf", pdf())
    one = shown_digest_of(whole_case(case.pk))
    assert one != bare
    case = submit(case, officers)
    assert "证明.pdf" in text_of(ask("checker", page(case)))
    with pytest.raises(cases.ShownFactsChanged):
        cases.approve_case(case=case, checker=officers["checker"], shown_digest=bare)
    case = decide(case, officers)
    assert case.shown_digest == one


def test_what_a_checker_may_have_seen_stays_and_what_nobody_saw_is_wiped(
    ask: Ask, case: Case, officers: dict[str, User]
) -> None:
    upload(ask, case, "误传.pdf", pdf("误传"))
    wrong = the_file(case)
    ask("maker", f"{page(case, 'file')}{wrong.pk}/off/", {})
    wrong.refresh_from_db()
    assert (wrong.content, wrong.name, wrong.removed_at is not None) == (None, "误传.pdf", True)
    upload(ask, case, "证明.pdf", pdf())
    case = submit(case, officers)
    case = give_back(case, officers)
    shown = CaseFile.objects.get(case=case.pk, name="证明.pdf")
    ask("maker", f"{page(case, 'file')}{shown.pk}/off/", {})
    shown.refresh_from_db()
    assert shown.content is not None
    assert shown.removed_at is not None
    assert kept(case) == []
    assert ask("maker", f"{page(case, 'file')}{shown.pk}/").status_code == 404
    assert upload(ask, case, "证明.pdf", pdf()).status_code == 302


def test_a_damaged_file_is_told_and_not_handed_out(ask: Ask, case: Case) -> None:
    upload(ask, case, "证明.pdf", pdf())
    file = the_file(case)

    def damage() -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE case_file DISABLE TRIGGER USER")
            cursor.execute(
                "UPDATE case_file SET content = set_byte(content, 20, get_byte(content, 20) # 1)"
                " WHERE id = %s",
                [file.pk],
            )
            cursor.execute("ALTER TABLE case_file ENABLE TRIGGER USER")

    as_role("owner", damage)
    told = text_of(ask("maker", f"{page(case, 'file')}{file.pk}/"))
    assert "无法读取" in told
    assert downloads(case) == 0


# The database -----------------------------------------------------------------------------------


def refused(match: str, sql: str, *values: Any) -> None:
    with (
        pytest.raises(DatabaseError, match=match),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, values)


def test_the_database_keeps_files_fixed_whoever_writes(
    ask: Ask, case: Case, officers: dict[str, User]
) -> None:
    upload(ask, case, "证明.pdf", pdf())
    file = the_file(case)
    refused("only taken off", "UPDATE case_file SET name = 'x' WHERE id = %s", file.pk)
    refused(
        "only taken off",
        "UPDATE case_file SET content = 'x', removed_at = now() WHERE id = %s",
        file.pk,
    )
    refused("append-only", "DELETE FROM case_file")
    with pytest.raises(IntegrityError, match="whoever made case"), transaction.atomic():
        CaseFile.objects.create(
            case_id=case.pk, name="x", media_type="x", size=1, digest="0" * 64, content=b"x",
            added_by=officers["checker"], added_at="2026-11-20T10:00+08:00",
        )  # fmt: skip
    submit(case, officers)
    refused(
        "are fixed: it is submitted",
        "UPDATE case_file SET removed_at = now() WHERE id = %s",
        file.pk,
    )
    with pytest.raises(IntegrityError, match="are fixed"), transaction.atomic():
        CaseFile.objects.create(
            case_id=case.pk, name="x", media_type="x", size=1, digest="0" * 64, content=b"x",
            added_by=officers["maker"], added_at="2026-11-20T10:00+08:00",
        )  # fmt: skip
    CaseFileAccess.objects.create(file=file, user=officers["maker"])
    for table in ("case_comment", "case_file_access"):
        case_files.comment(case=case, user=officers["maker"], text="x")
        refused("append-only", f'UPDATE "{table}" SET user_id = user_id')
        refused("append-only", f'DELETE FROM "{table}"')


def test_the_web_may_neither_rewrite_nor_delete(
    ask: Ask, case: Case, officers: dict[str, User]
) -> None:
    upload(ask, case, "证明.pdf", pdf())
    statements = [
        "UPDATE case_file SET name = 'x'",
        "UPDATE case_file SET digest = repeat('0', 64)",
        "DELETE FROM case_file",
        "UPDATE case_comment SET text = 'x'",
        "DELETE FROM case_comment",
        "UPDATE case_file_access SET user_id = 1",
        "DELETE FROM case_file_access",
    ]

    def attempt() -> list[str]:
        told = []
        for statement in statements:
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    set_scope(officers["maker"])
                    cursor.execute(statement)
            except DatabaseError as error:
                told.append(str(error))
        return told

    told = as_role("web", attempt)
    assert len(told) == len(statements)
    assert all("permission denied" in each for each in told), told


# Comments ---------------------------------------------------------------------------------------


def test_whoever_works_on_a_case_comments_in_every_state(
    ask: Ask, case: Case, officers: dict[str, User]
) -> None:
    assert ask("maker", page(case, "comment"), {"text": "已电话核实\n下周补证"}).status_code == 302
    case = submit(case, officers)
    assert ask("checker", page(case, "comment"), {"text": "<b>看</b>"}).status_code == 302
    decide(case, officers)
    assert ask("approver", page(case, "comment"), {"text": "同意"}).status_code == 302
    html = ask("auditor", page(case)).content.decode()
    assert "已电话核实<br>下周补证" in html
    assert "&lt;b&gt;看&lt;/b&gt;" in html
    assert 'name="text"' not in html
    assert ask("auditor", page(case, "comment"), {"text": "x"}).status_code == 403
    assert comments(case) == 3


def test_a_comment_that_says_nothing_or_too_much_is_refused_at_its_field(
    ask: Ask, case: Case
) -> None:
    for text in ("", "  \n ", "x" * 1001, "a\0b"):
        refused = ask("maker", page(case, "comment"), {"text": text})
        assert refused.status_code == 200
        assert "errorlist" in refused.content.decode()
    assert comments(case) == 0


def test_a_comment_sent_twice_is_said_once(ask: Ask, case: Case) -> None:
    for _attempt in range(2):
        ask("maker", page(case, "comment"), {"text": "已核实"})
    assert comments(case) == 1
    ask("checker", page(case, "comment"), {"text": "已核实"})
    assert comments(case) == 2


def test_a_get_does_nothing(ask: Ask, case: Case) -> None:
    upload(ask, case, "证明.pdf", pdf())
    file = the_file(case)
    for path in ("attach", "comment"):
        assert ask("maker", page(case, path)).status_code == 302
    assert ask("maker", f"{page(case, 'file')}{file.pk}/off/").status_code == 302
    assert kept(case) == [("证明.pdf", "application/pdf")]


def test_the_sheet_that_is_printed_names_files_and_comments(ask: Ask, case: Case) -> None:
    upload(ask, case, "证明.pdf", pdf())
    ask("maker", page(case, "comment"), {"text": "已电话核实"})
    sheet = ask("maker", page(case)).content.decode().split('class="tc-notice"')[1]
    assert "证明.pdf" in sheet
    assert "已电话核实" in sheet
