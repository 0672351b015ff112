"""Synthetic claims: the same for the same seed, inside everybody's cover, and of every kind."""

from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from benefits.models import Claim, ClaimUse
from benefits.services.seed import seed_claims
from enrollment.declarations import checks
from enrollment.models import Region

PEOPLE = 3_000
YEARS = {"first_year": 2024, "last_year": 2026}
COLUMNS = (
    "claim_number, person_id, region, settled_on, kind, provider, total, in_policy, fund_paid,"
    " major_illness_paid, assistance_paid"
)


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker: Any) -> Any:
    """A small Anhui with claims by the command, rolled back at the end of the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        out = StringIO()
        call_command(
            "seed_province", "anhui", people=PEOPLE, claims=True, stdout=out, stderr=StringIO()
        )
        yield out.getvalue()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def inside(seeded: str, django_db_blocker: Any) -> Any:
    """Each test looks at what the module seeded, and leaves it as it was."""
    with django_db_blocker.unblock():
        point = transaction.savepoint()
        yield
        transaction.savepoint_rollback(point)


def rows_of(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def test_the_command_tells_how_many_claims_there_are(seeded: str) -> None:
    assert f"{Claim.objects.count()} " in seeded.splitlines()[-1]


def test_the_same_seed_claims_the_same_and_another_does_not() -> None:
    first = rows_of(f"SELECT {COLUMNS} FROM claim ORDER BY id")
    for seed, same in ((1, True), (2, False)):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM claim_use")
            cursor.execute("DELETE FROM claim")
        assert seed_claims(**YEARS, seed=seed) == Claim.objects.count()
        assert (rows_of(f"SELECT {COLUMNS} FROM claim ORDER BY id") == first) is same


def test_about_half_of_the_residents_claim_in_a_year() -> None:
    for year in (2024, 2025, 2026):
        first = year * 10**12 + 10**11
        ((insured, used),) = rows_of(
            f"""SELECT count(*), count(u.id) FROM enrollment e LEFT JOIN claim_use u USING (id)
                 WHERE e.id BETWEEN {first} AND {first + 10**11 - 1} AND e.paid >= e.payable"""
        )
        assert 0.4 < used / insured < 0.55, year
    kinds = set(Claim.objects.values_list("kind", flat=True))
    assert {"outpatient", "inpatient", "major_illness"} <= kinds
    assert Claim.objects.filter(assistance_paid__gt=0).exists()


def test_everybody_claims_while_covered_alone() -> None:
    outside = rows_of(
        """SELECT c.claim_number
             FROM claim c
             LEFT JOIN enrollment e
                    ON e.id = extract(year FROM c.settled_on)::bigint * 1000000000000
                              + 100000000000 + c.person_id
             JOIN person p ON p.id = c.person_id
            WHERE e.id IS NULL OR e.paid < e.payable OR c.region <> e.region
               OR c.settled_on < p.birth_date OR c.settled_on > p.died_on
               OR c.settled_on < e.benefit_start OR c.settled_on > e.ended_on
               OR c.settled_on >= e.suspended_from"""
    )
    assert outside == []


def test_the_uses_are_the_sums_of_the_claims() -> None:
    assert ClaimUse.objects.exists()
    assert rows_of(checks["use_of_a_year_is_the_sum_of_its_claims"].sql) == []


def test_only_an_earned_bonus_is_paid_beyond_the_ceiling() -> None:
    """Everybody gravely ill: a zero-claim year of 2025 lets 2026 pay up to 3,000 yuan more."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM claim_use")
        cursor.execute("DELETE FROM claim")
    assert Region.objects.filter(is_pooling_area=True).exists()
    seed_claims(**YEARS, grave_per_65536=65_536)
    grave = rows_of(
        """SELECT extract(year FROM c.settled_on)::int, b.id IS NOT NULL AND u.id IS NULL,
                  min(c.major_illness_paid), max(c.major_illness_paid)
             FROM claim c
             LEFT JOIN claim_use u
                    ON u.id = (extract(year FROM c.settled_on)::bigint - 1) * 1000000000000
                              + 100000000000 + c.person_id
             LEFT JOIN enrollment b
                    ON b.id = (extract(year FROM c.settled_on)::bigint - 1) * 1000000000000
                              + 100000000000 + c.person_id
                   AND b.paid >= b.payable
            WHERE c.kind = 'major_illness'
            GROUP BY 1, 2
            ORDER BY 1, 2"""
    )
    ceiling, most = Decimal(300_000), Decimal(303_000)
    assert [row[:2] for row in grave] == [
        (2025, False),
        (2025, True),
        (2026, False),
        (2026, True),
    ]
    for year, unused, least, largest in grave:
        if year == 2026 and unused:
            assert ceiling < least <= largest < most
        else:
            assert largest <= ceiling
