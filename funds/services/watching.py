"""The step `watch`: once a month the funds are looked at, and what that says is kept.

安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（四）; 川办发〔2023〕38号 三（十一）.
One statement tells every fund from the books and the sums of the collection; the rules read it. A
run adds rows and changes none, so that a month may be looked at again after late entries.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.conf import settings

from enrollment.models import ShardTotal, StepShard
from enrollment.rules.parameters import BOTH, MissingParameter
from enrollment.rules.regions import county_of
from enrollment.rules.terms import read_terms
from enrollment.selectors.policy import PolicyBook, policy_book
from enrollment.services.refusals import StepRefused
from funds.models import FundMonth, RiskReading
from funds.rules.indicators import EnrolmentRateTerms
from funds.rules.risk import WarningTerms, readings
from funds.selectors.risk import budgeted_on, facts_of, funds_at

FIRST_DAY = 5  # by when what belongs to a month is in the books


def look_days(year: int) -> Sequence[tuple[date, date]]:
    """The days of each month of a year on which the month before is looked at."""
    firsts = [date(year, month, 1) for month in range(1, 13)]
    return [(first.replace(day=FIRST_DAY), _last_of(first)) for first in firsts]


def _last_of(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def month_before(on: date) -> date:
    """The first day of the month that was over before a day."""
    return (on.replace(day=1) - timedelta(days=1)).replace(day=1)


def watch(shard: StepShard) -> int:
    """The piece of the step: the month before its day. Returns the readings counted.

    Raises StepRefused where the law names no thresholds for an area.
    """
    month = month_before(shard.step.on)
    book = policy_book([*WarningTerms.codes().values(), *EnrolmentRateTerms.codes().values()])
    found = funds_at(month, _spending_months(book, month))
    budgets = budgeted_on(_last_of(month))
    rows = [
        FundMonth(
            month=month,
            shard=shard.pk,
            budgeted=budgets.get((each["region_id"], each["scheme"])),
            **each,
        )
        for each in found
    ]
    read = [(row, *_terms(book, row.region_id, month)) for row in rows]
    told = [(row, readings(facts_of(row), terms, rate)) for row, terms, rate in read]
    if not shard.step.run.is_rehearsal:
        FundMonth.objects.bulk_create(rows)
        RiskReading.objects.bulk_create(
            RiskReading(
                of=row,
                indicator=each.indicator,
                numerator=each.numerator,
                denominator=each.denominator,
                level=each.level,
            )
            for row, several in told
            for each in several
        )
    counts = Counter(
        (county_of(row.region_id), each.level) for row, several in told for each in several
    )
    ShardTotal.objects.bulk_create(
        ShardTotal(shard=shard, county=county, item=level, persons=number)
        for (county, level), number in sorted(counts.items())
    )
    return sum(counts.values())


def _spending_months(book: PolicyBook, month: date) -> int:
    """The months of the average, one for all: the statement asks every fund alike."""
    found: Any = _found(book, "risk.spending_months", settings.PROVINCE, month)
    return int(found.value)


def _terms(
    book: PolicyBook, area: int, month: date
) -> tuple[WarningTerms, EnrolmentRateTerms | None]:
    on = _last_of(month)
    terms = read_terms(WarningTerms, lambda code: _found(book, code, area, on))
    try:
        rate = read_terms(
            EnrolmentRateTerms, lambda code: book.find(code, area=area, on=on, scheme=BOTH)
        )
    except MissingParameter:  # not every province has published a target
        return terms, None
    return terms, rate


def _found(book: PolicyBook, code: str, area: int, on: date) -> Any:
    try:
        return book.find(code, area=area, on=on, scheme=BOTH)
    except MissingParameter as error:
        raise StepRefused("parameter_missing", str(error)) from error
