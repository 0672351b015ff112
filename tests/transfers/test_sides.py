"""A transfer between two cities on screen: each side as the web role, with its own duties."""

from datetime import date

import pytest
from django.db import connection, transaction

from enrollment.models import CaseReversal, EnrolmentTransfer, Person, PersonAccess, User
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.scope import set_scope
from tests import cast
from tests.roles import as_role
from tests.screens import text_of
from tests.transfers.sides import SCREENS, Ask, comment, move, page, refused_as_web, state, tab


def test_two_cities_hand_over_and_take_over_with_their_own_duties_alone(
    ask: Ask, sent: EnrolmentTransfer, zhang_san: Person
) -> None:
    # Nothing of it is the new area's before it is handed over.
    assert "张三" not in ask("their checker", f"{SCREENS}/").content.decode()
    assert ask("their checker", page(sent)).status_code == 404
    move(ask, "checker", sent, "approve")
    assert state(sent) == "approved"
    # In the list, in the worklist and on the desk, by count.
    assert "张三" in text_of(ask("their checker", f"{SCREENS}/"))
    assert "张三" in text_of(ask("their checker", f"{SCREENS}/?direction=in"))
    assert "张三" not in text_of(ask("their checker", f"{SCREENS}/?direction=out"))
    assert "张三" in text_of(ask("their checker", "/enrollment/case/?desk=accept"))
    desk = text_of(ask("their checker", "/"))
    assert (tab(desk, "待我接收"), "张三" in desk) == (1, True)
    assert tab(text_of(ask("checker", "/")), "待我接收") == 0
    assert tab(text_of(ask("approver", "/")), "待生效") == 0
    move(ask, "their checker", sent, "accept")
    assert state(sent) == "accepted"
    assert tab(text_of(ask("their checker", "/")), "待我接收") == 0
    assert tab(text_of(ask("their approver", "/")), "待生效") == 1
    assert "张三" in text_of(ask("their approver", "/enrollment/case/?desk=effect"))
    assert "张三" not in text_of(ask("approver", "/enrollment/case/?desk=effect"))
    move(ask, "their approver", sent, "effect")
    assert state(sent) == "effected"
    zhang_san.refresh_from_db()
    assert zhang_san.insured_region_id == cast.JINGHU
    file = f"/enrollment/person/{zhang_san.pk}/change/"
    assert "镜湖" in text_of(ask("their maker", file))


def test_each_side_reads_only_what_it_needs(
    ask: Ask, sent: EnrolmentTransfer, officers: dict[str, User]
) -> None:
    move(ask, "checker", sent, "return", reason="材料不齐")
    move(ask, "maker", sent, "submit")
    comment(officers["maker"], sent, "先电话核对")
    move(ask, "checker", sent, "approve")
    comment(officers["their checker"], sent, "请寄原件")
    ours, theirs = text_of(ask("checker", page(sent))), text_of(ask("their checker", page(sent)))
    for told in ("张三", "蜀山", "镜湖", "2026-12-04", "2026-12-11", "转移后应缴", "请寄原件"):
        assert told in ours
        assert told in theirs
    for kept in ("随配偶迁居", "材料不齐", "已有资助", "先电话核对"):
        assert kept in ours
        assert kept not in theirs
    assert "随配偶迁居" not in ask("their checker", f"/desk/{sent.pk}/").content.decode()


def test_a_file_that_is_kept_elsewhere_is_named_to_whoever_has_a_case_of_the_person(
    ask: Ask, sent: EnrolmentTransfer, zhang_san: Person, officers: dict[str, User]
) -> None:
    file = f"/enrollment/person/{zhang_san.pk}/change/"
    assert ask("their maker", file).status_code == 404
    move(ask, "checker", sent, "approve")
    told = ask("their maker", file)
    assert told.status_code == 403
    assert "档案现由合肥市蜀山区管理" in told.content.decode()
    for name in ("accept", "effect"):
        move(ask, "their approver", sent, name)
    # Now it is the other way round, by the address and by the number alike.
    found = ask("maker", "/search/", {"q": zhang_san.identity_number})
    assert found.headers["Location"] == file
    told = ask("maker", file)
    assert "档案现由芜湖市镜湖区管理" in told.content.decode()
    assert f"{SCREENS}/{sent.pk}/change/" in told.content.decode()
    for kept in ("400.00", "1972"):  # a bill, the year of birth
        assert kept not in told.content.decode()
    for who in ("their maker", "maker"):
        acts = PersonAccess.objects.filter(person=zhang_san, user=officers[who])
        assert "elsewhere" in acts.values_list("act", flat=True)
    started = ask("maker", f"/enrollment/refund/add/?person={zhang_san.pk}")
    assert (started.status_code, started.headers["Location"]) == (302, file)
    assert ask("third checker", file).status_code == 404


def test_a_transfer_comes_back_with_its_reason_and_goes_again(
    ask: Ask, sent: EnrolmentTransfer
) -> None:
    move(ask, "checker", sent, "approve")
    assert "请填写原因" in text_of(move(ask, "their checker", sent, "return", reason=" "))
    move(ask, "their checker", sent, "return", reason="户籍证明缺页")
    assert state(sent) == "returned"
    assert "户籍证明缺页" in text_of(ask("maker", page(sent)))
    move(ask, "maker", sent, "submit")
    move(ask, "checker", sent, "approve")
    move(ask, "their checker", sent, "accept")
    assert state(sent) == "accepted"


def test_an_overdue_transfer_is_counted_where_it_lies(
    ask: Ask, sent: EnrolmentTransfer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGCHOU_TODAY", "2026-12-05")
    assert tab(text_of(ask("checker", "/")), "逾期") == 1
    monkeypatch.setenv("TONGCHOU_TODAY", "2026-12-12")
    with business_date_is(date(2026, 12, 12)):
        move(ask, "checker", sent, "approve")
        assert tab(text_of(ask("checker", "/")), "逾期") == 0
        assert tab(text_of(ask("their checker", "/")), "逾期") == 1
    assert "张三" in text_of(ask("their checker", f"{SCREENS}/?age=overdue"))


def test_the_new_area_undoes_what_it_took_over(
    ask: Ask, sent: EnrolmentTransfer, zhang_san: Person
) -> None:
    """The person is insured there now; nobody else could act on them."""
    move(ask, "checker", sent, "approve")
    for name in ("accept", "effect"):
        move(ask, "their approver", sent, name)
    says = {
        "request_key": "5b0f3c9e-6f0c-4b57-8c55-0d9f2e6f0a02",
        "channel": "counter",
        "reverses": sent.pk,
        "reason": "未迁出",
    }
    add = f"/enrollment/casereversal/add/?reverses={sent.pk}"
    assert "随配偶迁居" not in text_of(ask("their maker", add))
    made = ask("their maker", add, says)
    assert made.status_code == 302, made.content.decode()
    undoing = CaseReversal.objects.get()
    steps = (("their maker", "submit"), ("their checker", "approve"), ("their approver", "effect"))
    for who, name in steps:
        shown = ask(who, f"/enrollment/casereversal/{undoing.pk}/change/").content.decode()
        assert "随配偶迁居" not in shown
        digest = shown.partition('name="shown_digest" value="')[2][:64]
        ask(who, f"/enrollment/casereversal/{undoing.pk}/move/{name}/", {"shown_digest": digest})
    assert state(sent) == "reversed"
    zhang_san.refresh_from_db()
    assert zhang_san.insured_region_id == cast.SHUSHAN
    # The paper stays with both; the file is back where it was.
    assert ask("maker", f"/enrollment/person/{zhang_san.pk}/change/").status_code == 200
    assert ask("their maker", page(sent)).status_code == 200


WRONG_HANDS = {
    "submitted": (
        ("their checker", "approve"),
        ("their checker", "return"),
        ("their checker", "accept"),
        ("checker", "accept"),
        ("maker", "approve"),
    ),
    "approved": (
        ("maker", "accept"),
        ("checker", "accept"),
        ("approver", "accept"),
        ("third checker", "accept"),
        ("third checker", "return"),
        ("their maker", "accept"),
        ("their maker", "withdraw"),
        ("approver", "effect"),
        ("their approver", "effect"),
    ),
    "accepted": (
        ("maker", "withdraw"),
        ("checker", "return"),
        ("approver", "effect"),
        ("their checker", "accept"),
    ),
}


def test_a_crafted_post_of_the_wrong_hands_changes_nothing(
    ask: Ask, sent: EnrolmentTransfer
) -> None:
    steps = {"submitted": ("checker", "approve"), "approved": ("their checker", "accept")}
    for stage, tried in WRONG_HANDS.items():
        for who, name in tried:
            seen = EnrolmentTransfer.objects.get()
            move(ask, who, sent, name, shown_digest=seen.shown_digest)
            assert state(sent) == stage, (who, name)
            shown = ask(who, page(sent))
            button = f'action="{SCREENS}/{sent.pk}/move/{name}/"'
            assert shown.status_code == 404 or button not in shown.content.decode(), (who, name)
        if stage in steps:
            move(ask, steps[stage][0], sent, steps[stage][1])


def test_raw_sql_of_either_side_does_not_do_the_part_of_the_other(
    ask: Ask, sent: EnrolmentTransfer, officers: dict[str, User]
) -> None:
    """With the real hands' names written in: the database asks who is connected."""
    move(ask, "checker", sent, "approve")
    digest = EnrolmentTransfer.objects.get().shown_digest
    theirs, ours = officers["their checker"], officers["approver"]
    accept = (
        "UPDATE enrolment_transfer SET accepted_by_id = {}, accepted_at = now(),"
        f" accepted_digest = '{digest}' WHERE case_ptr_id = {sent.pk}"
    )
    of_case = f"UPDATE agency_case SET {{}} WHERE id = {sent.pk}"
    tried = (
        (ours, accept.format(theirs.pk)),
        (ours, accept.format(ours.pk)),
        (ours, of_case.format("state = 'effected', effected_at = now()")),
        (theirs, accept.format(officers["their approver"].pk)),
        (theirs, of_case.format("state = 'withdrawn'")),
        (theirs, of_case.format("state = 'effected', effected_at = now()")),
        (theirs, of_case.format("reason = 'x'")),
        (theirs, f"UPDATE enrolment_transfer SET to_region = 1 WHERE case_ptr_id = {sent.pk}"),
        (officers["third checker"], of_case.format("state = 'returned'")),
    )

    assert refused_as_web(tried) == []
    assert state(sent) == "approved"

    def accept_for_real() -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            set_scope(User.objects.get(pk=theirs.pk))
            cursor.execute(accept.format(theirs.pk))
            return int(cursor.rowcount)

    assert as_role("web", accept_for_real) == 1
