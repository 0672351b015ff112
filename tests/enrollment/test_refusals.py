"""What the database itself refuses, whoever asks: its owner, the web's role, the workers' role.

The register is committed once for this module; every refusal is asked of a real connection.
"""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import environ
import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DataError, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from psycopg import errors

from config.database import apply_guarantees
from config.parameters import ROOTS
from enrollment.models import (
    Award,
    Change,
    Enrollment,
    Person,
    PersonCategory,
    PolicyDocument,
    PolicyParameter,
    ShardTotal,
    YearRun,
    YearStep,
)
from enrollment.rules import keys
from enrollment.rules.parameter_yaml import ParameterFileError
from enrollment.services.policy import PublishedValueDiffers, load_policies
from tests import cast, turning
from tests.turning import HEFEI, NEW_YEAR, OPENING, WUHU, YEAR, insured, receipt, someone, turn

SECRET = ("person", "enrollment", "fallout", "agency_case")
OF_A_COUNTY = (
    "SELECT set_config('app.counties', '{340104}', true),"
    " set_config('app.regions', '{[340104000000,340104999999]}', true)"
)


@pytest.fixture(scope="module")
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A turned year of three people, and a rehearsal's table of the next, for all to see."""
    with django_db_blocker.unblock():
        cast.law()
        cast.year(2026)
        people = someone("张三"), someone("李四", region=WUHU), someone("王五", "dibao")
        insured(*people)
        turn("open", rehearse=True)
        for name in turning.STEPS:
            if name == "reconcile":
                receipt("R1", people[0], 420)
            turn(name)
        yield
        call_command("flush", interactive=False, verbosity=0, reset_sequences=False)


@pytest.fixture(autouse=True)
def rolled_back(committed: None, db: None) -> None:
    """What a test does through the ORM is undone."""


@pytest.fixture
def zhang_san() -> Person:
    return Person.objects.get(name="张三")


def connect(role: str) -> psycopg.Connection[Any]:
    """A connection of one of the three roles to the test's database."""
    url = environ.Env().db_url({"owner": "DATABASE_URL"}.get(role, f"DATABASE_URL_{role.upper()}"))
    host = url.get("HOST") or url.get("OPTIONS", {}).get("host")
    return psycopg.connect(
        host=host, port=url.get("PORT") or url.get("OPTIONS", {}).get("port") or None,
        user=url["USER"], password=url["PASSWORD"],
        dbname=connection.settings_dict["NAME"],
    )  # fmt: skip


@pytest.fixture
def web() -> Iterator[psycopg.Connection[Any]]:
    with connect("web") as open_connection:
        yield open_connection
        open_connection.rollback()


@pytest.fixture
def worker() -> Iterator[psycopg.Connection[Any]]:
    with connect("worker") as open_connection:
        yield open_connection
        open_connection.rollback()


def ask(asking: psycopg.Connection[Any], statement: str) -> list[Any]:
    cursor = asking.execute(statement.encode())
    return cursor.fetchall() if cursor.description else []


def refuses(asking: psycopg.Connection[Any], statement: str) -> str:
    """The database's words; anything but a lack of privilege is a failure."""
    statement = statement.replace("{owner}", connection.settings_dict["USER"])
    with pytest.raises(errors.InsufficientPrivilege) as caught:
        ask(asking, statement)
    asking.rollback()
    return str(caught.value)


def raw(statement: str) -> None:
    """The owner's own SQL, past every model."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# One resident, one year ---------------------------------------------------------------------------


def test_a_second_year_of_cover_of_the_same_person_scheme_and_year(zhang_san: Person) -> None:
    key = keys.yearly_key(year=YEAR, person_id=zhang_san.pk)
    with pytest.raises(IntegrityError, match="duplicate key"), transaction.atomic():
        cast.bill(zhang_san, YEAR)
    with pytest.raises(IntegrityError, match="duplicate key"):
        raw(
            "INSERT INTO enrollment (id, person_id, region, standard, payable)"
            f" VALUES ({key}, {zhang_san.pk}, {WUHU}, 420, 420)"
        )
    with pytest.raises(IntegrityError, match="duplicate key"), transaction.atomic():
        Enrollment.objects.bulk_create([Enrollment(id=key, person=zhang_san, region_id=HEFEI)])
    assert Enrollment.objects.residents(YEAR).filter(person=zhang_san).count() == 1


@pytest.mark.parametrize("slot", range(1, 10))
def test_a_residents_second_spell(zhang_san: Person, slot: int) -> None:
    key = keys.yearly_key(year=YEAR, person_id=zhang_san.pk) + slot * keys.SLOT
    with pytest.raises(IntegrityError, match="a_resident_has_one_spell_a_year"):
        raw(
            "INSERT INTO enrollment (id, person_id, region)"
            f" VALUES ({key}, {zhang_san.pk}, {HEFEI})"
        )


def test_an_employee_may_have_ten_spells_and_each_once(zhang_san: Person) -> None:
    for slot in range(10):
        turning.employed(zhang_san, YEAR, 1 << slot, slot=slot)
    for slot in (0, 9):
        with pytest.raises(IntegrityError, match="duplicate key"), transaction.atomic():
            turning.employed(zhang_san, YEAR, 1, slot=slot)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("+ 1", "enrollment_key_is_computed"),  # somebody else's key
        ("+ 200000000000", "a_resident_has_one_spell_a_year"),  # no third scheme
        ("- 100000000000", "a_resident_has_one_spell_a_year"),  # no scheme at all
        ("+ 1000000000000", "no partition"),  # a year that nobody opened
    ],
)
def test_a_key_that_does_not_fit(zhang_san: Person, change: str, constraint: str) -> None:
    key = keys.yearly_key(year=YEAR, person_id=zhang_san.pk)
    with pytest.raises(IntegrityError, match=constraint):
        raw(
            "INSERT INTO enrollment (id, person_id, region)"
            f" VALUES ({key} {change}, {zhang_san.pk}, {HEFEI})"
        )


def test_a_row_of_nobody() -> None:
    key = keys.yearly_key(year=YEAR, person_id=9_999_999_999)
    with pytest.raises(IntegrityError, match="foreign key"):
        raw(
            f"INSERT INTO enrollment (id, person_id, region) VALUES ({key}, 9999999999, {HEFEI});"
            "SET CONSTRAINTS ALL IMMEDIATE"
        )


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"payable": 421}, "payable_is_standard_less_subsidy"),
        ({"subsidy": 1}, "payable_is_standard_less_subsidy"),
        ({"subsidy": 421, "payable": -1}, "payable_is_standard_less_subsidy"),
        ({"subsidy": -1, "payable": 421}, "payable_is_standard_less_subsidy"),
        ({"paid": -1}, "paid_is_not_negative"),
        ({"ended_on": NEW_YEAR}, "ending_has_a_day_and_a_reason"),
        ({"ended_for": "unpaid"}, "ending_has_a_day_and_a_reason"),
        ({"months": 1}, "a_resident_has_one_spell_a_year"),
    ],
)
def test_facts_that_contradict_each_other(
    zhang_san: Person, fields: dict[str, Any], constraint: str
) -> None:
    bill = Enrollment.objects.residents(YEAR).filter(person=zhang_san)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        bill.update(**fields)


def test_an_amount_that_no_bill_has(zhang_san: Person) -> None:
    bill = Enrollment.objects.residents(YEAR).filter(person=zhang_san)
    with pytest.raises(DataError, match="overflow"), transaction.atomic():
        bill.update(paid=10**8)


# Dates that overlap -------------------------------------------------------------------------------


def category(person: Person, since: date | None, until: date | None) -> PersonCategory:
    return PersonCategory.objects.create(
        person=person, category="dibao", valid=DateRange(since, until), source="civil_affairs"
    )


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(2026, 3, 1), date(2026, 6, 1)),
        (date(2026, 5, 31), None),
        (None, date(2026, 3, 2)),
        (date(2026, 4, 1), date(2026, 4, 2)),
        (None, None),
    ],
)
def test_the_same_category_twice_at_a_time(
    zhang_san: Person, since: date | None, until: date | None
) -> None:
    category(zhang_san, date(2026, 3, 1), date(2026, 6, 1))
    with pytest.raises(IntegrityError, match="same_category_never_overlaps"), transaction.atomic():
        category(zhang_san, since, until)


def test_the_same_category_one_after_the_other_is_fine_but_not_to_stretch(
    zhang_san: Person,
) -> None:
    first = category(zhang_san, date(2026, 3, 1), date(2026, 6, 1))
    category(zhang_san, date(2026, 6, 1), None)
    category(zhang_san, date(2026, 1, 1), date(2026, 3, 1))
    PersonCategory.objects.create(
        person=zhang_san, category="monitored", valid=first.valid, source="agriculture"
    )
    with pytest.raises(IntegrityError, match="same_category_never_overlaps"):
        raw(f"UPDATE person_category SET valid = '[2026-03-01,2026-06-02)' WHERE id = {first.pk}")
    with pytest.raises(IntegrityError, match="category_is_valid_on_some_day"):
        raw(f"UPDATE person_category SET valid = 'empty' WHERE id = {first.pk}")


def parameter(**fields: Any) -> PolicyParameter:
    known: dict[str, Any] = {
        "code": "subsidy.quota.dibao",
        "area_id": 341100000000,
        "valid": DateRange(date(2030, 1, 1), date(2031, 1, 1)),
        "unit": "yuan",
        "value": "400.00",
        "status": "unverified",
        "document": PolicyDocument.objects.get(key="chuzhou-notice-2026"),
        "clause": "资助参保",
    }
    return PolicyParameter.objects.create(**known | fields)


@pytest.mark.parametrize("lacking", [{"document": None}, {"clause": ""}])
def test_a_city_sets_nothing_without_document_and_clause(lacking: dict[str, Any]) -> None:
    row = parameter()
    with (
        pytest.raises(IntegrityError, match="a_citys_value_names_document_and_clause"),
        transaction.atomic(),
    ):
        parameter(area_id=341200000000, **lacking)
    with (
        pytest.raises(IntegrityError, match="a_citys_value_names_document_and_clause"),
        transaction.atomic(),
    ):
        PolicyParameter.objects.filter(pk=row.pk).update(**lacking)
    parameter(area_id=340000000000, **lacking)
    parameter(area_id=341200000000, status="example", **lacking)


@pytest.mark.parametrize(
    ("code", "unit", "value", "error"),
    [
        ("collection.grace_end", "year_day", "Y 03-01", "city_value_outside_range"),
        ("waiting.fixed_months", "months", 2, "city_value_refused"),
        ("cap.base", "yuan", "250000", "city_value_refused"),
        ("collection.window", "day_window", {"first": "Y-1 08-31", "last": "Y-1 12-31"},
         "city_value_outside_range"),
    ],
)  # fmt: skip
def test_a_citys_value_that_came_another_way_is_held_to_the_files_too(
    code: str, unit: str, value: Any, error: str
) -> None:
    parameter(code=code, unit=unit, value=value)

    with pytest.raises(ParameterFileError, match="area 341100 from 2030-01-01") as refused:
        load_policies(provinces=["anhui"], roots=ROOTS)

    assert refused.value.name == error


def new_law(tmp_path: Path, code: str, entry: str) -> list[Path]:
    """The files of the law with one more value of `code`."""
    roots = [Path(shutil.copytree(root, tmp_path / root.parent.name)) for root in ROOTS]
    file = roots[0].joinpath(*code.split(".")).with_suffix(".yaml")
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{entry}", encoding="utf-8")
    return roots


RISEN_STANDARD = """
  - area: 340000
    from: 2030-07-01
    value: 460
    document: anhui-enrolment-2024
    clause: 一（一）
    status: unverified
"""
NARROWER_RANGE = RISEN_STANDARD.replace("460", "[0.8, 0.85]")


@pytest.mark.parametrize(
    ("code", "entry"),
    [
        ("contribution.individual_standard", RISEN_STANDARD),
        ("subsidy.range.dibao", NARROWER_RANGE),
    ],
)
def test_a_new_number_of_the_province_is_not_published_over_a_citys_value_that_leaves_its_range(
    tmp_path: Path, code: str, entry: str
) -> None:
    """The city's quota stands in the database alone, as one set by a case would."""
    standard = parameter(code="contribution.individual_standard", area_id=340000000000, value="400")
    city = parameter(value="360")
    PolicyParameter.objects.filter(pk=standard.pk).update(
        valid=DateRange(date(2030, 1, 1), date(2030, 7, 1))
    )
    if code != "contribution.individual_standard":
        parameter(
            code="contribution.individual_standard",
            area_id=340000000000,
            valid=DateRange(date(2030, 7, 1), None),
            value="400",
        )
    roots = new_law(tmp_path, code, entry)
    before = list(PolicyParameter.objects.order_by("pk").values())

    with pytest.raises(ParameterFileError, match="area 341100 from 2030-01-01") as refused:
        load_policies(provinces=["anhui"], roots=roots)

    assert refused.value.name == "city_value_outside_range"
    assert list(PolicyParameter.objects.order_by("pk").values()) == before

    PolicyParameter.objects.filter(pk=city.pk).update(
        valid=DateRange(date(2030, 1, 1), date(2030, 7, 1))
    )
    assert load_policies(provinces=["anhui"], roots=roots)["added"] == 1


def test_two_values_of_a_parameter_on_one_day() -> None:
    first = parameter()
    for valid in (
        DateRange(date(2030, 12, 31), None),
        DateRange(None, date(2030, 1, 2)),
        DateRange(date(2030, 5, 1), date(2030, 5, 2)),
    ):
        with pytest.raises(IntegrityError, match="parameter_has_one_value_a_day"), (
            transaction.atomic()
        ):  # fmt: skip
            parameter(valid=valid, value="401.00")
    parameter(valid=DateRange(date(2031, 1, 1), None))
    parameter(area_id=340100000000)
    parameter(scheme=PolicyParameter.Scheme.EMPLOYEE)
    parameter(code="subsidy.quota.monitored")
    with pytest.raises(IntegrityError, match=r"append-only|parameter_has_one_value_a_day"):
        raw(f"UPDATE policy_parameter SET valid = '[2030-01-01,2031-01-02)' WHERE id = {first.pk}")


@pytest.mark.parametrize(
    "change",
    [
        "value = '\"401.00\"'",
        "code = 'subsidy.quota.orphan'",
        "area_id = 340000000000",
        "scheme = 2",
        "unit = 'months'",
        "valid = '[2030-01-02,2031-01-01)'",
        "valid = '[2029-12-31,2031-01-01)'",
        "valid = '[2030-01-01,2031-01-02)'",
        "valid = '[2030-01-01,)'",
        "status = 'example'",
    ],
)
def test_a_published_value_is_not_rewritten(change: str) -> None:
    row = parameter()
    with pytest.raises(IntegrityError, match="published policy is append-only"):
        raw(f"UPDATE policy_parameter SET {change} WHERE id = {row.pk}")
    with (
        pytest.raises(IntegrityError, match="published policy is append-only"),
        transaction.atomic(),
    ):
        PolicyParameter.objects.filter(pk=row.pk).update(value="1.00")


def test_a_published_value_may_end_and_be_verified() -> None:
    row = parameter()
    PolicyParameter.objects.filter(pk=row.pk).update(
        valid=DateRange(date(2030, 1, 1), date(2030, 7, 1)), note="ended by a new notice"
    )
    row.refresh_from_db()
    assert row.valid.upper == date(2030, 7, 1)
    raw(f"UPDATE policy_parameter SET url = 'https://example.org/' WHERE id = {row.pk}")
    parameter(valid=DateRange(date(2030, 7, 1), None), value="401.00")


def test_files_that_contradict_what_is_published_publish_nothing() -> None:
    """The file says 400 until the end of 2026; the database was told otherwise."""
    standard = PolicyParameter.objects.filter(code="contribution.individual_standard")
    row = standard.get(valid__contains=date(2026, 5, 1))
    before = list(PolicyParameter.objects.order_by("pk").values())
    for change in ("valid = '[2026-01-01,2026-07-01)'", "value = '\"401.00\"'", "unit = 'rate'"):
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE policy_parameter DISABLE TRIGGER USER")
            cursor.execute(f"UPDATE policy_parameter SET {change} WHERE id = {row.pk}")
            with pytest.raises(PublishedValueDiffers, match="individual_standard of area 340000"):
                load_policies(provinces=["anhui"], roots=ROOTS)
            PolicyParameter.objects.filter(pk=row.pk).update(
                valid=row.valid, value=row.value, unit=row.unit
            )
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE policy_parameter ENABLE TRIGGER USER")
    assert list(PolicyParameter.objects.order_by("pk").values()) == before
    assert load_policies(provinces=["anhui"], roots=ROOTS)["added"] == 0


def test_an_example_follows_its_file() -> None:
    example = PolicyParameter.objects.get(
        code="contribution.fiscal_standard", status="example", valid__contains=NEW_YEAR
    )
    PolicyParameter.objects.filter(pk=example.pk).update(value="1.00")
    load_policies(provinces=["anhui"], roots=ROOTS, with_examples=True)
    example.refresh_from_db()
    assert example.value == "724"


# Append-only --------------------------------------------------------------------------------------


def test_control_totals_and_awards_are_never_edited() -> None:
    for statement in (
        "UPDATE shard_total SET persons = persons + 1",
        "UPDATE shard_total SET persons = persons WHERE false",
        "UPDATE award SET amount = 1",
        "DELETE FROM award",
        "UPDATE case_event SET id = id",
        "DELETE FROM case_event",
    ):
        with pytest.raises(IntegrityError, match="is append-only"):
            raw(statement)
    for rows in (ShardTotal.objects.all(), Award.objects.all()):
        with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
            rows.update(id=1)
    assert ShardTotal.objects.exists()
    assert Award.objects.exists()


def test_an_award_moves_money_and_says_who_made_it() -> None:
    bill = Enrollment.objects.residents(YEAR).first()
    assert bill is not None
    for fields in ({"amount": 0, "shard": 1}, {"amount": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Award.objects.create(enrollment=bill, funder="charity", awarded_on=OPENING, **fields)


def test_the_ledger_of_runs_holds_each_thing_once() -> None:
    run = YearRun.objects.get(year=YEAR, mode="real")
    step = run.steps.get(name="open")
    shard = step.shards.get(phase=0, number=1)
    for statement in (
        f"""INSERT INTO year_run (year, province_id, mode, from_history, created_at)
            VALUES ({YEAR}, {run.province_id}, 'real', false, now())""",
        f"""INSERT INTO year_step (run_id, name, serial, "on", state, refusal, table_name,
                terms_digest, sql_digest, digest, last_change, started_by)
            VALUES ({run.pk}, 'open', 1, now(), 'running', '', '', '', '', '', 0, '')""",
        f"""INSERT INTO shard_total (shard_id, county, item, persons)
            VALUES ({shard.pk}, 340104, '', 1)""",
    ):
        with pytest.raises(IntegrityError, match="duplicate key"):
            raw(statement)
    with pytest.raises(IntegrityError, match="opens_closes_and_is_activated_in_order"):
        raw(f"UPDATE year_run SET closed_on = '2026-08-31' WHERE id = {run.pk}")
    with pytest.raises(IntegrityError, match="done_step_has_finished_with_a_digest"):
        raw(f"UPDATE year_step SET digest = '' WHERE id = {step.pk}")
    with pytest.raises(IntegrityError, match="done_shard_has_finished"):
        raw(f"UPDATE step_shard SET finished_at = NULL WHERE id = {shard.pk}")


# The web's role -----------------------------------------------------------------------------------


def rows_seen(asking: psycopg.Connection[Any]) -> dict[str, int]:
    return {name: ask(asking, f"SELECT count(*) FROM {name}")[0][0] for name in SECRET}


def test_without_a_context_there_are_no_rows(web: psycopg.Connection[Any]) -> None:
    nothing = dict.fromkeys(SECRET, 0)
    assert rows_seen(web) == nothing
    for scope in ("", "{}", "{999999}"):
        ask(web, f"SELECT set_config('app.counties', '{scope}', true)")
        ask(web, "SELECT set_config('app.all', '', true)")
        ask(web, "SELECT set_config('app.regions', '', true)")
        assert rows_seen(web) == nothing
    web.commit()  # a setting of a transaction reads '' afterwards, not NULL
    assert rows_seen(web) == nothing
    ask(web, OF_A_COUNTY)
    assert rows_seen(web) == nothing | {"person": 2, "enrollment": 4, "fallout": 1}
    web.rollback()
    ask(web, "SELECT set_config('app.all', 'true', true)")
    assert rows_seen(web) == nothing | {"person": 3, "enrollment": 6, "fallout": 2}


def test_row_security_cannot_be_switched_off(web: psycopg.Connection[Any]) -> None:
    ask(web, "SET row_security = off")
    assert "row-level security" in refuses(web, "SELECT count(*) FROM person")
    refuses(web, "ALTER TABLE person DISABLE ROW LEVEL SECURITY")
    refuses(web, "SET ROLE {owner}")
    refuses(web, "SET session_replication_role = replica")


def test_another_region_is_neither_changed_nor_written(web: psycopg.Connection[Any]) -> None:
    ask(web, OF_A_COUNTY)
    cursor = web.execute("UPDATE person SET name = '无名' WHERE name = '李四'")
    assert cursor.rowcount == 0
    assert "row-level security" in refuses(
        web,
        f"{OF_A_COUNTY};UPDATE person SET insured_region = {WUHU} WHERE name = '张三'",
    )


@pytest.mark.parametrize("role", ["web", "worker"])
def test_a_partition_answers_only_through_its_parent(role: str) -> None:
    with connect(role) as asking:
        for year in (2026, 2027):
            for statement in ("SELECT FROM {}", "DELETE FROM {}", "UPDATE {} SET paid = 0"):
                assert "permission denied" in refuses(
                    asking, statement.format(f"enrollment_y{year}")
                )
    # An accidental grant shows nothing either.
    name = settings.DATABASE_ROLES[role]
    with connect("owner") as owner:
        ask(owner, f"GRANT SELECT ON enrollment_y2027 TO {name}")
        owner.commit()
        try:
            with connect(role) as asking:
                ask(asking, "SELECT set_config('app.all', 'true', true)")
                assert ask(asking, "SELECT count(*) FROM enrollment_y2027") == [(0,)]
        finally:
            ask(owner, f"REVOKE SELECT ON enrollment_y2027 FROM {name}")
            owner.commit()


def privileges(role: str, privilege: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
            " AND c.relkind IN ('r', 'p', 'v') AND has_table_privilege(%s, c.oid, %s)",
            [role, privilege],
        )
        return {name for (name,) in cursor.fetchall()}


def test_nobody_deletes_from_the_register() -> None:
    """Each list is exact: what is added to it is added here, with a reason."""
    web, worker = settings.DATABASE_ROLES["web"], settings.DATABASE_ROLES["worker"]
    beat = {
        f"django_celery_beat_{name}"
        for name in (
            "periodictask", "periodictasks", "crontabschedule", "intervalschedule",
            "solarschedule", "clockedschedule",
        )
    }  # fmt: skip
    sessions = {
        "django_session", "django_admin_log", "axes_accessattempt", "axes_accesslog",
        "axes_accessfailurelog", "axes_accessattemptexpiration",  # goes with its attempt
        "agency_user_groups", "agency_user_user_permissions",
    }  # fmt: skip
    rehearsed = YearStep.objects.get(run__mode="rehearsal").table_name
    assert privileges(web, "DELETE") == beat | sessions
    assert privileges(worker, "DELETE") == beat | {rehearsed}
    staging = {
        f"staging_{kind}"
        for kind in (
            "people",
            "history",
            "categories",
            "remittance",
            "control_totals",
            "claims",
            "chase_results",
            "department_list",
            "recognition_list",
            "list_act",  # what a full list means for each row on file
            "list_person",  # and for each person
        )
    }
    assert privileges(web, "TRUNCATE") == set()
    assert privileges(worker, "TRUNCATE") == staging
    for right in ("REFERENCES", "TRIGGER"):
        assert privileges(web, right) == privileges(worker, right) == set()


@pytest.mark.parametrize("role", ["web", "worker"])
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM person",
        "DELETE FROM enrollment",
        "DELETE FROM fallout",
        "DELETE FROM receipt",
        "DELETE FROM person_category",
        "DELETE FROM policy_parameter",
        "TRUNCATE person CASCADE",
        "TRUNCATE enrollment",
        "UPDATE enrollment SET id = id",
        "UPDATE enrollment SET person_id = person_id",
        "UPDATE policy_parameter SET note = ''",
        "INSERT INTO policy_parameter SELECT * FROM policy_parameter",
        "UPDATE region SET name = ''",
        "UPDATE shard_total SET persons = 0",
        "DELETE FROM shard_total",
        "UPDATE award SET amount = 1",
        "DELETE FROM award",
        "UPDATE fallout SET reason = 'unpaid'",
        "ALTER TABLE enrollment ADD COLUMN x int",
        "ALTER TABLE enrollment DETACH PARTITION enrollment_y2027",
        "ALTER TABLE award DISABLE TRIGGER ALL",
        "DROP TABLE enrollment_y2027",
        "DROP TABLE person CASCADE",
        "DROP FUNCTION refuse_edit() CASCADE",
        "DROP INDEX person_by_name",
        "CREATE TABLE public.mine (id int)",
        "CREATE TRIGGER mine BEFORE INSERT ON person EXECUTE FUNCTION refuse_edit()",
        "CREATE POLICY mine ON person USING (true)",
        "SET ROLE {owner}",
        "COPY person TO PROGRAM 'cat'",
    ],
)
def test_the_plain_roles_change_no_schema_and_no_key(role: str, statement: str) -> None:
    with connect(role) as asking:
        ask(asking, "SELECT set_config('app.all', 'true', true)")
        refuses(asking, statement)


def test_the_web_does_not_do_the_yearly_work(web: psycopg.Connection[Any]) -> None:
    for statement in (
        "INSERT INTO fallout (id, person_id, region, reason, shard) VALUES (1, 1, 1, '', 1)",
        "UPDATE receipt SET amount = 1",
        "INSERT INTO receipt (receipt_number) VALUES ('x')",
        "SELECT year_table_attach('enrollment_y2028_s1')",
        "SELECT year_table_drop('enrollment_y2028_s1')",
        "SELECT year_table_index('enrollment_y2028_s1', 'id')",
        "SELECT year_table_check('enrollment_y2028_s1')",
        "SELECT year_table_make('enrollment', 2028)",
    ):
        refuses(web, statement)
    rehearsed = YearStep.objects.get(run__mode="rehearsal").table_name
    refuses(web, f"SELECT FROM {rehearsed}")
    refuses(web, f"INSERT INTO {rehearsed} (id) VALUES (1)")


@pytest.mark.parametrize(
    "call",
    [
        "year_table_drop('person')",
        "year_table_drop('enrollment')",
        "year_table_drop('enrollment_y2027')",
        "year_table_drop('enrollment_y2027; DROP TABLE person')",
        "year_table_attach('person')",
        "year_table_attach('enrollment_y2027')",
        "year_table_index('enrollment_y2027', 'id')",
        "year_table_index('enrollment_y2027_s1', 'paid')",
        "year_table_check('award')",
        "year_table_create('person', 2030, 1)",
        "year_table_create('enrollment', 1, 1)",
        "year_table_make('award', 2030)",
        "year_table_make('enrollment', 99999)",
    ],
)
def test_the_owners_functions_touch_nothing_but_years_under_construction(
    worker: psycopg.Connection[Any], call: str
) -> None:
    with pytest.raises(psycopg.Error) as caught:
        ask(worker, f"SELECT {call}")
    worker.rollback()
    assert isinstance(caught.value, errors.RaiseException | errors.UndefinedTable), caught.value


def test_both_roles_are_plain() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication"
            "  FROM pg_roles WHERE rolname = ANY(%s)",
            [list(settings.DATABASE_ROLES.values())],
        )
        assert cursor.fetchall() == [(False,) * 5] * 2


def test_a_migration_leaves_a_rehearsed_year_to_the_workers() -> None:
    """Grants are applied anew after every migrate, also while a rehearsal waits to be signed."""
    rehearsed = YearStep.objects.get(run__mode="rehearsal").table_name
    rights = ("SELECT", "INSERT", "DELETE")

    def granted() -> list[bool]:
        return [
            rehearsed in privileges(settings.DATABASE_ROLES["worker"], right) for right in rights
        ]

    assert granted() == [True] * 3
    apply_guarantees()
    assert granted() == [True] * 3


def test_a_category_that_is_given_to_somebody_else_is_a_change_of_both() -> None:
    three, five = Person.objects.get(name="张三"), Person.objects.get(name="王五")
    Change.objects.all().delete()

    PersonCategory.objects.filter(person=five).update(person=three)

    assert set(Change.objects.values_list("person", flat=True)) == {three.pk, five.pk}
    assert Change.objects.count() == 2
