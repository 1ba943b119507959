"""What a rule written in Python sees: its own columns now, the market at its latency, the time.

``view.own.nav_usd``, ``view.own.multiplier``, ``view.own.balances["USDC"]``; ``view.seen`` and
``view.clock`` likewise. Nothing can be written, and nothing that is kept changes later.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import numpy as np

from agents.parameters import Distribution
from agents.user import Standing
from scenarios.layout import Layout
from scenarios.names import listed, nearest
from sim.errors import InputError
from sim.fields import N_COMMON, field
from sim.view import (
    View,
    gas_price_gwei,
    market_price,
    oracle_impact,
    oracle_price,
    own,
    pool_reserves,
    price_without_impact,
    seen_row,
)

T = TypeVar("T")


class ByName(Mapping[str, T]):
    """A mapping that answers an unknown name with the nearest known one."""

    def __init__(self, what: str, values: dict[str, T]) -> None:
        self._what, self._values = what, values

    def __getitem__(self, name: str) -> T:
        try:
            return self._values[name]
        except KeyError:
            problem = f"no such name (there are: {listed(self)})"
            raise InputError(None, self._what, name, problem, nearest(name, self)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class Own:
    """A cohort's own numbers by name: arrays (n_rows,), or one number where all rows share it."""

    __slots__ = ("_columns", "balances")
    balances: ByName[np.ndarray]  # whole tokens, by symbol; debts and receipts are stored scaled

    def __init__(self, columns: dict[str, Any], balances: ByName[np.ndarray]) -> None:
        object.__setattr__(self, "_columns", columns)
        object.__setattr__(self, "balances", balances)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._columns:
            near = nearest(name, self._columns)
            hint = f" Did you mean {near!r}?" if near else ""
            raise AttributeError(
                f"view.own has no {name!r} (it has: {listed(dir(self), 30)}).{hint}"
            )
        return self._columns[name]

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"view.own.{name} is read-only: return a target instead")

    def __dir__(self) -> list[str]:
        return [*self._columns, "balances"]


@dataclasses.dataclass(frozen=True)
class Seen:
    """What others did, as old as the cohort's latency."""

    market_price_usd: ByName[float]  # by asset
    oracle_price_usd: ByName[float]  # by feed
    pool_reserves: ByName[tuple[float, float]]  # by pool, whole tokens
    base_fee_gwei: float


@dataclasses.dataclass(frozen=True)
class Time:
    """The block that is being decided, and the seconds since the start; both negative in the burn-in."""

    block: int
    seconds: float
    slot_seconds: float


@dataclasses.dataclass(frozen=True)
class PublicView:
    """The one argument of a rule written in Python."""

    own: Own
    seen: Seen
    clock: Time
    n_rows: int


def locked(array: np.ndarray) -> np.ndarray:
    """The same memory, for good without the right to write."""
    return np.asarray(array.data.toreadonly())


def parameters_of(view: View, c: int, laws: Mapping[str, object]) -> dict[str, Any]:
    """The parameters of a cohort: a column each, or a float where all rows share it."""
    columns = {key: field(view.cohorts, c, N_COMMON + k) for k, key in enumerate(laws)}
    return {
        key: locked(columns[key]) if isinstance(law, Distribution) else float(columns[key][0])
        for key, law in laws.items()
    }


def public_view(
    view: View,
    c: int,
    names: Layout,
    standing: Standing,
    parameters: dict[str, Any],
    without_impact: bool = False,
) -> PublicView:
    """Everything the rule of cohort ``c`` may see in this block; or had no earlier trade moved a price."""
    cohort, now = view.cohorts.table[c], view.now[0]
    row = seen_row(view, cohort)
    numbers = {
        name: locked(value) if isinstance(value, np.ndarray) else value
        for name, value in standing._asdict().items()
    }
    balances = {
        names.tokens[token].partition("@")[0]: locked(own(view, token, cohort.group).copy())
        for token in names.groups[cohort.group].tokens
    }
    seen = Seen(
        _by_name("market_price_usd", names.assets, lambda k: _market(view, row, k, without_impact)),
        _by_name("oracle_price_usd", names.feeds, lambda k: _oracle(view, row, k, without_impact)),
        _by_name("pool_reserves", names.pools, lambda k: _both(pool_reserves(view, row, k))),
        float(gas_price_gwei(view, row, 0)),
    )
    time = Time(
        int(now.slot - now.first_recorded_slot), float(now.seconds), float(now.slot_seconds)
    )
    own_numbers = Own({**numbers, **parameters}, ByName("view.own.balances", balances))
    return PublicView(own_numbers, seen, time, int(cohort.n_rows))


def _market(view: View, row: Any, asset: int, without_impact: bool) -> float:
    price = price_without_impact if without_impact else market_price
    return float(price(view, row, asset))


def _oracle(view: View, row: Any, feed: int, without_impact: bool) -> float:
    impact = oracle_impact(view, row, feed) if without_impact else 0.0
    return float(oracle_price(view, row, feed)) * math.exp(-impact)


def _by_name(what: str, names: tuple[str, ...], value: Any) -> ByName[Any]:
    return ByName(f"view.seen.{what}", {name: value(k) for k, name in enumerate(names)})


def _both(reserves: tuple[Any, Any]) -> tuple[float, float]:
    return float(reserves[0]), float(reserves[1])
