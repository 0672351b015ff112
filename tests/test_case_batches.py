"""Many cases in one act, edits that meet, and two people at once: as the web serves them."""

import re
import uuid
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from enrollment.models import Award, Case, CaseEvent, Enrollment, Person, User
from enrollment.rules import keys
from enrollment.selectors.cases import shown_digest_of, whole_case
from enrollment.services import cases, reversals, subsidies
from tests import cast
from tests.acts import at_once
from tests.roles import as_role

TODAY = date(2026, 11, 20)
SUBSIDY = "/enrollment/contributionsubsidy"
ALL = "/enrollment/case"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())


@pytest.fixture
def officers(transactional_db: None) -> dict[str, User]:
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    return {
        "liu": cast.officer("Maker", "liu", "刘婷"),
        "zhang": cast.officer("Checker", "zhang", "张敏"),
        "he": cast.officer("Checker", "he", "何静"),
        "chen": cast.officer("Approver", "chen", "陈立群"),
    }


@pytest.fixture
def people(officers: dict[str, User]) -> list[Person]:
    found = [cast.person(f"张{name}", number=at) for at, name in enumerate("三四五", start=1)]
    for person in found:
        cast.bill(person, 2027)
    return found


def draft(maker: User, person: Person, amount: str = "100.00") -> Case:
    return cases.open_case(
        kind=subsidies.NAME,
        maker=maker,
        person=person,
        year=2027,
        amount=Decimal(amount),
        funder=Award.Funder.CHARITY,
    )


@pytest.fixture
def submitted(officers: dict[str, User], people: list[Person]) -> list[Case]:
    liu = officers["liu"]
    return [cases.submit_case(case=draft(liu, person), user=liu) for person in people]


def serve(user: User, path: str, data: dict[str, Any] | None = None) -> Any:
    """One request of one browser, as the role `web`; no data is a GET."""
    client = Client()
    client.force_login(user)

    def ask() -> Any:
        response = client.get(path) if data is None else client.post(path, data)
        assert response.status_code < 500, path
        return response

    return as_role("web", ask)


def chosen_of(page: Any) -> list[str]:
    return re.findall(r'name="chosen" value="([^"]+)"', page.content.decode())


def preview(user: User, move: str, found: list[Case], **data: Any) -> Any:
    return serve(user, f"{ALL}/batch/", {"move": move, "case": [c.pk for c in found], **data})


def states() -> list[str]:
    return list(Case.objects.order_by("pk").values_list("state", flat=True))


# Batches ----------------------------------------------------------------------------------------


def test_a_preview_does_nothing_and_a_batch_does_what_it_showed(
    officers: dict[str, User], submitted: list[Case]
) -> None:
    page = preview(officers["zhang"], "approve", submitted)
    assert states() == ["submitted"] * 3
    assert page.context["possible"] == 3
    assert page.context["total"] == 300
    assert len(chosen_of(page)) == 3
    assert CaseEvent.objects.filter(to_state="approved").count() == 0
    done = serve(
        officers["zhang"],
        f"{ALL}/batch/run/",
        {"move": "approve", "chosen": chosen_of(page)},
    )
    assert (done.context["done"], done.context["refused"]) == (3, 0)
    assert states() == ["approved"] * 3
    assert all(
        case.shown_digest == shown_digest_of(whole_case(case.pk)) for case in Case.objects.all()
    )


def test_what_is_refused_is_named_and_the_others_are_done(
    officers: dict[str, User], people: list[Person], submitted: list[Case]
) -> None:
    zhang = officers["zhang"]
    page = preview(zhang, "approve", submitted)
    # Between the preview and the act one bill changes, and somebody returns another case.
    Enrollment.objects.filter(pk=keys.yearly_key(year=2027, person_id=people[0].pk)).update(paid=50)
    cases.return_case(case=submitted[1], checker=officers["he"], reason="材料不齐")
    done = serve(zhang, f"{ALL}/batch/run/", {"move": "approve", "chosen": chosen_of(page)})
    told = {row["case"].pk: row["refused"] for row in done.context["rows"]}
    assert states() == ["submitted", "returned", "approved"]
    assert str(cases.ShownFactsChanged()) == told[submitted[0].pk]
    assert told[submitted[1].pk]
    assert told[submitted[2].pk] == ""


def test_a_preview_says_why_a_case_would_be_refused(
    officers: dict[str, User], people: list[Person], submitted: list[Case]
) -> None:
    own = cast.officer("Checker", "both", "两职")
    mine = cases.submit_case(case=draft(own, people[0], "10"), user=own)
    page = preview(own, "approve", [*submitted, mine])
    told = {row["case"].pk: row["refused"] for row in page.context["rows"]}
    assert told[mine.pk] == str(cases.MakerIsChecker())
    assert page.context["possible"] == 3
    late = preview(officers["zhang"], "effect", submitted)
    assert late.status_code == 403  # a checker puts nothing into effect


def test_all_that_the_filters_show_can_be_chosen_without_ticking(
    officers: dict[str, User], submitted: list[Case]
) -> None:
    drafts = draft(officers["liu"], submitted[0].whom, "5")
    page = serve(
        officers["zhang"], f"{ALL}/batch/?state=submitted", {"move": "approve", "across": "1"}
    )
    assert {row["case"].pk for row in page.context["rows"]} == {case.pk for case in submitted}
    assert drafts.pk not in {row["case"].pk for row in page.context["rows"]}


def test_a_batch_returns_only_with_a_reason_and_nothing_without_a_choice(
    officers: dict[str, User], submitted: list[Case]
) -> None:
    zhang = officers["zhang"]
    assert preview(zhang, "return", submitted).status_code == 302
    assert preview(zhang, "approve", []).status_code == 302
    page = preview(zhang, "return", submitted, reason="缺少证明")
    serve(
        zhang,
        f"{ALL}/batch/run/",
        {"move": "return", "reason": "缺少证明", "chosen": chosen_of(page)},
    )
    assert states() == ["returned"] * 3
    notes = CaseEvent.objects.filter(to_state="returned").values_list("note", flat=True)
    assert set(notes) == {"缺少证明"}


def test_a_crafted_batch_meets_the_same_refusals(
    officers: dict[str, User], submitted: list[Case]
) -> None:
    case = submitted[0]
    crafted = f"{case.pk}:{case.version}:{'0' * 64}"
    run = f"{ALL}/batch/run/"
    assert serve(officers["liu"], run, {"move": "approve", "chosen": crafted}).status_code == 403
    done = serve(officers["zhang"], run, {"move": "approve", "chosen": crafted})
    assert done.context["refused"] == 1
    assert serve(officers["zhang"], run, {"move": "approve", "chosen": "x"}).status_code == 400
    assert serve(officers["zhang"], run, {"move": "vanish", "chosen": crafted}).status_code == 403
    assert states() == ["submitted"] * 3


# Edits that meet --------------------------------------------------------------------------------


def test_an_edit_of_what_was_changed_meanwhile_shows_both_versions_and_a_way_on(
    officers: dict[str, User], people: list[Person]
) -> None:
    liu = officers["liu"]
    case = draft(liu, people[0])
    path = f"{SUBSIDY}/{case.pk}/edit/"
    says = {"request_key": uuid.uuid4(), "year": 2027, "channel": "counter", "version": 1}
    first = serve(liu, path, says | {"funder": "charity", "amount": "50"})
    assert first.status_code == 302
    second = serve(liu, path, says | {"funder": "village_collective", "amount": "60"})
    assert second.status_code == 409
    rows = {row.label: (row.written, row.there) for row in second.context["versions"]}
    assert rows["金额（元）"] == ("60.00", "50.00")
    assert rows["资助方"] == ("村集体", "慈善组织")
    assert Case.objects.get().amount == 50
    # The hidden fields of the conflict page save what was written over the other version.
    again = dict(re.findall(r'name="(\w+)" value="([^"]*)"', second.content.decode()))
    assert again["version"] == "2"
    assert serve(liu, path, again).status_code == 302
    assert Case.objects.get().amount == 60


def test_an_edit_of_what_was_submitted_meanwhile_cannot_be_saved_over_it(
    officers: dict[str, User], people: list[Person]
) -> None:
    liu = officers["liu"]
    case = draft(liu, people[0])
    cases.submit_case(case=case, user=liu)
    says = {"request_key": uuid.uuid4(), "year": 2027, "channel": "counter", "version": 1}
    page = serve(liu, f"{SUBSIDY}/{case.pk}/edit/", says | {"funder": "charity", "amount": "60"})
    assert page.status_code == 409
    assert not page.context["may_save"]
    assert Case.objects.get().amount == 100


# Two at once ------------------------------------------------------------------------------------


def test_two_browsers_that_approve_at_once_make_one_decision(
    officers: dict[str, User], submitted: list[Case]
) -> None:
    case = submitted[0]
    path = f"{SUBSIDY}/{case.pk}/move/approve/"
    data = {"shown_digest": shown_digest_of(whole_case(case.pk))}
    answers = at_once(
        lambda: serve(officers["zhang"], path, data), lambda: serve(officers["he"], path, data)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert CaseEvent.objects.filter(case=case, to_state="approved").count() == 1


def test_a_form_sent_by_two_browsers_at_once_makes_one_case(
    officers: dict[str, User], people: list[Person]
) -> None:
    path = f"{SUBSIDY}/add/?person={people[0].pk}"
    data = {
        "request_key": uuid.uuid4(),
        "year": 2027,
        "channel": "counter",
        "funder": "charity",
        "amount": "60",
    }
    answers = at_once(*[lambda: serve(officers["liu"], path, data)] * 3)
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert Case.objects.count() == 1


def test_two_batches_at_once_decide_each_case_once(
    officers: dict[str, User], submitted: list[Case]
) -> None:
    chosen = chosen_of(preview(officers["zhang"], "approve", submitted))
    data = {"move": "approve", "chosen": chosen}
    answers = at_once(
        lambda: serve(officers["zhang"], f"{ALL}/batch/run/", data),
        lambda: serve(officers["he"], f"{ALL}/batch/run/", data),
    )
    pages = [answer.content.decode() for answer in answers]
    assert sum(page.count("tc-due-late") for page in pages) == 3  # each was refused to one of them
    assert CaseEvent.objects.filter(to_state="approved").count() == 3


# A reversal on screen ---------------------------------------------------------------------------


def test_a_reversal_starts_on_the_page_of_its_case_and_others_decide(
    officers: dict[str, User], submitted: list[Case]
) -> None:
    liu, zhang, chen = officers["liu"], officers["zhang"], officers["chen"]
    case = cases.approve_case(
        case=submitted[0], checker=zhang, shown_digest=shown_digest_of(submitted[0])
    )
    case = cases.put_into_effect(case=case, user=chen)
    add = f"/enrollment/casereversal/add/?reverses={case.pk}"
    assert add in serve(liu, f"{SUBSIDY}/{case.pk}/change/").content.decode()
    assert serve(liu, add).status_code == 200
    says = {"request_key": uuid.uuid4(), "channel": "counter", "reverses": case.pk}
    without = serve(liu, add, says)
    assert "reason" in without.context["form"].errors
    made = serve(liu, add, says | {"reason": "重复资助"})
    page = made.headers["Location"]
    asked = Case.objects.get(kind=reversals.NAME)
    move = f"/enrollment/casereversal/{asked.pk}/move"
    serve(liu, f"{move}/submit/", {"version": 1})
    digest = shown_digest_of(whole_case(asked.pk))
    assert digest in serve(zhang, page).content.decode()
    assert serve(liu, f"{move}/approve/", {"shown_digest": digest}).status_code == 403
    serve(zhang, f"{move}/approve/", {"shown_digest": digest})
    serve(chen, f"{move}/effect/", {})
    case.refresh_from_db()
    asked.refresh_from_db()
    assert (asked.state, case.state) == ("effected", "reversed")
