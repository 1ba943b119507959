"""A rule that a user wrote: what it is given, and how its targets become orders.

A *scalar rule* names the numbers it needs, its own parameters among them, and is compiled and applied
row by row; a rule of a *view* is a Python function called once a block for its whole cohort. Both return
targets, which go through the execution policy that all vaults share: who wrote a rule changes nothing.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Callable
from types import CodeType
from typing import Any, NamedTuple

import numpy as np

from agents.execution import trade_to_target
from sim.compile import entry
from sim.fields import BIRTH, field
from sim.view import (
    debt_index,
    market_price,
    oracle_impact,
    oracle_price,
    own,
    price_without_impact,
    receipt_index,
    seen_row,
)


class Standing(NamedTuple):
    """Where each row of a cohort stands, at the prices it sees: the numbers that a scalar rule may name."""

    nav_usd: np.ndarray  # (n,) what it owns less what it owes
    exposure_usd: np.ndarray  # (n,) in its asset; collateral at the oracle price if it borrows
    price_usd: float  # of its asset, on the outside market
    oracle_price_usd: float  # of its collateral, as its lender believes; NaN if it does not borrow
    birth_usd: np.ndarray  # (n,) NAV at birth
    debt_usd: np.ndarray  # (n,)
    health: np.ndarray  # (n,) infinite without debt
    threshold_fraction: float  # at which its collateral is liquidated; NaN if it does not borrow


@dataclasses.dataclass(frozen=True)
class UserRule:
    """A user's function; ``rows`` applies a scalar rule to (n_arguments, n) numbers."""

    function: Callable[..., Any]
    arguments: tuple[str, ...]  # of a scalar rule, in the order of the function
    rows: Callable[[np.ndarray, np.ndarray], None] | None  # None: a rule of a view

    @property
    def sha256(self) -> str:
        """Of the compiled function (hex): what identifies the rule in a run, comments apart."""
        return hashlib.sha256(repr(_content(self.function.__code__)).encode()).hexdigest()


def _content(code: CodeType) -> tuple[Any, ...]:
    constants = [_content(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, constants, code.co_freevars


def standing(view: Any, c: int, without_impact: bool = False) -> Standing:
    """The numbers of a cohort, computed as the built-in strategies compute them.

    ``without_impact`` asks for the prices that would be seen had no earlier trade moved them.
    """
    cohort = view.cohorts.table[c]
    row = seen_row(view, cohort)
    birth_usd = field(view.cohorts, c, BIRTH)
    price = float(market_price(view, row, cohort.asset))
    if without_impact:
        price = float(price_without_impact(view, row, cohort.asset))
    if cohort.market < 0:
        exposure_usd = own(view, cohort.token, cohort.group) * price
        cash_price = market_price(view, row, view.now[0].cash_asset)
        nav_usd = exposure_usd + own(view, cohort.cash_token, cohort.group) * cash_price
        nothing, safe = np.broadcast_to([[0.0], [math.inf]], (2, cohort.n_rows))
        return Standing(nav_usd, exposure_usd, price, math.nan, birth_usd, nothing, safe, math.nan)
    collateral = view.reserves[cohort.collateral_reserve]
    debt = view.reserves[cohort.debt_reserve]
    oracle = float(oracle_price(view, row, collateral.feed))
    if without_impact:
        oracle *= math.exp(-oracle_impact(view, row, collateral.feed))
    value = oracle * receipt_index(view, cohort.collateral_reserve)
    exposure_usd = own(view, collateral.receipt_token, cohort.group) * value
    owed = oracle_price(view, row, debt.feed) * debt_index(view, cohort.debt_reserve)
    debt_usd = own(view, debt.debt_token, cohort.group) * owed
    threshold = float(cohort.threshold_fraction)
    health = np.full(cohort.n_rows, math.inf)
    np.divide(threshold * exposure_usd, debt_usd, out=health, where=debt_usd > 0.0)
    nav_usd = exposure_usd - debt_usd
    return Standing(nav_usd, exposure_usd, price, oracle, birth_usd, debt_usd, health, threshold)


@entry
def ask_targets(view, c, nav_usd, exposure_usd, target_usd, target_per_nav, clean_target_usd):
    """Every row with a target asks for the order that brings it there; NaN asks for nothing.

    ``clean_target_usd`` is what the rule answers where no earlier trade has moved a price: NaN there, and the
    order is a consequence of those trades.
    """
    for i in range(target_usd.shape[0]):
        if math.isfinite(target_usd[i]):
            per_nav = target_per_nav[i]
            if not math.isfinite(per_nav):
                # A rule that does not say is taken to hold a share of its NAV.
                per_nav = target_usd[i] / nav_usd[i] if nav_usd[i] > 0.0 else 0.0
            anyway = math.isfinite(clean_target_usd[i])
            trade_to_target(
                view, c, i, nav_usd[i], exposure_usd[i], target_usd[i], per_nav, not anyway
            )
