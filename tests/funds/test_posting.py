"""The ledger: who writes it, what the database refuses, and what a received repair posts."""

import ast
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from benefits.models import GapRepair
from benefits.services import repairs as benefits
from enrollment.models import Case, Change, ChangeTaken, Person, User
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.cases import shown_digest_of
from enrollment.services import cases, changes
from funds import posting
from funds.models import Account, Entry, Line
from funds.selectors.checks import CHECKS
from funds.services import repairs as funds
from tests import cast

AUTUMN = date(2026, 11, 20)
TRANSIT = Account.Kind.TREASURY_IN_TRANSIT
REVENUE = Account.Kind.CONTRIBUTION_REVENUE


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with business_date_is(AUTUMN):
        yield


@pytest.fixture
def anhui(db: None) -> None:
    cast.law()


def sides(amount: str, area: int = cast.SHUSHAN) -> list[posting.Side]:
    return [
        posting.Side(area=area, kind=TRANSIT, debit=Decimal(amount)),
        posting.Side(area=area, kind=REVENUE, credit=Decimal(amount)),
    ]


def post(key: str = "a", amount: str = "400.00") -> Entry:
    return posting.post(
        key=key, reason=Entry.Reason.REPAIR_RECEIVED, occurred_on=AUTUMN, sides=sides(amount)
    )


def lines() -> list[tuple[str, int, str, int, int]]:
    """The whole ledger, in whole yuan."""
    rows = Line.objects.order_by("entry_id", "credit").values_list(
        "entry__key", "account__area", "account__kind", "debit", "credit"
    )
    return [(key, area, kind, int(debit), int(credit)) for key, area, kind, debit, credit in rows]


# Posting ----------------------------------------------------------------------------------------


def test_an_entry_has_both_sides_on_the_accounts_of_the_pooling_area(anhui: None) -> None:
    post()
    assert lines() == [
        ("a", cast.HEFEI, "treasury_in_transit", 400, 0),
        ("a", cast.HEFEI, "contribution_revenue", 0, 400),
    ]
    assert set(Account.objects.values_list("scheme", flat=True)) == {Person.Scheme.RESIDENT}


def test_a_key_is_posted_once(anhui: None) -> None:
    assert post() == post()
    assert Entry.objects.count() == 1
    assert Line.objects.count() == 2


def test_a_key_never_stands_for_two_facts(anhui: None) -> None:
    post()
    with pytest.raises(posting.EntryDiffers):
        post(amount="500.00")


def test_a_correction_is_a_further_entry(anhui: None) -> None:
    entry = post()
    back = posting.reverse(entry=entry, key="a:reversed", occurred_on=AUTUMN)
    assert back.reverses == entry
    assert posting.reverse(entry=entry, key="a:reversed", occurred_on=AUTUMN) == back
    assert lines() == [
        ("a", cast.HEFEI, "treasury_in_transit", 400, 0),
        ("a", cast.HEFEI, "contribution_revenue", 0, 400),
        ("a:reversed", cast.HEFEI, "contribution_revenue", 400, 0),
        ("a:reversed", cast.HEFEI, "treasury_in_transit", 0, 400),
    ]


def test_an_entry_is_reversed_once(anhui: None) -> None:
    entry = post()
    posting.reverse(entry=entry, key="a:reversed", occurred_on=AUTUMN)
    with pytest.raises(posting.ReversedBefore):
        posting.reverse(entry=entry, key="a:reversed again", occurred_on=AUTUMN)


def test_all_lines_are_written_by_one_statement(
    anhui: None, django_assert_num_queries: object
) -> None:
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        post()
    written = [q["sql"] for q in captured.captured_queries if "post_lines" in q["sql"]]
    assert len(written) == 1


# What the database refuses ----------------------------------------------------------------------


def test_an_entry_that_does_not_balance_is_refused(anhui: None) -> None:
    uneven = [*sides("400.00")[:1], posting.Side(area=cast.HEFEI, kind=REVENUE, credit=Decimal(1))]
    with pytest.raises(posting.Unbalanced):
        posting.post(key="a", reason=Entry.Reason.REPAIR_RECEIVED, occurred_on=AUTUMN, sides=uneven)
    assert not Entry.objects.exists()


def test_an_entry_of_one_line_is_refused(anhui: None) -> None:
    with pytest.raises(posting.Unbalanced):
        posting.post(
            key="a",
            reason=Entry.Reason.REPAIR_RECEIVED,
            occurred_on=AUTUMN,
            sides=sides("400.00")[:1],
        )


def test_schemes_never_mix(anhui: None) -> None:
    debit, credit = sides("400.00")
    employee = posting.Side(
        area=credit.area, kind=credit.kind, credit=credit.credit, scheme=Person.Scheme.EMPLOYEE
    )
    with pytest.raises(posting.SchemesMixed):
        posting.post(
            key="a",
            reason=Entry.Reason.REPAIR_RECEIVED,
            occurred_on=AUTUMN,
            sides=[debit, employee],
        )


@pytest.mark.parametrize(("debit", "credit"), [(0, 0), (1, 1), (-1, 0)])
def test_a_line_is_a_debit_or_a_credit(anhui: None, debit: int, credit: int) -> None:
    entry = post()
    account = Account.objects.get(kind=REVENUE)
    with (
        pytest.raises(IntegrityError, match="a_line_is_a_debit_or_a_credit"),
        transaction.atomic(),
    ):
        Line.objects.create(entry=entry, account=account, day=AUTUMN, debit=debit, credit=credit)


def test_a_line_cannot_be_added_to_an_entry_later(anhui: None) -> None:
    entry = post()
    account = Account.objects.get(kind=REVENUE)
    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        Line.objects.create(entry=entry, account=account, day=AUTUMN, debit=5, credit=0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET occurred_on = occurred_on + 1",
        "UPDATE entry_line SET debit = debit * 2, credit = credit * 2",
        "DELETE FROM entry_line",
        "DELETE FROM entry",
        "TRUNCATE entry_line",
        "TRUNCATE entry CASCADE",
    ],
)
def test_the_ledger_is_never_edited_by_its_owner_either(anhui: None, statement: str) -> None:
    post()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or TRUNCATE is refused for another reason
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            cursor.execute(statement)


WRITES = (
    "INSERT INTO entry (key, reason, occurred_on) VALUES ('b', 'repair_received', current_date)",
    "INSERT INTO account (area_id, scheme, kind) VALUES (340100000000, 1, 'special_fiscal')",
    "UPDATE entry SET occurred_on = occurred_on + 1",
    "UPDATE entry_line SET debit = debit + 1, credit = credit + 1",
    "DELETE FROM entry_line",
    "TRUNCATE entry_line",
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", ["web", "worker"])
def test_plain_roles_read_the_ledger_and_never_edit_it(role: str) -> None:
    cast.law()
    post()
    with connected_as(role) as plain:
        if role == "web":  # no scope, no rows
            assert plain.execute("SELECT count(*) FROM entry_line").fetchone() == (0,)
            plain.execute("SELECT set_config('app.all', 'true', false)")
            plain.commit()
        assert plain.execute("SELECT count(*) FROM entry_line").fetchone() == (2,)
        for statement in WRITES:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                plain.execute(statement)
            plain.rollback()


def connected_as(role: str) -> psycopg.Connection:
    """A connection of one of the plain roles to the database of the test."""
    from environ import Env

    known = Env().db_url(settings.ROLE_URLS[role])
    here = connection.get_connection_params()
    return psycopg.connect(
        host=here.get("host"),
        port=here.get("port"),
        user=known["USER"],
        password=known["PASSWORD"],
        dbname=here["dbname"],
    )


# One writer -------------------------------------------------------------------------------------

WRITING = {
    "create", "bulk_create", "get_or_create", "update_or_create", "update", "bulk_update", "save",
    "delete",
}  # fmt: skip


def test_posting_is_the_only_module_that_writes_entries_and_lines() -> None:
    for path in sorted(Path(settings.BASE_DIR).glob("*/**/*.py")):
        relative = path.relative_to(settings.BASE_DIR)
        if relative.parts[0] not in {"config", "funds", "benefits", "enrollment"}:
            continue
        if relative.as_posix() == "funds/posting.py" or "migrations" in relative.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                about = ast.unparse(node.func.value)
                named = {"Entry", "Line", "Account"} & set(about.replace("(", ".").split("."))
                assert not (named and node.func.attr in WRITING), f"{relative}:{node.lineno}"


# What a received repair posts -------------------------------------------------------------------


@pytest.fixture
def officers(anhui: None) -> tuple[User, User]:
    return cast.officer("Maker", "liu", "刘婷"), cast.officer("Checker", "zhang", "张敏")


@pytest.fixture
def received(officers: tuple[User, User]) -> Case:
    """李四's repair of one year, received today."""
    for number in (2024, 2025, 2026):
        cast.year(number)
    cast.year(2027, closed=False)
    maker, checker = officers
    person = cast.person("李四", number=2)
    cast.paid(person, 2024)
    cast.paid(person, 2027)
    case = benefits.open_repair(
        maker=maker, person=person, year=2027, paid_on=AUTUMN, repair_years=1
    )
    case = cases.submit_case(case=case, user=maker)
    case = cases.approve_case(case=case, checker=checker, shown_digest=shown_digest_of(case))
    return cases.put_into_effect(
        case=case, user=checker, receipt_number="3400001", received_on=AUTUMN
    )


def test_a_received_repair_is_posted_once_however_often_it_is_taken(received: Case) -> None:
    call_command("take_changes")
    call_command("take_changes")
    entry = Entry.objects.get()
    assert (entry.key, entry.reason, entry.occurred_on, entry.case_id) == (
        f"repair:{received.pk}",
        "repair_received",
        AUTUMN,
        received.pk,
    )
    assert [line[1:] for line in lines()] == [
        (cast.HEFEI, "treasury_in_transit", 400, 0),
        (cast.HEFEI, "contribution_revenue", 0, 400),
    ]
    # A mark that was lost is no second entry.
    funds.post_changes(list(Change.objects.filter(cause="repair")))
    assert Entry.objects.count() == 1


def test_results_and_mark_come_together(received: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(**kwargs: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(funds, "post_repair", killed)
        with pytest.raises(RuntimeError), transaction.atomic():
            changes.take_all()
    assert not Entry.objects.exists()
    assert not ChangeTaken.objects.exists()
    changes.take_all()
    assert Entry.objects.count() == ChangeTaken.objects.filter(taker="post").count() == 1


def test_a_reversed_repair_is_reversed_in_the_ledger(
    received: Case, officers: tuple[User, User]
) -> None:
    cases.reverse_case(case=received, user=officers[1], reason="票据作废")
    changes.take_all()
    assert sum(line[3] - line[4] for line in lines()) == 0
    assert Entry.objects.filter(reason="reversal", reverses__key=f"repair:{received.pk}").exists()


def test_the_checks_find_what_is_not_posted_and_nothing_once_it_is(received: Case) -> None:
    assert {name: found for name, found in violations().items() if found} == {
        "changes_are_posted": 1
    }
    changes.take_all()
    assert set(violations().values()) == {0}
    # An amount that changed past every service and every trigger.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE agency_case DISABLE TRIGGER USER")
    GapRepair.objects.filter(pk=received.pk).update(amount=Decimal("399.00"))
    assert violations()["received_repairs_are_posted_once_to_the_cent"] == 1


def violations() -> dict[str, int]:
    found = {}
    for check in CHECKS:
        with connection.cursor() as cursor:
            cursor.execute(check.sql)
            found[check.name] = len(cursor.fetchall())
    return found
