"""Nobody sees another region: every address x every role x own and foreign rows, and raw SQL.

The addresses come from the URL configuration, so that a new page is covered by itself; an address
with an argument that this module does not know fails until it is told what stands there. One
county here (蜀山), one elsewhere (镜湖); whoever works for 合肥 must read no word of 芜湖's people.
Everyday each role asks every third address, list and kind of case, so that two roles that work on
cases and one that administers ask each, and sends forms to a third of the pages among them that it
may not look at; with TONGCHOU_FULL=1 everybody asks all.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from config.database import refuse_powerful_role
from config.roles import ROLES
from enrollment.declarations import case_kinds
from enrollment.models import (
    Award,
    Case,
    CaseComment,
    CaseEvent,
    CaseFile,
    CaseFileAccess,
    Change,
    EnrolmentTransfer,
    Fallout,
    Finding,
    GridWorker,
    Import,
    ImportAnswer,
    ImportReject,
    ListedChange,
    Person,
    PersonCategory,
    Receipt,
    RecognitionList,
    Region,
    User,
    YearRun,
    YearStep,
)
from enrollment.models.identity import seal_bytes
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.scope import set_scope
from tests import cast
from tests.pushing import push, round_of
from tests.roles import as_role
from tests.sizes import FULL

TODAY = date(2026, 11, 20)
HERE, THERE = cast.SHUSHAN, cast.JINGHU


# The world ----------------------------------------------------------------------------------------


@dataclass
class Side:
    """One side's people, cases and papers, and the words that stand nowhere else."""

    region: int
    word: str
    person: Person
    receipt: int = 0  # key of this side's receipt
    cases: dict[str, Case] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)  # table: key of this side's row

    @property
    def secrets(self) -> set[str]:
        """What a page must not say of this side."""
        return {self.word, self.person.id_mask, self.person.identity_number}


def reference(column: models.ForeignKey, side: Side) -> dict[str, Any]:
    """What a detail table leads to, where this side has it."""
    if column.related_model is Region:
        return {column.attname: side.region}
    if column.related_model is Receipt:
        return {column.attname: side.receipt}
    return {}


def filler(model: type[models.Model], side: Side, given: dict[str, Any]) -> dict[str, Any]:
    """Something for every column of a detail table that wants something."""
    values = dict(given)
    for column in model._meta.local_concrete_fields:
        if column.name in values or column.primary_key or column.has_default() or column.null:
            continue
        if column.has_db_default() or isinstance(column, models.GeneratedField):
            continue
        if isinstance(column, models.ForeignKey):
            values |= reference(column, side)
        elif column.choices:
            values[column.name] = next(value for value, _ in column.choices if value != "")
        elif isinstance(column, models.CharField | models.TextField):
            values[column.name] = "" if column.blank else side.word
        elif isinstance(column, models.DecimalField | models.IntegerField):
            values[column.name] = 1
        elif isinstance(column, models.DateField):
            values[column.name] = TODAY
    return values


# What a kind's own constraints ask of its numbers.
SAYS: dict[str, dict[str, Any]] = {
    "waiting_override": {"months": 1, "computed_months": 4},
    "parameter_setting": {"value": "1"},
    "retirement_assessment": {
        "actual_months": 1, "deemed_months": 1, "required_months": 2, "min_actual_months": 1,
        "shortfall_months": 0, "choice": "nothing",
    },
}  # fmt: skip


def papers_of(case: Case, word: str, maker: User) -> None:
    """A file that says the word and is called by it, a look at it, and a comment."""
    content = word.encode()
    file = CaseFile.objects.create(
        case_id=case.pk, name=f"{word}.pdf", media_type="application/pdf", size=len(content),
        digest=hashlib.sha256(content).hexdigest(), content=seal_bytes(content), added_by=maker,
        added_at="2026-11-19T10:00+08:00",
    )  # fmt: skip
    CaseFileAccess.objects.create(file=file, user=maker)
    CaseComment.objects.create(case_id=case.pk, user=maker, text=word)


def listed(side: Side, maker: User) -> None:
    """The person on the list of a township, and whose work that is."""
    township = side.region + 3000
    step = YearStep.objects.get(name="chase")
    push(step, side.person, township, result="moved_away", told_on=TODAY, note=side.word)
    worker = GridWorker.objects.create(
        region=township, name=f"{side.word}网格", valid=DateRange(TODAY, None), entered_by=maker
    )
    side.keys["gridworker"] = worker.pk


def side_of(word: str, number: int, region: int, maker: User, checker: User) -> Side:
    """A person with years, papers and one case of every kind."""
    person = cast.person(word, number=number, region=region, initials=f"qq{number}")
    side = Side(region=region, word=word, person=person)
    cast.paid(person, 2026)
    bill = cast.bill(person, 2027, subsidy=Decimal(50))
    common = {"person": person, "region_id": region, "year": 2027, "maker": maker}
    side.receipt = Receipt.objects.create(
        receipt_number=f"{word}号", person=person, name=word, year=2027, amount=420,
        paid_at="2026-11-19T10:00+08:00", channel="app", region=region, outcome="no_bill",
    ).pk  # fmt: skip
    for kind in case_kinds:
        try:
            with transaction.atomic():
                made = kind.model(
                    **filler(
                        kind.model,
                        side,
                        {"kind": kind.name, "reason": word, **common} | SAYS.get(kind.name, {}),
                    )
                )
                made.amount = Decimal(50)
                made.save(force_insert=True)
        except (DatabaseError, TypeError):
            continue
        side.cases[kind.name] = made
        CaseEvent.objects.create(
            case_id=made.pk, from_state="", to_state="draft", user=maker, note=word, version=1
        )
        papers_of(made, word, maker)
    case = side.cases["contribution_subsidy"]
    PersonCategory.objects.create(
        person=person, category="dibao", valid=DateRange(TODAY, None), source="civil_affairs",
        evidence=word,
    )  # fmt: skip
    PersonCategory.objects.filter(person=person).update(evidence=f"{word}证")  # leaves history
    Award.objects.create(
        enrollment=bill, funder="charity", amount=50, awarded_on=TODAY, case_id=case.pk
    )
    Fallout.objects.create(id=bill.pk, person=person, region_id=region, reason="unpaid", shard=1)
    Change.objects.create(person=person, year=2027, cause=word, case_id=case.pk)
    file = Import.objects.create(
        kind="recognition_list",
        file_name=f"{word}.csv",
        digest=str(number)[0] * 64,
        area=region,
        sent_by=maker,
        state="checked",
    )
    side.keys["import"] = file.pk
    RecognitionList.objects.create(
        source=file, department="civil_affairs", day=TODAY, on_file=1, listed=1, leaving=0, held=0,
        drops_many=False, digest="0", people=[[region // 10**6, "joined", "", "dibao", 1]],
        first={"joined": [[person.pk, "", "dibao"]]},
    )  # fmt: skip
    ListedChange.objects.create(
        source=file, person=person, county=region // 10**6, outcome="joined", becomes="dibao"
    )
    listed(side, maker)
    ImportReject.objects.create(source=file, line=1, reason=word, sealed_cells=b"x")
    ImportAnswer.objects.create(source=file, line=1, event="death", outcome="refused")
    Finding.objects.create(
        kind="identity", person=person, region_id=region, told=word, details={"name": word}
    )
    Case.objects.filter(pk=case.pk).update(state="submitted")
    return side


@dataclass
class World:
    """Both sides, and one officer of 合肥 for every role."""

    here: Side
    there: Side
    officers: dict[str, User]
    years: list[int]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Committed once for this module: the web role looks at it from connections of its own."""
    with django_db_blocker.unblock(), business_date_is(TODAY):
        cast.law()
        cast.year(2026)
        cast.year(2027, closed=False)
        round_of(2027)
        officers = {
            role.name: cast.officer(
                role.name, f"hefei-{number}", f"合肥{number}", region=cast.HEFEI
            )
            for number, role in enumerate(ROLES)
        }
        other = cast.officer("Maker", "wuhu", "芜湖员", region=cast.WUHU)
        checker = cast.officer("Checker", "wuhu-check", "芜湖复核", region=cast.WUHU)
        yield World(
            here=side_of("欧阳本地", 11, HERE, officers["Maker"], officers["Checker"]),
            there=side_of("司马外地", 77, THERE, other, checker),
            officers=officers,
            years=list(YearRun.objects.values_list("year", flat=True)),
        )
        call_command("flush", interactive=False, verbosity=0, reset_sequences=False)


@pytest.fixture(autouse=True)
def today(world: World, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The day of every thread; what a test does through its own connection is undone."""
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())


# The addresses ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Address:
    """A pattern of the URL configuration with its name."""

    route: str
    name: str
    arguments: tuple[str, ...]


def addresses(patterns: Any = None, prefix: str = "") -> Iterator[Address]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            arguments = tuple(pattern.pattern.converters)
            yield Address(prefix + str(pattern.pattern), pattern.name or "", arguments)


# Leaving is no page, and would end the session of the test.
NOT_ASKED = {"logout"}
MODELS = {
    f"{model._meta.app_label}_{model._meta.model_name}": model for model in admin.site._registry
}
CASES = [model for model in MODELS.values() if issubclass(model, Case) and model is not Case]


def model_of(address: Address) -> type[models.Model] | None:
    """What the address is about, by its name or the beginning of its route."""
    name = address.name or address.route.split("<")[0].rstrip("/").replace("/", "_")
    return next((MODELS[each] for each in MODELS if name.startswith(each)), None)


def key_of(address: Address, side: Side) -> str:
    """The key of this side's row that the address is about; of 1 where the side has none."""
    model = model_of(address)
    if model is None or not issubclass(model, models.Model):
        return "1"
    if issubclass(model, Case):
        found = [case for case in side.cases.values() if isinstance(case, model)]
        return str(found[0].pk) if found else "1"
    if model is Person:
        return str(side.person.pk)
    if model is Region:
        return str(side.region)
    if model in (Import, GridWorker):
        return str(side.keys[model._meta.model_name or ""])
    for column in model._meta.concrete_fields:
        if isinstance(column, models.ForeignKey) and column.related_model in (Person, Case):
            value = (
                side.person.pk
                if column.related_model is Person
                else next(iter(side.cases.values())).pk
            )
            row = model._default_manager.filter(**{column.attname: value}).first()
            return str(row.pk) if row else "1"
    return "1"


def filled(address: Address, side: Side, world: World) -> list[str]:
    """The paths of an address for one side. An unknown argument is an error, not a gap."""
    route = re.sub(r"\^|\$|\(\?P<app_label>[^)]*\)|\(\?P<url>[^)]*\)", "", address.route)
    mine = CaseFile.objects.filter(case__in=[case.pk for case in side.cases.values()])
    known: dict[str, list[str]] = {
        "object_id": [key_of(address, side)],
        "pk": [key_of(address, side)],
        "id": ["1"],
        "person_id": [str(side.person.pk)],
        "case_id": [str(next(iter(side.cases.values())).pk)],
        "year": ["2027"],
        "city": [str(side.region // 10**8)],
        "county": [str(side.region // 10**6)],
        "step_id": ["1"],
        "day": [TODAY.isoformat(), "2026-11-19"],
        "area": [str(side.region // 10**8 * 10**8), str(side.region + 3000)],
        "act": ["pause"],
        "report": ["progress", "fund_month"],
        "report_id": ["1"],
        "file": [str(file.pk) for file in mine.filter(case=int(key_of(address, side))).only("pk")]
        or ["1"],
        "move": ["submit", "approve", "accept", "return", "withdraw", "effect"],
        "content_type_id": ["1"],
        "kind": [kind.name for kind in case_kinds][:1],
        "group": ["waiting_period"],
        "file_kind": ["categories"],
        "form": ["csv"],
    }
    unknown = set(address.arguments) - known.keys()
    assert not unknown, f"tell tests/test_isolation.py what {sorted(unknown)} of {route} is"
    paths = [route]
    for name in address.arguments:
        paths = [
            re.sub(rf"<(\w+:)?{name}>", value, path) for path in paths for value in known[name]
        ]
    return [f"/{path}" for path in paths]


def leaks(response: Any, side: Side) -> set[str]:
    """Which words of a side stand in an answer, also in its address and its messages."""
    body = b"".join(response) if response.streaming else response.content
    text = body.decode(errors="replace") + str(response.headers)
    return {secret for secret in side.secrets if secret in text}


def fingerprint(side: Side) -> str:
    """All rows of a side, to the last column: nobody of another region changes one.

    But for the record of who asked for the file: asking from elsewhere is what it records.
    """
    tables = {model._meta.db_table: model for model in apps.get_models() if model._meta.managed}
    del tables["person_access"]
    parts = []
    with connection.cursor() as cursor:
        for table, model in sorted(tables.items()):
            for column in model._meta.local_concrete_fields:
                if not isinstance(column, models.ForeignKey):
                    continue
                keys = {
                    Person: [side.person.pk], Case: [case.pk for case in side.cases.values()]
                }.get(column.related_model)  # fmt: skip
                if keys:
                    cursor.execute(
                        f'SELECT t::text FROM "{table}" t WHERE "{column.column}" = ANY (%s)'
                        " ORDER BY 1",
                        [keys],
                    )
                    parts += [text for (text,) in cursor.fetchall()]
        cursor.execute("SELECT p::text FROM person p WHERE id = %s", [side.person.pk])
        parts += [text for (text,) in cursor.fetchall()]
        cursor.execute(
            "SELECT c::text FROM agency_case c WHERE person_id = %s ORDER BY id", [side.person.pk]
        )
        parts += [text for (text,) in cursor.fetchall()]
    return "\n".join(parts)


def crafted(world: World) -> list[dict[str, Any]]:
    """Forms that try: another's name, number and initials; another's case approved and ended."""
    there = world.there
    return [
        {"q": there.word[:2], "action": "", "post": "yes"},
        {
            "q": there.person.identity_number,
            "reason": "试",
            "version": 1,
            "shown_digest": "0" * 64,
            "person": there.person.pk,
            "request_key": "5b0f3c9e-6f0c-4b57-8c55-0d9f2e6f0a01",
            "year": 2027,
            "amount": "50",
            "funder": "charity",
            "channel": "counter",
            "to_region": HERE,
            "numbers": there.person.identity_number,
            "digits": there.person.identity_number[-4:],
            "receipt": there.receipt,
            "decision": "return_tax",
            "evidence": "试",
        },
    ]


# How the database refuses what is not one's own, or what a decided case says.
REFUSED = ("row-level security", "keeps its person", "says is fixed", "the files of case")
REPEATS = {"/statuses/"}  # say, masked, the numbers that were pasted into them


Each = TypeVar("Each")


def numbered(
    each: Iterable[Each], model: Callable[[Each], type[models.Model] | None]
) -> Iterator[tuple[int, Each]]:
    """With the numbers by which roles take turns: what is about a kind of cases stays together."""
    for number, one in enumerate(each):
        about = model(one)
        yield CASES.index(about) if about in CASES else number, one


class Walk:
    """One role's way through the site; what leaked or broke is in `found`.

    What stands where is looked up beforehand, by the owner: row security hides it from a role.
    """

    def __init__(self, world: World, role: str) -> None:
        self.world, self.officer = world, world.officers[role]
        self.turn = [each.name for each in ROLES].index(role)
        self.client = Client(raise_request_exception=False)
        self.found: list[str] = []
        self.pages = [
            (number, path)
            for number, address in numbered(addresses(), model_of)
            if address.name not in NOT_ASKED and self.has_turn(number)
            for path in filled(address, world.there, world)
        ]
        self.lists = [
            (MODELS[label], int(key_of(Address("", f"{label}_change", ()), world.there)))
            for number, label in numbered(MODELS, MODELS.get)
            if self.has_turn(number)
        ]

    def note(self, how: str, path: str, response: Any) -> int:
        if response.status_code >= 500:
            self.found.append(f"{how} {path} answers {response.status_code}")
        told = leaks(response, self.world.there)
        if path in REPEATS:
            told.discard(self.world.there.person.id_mask)
        self.found.extend(f"{how} {path} tells {secret}" for secret in told)
        return int(response.status_code)

    def everything(self) -> list[str]:
        self.client.force_login(self.officer)
        for number, path in self.pages:
            self.page(path, number)
        for model, key in self.lists:
            self.list_of(model, key)
        return self.found

    def has_turn(self, number: int, of: int = 3) -> bool:
        """Whether this role asks what is asked by every third one, or so, everyday."""
        return FULL or (number + self.turn) % of == 0

    def page(self, path: str, number: int) -> None:
        """An address about the other side, by GET and by POST."""
        there = self.world.there
        status = self.note("GET", path, self.client.get(path))
        names_nobody = path.rstrip("/").rpartition("/")[2].isalpha()  # a list, a form, a search
        search, act = crafted(self.world)
        forms = (search, act) if status == 200 and names_nobody else (act,)
        # Who may not even look is seldom let act: by turns.
        for form in forms if status == 200 or self.has_turn(number, of=9) else ():
            self.note("POST", path, self.client.post(path, form))
        if status == 200 and names_nobody:
            query: dict[str, str] = {"person": str(there.person.pk), "q": there.word[:2]}
            self.note("GET ?person", path, self.client.get(path, query))

    def list_of(self, model: type[models.Model], key: int) -> None:
        """Filters by key, actions on rows of the other side, and autocomplete of its columns."""
        there, app, name = self.world.there, model._meta.app_label, model._meta.model_name or ""
        base = f"/{app}/{name}/"
        if self.client.get(base).status_code == 403:
            return  # what a list asks for, its filters and actions ask for
        for query in ({"pk__exact": key}, {"id__exact": key}, {"before": str(key + 1)}):
            self.note(f"GET {query}", base, self.client.get(base, query))
        for action in admin.site._registry[model].actions or ():
            chosen = action if isinstance(action, str) else action.__name__
            form = {"action": chosen, "_selected_action": key, "index": "0", "reason": "试"}
            self.note(chosen, base, self.client.post(base, form))
            confirmed = form | {"post": "yes", "confirm": "yes"}
            self.note(chosen, base, self.client.post(base, confirmed))
        for number, column in enumerate(model._meta.fields):
            if isinstance(column, models.ForeignKey) and self.has_turn(number):
                asked = {"app_label": app, "model_name": name, "field_name": column.name}
                asked["term"] = there.word[:2]
                self.note(f"{asked}", "/autocomplete/", self.client.get("/autocomplete/", asked))


@pytest.mark.parametrize("role", [role.name for role in ROLES])
def test_no_address_tells_or_changes_anything_of_another_region(role: str, world: World) -> None:
    before = fingerprint_of(world)
    assert as_role("web", Walk(world, role).everything) == []
    assert fingerprint_of(world) == before


def fingerprint_of(world: World) -> str:
    return fingerprint(world.there)


def test_the_walk_would_see_what_it_looks_for(world: World) -> None:
    """The same pages tell of the own side, or the matrix would prove nothing."""

    def ask() -> dict[str, int]:
        client = Client()
        client.force_login(world.officers["Maker"])
        case = world.here.cases["contribution_subsidy"]
        pages = (
            "/enrollment/person/",
            f"/enrollment/person/{world.here.person.pk}/change/",
            "/enrollment/case/",
            "/enrollment/contributionsubsidy/",
            f"/enrollment/contributionsubsidy/{case.pk}/change/",
        )
        return {page: len(leaks(client.get(page), world.here)) for page in pages}

    told = as_role("web", ask)
    assert all(told.values()), told
    made = {"contribution_subsidy", "enrolment_transfer", "gap_repair", *SAYS}
    assert made <= world.there.cases.keys()


@pytest.mark.parametrize("role", ["Maker", "Supervisor"])
def test_the_other_side_is_not_found_rather_than_refused(role: str, world: World) -> None:
    """An answer that differs would say that there is something."""

    def ask() -> list[int]:
        client = Client()
        client.force_login(world.officers[role])
        case = world.there.cases["contribution_subsidy"]
        return [
            client.get(path).status_code
            for path in (
                f"/enrollment/person/{world.there.person.pk}/change/",
                f"/enrollment/case/{case.pk}/change/",
                f"/enrollment/contributionsubsidy/{case.pk}/change/",
            )
        ]

    assert as_role("web", ask) == [404, 404, 404]


# Raw SQL as the web role --------------------------------------------------------------------------


def readable() -> list[str]:
    """Tables of which the web role may read something."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p', 'v') AND NOT relispartition"
            " AND has_any_column_privilege(%s, oid, 'SELECT') ORDER BY 1",
            [settings.DATABASE_ROLES["web"]],
        )
        return [name for (name,) in cursor.fetchall()]


def references(table: str) -> list[tuple[str, str]]:
    """Columns that refer to a person or a case, with the table they refer to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.attname, q.relname FROM pg_constraint k"
            " JOIN pg_class q ON q.oid = k.confrelid AND q.relname IN ('person', 'agency_case')"
            " JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]"
            " WHERE k.conrelid = %s::regclass AND k.contype = 'f'",
            [f'"{table}"'],
        )
        return list(cursor.fetchall())


@pytest.mark.parametrize("role", [role.name for role in ROLES])
def test_raw_sql_of_the_web_role_reads_nothing_of_another_region(role: str, world: World) -> None:
    tables, refers = readable(), {name: references(name) for name in readable()}
    cases = [case.pk for case in world.there.cases.values()]

    def ask() -> list[str]:
        found = []
        with transaction.atomic(), connection.cursor() as cursor:
            set_scope(world.officers[role])
            for table in tables:
                cursor.execute(f'SELECT t::text FROM "{table}" t WHERE t::text ~ %s', [
                    world.there.word
                ])  # fmt: skip
                found += [f"{table}: {text}" for (text,) in cursor.fetchall()]
                for column, parent in refers[table]:
                    keys = [world.there.person.pk] if parent == "person" else cases
                    cursor.execute(f'SELECT FROM "{table}" WHERE "{column}" = ANY (%s)', [keys])
                    found += [f"{table}.{column}"] * cursor.rowcount
        return found

    assert as_role("web", ask) == []


def test_the_own_side_is_read_by_the_same_statements(world: World) -> None:
    def ask() -> set[str]:
        seen = set()
        with transaction.atomic(), connection.cursor() as cursor:
            set_scope(world.officers["Maker"])
            for table in (
                "person", "enrollment", "fallout", "agency_case", "case_event", "award",
                "receipt", "change", "person_category", "contribution_subsidy", "import",
                "import_reject", "gap_repair", "enrolment_transfer",
            ):  # fmt: skip
                cursor.execute(f'SELECT FROM "{table}"')
                if cursor.rowcount:
                    seen.add(table)
        return seen

    assert len(as_role("web", ask)) == 14


def test_every_table_that_leads_to_a_person_a_case_or_an_account_has_row_security() -> None:
    """Followed along the references, so that a new table of whatever app is covered by itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE leads(oid) AS (
                SELECT oid FROM pg_class WHERE relname IN ('person', 'agency_case', 'account')
                 UNION
                SELECT k.conrelid FROM pg_constraint k JOIN leads l ON k.confrelid = l.oid
                 WHERE k.contype = 'f')
            SELECT c.relname FROM leads JOIN pg_class c USING (oid)
             WHERE NOT c.relrowsecurity AND NOT c.relispartition
               AND c.relname !~ '^(policy|year|step|shard)_'
               AND c.relname !~ '^(enrollment|standing)_y[0-9]{4}'
               AND has_any_column_privilege(%s, c.oid, 'SELECT')
            """,
            [settings.DATABASE_ROLES["web"]],
        )
        assert [name for (name,) in cursor.fetchall()] == []


def test_raw_sql_of_the_web_role_writes_nothing_to_another_region(world: World) -> None:
    there, here = world.there, world.here
    case, mine = there.cases["contribution_subsidy"], here.cases["contribution_subsidy"]
    before = fingerprint(there)
    columns = (
        "INSERT INTO agency_case (kind, person_id, region, year, channel, state, reason, maker_id,"
        " opened_at, shown_digest, version)"
    )
    about_there = (
        f"{columns} VALUES ('contribution_subsidy', {there.person.pk}, {HERE}, 2027, 'counter',"
        f" 'draft', '', {mine.maker_id}, now(), '', 1)"
    )
    of_there = (
        f"{columns} VALUES ('contribution_subsidy', {here.person.pk}, {THERE}, 2027, 'counter',"
        f" 'draft', '', {mine.maker_id}, now(), '', 1)"
    )
    category = (
        "INSERT INTO person_category (person_id, category, valid, source)"
        f" VALUES ({there.person.pk}, 'monitored', '[2026-01-01,)', 'health')"
    )
    event = (
        "INSERT INTO case_event (case_id, from_state, to_state, user_id, note, version)"
        f" VALUES ({case.pk}, '', 'draft', {mine.maker_id}, '', 9)"
    )
    file = (
        "INSERT INTO case_file (case_id, name, media_type, size, digest, content, added_by_id,"
        f" added_at) VALUES ({case.pk}, 'x', 'x', 1, repeat('0', 64), 'x', {mine.maker_id}, now())"
    )
    comment = (
        "INSERT INTO case_comment (case_id, user_id, text)"
        f" VALUES ({case.pk}, {mine.maker_id}, 'x')"
    )
    statements = (
        file,
        f"UPDATE case_file SET removed_at = now(), content = NULL WHERE case_id = {case.pk}",
        comment,
        f"UPDATE person SET name = 'x' WHERE id = {there.person.pk}",
        f"UPDATE enrollment SET paid = 0 WHERE person_id = {there.person.pk}",
        f"UPDATE agency_case SET reason = 'x' WHERE id = {case.pk}",
        f"UPDATE contribution_subsidy SET funder = 'x' WHERE case_ptr_id = {case.pk}",
        f"UPDATE person_category SET evidence = 'x' WHERE person_id = {there.person.pk}",
        f"UPDATE person SET insured_region = {THERE} WHERE id = {here.person.pk}",
        f"UPDATE person SET insured_region = {HERE} WHERE id = {there.person.pk}",
        f"UPDATE agency_case SET region = {THERE} WHERE id = {mine.pk}",
        f"UPDATE agency_case SET person_id = {there.person.pk} WHERE id = {mine.pk}",
        f"INSERT INTO change (person_id, year, cause) VALUES ({there.person.pk}, 2027, 'x')",
        about_there,
        of_there,
        category,
        event,
    )

    def ask() -> dict[str, str]:
        done = {}
        for statement in statements:
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    set_scope(world.officers["Maker"])
                    cursor.execute(statement)
                    if cursor.rowcount:
                        done[statement] = "was done"
            except DatabaseError as error:
                if not any(words in str(error) for words in REFUSED):
                    done[statement] = str(error)
        return done

    assert as_role("web", ask) == {}
    assert fingerprint(there) == before


def test_the_web_that_connects_is_a_plain_role_of_its_own(world: World) -> None:
    """A real login, not a role that was put on: `session_user` is what row security asks."""

    def ask() -> tuple[Any, ...]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT session_user, current_user, rolsuper, rolbypassrls FROM pg_roles"
                " WHERE rolname = session_user"
            )
            return tuple(cursor.fetchone())

    name = settings.DATABASE_ROLES["web"]
    assert as_role("web", ask) == (name, name, False, False)


def test_the_web_does_not_go_on_with_a_role_that_row_security_does_not_bind(world: World) -> None:
    def asked() -> None:
        refuse_powerful_role(connection=connection)

    as_role("web", asked)
    with pytest.raises(ImproperlyConfigured, match="row security does not bind"):
        as_role("owner", asked)


def handed_over(transfer: Case, to: int, version: int | None) -> None:
    """What the owner's script says of a draft: where it goes, and since when that area sees it."""

    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE enrolment_transfer DISABLE TRIGGER transfer_is_fixed")
            EnrolmentTransfer.objects.filter(pk=transfer.pk).update(
                to_region=to, handed_over_version=version
            )
            cursor.execute("ALTER TABLE enrolment_transfer ENABLE TRIGGER transfer_is_fixed")

    as_role("owner", write)


def test_a_transfer_is_seen_by_the_area_it_goes_to_and_the_file_is_not(world: World) -> None:
    """From the hand-over on the case and who it is about; no years, papers or other cases."""
    transfer = world.there.cases["enrolment_transfer"]
    tables = (
        ("agency_case", "person_id", world.there.person.pk),
        ("enrolment_transfer", "case_ptr_id", transfer.pk),
        ("case_event", "case_id", transfer.pk),
        ("person", "id", world.there.person.pk),
        ("enrollment", "person_id", world.there.person.pk),
        ("receipt", "person_id", world.there.person.pk),
        ("person_category", "person_id", world.there.person.pk),
        ("contribution_subsidy", "case_ptr_id", world.there.cases["contribution_subsidy"].pk),
    )

    def ask() -> list[int]:
        with transaction.atomic(), connection.cursor() as cursor:
            set_scope(world.officers["Checker"])
            seen = []
            for table, column, key in tables:
                cursor.execute(f'SELECT FROM "{table}" WHERE "{column}" = %s', [key])
                seen.append(cursor.rowcount)
        return seen

    try:
        handed_over(transfer, HERE, None)
        assert as_role("web", ask) == [0] * len(tables)
        handed_over(transfer, HERE, 1)
        assert as_role("web", ask) == [1, 1, 1, 1, 0, 0, 0, 0]
        # What the other area did before that is its own business.
        handed_over(transfer, HERE, 2)
        assert as_role("web", ask) == [1, 1, 0, 1, 0, 0, 0, 0]
    finally:
        handed_over(transfer, THERE, None)
