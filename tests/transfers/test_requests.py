"""A transfer that the area asks for where somebody lives now, and what its files show to whom."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from enrollment.models import Enrollment, EnrolmentTransfer, Person, PersonAccess, User
from enrollment.selectors.scope import set_scope
from enrollment.services import transfers
from tests import cast
from tests.roles import as_role
from tests.screens import text_of
from tests.transfers.sides import SCREENS, Ask, attach, move, page, refused_as_web, state, tab


def asks(person: Person, **otherwise: Any) -> dict[str, Any]:
    """What the counter of 镜湖 types of somebody who is insured in 蜀山."""
    return {
        "request_key": str(uuid4()),
        "id_type": Person.IdType.RESIDENT_ID,
        "id_number": person.identity_number,
        "name": person.name,
        "channel": "counter",
        "year": 2027,
        "to_region": cast.JINGHU,
        "to_scheme": Person.Scheme.RESIDENT,
        "reason": "随子女居住",
        **otherwise,
    }


ADD = f"{SCREENS}/add/?in=1"


@pytest.fixture
def asked(ask: Ask, zhang_san: Person) -> EnrolmentTransfer:
    """A draft of 方远 in 芜湖."""
    made = ask("their maker", ADD, asks(zhang_san))
    assert made.status_code == 302, text_of(made)
    return EnrolmentTransfer.objects.get()


def test_who_lives_elsewhere_is_asked_for_and_handed_over(
    ask: Ask, asked: EnrolmentTransfer, zhang_san: Person
) -> None:
    assert (asked.region_id, asked.due_on) == (cast.SHUSHAN, date(2026, 12, 4))
    assert tab(text_of(ask("their maker", "/")), "草稿") == 1
    assert "张三" in text_of(ask("their maker", "/enrollment/case/?desk=mine"))
    elsewhere = ask("their maker", f"/enrollment/person/{zhang_san.pk}/change/")
    assert elsewhere.status_code == 403
    for who in ("maker", "their maker"):
        assert "随子女居住" in text_of(ask(who, page(asked)))
    # Of the bill nothing is told by asking for somebody.
    assert "转移后应缴" not in text_of(ask("their maker", page(asked)))
    move(ask, "their maker", asked, "submit")
    assert tab(text_of(ask("checker", "/")), "待我复核") == 1
    assert tab(text_of(ask("their checker", "/")), "待我复核") == 0
    move(ask, "checker", asked, "approve")
    shown = text_of(ask("their maker", page(asked)))
    assert "转移后应缴" in shown
    assert "已有资助" not in shown
    assert EnrolmentTransfer.objects.get().due_on == date(2026, 12, 11)
    move(ask, "their maker", asked, "accept")
    assert state(asked) == "approved"
    move(ask, "their checker", asked, "accept")
    move(ask, "their approver", asked, "effect")
    assert state(asked) == "effected"
    zhang_san.refresh_from_db()
    assert zhang_san.insured_region_id == cast.JINGHU
    # One bill a year, each in one area: the cover of the present year stays where it is.
    covers = Enrollment.objects.of_person(zhang_san.pk, (2026, 2027)).order_by("pk")
    assert list(covers.values_list("region", flat=True)) == [cast.SHUSHAN, cast.JINGHU]


REFUSED_ASKS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("their maker", {"name": "张叁"}, "没有与该号码和姓名相符的档案"),
    ("their maker", {"id_number": "349900197205049990"}, "校验"),
    ("their maker", {"id_number": "11010519491231002X"}, "没有与该号码和姓名相符的档案"),
    ("their maker", {"to_region": cast.BAOHE}, "只能申请转入本辖区"),
    ("maker", {"to_region": cast.BAOHE}, "请从其档案办理"),
)


def test_an_ask_for_somebody_is_refused_at_its_field(
    ask: Ask, zhang_san: Person, officers: dict[str, User]
) -> None:
    for who, otherwise, told in REFUSED_ASKS:
        refused = ask(who, ADD, asks(zhang_san, **otherwise))
        assert told in text_of(refused), (who, otherwise)
        assert not EnrolmentTransfer.objects.exists()
    offered = ask("their maker", ADD).content.decode()
    assert (str(cast.JINGHU) in offered, str(cast.SHUSHAN) in offered) == (True, False)
    assert ask("their checker", ADD).status_code == 403
    # Whoever asks where a number is kept is remembered, also when the name was wrong.
    asker = officers["their maker"]
    assert PersonAccess.objects.filter(user=asker, act="elsewhere", person=zhang_san).exists()


def test_what_was_asked_for_comes_back_to_who_asked_and_is_revoked_there(
    ask: Ask, asked: EnrolmentTransfer, zhang_san: Person
) -> None:
    move(ask, "their maker", asked, "submit")
    move(ask, "checker", asked, "return", reason="缺居住证")
    assert tab(text_of(ask("their maker", "/")), "被退回") == 1
    edit = f"{SCREENS}/{asked.pk}/edit/"
    shown = text_of(ask("their maker", edit))
    assert "400.00" not in shown
    says = asks(zhang_san, reason="附居住证", version=EnrolmentTransfer.objects.get().version)
    assert "只能申请转入本辖区" in text_of(
        ask("their maker", edit, says | {"to_region": cast.BAOHE})
    )
    assert ask("their maker", edit, says).status_code == 302
    late = says | {"version": EnrolmentTransfer.objects.get().version}
    assert "方远" in text_of(ask("maker", edit, late))  # who alone changes it
    move(ask, "their maker", asked, "submit")
    move(ask, "checker", asked, "approve")
    # The giving area may take its hand-over back with a reason until it is accepted.
    move(ask, "checker", asked, "return", reason="本人异议")
    assert state(asked) == "returned"
    move(ask, "their maker", asked, "submit")
    for who in ("maker", "checker"):
        move(ask, who, asked, "withdraw")
        assert state(asked) == "submitted"
    move(ask, "their maker", asked, "withdraw")
    assert state(asked) == "withdrawn"
    zhang_san.refresh_from_db()
    assert zhang_san.insured_region_id == cast.SHUSHAN


def test_raw_sql_neither_decides_nor_rewrites_what_was_asked_for(
    ask: Ask, asked: EnrolmentTransfer, officers: dict[str, User]
) -> None:
    of_case = f"UPDATE agency_case SET {{}} WHERE id = {asked.pk}"
    of_transfer = f"UPDATE enrolment_transfer SET {{}} WHERE case_ptr_id = {asked.pk}"
    theirs, ours = officers["their maker"], officers["maker"]
    assert (
        refused_as_web(
            (
                (ours, of_case.format("reason = 'x'")),
                (ours, of_case.format("state = 'submitted', submitted_at = now()")),
                (ours, of_case.format("state = 'withdrawn'")),
                (ours, of_transfer.format("to_scheme = 2")),
                (ours, of_transfer.format("asked_for = false")),
                (theirs, of_transfer.format("asked_for = false")),
                (theirs, of_transfer.format(f"to_region = {cast.BAOHE}")),
                (theirs, of_transfer.format("handed_over_version = 1")),
            )
        )
        == []
    )
    move(ask, "their maker", asked, "submit")
    approves = (
        "state = 'approved', checker_id = {}, decided_at = now(), shown_digest = repeat('1', 64)"
    )
    for hand in ("their checker", "checker"):
        decided = of_case.format(approves.format(officers[hand].pk))
        assert refused_as_web([(officers["their checker"], decided)]) == []
    assert state(asked) == "submitted"


def test_files_of_before_the_handover_stay_with_the_area_that_is_left(
    ask: Ask, zhang_san: Person, officers: dict[str, User]
) -> None:
    """Both sides sign the digests of all files; the bytes are seen as far as events are."""
    theirs = officers["their checker"]

    def seen() -> list[str]:
        with transaction.atomic(), connection.cursor() as cursor:
            set_scope(User.objects.get(pk=theirs.pk))
            cursor.execute("SELECT name FROM case_file ORDER BY id")
            return [name for (name,) in cursor.fetchall()]

    transfer = transfers.open_transfer(
        maker=officers["maker"], person=zhang_san, year=2027, to_region_id=cast.JINGHU
    )
    early = attach(transfer, officers["maker"], "内部核查.pdf")
    move(ask, "maker", transfer, "submit")
    move(ask, "checker", transfer, "approve")
    download = f"{SCREENS}/{transfer.pk}/file/{early.pk}/"
    assert as_role("web", seen) == []
    assert ask("their checker", download).status_code == 404
    assert "内部核查" not in text_of(ask("their checker", page(transfer)))
    assert "内部核查" in text_of(ask("checker", page(transfer)))
    assert ask("checker", download).status_code == 200
    move(ask, "their checker", transfer, "return", reason="请附参保凭证")
    attach(transfer, officers["maker"], "参保凭证.pdf")
    move(ask, "maker", transfer, "submit")
    move(ask, "checker", transfer, "approve")
    assert as_role("web", seen) == ["参保凭证.pdf"]
    told = text_of(ask("their checker", page(transfer)))
    assert ("参保凭证" in told, "内部核查" in told) == (True, False)
    move(ask, "their checker", transfer, "accept")
    assert state(transfer) == "accepted"


def test_files_of_an_ask_are_read_on_both_sides(
    ask: Ask, asked: EnrolmentTransfer, officers: dict[str, User]
) -> None:
    paper = attach(asked, officers["their maker"], "居住证.pdf")
    move(ask, "their maker", asked, "submit")
    for who in ("checker", "their checker"):
        assert "居住证.pdf" in text_of(ask(who, page(asked)))
        assert ask(who, f"{SCREENS}/{asked.pk}/file/{paper.pk}/").status_code == 200
