"""A person's standings year by year, and why each figure is what it is.

Everything comes from what the assessment stored: the components of each figure, and the parameters
behind the terms that it rested on. Nothing is computed a second time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from benefits.models import ClaimUse, Standing, StandingTerms
from benefits.rules.cap import amount_used
from benefits.selectors.claims import uses_of, years_known
from benefits.selectors.overrides import override_of
from enrollment.models import Person, YearRun, YearStep
from enrollment.models.person import Category
from enrollment.rules.regions import pooling_area_of
from enrollment.selectors.why import WhyLine, parameter_lines, step_of_shard

YUAN, MONTHS, YEARS, DAY, TEXT = "yuan", "months", "years", "day", "text"
Value = Decimal | int | date | str | None


@dataclass(frozen=True, slots=True)
class LedgerYear:
    """The standing of a year, and what the person used in it."""

    row: Standing
    use: ClaimUse | None

    @property
    def year(self) -> int:
        return self.row.year

    @property
    def fund_paid(self) -> Decimal:
        """Yuan of the pooled fund and of major-illness insurance; none for a year without a row."""
        return self.use.fund_paid + self.use.major_illness_paid if self.use else Decimal(0)

    @property
    def major_illness_paid(self) -> Decimal:
        return self.use.major_illness_paid if self.use else Decimal(0)

    @property
    def bonus_used(self) -> Decimal:
        """Yuan of major-illness insurance above the ceiling without bonus, of either bonus."""
        if self.row.cap is None or self.row.bonus_applied is None:
            return Decimal(0)
        return amount_used(self.row.cap, self.row.bonus_applied, self.major_illness_paid)


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of the ledger of bonuses: earned, used, or reset because of use the year before."""

    year: int
    what: str
    amount: Decimal | None  # None: what is used stays until the next year resets it
    balance: Decimal  # of both bonuses together, before the limit
    reason: str


@dataclass(frozen=True, slots=True)
class WhyStep:
    """A step behind a figure: its value with the unit, a remark, the parameter and clause."""

    label: str
    value: Value
    unit: str = YUAN
    note: str = ""
    basis: WhyLine | None = None


@dataclass(frozen=True, slots=True)
class WhyStanding:
    """Why a figure of a standing is what it is."""

    subject: str
    title: str
    year: int
    answer: Value
    unit: str
    steps: Sequence[WhyStep]
    step: YearStep | None


TITLES = {
    "cap": gettext_lazy("Ceiling of %(year)d"),
    "continuity": gettext_lazy("Continuity bonus of %(year)d"),
    "zero_claim": gettext_lazy("Zero-claim bonus of %(year)d"),
    "penalty": gettext_lazy("Reduction of %(year)d"),
    "start": gettext_lazy("Benefits of %(year)d from"),
}


def ledger_of(person: Person) -> list[LedgerYear]:
    """Every year that has a standing, the newest first: by keys, two queries."""
    years = years_known(person)
    rows = Standing.objects.of_person(person.pk, years).select_related("region").order_by("-id")
    uses = uses_of(person)
    return [LedgerYear(row, uses.get(row.year)) for row in rows]


def movements_of(ledger: Sequence[LedgerYear]) -> list[Movement]:
    """What was earned, used and reset, the newest first."""
    found: list[Movement] = []
    for each in ledger:
        row = each.row
        before = year_before(ledger, each.year)
        balance = row.continuity_bonus + row.zero_claim_bonus
        if each.bonus_used:
            reason = _("%(amount)s yuan paid above the ceiling without bonus") % {
                "amount": f"{each.bonus_used:,.2f}"
            }
            found.append(Movement(each.year, _("bonus used"), None, balance, reason))
        if row.continuity_gain:
            found.append(
                Movement(
                    each.year,
                    _("continuity bonus earned"),
                    row.continuity_gain,
                    balance,
                    _years(row.streak),
                )
            )
        if row.zero_claim_gain:
            reason = _("no claim in %(year)d") % {"year": each.year - 1}
            found.append(
                Movement(
                    each.year, _("zero-claim bonus earned"), row.zero_claim_gain, balance, reason
                )
            )
        if row.zero_claim_cleared:
            found.append(
                Movement(
                    each.year,
                    _("zero-claim bonus reset"),
                    -row.zero_claim_cleared,
                    balance,
                    _used_in(each.year - 1, before),
                )
            )
    return found


def year_before(ledger: Sequence[LedgerYear], year: int) -> LedgerYear | None:
    """The standing of the year before."""
    return next((each for each in ledger if each.year == year - 1), None)


def why_standing(ledger: Sequence[LedgerYear], year: int, subject: str) -> WhyStanding | None:
    """Why a figure of a year is what it is; none for a figure that the year does not have."""
    each = next((each for each in ledger if each.year == year), None)
    if each is None or subject not in TITLES:
        return None
    behind = _Behind(each, year_before(ledger, year))
    found: tuple[Value, str, Sequence[WhyStep]] | None = {
        "cap": behind.cap,
        "continuity": behind.continuity,
        "zero_claim": behind.zero_claim,
        "penalty": behind.penalty,
        "start": behind.start,
    }[subject]()
    if found is None:
        return None
    answer, unit, steps = found
    title = str(TITLES[subject]) % {"year": year}
    return WhyStanding(subject, title, year, answer, unit, steps, behind.step)


def terms_behind(row: Standing, step: YearStep | None) -> StandingTerms | None:
    """The terms that a standing rests on: of the step that wrote it, else of its year."""
    found = StandingTerms.objects.filter(area=pooling_area_of(row.region_id))
    own = found.filter(step=step).first() if step else None
    if own is not None:
        return own
    of_year = found.filter(step__run__year=row.year, step__run__mode=YearRun.Mode.REAL)
    return of_year.order_by("-step_id").first()


class _Behind:
    """What stands behind the figures of one year."""

    def __init__(self, each: LedgerYear, before: LedgerYear | None) -> None:
        self.row = each.row
        self.before = before
        self.step = step_of_shard(self.row.shard)
        self.terms = terms_behind(self.row, self.step)
        self.lines: Mapping[str, WhyLine] = parameter_lines(
            self.terms.sources if self.terms else {}
        )

    def cap(self) -> tuple[Value, str, Sequence[WhyStep]] | None:
        """Original ceiling, both bonuses and their limit, the reduction."""
        row = self.row
        if row.cap is None:
            return None
        bonuses = row.continuity_bonus + row.zero_claim_bonus
        cut = (
            _("cut from %(amount)s yuan by the limit") % {"amount": f"{bonuses:,.2f}"}
            if row.bonus_applied != bonuses
            else _("below the limit, not cut")
        )
        broken = _broken(row.broken_years_total)
        steps = (
            self._step(_("Original ceiling"), row.base_cap, source="base_cap"),
            self._step(
                _("Continuity bonus"),
                row.continuity_bonus,
                note=_years(row.streak),
                source="incentive_step",
            ),
            self._step(_("Zero-claim bonus"), row.zero_claim_bonus, source="incentive_step"),
            self._step(
                _("Bonus after the limit"), row.bonus_applied, note=cut, source="limit_rate"
            ),
            self._step(
                _("Reduction after the limit"),
                None if row.penalty_applied is None else -row.penalty_applied,
                note=broken,
                source="penalty_step",
            ),
        )
        return row.cap, YUAN, steps

    def continuity(self) -> tuple[Value, str, Sequence[WhyStep]]:
        """What was there, and what the year earned."""
        row = self.row
        steps = (
            *self._carried("continuity_bonus"),
            self._step(
                _("Years of continuous resident cover"),
                row.streak,
                YEARS,
                source="streak_needed",
            ),
            self._step(_("Earned this year"), row.continuity_gain, source="incentive_step"),
        )
        return row.continuity_bonus, YUAN, steps

    def zero_claim(self) -> tuple[Value, str, Sequence[WhyStep]]:
        """What was there, what was reset, and what the year earned."""
        row, last = self.row, self.row.year - 1
        used = self.before.fund_paid if self.before else None
        steps = [
            *self._carried("zero_claim_bonus"),
            self._step(
                _("Reset because it was used"),
                -row.zero_claim_cleared,
                note=_used_in(last, self.before) if row.zero_claim_cleared else "",
            ),
            self._step(_("Paid by the funds in %(year)d") % {"year": last}, used),
            self._step(_("Earned this year"), row.zero_claim_gain, source="incentive_step"),
        ]
        return row.zero_claim_bonus, YUAN, steps

    def penalty(self) -> tuple[Value, str, Sequence[WhyStep]] | None:
        """Broken years in all, the step of each, the limit."""
        row = self.row
        if row.penalty_applied is None:
            return None
        step = self.terms.penalty_step if self.terms else None
        steps = (
            self._step(_("Broken years in all"), row.broken_years_total, YEARS),
            self._step(_("Reduction for each"), step, source="penalty_step"),
            self._step(_("Reduction after the limit"), row.penalty_applied, source="limit_rate"),
        )
        return row.penalty_applied, YUAN, steps

    def start(self) -> tuple[Value, str, Sequence[WhyStep]] | None:
        """Payment, exemption, broken years, both waits and what repair took away."""
        row = self.row
        if row.paid_on is None:
            return None
        steps = [self._step(_("Paid on"), row.paid_on, DAY, note=self._window(), source="window")]
        if row.exemption:
            group = str(Category(row.exemption).label)
            steps.append(self._step(_("Exempt from waiting"), group, TEXT, source="exemptions"))
        steps += [
            self._step(
                _("Consecutive broken years"), row.broken_years, YEARS, source="count_breaks_from"
            ),
            self._step(_("Fixed wait"), row.fixed_months, MONTHS, source="fixed_months"),
            self._step(
                _("Variable wait before repair"),
                row.variable_before,
                MONTHS,
                source="variable_offset",
            ),
        ]
        if row.repaired_months:
            steps.append(self._step(_("Removed by repair"), row.repaired_months, MONTHS))
        steps.append(
            self._step(_("Variable wait"), row.variable_months, MONTHS, source="floor_total_months")
        )
        overridden = override_of(row.person_id, row.year)
        if overridden is not None:
            note = _("case %(case)s, decided by two levels") % {"case": overridden.pk}
            steps.append(
                self._step(_("Wait by the override, months"), overridden.months, MONTHS, note=note)
            )
        return row.benefit_start, DAY, steps

    def _carried(self, name: str) -> Sequence[WhyStep]:
        if self.before is None:
            return ()
        amount: Decimal = getattr(self.before.row, name)
        return (self._step(_("From %(year)d") % {"year": self.before.year}, amount),)

    def _window(self) -> str:
        if self.terms is None:
            return ""
        return _("payment period %(first)s to %(last)s") % {
            "first": self.terms.window_first,
            "last": self.terms.window_last,
        }

    def _step(
        self, label: str, value: Value, unit: str = YUAN, *, note: str = "", source: str = ""
    ) -> WhyStep:
        basis = self.lines.get(source) if source else None
        if source and basis is None:
            note = " ".join(part for part in (note, _("The parameter is not on file.")) if part)
        return WhyStep(label, value, unit, note, basis)


def _years(streak: int) -> str:
    return ngettext(
        "%(years)d year of continuous cover", "%(years)d years of continuous cover", streak
    ) % {"years": streak}


def _broken(years: int) -> str:
    return ngettext("%(years)d broken year in all", "%(years)d broken years in all", years) % {
        "years": years
    }


def _used_in(year: int, before: LedgerYear | None) -> str:
    """The bonus was used when major-illness insurance paid more than the ceiling without it."""
    if before is None:
        return _("used in %(year)d") % {"year": year}
    return _("used in %(year)d: major-illness payments of %(amount)s yuan") % {
        "year": year,
        "amount": f"{before.major_illness_paid:,.2f}",
    }
