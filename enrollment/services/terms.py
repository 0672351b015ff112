"""The terms of a step: what the law says for every area with people, before the first shard."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from enrollment.declarations import TermsSource
from enrollment.models import StepQuota, StepTerms, YearStep
from enrollment.rules.parameters import MissingParameter
from enrollment.selectors.policy import QuotaOutOfRange, term_book, terms_of_area
from enrollment.selectors.year import needs_of_terms
from enrollment.services.refusals import StepRefused


def write_terms(step: YearStep) -> str:
    """Resolve what the law says for every area with people, before the first shard.

    Only quotas that somebody in the area needs are asked for, so nothing is guessed and nothing
    is demanded in vain. Returns the digest. Raises StepRefused.
    """
    needs = needs_of_terms(year=step.run.year, on=step.on, area=step.area)
    terms, quotas = read_terms(year=step.run.year, needs=needs)
    for area_terms in terms:
        area_terms.step = step
    for quota in quotas:
        quota.step = step
    StepTerms.objects.bulk_create(terms)
    StepQuota.objects.bulk_create(quotas)
    return terms_digest(terms, quotas)


def read_again(step: YearStep) -> tuple[list[StepTerms], list[StepQuota]]:
    """What the law says now on everything that a step asked it, unsaved. Raises StepRefused.

    Whoever needs another quota since then is a changed person; the law may be as it was.
    """
    needs: dict[int, list[str]] = {area: [] for area in step.terms.values_list("area", flat=True)}
    for area, category in step.quotas.values_list("area", "category"):
        needs[area].append(category)
    return read_terms(year=step.run.year, needs=needs)


def read_terms(
    *, year: int, needs: Mapping[int, Collection[str]]
) -> tuple[list[StepTerms], list[StepQuota]]:
    """Terms and quotas as the published law has them now, unsaved. Raises StepRefused."""
    book = term_book()
    terms, quotas = [], []
    for place, categories in needs.items():
        try:
            found = terms_of_area(place, year, categories=categories, book=book)
        except MissingParameter as error:
            raise StepRefused(
                "missing_parameter", str(error), code=error.code, area=error.area, on=str(error.on)
            ) from error
        except QuotaOutOfRange as error:
            raise StepRefused(
                "quota_out_of_range",
                str(error).partition(": ")[2],
                code=error.code,
                area=error.area,
            ) from error
        terms.append(
            StepTerms(
                area=place,
                standard=found.standard,
                fiscal=found.fiscal,
                window_first=found.window_first,
                window_last=found.window_last,
                sources=found.sources,
            )
        )
        quotas += [
            StepQuota(
                area=place,
                category=category,
                amount=amount,
                sources=found.sources[f"quota.{category}"],
            )
            for category, amount in found.quotas.items()
        ]
    return terms, quotas


def terms_digest(terms: Iterable[StepTerms], quotas: Iterable[StepQuota]) -> str:
    """SHA-256 over the values, whatever row of policy they came from."""
    told = [
        sorted(
            [t.area, str(t.standard), str(t.fiscal), str(t.window_first), str(t.window_last)]
            for t in terms
        ),
        sorted([q.area, q.category, str(q.amount)] for q in quotas),
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def changed_terms(step: YearStep) -> list[tuple[str, int, Any, Any]]:
    """(code, area, then, now) of every term and quota that the law says otherwise now.

    Raises StepRefused where it says nothing any more.
    """
    terms, quotas = read_again(step)
    if terms_digest(terms, quotas) == step.terms_digest:
        return []
    then = _by_code(step.terms.all(), step.quotas.all())
    now = _by_code(terms, quotas)
    return [
        (code, area, then.get((code, area)), now.get((code, area)))
        for code, area in sorted({*then, *now})
        if then.get((code, area)) != now.get((code, area))
    ]


def _by_code(terms: Iterable[StepTerms], quotas: Iterable[StepQuota]) -> dict[tuple[str, int], Any]:
    told: dict[tuple[str, int], Any] = {}
    for row in terms:
        told["contribution.individual_standard", row.area] = row.standard
        told["contribution.fiscal_standard", row.area] = row.fiscal
        told["collection.window", row.area] = f"{row.window_first}..{row.window_last}"
    for share in quotas:
        told[f"subsidy.quota.{share.category}", share.area] = share.amount
    return told


TERMS = TermsSource(write=write_terms, changed=changed_terms)
