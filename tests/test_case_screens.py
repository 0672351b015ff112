"""The screens of the cases as the web serves them: plain role, row security, crafted requests."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from enrollment.models import (
    Award,
    Case,
    Change,
    ContributionSubsidy,
    Enrollment,
    Person,
    User,
)
from enrollment.rules import keys
from enrollment.selectors.cases import shown_digest_of, whole_case
from enrollment.services import changes
from funds.models import Entry
from tests import cast, turning
from tests.roles import as_role
from tests.screens import served_as_web

TODAY = date(2026, 11, 20)
SUBSIDY = "/enrollment/contributionsubsidy"
TRANSFER = "/enrollment/enrolmenttransfer"
REPAIR = "/benefits/gaprepair"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())


@pytest.fixture
def anhui(transactional_db: None) -> None:
    cast.law()
    for number in (2024, 2025, 2026):
        cast.year(number)
    cast.year(2027, closed=False)


@pytest.fixture
def officers(anhui: None) -> dict[str, User]:
    return {
        "maker": cast.officer("Maker", "liu", "刘婷"),
        "checker": cast.officer("Checker", "zhang", "张敏"),
        "approver": cast.officer("Approver", "chen", "陈立群"),
        "fund": cast.officer("Fund officer", "zhao", "赵文清"),
        "auditor": cast.officer("Auditor", "zhou", "周明"),
    }


@pytest.fixture
def zhang_san(anhui: None) -> Person:
    person = cast.person("张三", number=1, initials="zs")
    cast.paid(person, 2026)
    cast.bill(person, 2027)
    return person


@pytest.fixture
def li_si(anhui: None) -> Person:
    person = cast.person("李四", number=2, initials="ls")
    cast.paid(person, 2024)
    cast.paid(person, 2027)
    return person


Ask = Callable[..., HttpResponse]


@pytest.fixture
def ask(officers: dict[str, User]) -> Ask:
    return served_as_web(officers)


KEY = "5b0f3c9e-6f0c-4b57-8c55-0d9f2e6f0a01"


def subsidy(person: Person, amount: str = "100", key: str = KEY) -> tuple[str, dict[str, Any]]:
    return f"{SUBSIDY}/add/?person={person.pk}", {
        "request_key": key,
        "year": 2027,
        "channel": "counter",
        "funder": "charity",
        "amount": amount,
    }


def approve(case: Case) -> tuple[str, dict[str, Any]]:
    return f"{SUBSIDY}/{case.pk}/move/approve/", {
        "shown_digest": shown_digest_of(whole_case(case.pk))
    }


def the_case() -> Case:
    return Case.objects.get()


def test_all_three_acts_need_no_more_than_the_web_may(
    ask: Ask, zhang_san: Person, li_si: Person
) -> None:
    common: dict[str, Any] = {"channel": "counter", "year": 2027}
    acts: tuple[tuple[str, Person, dict[str, Any], dict[str, Any]], ...] = (
        (SUBSIDY, zhang_san, {"funder": "charity", "amount": "100"}, {}),
        (TRANSFER, zhang_san, {"to_region": cast.JINGHU, "to_scheme": 1}, {}),
        (
            REPAIR,
            li_si,
            {"paid_on": TODAY, "repair_years": 1},
            {"receipt_number": "3400001", "received_on": TODAY},
        ),
    )
    for number, (screens, person, says, receipt) in enumerate(acts):
        key = {"request_key": f"{KEY[:-1]}{number}"}
        assert ask("maker", f"{screens}/add/?person={person.pk}").status_code == 200
        made = ask("maker", f"{screens}/add/?person={person.pk}", common | says | key)
        assert made.status_code == 302, made.content.decode()
        page = made.headers["Location"]
        case = Case.objects.latest("pk")
        move = f"{screens}/{case.pk}/move"
        ask("maker", f"{move}/submit/", {"version": case.version})
        shown = ask("checker", page).content.decode()
        digest = shown_digest_of(whole_case(case.pk))
        assert digest in shown
        ask("checker", f"{move}/approve/", {"shown_digest": digest})
        if screens == TRANSFER:
            ask("approver", f"{move}/accept/", {"shown_digest": digest})
        ask("approver", f"{move}/effect/", receipt)
        case.refresh_from_db()
        assert case.state == Case.State.EFFECTED, ask("approver", page).content.decode()
    assert Award.objects.get().amount == 100
    assert Person.objects.get(pk=zhang_san.pk).insured_region_id == cast.JINGHU
    bill = Enrollment.objects.get(pk=keys.yearly_key(year=2027, person_id=li_si.pk))
    assert bill.benefit_start == date(2027, 4, 1)
    # The money follows in a worker, as the worker's own role.
    assert not Entry.objects.exists()
    assert as_role("worker", changes.take_all)["post"] == 1
    assert Entry.objects.get().case_id == Change.objects.get(cause="repair").case_id
    entry = Entry.objects.get()
    assert "400.00" in ask("fund", f"/funds/entry/{entry.pk}/change/").content.decode()


def test_a_form_sent_twice_leads_to_one_case(ask: Ask, zhang_san: Person) -> None:
    first, second = ask("maker", *subsidy(zhang_san)), ask("maker", *subsidy(zhang_san))
    assert first.headers["Location"] == second.headers["Location"]
    assert Case.objects.count() == 1


def test_a_refused_form_says_why_at_the_field_and_saves_nothing(
    ask: Ask, zhang_san: Person
) -> None:
    path, data = subsidy(zhang_san, amount="500")
    response = ask("maker", path, data)
    assert response.status_code == 200
    assert response.context["form"].errors.keys() == {"amount"}  # type: ignore[attr-defined]
    assert not Case.objects.exists()


def test_the_person_is_found_by_post_and_no_number_stands_in_an_address(
    ask: Ask, zhang_san: Person
) -> None:
    page = ask("maker", f"{SUBSIDY}/add/", {"q": zhang_san.identity_number}).content.decode()
    assert f"?person={zhang_san.pk}" in page
    assert zhang_san.identity_number not in page
    assert zhang_san.id_mask in page


def test_nobody_approves_what_they_made_also_by_a_crafted_request(
    ask: Ask, officers: dict[str, User], zhang_san: Person
) -> None:
    ask("maker", *subsidy(zhang_san))
    ask("maker", f"{SUBSIDY}/{the_case().pk}/move/submit/", {"version": 1})
    cast.relieve(officers["maker"])
    cast.entrust(officers["maker"], "Checker", first=TODAY)
    response = ask("maker", *approve(the_case()))
    assert response.status_code == 200
    assert "maker_is_checker" in repr(response.context["refused"])  # type: ignore[attr-defined]
    assert the_case().state == Case.State.SUBMITTED


@pytest.mark.parametrize(
    ("role", "move"),
    [
        ("maker", "approve"),
        ("maker", "return"),
        ("maker", "effect"),
        ("checker", "submit"),
        ("checker", "withdraw"),
        ("checker", "effect"),
        ("fund", "approve"),
        ("fund", "effect"),
        ("auditor", "approve"),
        ("auditor", "submit"),
    ],
)
def test_a_role_without_the_right_moves_nothing(
    ask: Ask, zhang_san: Person, role: str, move: str
) -> None:
    ask("maker", *subsidy(zhang_san))
    response = ask(role, f"{SUBSIDY}/{the_case().pk}/move/{move}/", {"reason": "x", "version": 1})
    assert response.status_code == 403
    assert the_case().state == Case.State.DRAFT


@pytest.mark.parametrize("role", ["checker", "approver", "fund", "auditor"])
def test_only_makers_open_and_change_cases(ask: Ask, zhang_san: Person, role: str) -> None:
    assert ask(role, *subsidy(zhang_san)).status_code == 403
    assert ask(role, f"{SUBSIDY}/add/").status_code == 403
    ask("maker", *subsidy(zhang_san))
    assert ask(role, f"{SUBSIDY}/{the_case().pk}/edit/").status_code == 403
    assert ask(role, f"{SUBSIDY}/{the_case().pk}/delete/").status_code == 403
    assert ask(role, f"{SUBSIDY}/{the_case().pk}/change/").status_code == 200


def test_after_submission_a_crafted_form_changes_nothing(ask: Ask, zhang_san: Person) -> None:
    ask("maker", *subsidy(zhang_san))
    ask("maker", f"{SUBSIDY}/{the_case().pk}/move/submit/", {"version": 1})
    data = subsidy(zhang_san, amount="1")[1] | {"version": 2, "state": "approved"}
    response = ask("maker", f"{SUBSIDY}/{the_case().pk}/edit/", data)
    assert response.status_code == 200
    assert f"{the_case().amount} {the_case().state}" == "100.00 submitted"


def test_an_approval_with_an_old_page_is_refused(ask: Ask, zhang_san: Person) -> None:
    ask("maker", *subsidy(zhang_san))
    ask("maker", f"{SUBSIDY}/{the_case().pk}/move/submit/", {"version": 1})
    path, data = approve(the_case())
    Enrollment.objects.filter(pk=keys.yearly_key(year=2027, person_id=zhang_san.pk)).update(paid=50)
    ask("checker", path, data)
    assert the_case().state == Case.State.SUBMITTED
    ask("checker", *approve(the_case()))
    assert the_case().state == Case.State.APPROVED


def test_a_move_by_get_or_by_an_unknown_name_does_nothing(ask: Ask, zhang_san: Person) -> None:
    ask("maker", *subsidy(zhang_san))
    move = f"{SUBSIDY}/{the_case().pk}/move"
    assert ask("maker", f"{move}/submit/").status_code == 302
    assert ask("maker", f"{move}/reverse/", {"reason": "x"}).status_code == 404
    assert ask("maker", f"{move}/vanish/", {}).status_code == 404
    assert the_case().state == Case.State.DRAFT


@pytest.mark.parametrize("path", ["add/?person=999999", "add/?person=x", "999999/change/"])
def test_what_is_not_there_is_not_found(ask: Ask, path: str) -> None:
    assert ask("maker", f"{SUBSIDY}/{path}").status_code == 404


def test_somebody_without_a_right_to_see_sees_nothing(
    ask: Ask, officers: dict[str, User], zhang_san: Person
) -> None:
    ask("maker", *subsidy(zhang_san))
    cast.relieve(officers["fund"])
    assert ask("fund", f"{SUBSIDY}/{the_case().pk}/change/").status_code == 404
    for path in (f"{SUBSIDY}/", "/enrollment/case/"):
        assert ask("fund", path).status_code == 403


def test_the_list_of_all_kinds_leads_to_the_screens_of_each(ask: Ask, zhang_san: Person) -> None:
    ask("maker", *subsidy(zhang_san))
    page = f"{SUBSIDY}/{the_case().pk}/change/"
    assert page in ask("maker", "/enrollment/case/").content.decode()
    led = ask("maker", f"/enrollment/case/{the_case().pk}/change/")
    assert (led.status_code, led.headers["Location"]) == (302, page)


@pytest.mark.parametrize(
    ("desk", "role", "listed"),
    [
        ("mine", "maker", True),
        ("returned", "maker", False),
        ("check", "maker", False),
        ("check", "checker", True),
        ("effect", "approver", False),
    ],
)
def test_the_piles_of_a_desk(
    ask: Ask, zhang_san: Person, desk: str, role: str, listed: bool
) -> None:
    ask("maker", *subsidy(zhang_san))
    ask("maker", f"{SUBSIDY}/{the_case().pk}/move/submit/", {"version": 1})
    page = ask(role, f"/enrollment/case/?desk={desk}").content.decode()
    assert (f"{SUBSIDY}/{the_case().pk}/change/" in page) == listed


def test_a_list_never_counts_and_asks_no_query_a_row(
    ask: Ask, officers: dict[str, User], zhang_san: Person
) -> None:
    def queries() -> list[str]:
        client = Client()
        client.force_login(officers["maker"])
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/enrollment/case/").status_code == 200
        return [query["sql"] for query in captured.captured_queries]

    ask("maker", *subsidy(zhang_san))
    few = queries()
    for number in range(5):
        ask("maker", *subsidy(zhang_san, key=f"{KEY[:-2]}a{number}"))
    many = queries()
    assert len(few) == len(many) <= 15
    assert not [sql for sql in many if "COUNT(" in sql and "agency_case" in sql]


def test_a_list_is_read_page_by_page_in_both_directions(
    ask: Ask, officers: dict[str, User], zhang_san: Person
) -> None:
    row = {
        "kind": "contribution_subsidy",
        "person": zhang_san,
        "region_id": cast.SHUSHAN,
        "year": 2027,
        "maker": officers["maker"],
        "amount": 1,
    }
    made = [ContributionSubsidy.objects.create(funder="charity", **row).pk for _ in range(120)]
    made.reverse()

    def listed(query: str) -> Any:
        response: Any = ask("maker", f"/enrollment/case/{query}")
        return response.context["cl"]

    pages: list[list[int]] = []
    links = [""]
    while links[-1] or len(pages) == 0:
        page = listed(links[-1])
        pages.append([case.pk for case in page.result_list])
        links.append(page.next_link)
    assert [len(page) for page in pages] == [50, 50, 20]
    assert [key for page in pages for key in page] == made
    last = listed(links[2])
    before = listed(last.previous_link)
    assert [case.pk for case in before.result_list] == pages[1]
    assert [case.pk for case in listed(before.previous_link).result_list] == pages[0]
    assert ask("maker", "/enrollment/case/?before=x").status_code == 302


def test_a_returned_repair_is_quoted_anew_in_its_form(ask: Ask, li_si: Person) -> None:
    Enrollment.objects.filter(pk=keys.yearly_key(year=2027, person_id=li_si.pk)).update(
        paid=0, paid_on=None
    )
    says = {"channel": "counter", "year": 2027, "repair_years": 1, "request_key": KEY}
    add = f"{REPAIR}/add/?person={li_si.pk}"
    ask("maker", add, says | {"paid_on": TODAY})
    edit = f"{REPAIR}/{the_case().pk}/edit/"
    asked = ask("maker", f"{edit}?year=2027&paid_on=2027-01-10").content.decode()
    assert "2027-04-10" in asked
    saved = ask("maker", edit, says | {"paid_on": "2027-01-10", "version": 1})
    assert saved.status_code == 302
    assert "2027-04-10" in ask("checker", saved.headers["Location"]).content.decode()
    late = ask("maker", edit, says | {"paid_on": "2027-01-11", "version": 1})
    assert late.status_code == 409  # version 1 is gone: somebody changed it meanwhile
    assert any(row.differs for row in late.context["versions"])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", True),
        ("&year=2027&paid_on=2026-08-01", False),
        ("&year=1999", False),
        ("&year=x&paid_on=y&repair_years=z&why=q", True),
    ],
)
def test_the_calculator_answers_odd_conditions_with_a_sentence(
    ask: Ask, li_si: Person, query: str, told: bool
) -> None:
    Enrollment.objects.filter(pk=keys.yearly_key(year=2027, person_id=li_si.pk)).update(
        paid=0, paid_on=None
    )
    response: Any = ask("maker", f"{REPAIR}/add/?person={li_si.pk}{query}")
    assert response.status_code == 200
    assert bool(response.context["options"]) == told
    assert bool(response.context.get("problem")) != told


def test_whoever_has_nothing_to_repair_is_told_so(ask: Ask, zhang_san: Person) -> None:
    response: Any = ask("maker", f"{REPAIR}/add/?person={zhang_san.pk}")
    # 2025 is broken for 张三, but 2026 was covered: nothing in a row before 2027.
    assert [option.quote.years for option in response.context["options"]] == [0]
    assert response.context["useful"] == 0


# Registration -----------------------------------------------------------------------------------

REGISTRATION = "/enrollment/registration"
NEWCOMER = f"{REGISTRATION}/add/?new=1"


def newborn(**fields: Any) -> dict[str, Any]:
    """A newborn with a birth certificate, as the form is sent."""
    return {
        "request_key": KEY,
        "channel": "counter",
        "id_type": "birth_certificate",
        "id_number": "P340123456",
        "name": "张小宝",
        "sex": "M",
        "birth_date": "2026-10-08",
        "household_region": "420102",
        "residence_region": cast.SHUSHAN,
        "insured_region": cast.SHUSHAN,
        "year": 2026,
        "also_next_year": "on",
        "ground": "newborn",
        "recognised_on": "2026-10-08",
        "source": "health",
        "evidence": "出生医学证明 P340123456",
        **fields,
    }


def test_a_newcomer_is_looked_for_first_and_registered_with_a_new_file(ask: Ask) -> None:
    looked = ask("maker", f"{REGISTRATION}/add/", {"q": "张小宝"}).content.decode()
    assert "?new=1" in looked
    assert ask("maker", NEWCOMER).status_code == 200
    made = ask("maker", NEWCOMER, newborn())
    assert made.status_code == 302, made.content.decode()
    page = made.headers["Location"]
    move = f"{REGISTRATION}/{the_case().pk}/move"
    ask("maker", f"{move}/submit/", {"version": 1})
    shown = ask("checker", page).content.decode()
    assert "P340123456" in shown  # the evidence names it; the number itself is masked
    assert "**********" in shown
    digest = shown_digest_of(whole_case(the_case().pk))
    ask("checker", f"{move}/approve/", {"shown_digest": digest})
    ask("approver", f"{move}/effect/", {})
    assert the_case().state == Case.State.EFFECTED
    assert Enrollment.objects.count() == 2
    assert ask("maker", page).status_code == 200


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"id_type": "resident_id"}, "id_number"),
        ({"birth_date": "2025-10-08"}, "ground"),
        ({"birth_date": "2026-12-01"}, "birth_date"),
        ({"household_region": "42010"}, "household_region"),
        ({"evidence": ""}, "evidence"),
        ({"source": ""}, "source"),
        ({"recognised_on": "2026-11-21"}, "recognised_on"),
        ({"ground": "late", "year": 2027, "also_next_year": ""}, "ground"),
        ({"year": 2027}, "year"),
        ({"insured_region": "420102000000"}, "insured_region"),
        ({"name": ""}, "name"),
    ],
)
def test_a_refused_registration_says_why_at_its_field_and_leaves_no_file(
    ask: Ask, fields: dict[str, Any], named: str
) -> None:
    response = ask("maker", NEWCOMER, newborn(**fields))
    assert response.status_code == 200
    errors = response.context["form"].errors  # type: ignore[attr-defined]
    assert list(errors) == [named]
    assert not Person.objects.exists()
    assert not Case.objects.exists()


def test_a_form_of_a_newcomer_sent_twice_makes_one_file(ask: Ask) -> None:
    first, second = ask("maker", NEWCOMER, newborn()), ask("maker", NEWCOMER, newborn())
    assert first.headers["Location"] == second.headers["Location"]
    assert Person.objects.count() == Case.objects.count() == 1


def test_a_draft_is_corrected_without_showing_its_number_again(ask: Ask) -> None:
    ask("maker", NEWCOMER, newborn())
    edit = f"{REGISTRATION}/{the_case().pk}/edit/"
    asked = ask("maker", edit)
    assert asked.context["form"].initial.get("id_number") is None  # type: ignore[attr-defined]
    saved = ask("maker", edit, newborn(name="张晓宝", id_number="", version=1))
    assert saved.status_code == 302, saved.content.decode()
    person = Person.objects.get()
    assert (person.name, person.identity_number) == ("张晓宝", "P340123456")


def test_a_file_that_the_web_may_not_see_still_keeps_its_number(ask: Ask) -> None:
    kept = cast.person("王五", number=5, region=cast.JINGHU)
    number, born = kept.identity_number, f"{kept.birth_date:%Y-%m-%d}"
    says = newborn(id_type="resident_id", id_number=number, birth_date=born)
    response = ask("maker", NEWCOMER, says)
    assert list(response.context["form"].errors) == ["id_number"]  # type: ignore[attr-defined]


def test_somebody_on_file_is_registered_from_the_file(ask: Ask) -> None:
    person = cast.person("李四", number=2, left_on=date(2025, 1, 1), left_for="moved_out")
    file = ask("maker", f"/enrollment/person/{person.pk}/change/").content.decode()
    assert f"{REGISTRATION}/add/?person={person.pk}" in file.replace("&amp;", "&")
    says = {
        "request_key": KEY,
        "channel": "counter",
        "year": 2027,
        "ground": "in_period",
        "insured_region": cast.SHUSHAN,
    }
    made = ask("maker", f"{REGISTRATION}/add/?person={person.pk}", says)
    assert made.status_code == 302, made.content.decode()


# Refund, recognition, correction ----------------------------------------------------------------


SENT = {"channel": "counter", "request_key": KEY}


def carry_out(ask: Ask, screens: str, person: Person, says: dict[str, Any]) -> Case:
    """From the form to the effect, each by the web with the right of the role alone."""
    made = ask("maker", f"{screens}/add/?person={person.pk}", SENT | says)
    assert made.status_code == 302, made.content.decode()
    page, case = made.headers["Location"], Case.objects.latest("pk")
    move = f"{screens}/{case.pk}/move"
    ask("maker", f"{move}/submit/", {"version": case.version})
    assert ask("maker", f"{screens}/{case.pk}/edit/").status_code == 200
    ask("checker", f"{move}/approve/", {"shown_digest": shown_digest_of(whole_case(case.pk))})
    ask("approver", f"{move}/effect/", {})
    case.refresh_from_db()
    assert case.state == Case.State.EFFECTED, ask("approver", page).content.decode()
    assert str(case.pk) in ask("auditor", f"{screens}/").content.decode()
    return case


def test_a_refund_goes_from_form_to_effect(ask: Ask, li_si: Person) -> None:
    says = {
        "year": 2027,
        "ground": "handling_error",
        "event_on": TODAY,
        "requested_on": TODAY,
        "evidence": "窗口受理单",
        "payee": "李四",
        "account": "6217000012345678",
    }
    screens = "/enrollment/refund"
    wrong = ask("maker", f"{screens}/add/?person={li_si.pk}", SENT | says | {"account": "12"})
    assert "account" in wrong.context["form"].errors  # type: ignore[attr-defined]
    case = carry_out(ask, screens, li_si, says)
    page = ask("fund", f"{screens}/{case.pk}/change/").content.decode()
    assert "5678" in page
    assert "6217000012345678" not in page
    bill = Enrollment.objects.get(pk=keys.yearly_key(year=2027, person_id=li_si.pk))
    assert (bill.paid, bill.ended_for) == (0, "refunded")  # type: ignore[comparison-overlap]


def test_a_recognition_goes_from_form_to_effect(ask: Ask, zhang_san: Person) -> None:
    says = {
        "year": 2026,
        "act": "gained",
        "category": "dibao",
        "since": "2026-11-01",
        "qualified": "on",
        "source": "civil_affairs",
        "evidence": "低保证 340104-2026-118",
    }
    carry_out(ask, "/enrollment/categoryrecognition", zhang_san, says)
    bill = Enrollment.objects.get(pk=keys.yearly_key(year=2027, person_id=zhang_san.pk))
    assert bill.category == "dibao"


def test_a_correction_goes_from_form_to_effect_and_shows_no_number(
    ask: Ask, zhang_san: Person
) -> None:
    screens = "/enrollment/identitycorrection"
    number = cast.person("旁人", number=9).identity_number
    told = {"year": 2026, "evidence": "户口簿", "id_type": "resident_id", "id_number": number}
    taken = ask("maker", f"{screens}/add/?person={zhang_san.pk}", SENT | told)
    assert "id_number" in taken.context["form"].errors  # type: ignore[attr-defined]
    case = carry_out(ask, screens, zhang_san, {"year": 2026, "name": "章三", "evidence": "户口簿"})
    page = ask("checker", f"{screens}/{case.pk}/change/").content.decode()
    assert "章三" in page
    assert zhang_san.identity_number not in page
    assert Person.objects.get(pk=zhang_san.pk).name == "章三"


def test_a_duplicate_goes_from_form_to_effect(ask: Ask, li_si: Person) -> None:
    cast.paid(li_si, 2026)
    turning.employed(li_si, 2026, 0b111111000000)
    screens, says = "/enrollment/duplicateresolution", {"year": 2026, "keep": "resident"}
    asked = ask("maker", f"{screens}/add/?person={li_si.pk}", SENT | says)
    assert list(asked.context["form"].errors) == ["written_choice"]  # type: ignore[attr-defined]
    carry_out(ask, screens, li_si, says | {"written_choice": "本人选择书"})
