"""Yuan with two places: reading, the one rounding function, and splitting to the cent."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from enrollment.rules.refusals import RuleRefused

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?")
_LIMIT = 10**15  # a thousand million million yuan: beyond it a number is a mistake


def round_yuan(amount: Decimal) -> Decimal:
    """`amount` in yuan with two places, half a cent rounded away from zero.

    The only rounding of money in the product; SQL uses `round(numeric, 2)`, which agrees.
    """
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def read_decimal(raw: object) -> Decimal:
    """An exact number from a string, integer or Decimal.

    At most 15 digits before and 12 behind the point. Raises RuleRefused `not_a_number`. Floats are
    refused: they are not what was written.
    """
    if isinstance(raw, Decimal) and raw.is_finite() and abs(raw) < _LIMIT:
        return raw
    if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < _LIMIT:
        return Decimal(raw)
    if isinstance(raw, str) and _DECIMAL.fullmatch(raw) and raw.isascii():
        return Decimal(raw)
    raise RuleRefused("not_a_number", value=str(raw))


def read_yuan(raw: object, *, negative: bool = False) -> Decimal:
    """Money in yuan with two places.

    Raises RuleRefused `not_a_number`, `money_finer_than_cent` (0.001 is never rounded silently)
    and, unless `negative`, `money_negative`.
    """
    amount = read_decimal(raw)
    if amount != amount.quantize(CENT):
        raise RuleRefused("money_finer_than_cent", value=str(raw))
    if amount < 0 and not negative:
        raise RuleRefused("money_negative", value=str(raw))
    return amount.quantize(CENT)


def plain(amount: Decimal) -> str:
    """An amount without trailing zeros or exponent: 400.00 is "400", 367.50 is "367.5"."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def split_by_largest_remainder(total: Decimal, weights: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Shares of `total` in proportion to `weights`, in their order, adding up to the cent.

    Every share is rounded down to the cent; the missing cents go one by one to the largest
    remainders, ties to the earlier entry. `total` is in yuan with two places and not negative.
    Raises RuleRefused `weights_missing`, `weight_negative`, `weights_sum_zero`,
    `money_finer_than_cent`, `money_negative`.
    """
    cents = int(read_yuan(total) * 100)
    if not weights:
        raise RuleRefused("weights_missing")
    if any(weight < 0 for weight in weights):
        raise RuleRefused("weight_negative")
    whole = sum((Fraction(weight) for weight in weights), Fraction(0))
    if whole == 0:
        raise RuleRefused("weights_sum_zero")
    exact = [Fraction(weight) * cents / whole for weight in weights]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (shares[i] - exact[i], i))
    for index in by_remainder[: cents - sum(shares)]:
        shares[index] += 1
    return tuple(Decimal(share) * CENT for share in shares)
