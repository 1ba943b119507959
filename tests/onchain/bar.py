"""How near is near enough: 1e-9 of the value and 4 of its base units.

More only where integer rounding or the conditioning of the input explains it: a contract rounds each
amount to a base unit, a double does not, and where a pool is down to dust or 1e9:1 out of balance that
one unit moves everything after it. How far was measured on the contract when the vectors were made
(``generate/conditioning.py``) and is in the file as ``spread``. Counted as needing more is what is
further away than 1e-9 and 4 base units of the coarser token, in which a trade can hardly be cut finer.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

RELATIVE = Fraction(1, 10**9)
N_BASE_UNITS = 4
N_SPREADS = 4


@dataclass(frozen=True)
class Comparison:
    error: float  # in base units of the value
    coarser: int  # base units of the value in one of the coarser token
    relative: float
    needs_more: bool  # than 1e-9 and 4 base units of the coarser token
    is_near: bool


def allowed(value: int) -> Fraction:
    """The bar without spread, in base units."""
    return RELATIVE * abs(value) + N_BASE_UNITS


def is_worth_keeping(spread: int, value: int) -> bool:
    """Whether a spread widens the bar by a sixteenth or more: the others stay out of the file."""
    return 16 * N_SPREADS * spread >= allowed(value)


def compare(
    got: float | int, value: int, one: int | None, spread: int = 0, coarser: int = 1
) -> Comparison:
    """Compare a number of ours with one of the chain.

    ``one`` is its base units in a whole unit (None: exactly), ``coarser`` its base units in one of the
    token with the fewest decimals.
    """
    if got != got or got in (float("inf"), float("-inf")):
        return Comparison(float("inf"), coarser, float("inf"), False, False)
    error = abs(Fraction(got) * (1 if one is None else one) - value)
    narrow = Fraction(0) if one is None else allowed(value)
    return Comparison(
        error=float(error),
        coarser=coarser,
        relative=float(error / abs(value)) if value else float(error > 0),
        needs_more=error > narrow + N_BASE_UNITS * (coarser - 1),
        is_near=error <= narrow + N_SPREADS * spread,
    )
