"""Distributions as a scenario file writes them: a number, or a table that names a law.

    floor_fraction = 0.8
    floor_fraction = { distribution = "uniform", low = 0.7, high = 0.9 }
    floor_fraction = { distribution = "normal", mean = 0.8, std = 0.05, low = 0.7, high = 0.9 }
    size = { distribution = "lognormal", median = 1, sigma = 1, low = 0.01, high = 100 }

Every law is cut off at its bounds, so that no vault is absurd by bad luck.
"""

from __future__ import annotations

import math
from typing import Any

from agents.parameters import Distribution, constant
from scenarios.names import listed, nearest
from sim.errors import MISSING, InputError

# The numbers a law is made of, as a file names them: two fields of Distribution first, then its bounds.
LAWS: dict[str, tuple[str, ...]] = {
    "uniform": (),
    "normal": ("mean", "std"),
    "lognormal": ("median", "sigma"),
}
LEAST_MASS = 1e-9  # of a law, between its bounds: less cannot be drawn from by quantile


def _normal_mass(low: float, high: float) -> float:
    """Probability that a standard normal number lies between two bounds."""
    low, high = (-high, -low) if low > 0 else (low, high)  # in the tail where erfc is exact
    return 0.5 * (math.erfc(-high / math.sqrt(2)) - math.erfc(-low / math.sqrt(2)))


def _number(table: dict[str, Any], part: str, path: str) -> float:
    value = table.get(part, MISSING)
    here = f"{path}.{part}"
    if value is MISSING:
        raise InputError(
            None, here, MISSING, f"a {table['distribution']} distribution needs {part!r}"
        )
    return finite(value, here)


def finite(value: object, path: str) -> float:
    """A number that is neither infinite, nor NaN, nor a truth value, nor text."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError(None, path, value, "expected a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise InputError(None, path, value, "must be a finite number")
    return number


def distribution(value: object, path: str, low: float, high: float) -> Distribution:
    """A number or a table that names a law, as a distribution within ``[low, high]``."""
    if not isinstance(value, dict):
        law = constant(finite(value, path))
    else:
        law = _law(value, path)
    for part, bound in (("low", law.low), ("high", law.high)):
        if not low <= bound <= high:
            here = f"{path}.{part}" if isinstance(value, dict) else path
            raise InputError(None, here, bound, f"must be between {low:g} and {high:g}")
    return law


def _law(table: dict[str, Any], path: str) -> Distribution:
    parts = ("distribution", "low", "high", "mean", "std", "median", "sigma")
    kind = table.get("distribution", MISSING)
    fitting = (
        "distribution",
        "low",
        "high",
        *LAWS.get(kind if isinstance(kind, str) else "", parts[3:]),
    )
    for key, value in table.items():
        if key not in fitting:
            problem = f"a distribution has no such number (it has: {listed(fitting)})"
            raise InputError(None, f"{path}.{key}", value, problem, nearest(key, fitting, table))
    if not isinstance(kind, str) or kind not in LAWS:
        problem = f"expected one of: {listed(LAWS)}"
        raise InputError(None, f"{path}.distribution", kind, problem, nearest(kind, LAWS))
    low, high = _number(table, "low", path), _number(table, "high", path)
    if low > high:
        raise InputError(None, f"{path}.low", low, f"must not exceed high = {high:g}")
    if kind == "uniform":
        return Distribution(kind, low, high)
    centre, spread = (_number(table, part, path) for part in LAWS[kind])
    centre_key, spread_key = LAWS[kind]
    if spread <= 0:
        raise InputError(None, f"{path}.{spread_key}", spread, "must be greater than 0")
    if kind == "lognormal" and min(low, centre) <= 0:
        part = "low" if low <= 0 else centre_key
        raise InputError(None, f"{path}.{part}", min(low, centre), "must be greater than 0")
    scale = math.log if kind == "lognormal" else float
    bounds = [(scale(bound) - scale(centre)) / spread for bound in (low, high)]
    if _normal_mass(*bounds) < LEAST_MASS:
        problem = f"(almost) nothing of this {kind} distribution lies between low and high"
        raise InputError(None, path, table, problem)
    return Distribution(kind, low, high, centre, spread)


def as_value(law: Distribution) -> float | dict[str, Any]:
    """A distribution as it stands in a scenario file."""
    if law.distribution == "constant":
        return law.low
    numbers = zip(LAWS[law.distribution], (law.centre, law.spread), strict=False)
    return {"distribution": law.distribution, **dict(numbers), "low": law.low, "high": law.high}
