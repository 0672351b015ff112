"""A synthetic province: the same for the same seed, plausible, lawful, and of every kind."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from io import StringIO
from math import sqrt
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from benefits.rules.waiting import WaitingFacts, WaitingTerms, assess_waiting
from config.parameters import ROOTS
from enrollment.models import Enrollment, Person, PersonCategory, Receipt, Region, YearRun
from enrollment.models.identity import digest, unseal
from enrollment.rules import keys
from enrollment.rules.identity import check_identity, mask_identity
from enrollment.rules.names import initials_of
from enrollment.rules.regions import city_of, pooling_area_of
from enrollment.rules.terms import read_terms
from enrollment.selectors.policy import policy_book, terms_of_area
from enrollment.services.policy import load_policies
from enrollment.services.seed import SeedRefused, check_request, seed_province
from enrollment.services.seed.lookups import waits_of

PEOPLE = 4_000
FEW = 300
YEARS = (2024, 2025, 2026)
COMING = 2027
OPENED_ON = date(2026, 9, 1)

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Province:
    """What the tests look at: totals of the command, and a few people seeded thrice."""

    totals: dict[str, Any]
    few: list[Row]
    few_again: list[Row]
    few_otherwise: list[Row]
    catalogue_before: list[Row]
    catalogue_after: list[Row]


def rows_of(query: str, *values: Any) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        rows: list[Row] = cursor.fetchall()
    return rows


def catalogue() -> list[Row]:
    """Indexes, constraints and triggers of the tables that seeding takes apart."""
    return rows_of(
        """
        SELECT 'index', indexname, indexdef FROM pg_indexes
         WHERE tablename IN ('person', 'person_category', 'receipt')
         UNION ALL
        SELECT 'constraint', conname, pg_get_constraintdef(oid) || convalidated
          FROM pg_constraint
         -- not the shares of a reference to yearly tables, one a year
         WHERE conrelid = ANY('{person,person_category,receipt}'::regclass[])
           AND conparentid = 0
         UNION ALL
        SELECT 'trigger', tgname, tgenabled::text FROM pg_trigger
         WHERE tgrelid = ANY('{person,person_category,receipt}'::regclass[])
           AND NOT tgisinternal
         ORDER BY 1, 2
        """
    )


def plain_values() -> list[Row]:
    """Every value of the register but nonces, ciphertexts and moments of recording."""
    people = [
        (*row[2:], unseal(row[0]), unseal(row[1]) if row[1] else None)
        for row in rows_of(
            """
            SELECT id_sealed, phone_sealed, id, id_type, id_mask, name, initials, sex, birth_date,
                   household_region, residence_region, died_on, scheme, insured_region, left_on,
                   left_for
              FROM person ORDER BY id
            """
        )
    ]
    return [
        *people,
        *rows_of(
            "SELECT id, person_id, category, valid::text, source, qualified, evidence"
            " FROM person_category ORDER BY id"
        ),
        *rows_of("SELECT * FROM enrollment ORDER BY id"),
        *rows_of(
            "SELECT id, receipt_number, person_id, name, year, scheme, amount, paid_at, channel"
            " FROM receipt ORDER BY id"
        ),
    ]


def few_people(seed: int) -> list[Row]:
    """The plain values of a small province, which is gone afterwards."""
    with transaction.atomic():
        seed_province(province="anhui", people=FEW, first_year=2024, last_year=2026, seed=seed)
        values = plain_values()
        transaction.set_rollback(True)
    return values


@pytest.fixture(scope="module")
def province(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Province]:
    """A small Anhui by the command, in a transaction that the module's end rolls back."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_policies(provinces=["anhui"], roots=ROOTS, with_examples=True)
        before = catalogue()
        few = [few_people(seed) for seed in (1, 1, 2)]
        out = StringIO()
        call_command(
            "seed_province", "anhui", people=PEOPLE, json=True, stdout=out, stderr=StringIO()
        )
        totals = json.loads(out.getvalue().splitlines()[-1])
        yield Province(totals, few[0], few[1], few[2], before, catalogue())
        transaction.set_rollback(True)


def count(query: str, *values: Any) -> int:
    return int(rows_of(query, *values)[0][0])


# Of one seed, one province ------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_province(province: Province) -> None:
    assert province.few == province.few_again
    assert len(province.few) > 4 * FEW


def test_another_seed_gives_other_people(province: Province) -> None:
    assert not set(province.few[:FEW]) & set(province.few_otherwise[:FEW])


def test_the_totals_are_those_of_the_tables(province: Province) -> None:
    totals = province.totals
    assert set(totals) == {
        "people",
        "categories",
        "history",
        "receipts",
        "seconds",
        "people_per_second",
    }
    assert totals["people"] == Person.objects.count() == PEOPLE
    assert totals["categories"] == PersonCategory.objects.count()
    assert totals["receipts"] == Receipt.objects.count()
    assert totals["history"] == {
        str(year): Enrollment.objects.of_year(year).count() for year in YEARS
    }


# People and places --------------------------------------------------------------------------------


@pytest.mark.usefixtures("province")
def test_cities_have_their_share_of_the_census() -> None:
    areas = Region.objects.filter(is_pooling_area=True, code__range=(34 * 10**10, 35 * 10**10))
    census = {area.code: area.population_2020 or 0 for area in areas}
    counted: dict[int, int] = defaultdict(int)
    for code in Person.objects.values_list("insured_region", flat=True):
        counted[city_of(code)] += 1
    assert set(counted) == set(census)
    for city, population in census.items():
        share = population / sum(census.values())
        deviation = sqrt(PEOPLE * share * (1 - share))
        assert abs(counted[city] - PEOPLE * share) < 4 * deviation, city


@pytest.mark.usefixtures("province")
def test_people_are_insured_in_townships_of_counties_proper() -> None:
    towns = set(Region.objects.filter(level=Region.Level.TOWNSHIP).values_list("code", flat=True))
    codes = set(Person.objects.values_list("insured_region", flat=True))
    assert codes <= towns
    assert not [code for code in codes if code // 10**7 % 10 == 7]
    assert len({code // 10**6 for code in codes}) > 100


@pytest.mark.usefixtures("province")
def test_people_are_insured_where_they_live_if_that_is_in_the_province() -> None:
    for household, residence, insured in Person.objects.values_list(
        "household_region", "residence_region", "insured_region"
    ):
        assert insured == (residence if residence // 10**10 == 34 else household)


@pytest.mark.usefixtures("province")
def test_about_a_sixth_live_away_from_their_registration() -> None:
    away = sum(person.lives_away_from_hukou for person in Person.objects.all())
    assert 0.15 < away / PEOPLE < 0.21


@pytest.mark.usefixtures("province")
def test_every_number_is_valid_synthetic_and_sealed() -> None:
    numbers = set()
    for person in Person.objects.all():
        number = person.identity_number
        numbers.add(number)
        assert person.id_digest == digest(number)
        assert person.id_mask == mask_identity(number)
        if person.id_type == Person.IdType.BIRTH_CERTIFICATE:
            assert number == f"Z{person.pk:09}"
            continue
        checked = check_identity(number)
        assert checked.valid, number
        assert (checked.birth_date, checked.sex) == (person.birth_date, person.sex)
        assert number.startswith("3499")
        if person.phone_sealed:
            phone = unseal(bytes(person.phone_sealed))
            assert len(phone) == 11
            assert phone.startswith("154")
    assert len(numbers) == PEOPLE


@pytest.mark.usefixtures("province")
def test_names_have_their_initials() -> None:
    names = list(Person.objects.values_list("name", "initials"))
    assert [initials for _name, initials in names] == [
        initials_of(name) for name, _initials in names
    ]
    assert len({name for name, _initials in names}) > 0.8 * PEOPLE


@pytest.mark.usefixtures("province")
def test_ages_and_sexes_are_those_of_a_population() -> None:
    births = list(Person.objects.values_list("sex", "birth_date"))
    ages = [2026 - born.year for _sex, born in births]
    assert 0.14 < sum(age < 15 for age in ages) / PEOPLE < 0.21
    assert 0.17 < sum(age >= 60 for age in ages) / PEOPLE < 0.27
    assert max(ages) < 106
    assert max(born for _sex, born in births) <= date(2026, 12, 31)
    assert 0.48 < sum(sex == "M" for sex, _born in births) / PEOPLE < 0.54


# Everything a year can bring ----------------------------------------------------------------------

RESIDENT_2026 = "enrollment WHERE id / 100000000000 = 20261"
CONTENT = {
    "deaths in the past years": "person WHERE died_on < '2026-09-01'",
    "deaths after the opening": "person WHERE died_on > '2026-09-01'",
    "births in 2024": "person WHERE birth_date BETWEEN '2024-01-01' AND '2024-12-31'",
    "births in 2025": "person WHERE birth_date BETWEEN '2025-01-01' AND '2025-12-31'",
    "births after the opening": "person WHERE birth_date > '2026-09-01'",
    "birth certificates": "person WHERE id_type = 'birth_certificate'",
    "people living outside": "person WHERE residence_region / 10000000000 <> 34",
    "people registered outside": "person WHERE household_region / 10000000000 <> 34",
    "people without a phone": "person WHERE phone_sealed IS NULL",
    "moved out": "person WHERE left_for = 'moved_out'",
    "other cover": "person WHERE left_for = 'other_cover'",
    "duplicates found": "person WHERE left_for = 'duplicate'",
    "left after the opening": "person WHERE left_on BETWEEN '2026-10-01' AND '2026-12-31'",
    "extreme poverty": "person_category WHERE category = 'extreme_poverty'",
    "dibao": "person_category WHERE category = 'dibao'",
    "returned to poverty": "person_category WHERE category = 'returned_to_poverty'",
    "monitored, not qualified": "person_category WHERE category = 'monitored' AND NOT qualified",
    "begun in autumn": "person_category WHERE category = 'dibao'"
    " AND lower(valid) BETWEEN '2026-09-02' AND '2026-12-31'",
    "ended in autumn": "person_category WHERE category = 'dibao'"
    " AND upper(valid) BETWEEN '2026-09-02' AND '2026-12-31'",
    "exempt newborns": "person_category WHERE category = 'newborn'",
    "interrupted employees": "person_category WHERE category = 'employee_interrupted'",
    "two at once": "person_category a JOIN person_category b USING (person_id) WHERE a.id < b.id"
    " AND a.valid && b.valid AND a.category IN ('dibao', 'extreme_poverty')"
    " AND b.category IN ('monitored', 'dibao')",
    "unpaid bills": RESIDENT_2026 + " AND paid < payable",
    "late payers": RESIDENT_2026 + " AND paid_on > due_on AND benefit_start > paid_on",
    "waiting after a break": RESIDENT_2026 + " AND paid_on < due_on AND benefit_start IS NOT NULL",
    "newborns covered from birth": RESIDENT_2026 + " AND benefit_start < paid_on",
    "suspended": RESIDENT_2026 + " AND suspended_from < '2026-09-01'",
    "suspended in autumn": RESIDENT_2026 + " AND suspended_from >= '2026-10-01'",
    "ended by death": RESIDENT_2026 + " AND ended_for = 'deceased'",
    "subsidised in full": RESIDENT_2026 + " AND payable = 0 AND standard > 0",
    "second spells": "enrollment WHERE id / 10000000000 = 202621",
    "joined the employee scheme in autumn": "person p JOIN enrollment e"
    " ON e.id = 2026200000000000 + p.id WHERE p.scheme = 1 AND e.months IN (3584, 3072, 2048)",
    "covered twice": "enrollment r JOIN enrollment e ON e.id = r.id + 100000000000"
    " WHERE r.id / 100000000000 = 20261 AND r.paid >= r.payable AND e.months = 4095",
    "moved between areas": "enrollment a JOIN enrollment b ON b.id = a.id + 1000000000000"
    " WHERE a.id / 100000000000 = 20241 AND a.region <> b.region",
}  # fmt: skip


@pytest.mark.usefixtures("province")
@pytest.mark.parametrize("kind", CONTENT)
def test_there_are(kind: str) -> None:
    assert count(f"SELECT count(*) FROM {CONTENT[kind]}") > 0


@pytest.mark.usefixtures("province")
@pytest.mark.parametrize("missing", [1, 2, 3])
def test_there_are_residents_without_cover_for_some_of_the_years(missing: int) -> None:
    assert count(
        """
        SELECT count(*) FROM person p
          LEFT JOIN (SELECT person_id, count(*) AS years FROM enrollment GROUP BY 1) e
            ON e.person_id = p.id
         WHERE p.scheme = 1 AND p.died_on IS NULL AND p.left_on IS NULL
           AND p.birth_date < '2024-01-01' AND coalesce(e.years, 0) = %s
        """,
        3 - missing,
    )


@pytest.mark.usefixtures("province")
def test_about_an_eighth_are_in_the_employee_scheme() -> None:
    employees = Person.objects.filter(scheme=Person.Scheme.EMPLOYEE)
    assert 0.10 < employees.count() / PEOPLE < 0.14
    assert not employees.filter(birth_date__gt=date(2006, 12, 31)).exists()


@pytest.mark.usefixtures("province")
def test_nobody_has_a_year_before_birth_or_after_death() -> None:
    born_or_died_otherwise = """
        SELECT count(*) FROM enrollment e JOIN person p ON p.id = e.person_id
         WHERE e.id / 1000000000000 < extract(year FROM p.birth_date)
            OR e.id / 1000000000000 > extract(year FROM coalesce(p.died_on, p.left_on))
    """
    assert count(born_or_died_otherwise) == 0


# The law ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("province")
def test_every_bill_of_the_past_is_the_standard_less_the_best_quota() -> None:
    book = policy_book()
    categories: dict[int, list[PersonCategory]] = defaultdict(list)
    for category in PersonCategory.objects.filter(qualified=True):
        categories[category.person_id].append(category)
    terms = {
        (area, year): terms_of_area(area, year, book=book)
        for year in YEARS
        for area in Region.objects.filter(
            is_pooling_area=True, code__range=(34 * 10**10, 35 * 10**10)
        ).values_list("code", flat=True)
    }
    for year in YEARS:
        for row in Enrollment.objects.residents(year):
            law = terms[pooling_area_of(row.region_id), year]
            held = {
                each.category: law.quotas[each.category]
                for each in categories[row.person_id]
                if each.category in law.quotas and date(year - 1, 9, 1) in each.valid
            }
            best = max(held.values(), default=Decimal(0))
            assert (row.standard, row.subsidy, row.due_on) == (
                law.standard,
                best,
                law.window_last,
            )
            assert row.paid in (0, row.payable)
            assert held.get(row.category, Decimal(0)) == best


@pytest.mark.usefixtures("province")
def test_benefits_of_the_last_year_begin_when_the_waiting_rule_says() -> None:
    year = YEARS[-1]
    cover: dict[int, dict[int, str]] = defaultdict(dict)
    for row in Enrollment.objects.all():
        if row.scheme == keys.EMPLOYEE:
            cover[row.person_id].setdefault(row.year, "E")
        elif row.paid >= row.payable:
            cover[row.person_id][row.year] = "R"
    born = dict(Person.objects.values_list("id", "birth_date"))
    interrupted = dict(
        PersonCategory.objects.filter(category="employee_interrupted").values_list(
            "person_id", "valid"
        )
    )
    book = policy_book()

    def terms_of(area: int) -> WaitingTerms:
        return read_terms(WaitingTerms, partial(book.find, area=area, on=date(year, 1, 1)))

    waited = 0
    for row in Enrollment.objects.residents(year).filter(paid_on__isnull=False):
        area = pooling_area_of(row.region_id)
        law = terms_of_area(area, year, book=book)
        exemption = None
        if born[row.person_id].year == year:
            exemption = "newborn"
        assert row.paid_on is not None
        if row.person_id in interrupted and row.paid_on in interrupted[row.person_id]:
            exemption = "employee_interrupted"
        expected = assess_waiting(
            WaitingFacts(
                history={y: c for y, c in cover[row.person_id].items() if y < year},
                target_year=year,
                paid_on=row.paid_on,
                window_first=law.window_first,
                window_last=law.window_last,
                grace_end=date(2026, 2, 28) if area == 341100000000 else None,
                exemption=exemption,
                birth_date=born[row.person_id],
            ),
            terms_of(area),
        )
        assert (row.benefit_start or date(year, 1, 1)) == expected.benefit_start, row.person_id
        waited += expected.total_months > 0
    assert waited


def test_broken_years_are_counted_back_to_the_first_cover() -> None:
    counted = {
        (year, gaps): broken for year, gaps, _n, broken in waits_of((2024, 2025, 2026), 2025)
    }
    assert counted[2026, 0b00] == 0
    assert counted[2026, 0b10] == 1  # covered in 2024, not in 2025
    assert counted[2026, 0b01] == 0  # a break before 2025 does not count
    assert counted[2026, 0b11] == 0  # never covered
    assert counted[2025, 0b01] == 0


@pytest.mark.usefixtures("province")
def test_past_years_are_attached_and_noted_as_history() -> None:
    runs = YearRun.objects.order_by("year")
    assert [
        (run.year, run.mode, run.from_history, run.opened_on, run.closed_on, run.activated_on)
        for run in runs
    ] == [
        (year, "real", True, date(year - 1, 9, 1), date(year - 1, 12, 31), date(year, 1, 1))
        for year in YEARS
    ]
    attached = rows_of(
        "SELECT inhrelid::regclass::text FROM pg_inherits"
        " WHERE inhparent = 'enrollment'::regclass ORDER BY 1"
    )
    assert [name for (name,) in attached] == [f"enrollment_y{year}" for year in YEARS]


# Receipts -----------------------------------------------------------------------------------------


def billed() -> dict[int, Decimal]:
    """Whom `open` bills on 1 September, and how much."""
    book = policy_book()
    quotas: dict[int, list[str]] = defaultdict(list)
    for category in PersonCategory.objects.filter(qualified=True, valid__contains=OPENED_ON):
        quotas[category.person_id].append(category.category)
    amounts = {}
    for person in Person.objects.filter(scheme=Person.Scheme.RESIDENT):
        if any(day is not None and day <= OPENED_ON for day in (person.died_on, person.left_on)):
            continue
        law = terms_of_area(person.insured_region_id, COMING, book=book)
        held = [law.quotas[name] for name in quotas[person.pk] if name in law.quotas]
        amounts[person.pk] = law.standard - max(held, default=Decimal(0))
    return amounts


@pytest.mark.usefixtures("province")
def test_most_of_those_who_will_be_billed_pay_what_the_bill_will_be() -> None:
    bills = billed()
    paid: dict[int, list[Decimal]] = defaultdict(list)
    for person, amount in Receipt.objects.exclude(person=None).values_list("person", "amount"):
        paid[person].append(amount)
    owing = {person for person, amount in bills.items() if amount}
    assert not [person for person, amount in bills.items() if not amount and person in paid]
    assert 0.91 < len(owing & set(paid)) / len(owing) < 0.95
    exact = [person for person in owing & set(paid) if paid[person] == [bills[person]]]
    assert len(exact) > 0.97 * len(owing & set(paid))
    assert any(sum(paid[person]) < bills[person] for person in owing & set(paid))
    assert any(
        len(paid[person]) == 1 and paid[person][0] > bills[person] for person in owing & set(paid)
    )
    assert any(len(paid[person]) == 2 for person in owing)
    assert set(paid) - set(bills), "somebody without a bill"
    assert Receipt.objects.filter(person=None).exists()


@pytest.mark.usefixtures("province")
def test_most_pay_inside_the_window_and_more_as_it_closes() -> None:
    days = [
        (paid_at + timedelta(hours=8)).date()
        for paid_at in Receipt.objects.values_list("paid_at", flat=True)
    ]
    months = [sum(day.month == month for day in days) for month in (9, 10, 11, 12)]
    assert months == sorted(months)
    late = sum(day > date(2026, 12, 31) for day in days)
    assert 0 < late < 0.04 * len(days)
    assert min(days) >= OPENED_ON
    assert max(days) < date(2027, 3, 15)


@pytest.mark.usefixtures("province")
def test_who_broke_off_before_pays_less() -> None:
    paid: dict[int, int] = defaultdict(int)
    people: dict[int, int] = defaultdict(int)
    for years, has_paid in rows_of(
        """
        SELECT coalesce(e.years, 0), EXISTS (SELECT FROM receipt r WHERE r.person_id = p.id)
          FROM person p
          LEFT JOIN (SELECT person_id, count(*) AS years FROM enrollment GROUP BY 1) e
            ON e.person_id = p.id
         WHERE scheme = 1 AND died_on IS NULL AND left_on IS NULL AND birth_date < '2024-01-01'
        """
    ):
        people[years] += 1
        paid[years] += has_paid
    assert paid[3] / people[3] > 0.9
    assert paid[0] / people[0] < 0.4


@pytest.mark.usefixtures("province")
def test_the_dead_do_not_pay() -> None:
    assert (
        count(
            """
        SELECT count(*) FROM receipt r JOIN person p ON p.id = r.person_id
         WHERE r.paid_at::date > coalesce(p.died_on, p.left_on) + 10
        """
        )
        == 0
    )


# The database afterwards --------------------------------------------------------------------------


def test_indexes_constraints_and_triggers_are_as_they_were(province: Province) -> None:
    assert province.catalogue_after == province.catalogue_before


@pytest.mark.usefixtures("province")
def test_nothing_of_the_seeding_is_left() -> None:
    assert (
        rows_of(
            "SELECT relname FROM pg_class WHERE relname LIKE 'seed\\_%%' AND relpersistence <> 't'"
        )
        == []
    )


@pytest.mark.usefixtures("province")
def test_the_next_person_gets_the_next_number() -> None:
    with transaction.atomic():
        person = Person.objects.create(
            id_digest=digest("349900199001011234"),
            id_sealed=b"-",
            id_mask="-",
            name="张三",
            sex="M",
            birth_date=date(1990, 1, 1),
            household_region=340102001000,
            residence_region=340102001000,
            insured_region_id=340102001000,
        )
        assert person.pk == PEOPLE + 1
        transaction.set_rollback(True)


# Refusals -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("province")
def test_a_register_with_people_is_refused() -> None:
    with pytest.raises(CommandError, match="register_not_empty") as refused:
        call_command("seed_province", "anhui", people=10)
    assert refused.value.returncode == 1
    with pytest.raises(SeedRefused, match="register_not_empty"):
        seed_province(province="anhui", people=10, first_year=2024, last_year=2026)


@pytest.mark.parametrize(
    ("name", "province_name", "people", "years"),
    [
        ("unknown_province", "atlantis", 10, (2024, 2026)),
        ("unknown_province", "hubei", 10, (2024, 2026)),
        ("people_out_of_range", "anhui", 0, (2024, 2026)),
        ("years_out_of_order", "anhui", 10, (2026, 2024)),
    ],
)
def test_a_request_without_sense_is_wrong_usage(
    name: str, province_name: str, people: int, years: tuple[int, int]
) -> None:
    with pytest.raises(CommandError, match=name) as refused:
        call_command("seed_province", province_name, people=people, years=years)
    assert refused.value.returncode == 2


@pytest.mark.django_db
def test_years_without_law_are_refused_by_name() -> None:
    with pytest.raises(CommandError, match=r"contribution\.individual_standard") as refused:
        call_command("seed_province", "anhui", people=10, years=(2010, 2012))
    assert refused.value.returncode == 1
    assert not Person.objects.exists()


@pytest.mark.django_db
def test_a_province_without_divisions_is_refused() -> None:
    check_request(province="anhui", people=10, first_year=2024, last_year=2026)
    load_policies(provinces=["anhui"], roots=ROOTS, with_examples=True)
    Region.objects.filter(level=Region.Level.TOWNSHIP).delete()
    with pytest.raises(SeedRefused, match="divisions_missing"):
        seed_province(province="anhui", people=10, first_year=2024, last_year=2026)
