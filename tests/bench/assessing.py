"""`assess`: the standing of everyone in a year, beside its floor."""

from typing import Any

from tests.bench.database import connect, manage, seeded
from tests.bench.filling import KEY, Filled, report, runs_of

YEAR = 2026  # came by history, as did the year before, which has its standing already
RESIDENT = YEAR * KEY + KEY // 10  # what a person's number is added to
LAST = RESIDENT - KEY
# What nobody's standing can be told without: the person, this year's bill, the last standing and
# the claims of that year. Read by equal keys, every column looked at, nothing decided.
READS = f"""
    JOIN person p ON p.id = f.person_id AND p.id BETWEEN {{first}} AND {{last}}
    LEFT JOIN enrollment e ON e.id = f.id
                          AND e.id BETWEEN {RESIDENT} + {{first}} AND {RESIDENT} + {{last}}
    LEFT JOIN standing l ON l.id = f.id - {KEY}
                        AND l.id BETWEEN {LAST} + {{first}} AND {LAST} + {{last}}
    LEFT JOIN claim_use u ON u.id = l.id
                         AND u.id BETWEEN {LAST} + {{first}} AND {LAST} + {{last}}
   WHERE num_nulls(p.insured_region, p.birth_date, p.scheme, p.died_on, p.left_on,
                   e.region, e.payable, e.paid, e.ended_on, e.paid_on, e.due_on,
                   e.repaired_years, e.repaired_on,
                   l.cover, l.streak, l.gap_years, l.broken_years_total, l.continuity_bonus,
                   l.zero_claim_bonus, l.bonus_applied, l.cap,
                   u.fund_paid, u.major_illness_paid) >= 0
     AND f.id BETWEEN {RESIDENT} + {{first}} AND {RESIDENT} + {{last}}
"""
ASSESS = Filled(
    step="assess",
    table="standing",
    year=YEAR,
    on=f"{YEAR}-01-01",
    columns=(
        "id", "person_id", "region", "county", "shard", "cover", "gap_years", "streak",
        "broken_years_total",
        "continuity_bonus", "continuity_gain", "zero_claim_bonus", "zero_claim_gain",
        "zero_claim_cleared", "base_cap", "bonus_applied", "penalty_applied", "cap", "paid_on",
        "exemption", "broken_years", "fixed_months", "variable_before", "repaired_months",
        "variable_months", "benefit_start",
    ),
    generated=(),
    reads=READS,
)  # fmt: skip


def run(*, people: int) -> dict[str, Any]:
    """Measure. Seconds are medians of five runs, each taken in turn with its floor."""
    small = max(people // 5, 20_000)
    large_db, small_db = (prepared(size) for size in (people, small))
    runs, memory = runs_of(ASSESS, large_db, small_db)
    return report(ASSESS, people, small, runs, memory)


def prepared(people: int) -> str:
    """A seeded province with the standings of the year before, and every other resident's use."""
    name = seeded(people)
    with connect(name) as server:
        server.execute(
            "INSERT INTO claim_use (id, claims, total, fund_paid, major_illness_paid,"
            " assistance_paid) SELECT id, 1, 900, 500, 0, 0 FROM enrollment"
            f" WHERE id >= {(YEAR - 1) * KEY} AND id < {(YEAR - 1) * KEY + 2 * KEY // 10}"
            " AND id % 2 = 0 ORDER BY id ON CONFLICT DO NOTHING"
        )
        server.execute("VACUUM (ANALYZE) claim_use")
    manage(
        name, "run_year", "assess", "--year", str(YEAR - 1), "--on", f"{YEAR - 1}-01-01",
        "--inline", TONGCHOU_ROLE="worker",
    )  # fmt: skip
    return name
