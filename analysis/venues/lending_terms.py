"""The terms of one asset of a lending market at the prompt, checked when the market is opened."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from scenarios.names import listed, nearest
from sim.errors import MISSING, InputError

Terms = TypeVar("Terms")
BELOW_ONE = (0.0, math.nextafter(1.0, 0.0))
RATE = (0.0, 100.0)
ABOVE_ZERO = (math.nextafter(0.0, 1.0), 1e15)


def bounded(default: Any, low: float, high: float) -> Any:
    """A number within bounds; required if the default is ``MISSING``."""
    bounds = {"low": low, "high": high}
    if default is MISSING:
        return dataclasses.field(metadata=bounds)
    return dataclasses.field(default=default, metadata=bounds)


@dataclasses.dataclass(frozen=True)
class ReserveTerms:
    """One asset: what it is good for as collateral, what it costs to borrow. Caps are whole tokens.

    With a ``debt_ceiling`` it is collateral only by itself, against at most so many tokens that
    are ``is_borrowable_in_isolation``.
    """

    price_usd: float = bounded(MISSING, *ABOVE_ZERO)
    ltv_fraction: float = bounded(0.0, *BELOW_ONE)
    threshold_fraction: float = bounded(0.0, *BELOW_ONE)
    bonus_fraction: float = bounded(0.0, 0.0, 1.0)
    base_rate_per_year: float = bounded(0.0, *RATE)
    slope1_per_year: float = bounded(0.0, *RATE)
    slope2_per_year: float = bounded(0.0, *RATE)
    optimal_utilisation_fraction: float = bounded(0.9, 1e-6, BELOW_ONE[1])
    reserve_factor_fraction: float = bounded(0.0, 0.0, 1.0)
    supply_cap: float = bounded(math.inf, 0.0, math.inf)
    borrow_cap: float = bounded(math.inf, 0.0, math.inf)
    liquidation_fee_fraction: float = bounded(0.0, 0.0, 1.0)  # the protocol's part of the bonus
    debt_ceiling: float = bounded(0.0, 0.0, 1e15)  # 0: none
    is_borrowable: bool = True
    is_borrowable_in_isolation: bool = False
    decimals: int = bounded(18, 0, 30)


@dataclasses.dataclass(frozen=True)
class EmodeTerms:
    """A category of assets whose prices move together: what is lent against some of them, in others."""

    ltv_fraction: float = bounded(MISSING, *BELOW_ONE)
    threshold_fraction: float = bounded(MISSING, *BELOW_ONE)
    bonus_fraction: float = bounded(MISSING, 0.0, 1.0)
    collateral: Sequence[str] = ()
    borrowable: Sequence[str] = ()


def terms(kind: type[Terms], given: Mapping[str, Any], path: str) -> Terms:
    """A table of numbers as terms of this kind; refuses by name what is unknown, missing or out of range."""
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for key, value in given.items():
        if key not in fields:
            problem = f"no such key (there are: {listed(fields, 30)})"
            raise InputError(None, f"{path}.{key}", value, problem, nearest(key, fields))
        if isinstance(fields[key].default, bool) and not isinstance(value, bool):
            raise InputError(None, f"{path}.{key}", value, "expected True or False")
        if "low" not in fields[key].metadata:
            continue
        low, high = fields[key].metadata["low"], fields[key].metadata["high"]
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not (is_number and low <= value <= high):
            problem = f"must be a number between {low:g} and {high:g}"
            raise InputError(None, f"{path}.{key}", value, problem)
    for field in fields.values():
        is_needed = field.default is dataclasses.MISSING
        if is_needed and field.name not in given:
            raise InputError(None, f"{path}.{field.name}", MISSING, "is required")
    return kind(**given)


def check_collateral(ltv: float, threshold: float, bonus: float, path: str) -> None:
    """Collateral covers the debt and the bonus: see ``scenarios.schema.links``."""
    if ltv > threshold:
        problem = f"exceeds threshold_fraction = {threshold:g}"
        raise InputError(None, f"{path}.ltv_fraction", ltv, problem)
    if threshold * (1.0 + bonus) > 1.0:
        problem = "threshold * (1 + bonus) exceeds 1"
        raise InputError(None, f"{path}.threshold_fraction", threshold, problem)
