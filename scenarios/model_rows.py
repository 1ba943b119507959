"""Single rows of a cohort, read out of the world: what Mesa's agents look through.

Prices are looked up once a block; a row then costs a few reads of arrays. Nothing is copied or kept.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from agents.parameters import Distribution
from scenarios.claims import claim_usd
from sim.fields import BIRTH, LOSSES, N_COMMON, NAV_USD, WINS, field
from sim.ledger import column
from sim.tables import LP_TOKEN, POSITION_TOKEN
from sim.venues.lending import borrow_index_now, liquidity_index_now

if TYPE_CHECKING:
    from scenarios.simulation import Simulation


class Prices(NamedTuple):
    """What one unit of each token is worth now, by number of the token."""

    market_usd: list[float]  # at outside market prices; debts are negative
    lender_usd: list[float]  # at oracle prices and liquidation thresholds; debts are negative


class PriceList:
    """The prices of now, worked out anew when a block has passed."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._slot = -1
        self._prices = Prices([], [])

    def now(self) -> Prices:
        """The prices of now."""
        if self._simulation.slot != self._slot:
            self._slot, self._prices = self._simulation.slot, _prices(self._simulation)
        return self._prices


def _prices(simulation: Simulation) -> Prices:
    world = simulation.world
    seconds = world.clock.now[0].seconds
    market_usd, lender_usd = [0.0] * len(world.tokens), [0.0] * len(world.tokens)
    for exchange in world.venues.exchanges:
        market_usd[exchange.token] = float(exchange.market_price_usd)
    for reserve in world.venues.reserves:
        oracle_usd = float(world.venues.feeds[reserve.feed].price_usd)
        supplied = float(liquidity_index_now(reserve, seconds))
        owed = float(borrow_index_now(reserve, seconds))
        market_usd[reserve.receipt_token] = supplied * market_usd[reserve.token]
        market_usd[reserve.debt_token] = -owed * market_usd[reserve.token]
        lender_usd[reserve.receipt_token] = supplied * oracle_usd * reserve.threshold_fraction
        lender_usd[reserve.debt_token] = -owed * oracle_usd
    for number, token in enumerate(world.tokens):
        if token.kind in (LP_TOKEN, POSITION_TOKEN):
            market_usd[number] = claim_usd(world, number, market_usd)
    return Prices(market_usd, lender_usd)


class Rows:
    """One cohort: its columns in the world, under names."""

    def __init__(self, simulation: Simulation, c: int, price_list: PriceList) -> None:
        world, names, told = simulation.world, simulation.names, simulation.scenario.cohorts[c]
        cohort = world.cohorts.table[c]
        self.name, self.strategy, self.role = told.name, told.strategy, told.role
        self.n_rows, self.first_account = told.n_rows, int(cohort.first_account)
        self.asset = int(cohort.asset)
        self._price_list = price_list
        self._nav_usd = field(world.cohorts, c, NAV_USD)
        self._birth_usd = field(world.cohorts, c, BIRTH)
        self._wins, self._losses = (field(world.cohorts, c, k) for k in (WINS, LOSSES))
        self.parameters = {
            key: (field(world.cohorts, c, N_COMMON + k), isinstance(law, Distribution))
            for k, (key, law) in enumerate(told.parameters.items())
        }
        self._held = _columns(simulation, int(cohort.group))
        custody = names.custody_group[c]
        self._custody = _columns(simulation, custody) if custody >= 0 else []
        owed = {int(reserve.debt_token) for reserve in world.venues.reserves}
        self._debts = [(token, debts) for token, debts in self._held if token in owed]
        self._symbols = [names.tokens[token].partition("@")[0] for token, _ in self._held]
        self._cash_token = int(cohort.cash_token)
        self._cash = names.tokens[self._cash_token].partition("@")[0]

    def parameter(self, key: str, row: int) -> float:
        """A parameter of one row, shared or its own."""
        values, is_per_row = self.parameters[key]
        return float(values[row if is_per_row else 0])

    def balances(self, row: int) -> dict[str, float]:
        """Whole tokens by symbol; receipts and debts as they are stored, scaled."""
        return {
            symbol: float(values[row])
            for symbol, (_, values) in zip(self._symbols, self._held, strict=True)
        }

    def marked_nav_usd(self, row: int) -> float:
        """NAV as marked by the engine at the end of the last block; vaults only."""
        return float(self._nav_usd[row])

    def birth_usd(self, row: int) -> float:
        """NAV in USD at birth."""
        return float(self._birth_usd[row])

    def worth_usd(self, row: int) -> float:
        """All it holds, and what is on its way to it, less what it owes, at market prices."""
        price_usd = self._price_list.now().market_usd
        both = (*self._held, *self._custody)
        return math.fsum(price_usd[token] * float(values[row]) for token, values in both)

    def free_usd(self, row: int) -> float:
        """Its cash."""
        cash_usd = self._price_list.now().market_usd[self._cash_token]
        return cash_usd * self.balances(row)[self._cash]

    def owed_usd(self, row: int) -> float:
        """What it owes, at market prices."""
        price_usd = self._price_list.now().market_usd
        return math.fsum(-price_usd[token] * float(debts[row]) for token, debts in self._debts)

    def health(self, row: int) -> float:
        """Collateral as its lender counts it over debt, at oracle prices; NaN without debt."""
        lender_usd = self._price_list.now().lender_usd
        owed_usd = math.fsum(-lender_usd[token] * float(debts[row]) for token, debts in self._debts)
        if owed_usd <= 0.0:
            return math.nan
        net_usd = math.fsum(lender_usd[token] * float(held[row]) for token, held in self._held)
        return (net_usd + owed_usd) / owed_usd

    def total_nav_usd(self) -> float:
        """NAV of all rows, as marked."""
        return float(self._nav_usd.sum())

    def total_owed_usd(self) -> float:
        """What all rows owe, at market prices."""
        price_usd = self._price_list.now().market_usd
        return math.fsum(-price_usd[token] * float(debts.sum()) for token, debts in self._debts)

    def wins_and_losses(self, row: int) -> tuple[int, int]:
        """Liquidations won and lost; keepers only."""
        return int(self._wins[row]), int(self._losses[row])


def _columns(simulation: Simulation, group: int) -> list[tuple[int, np.ndarray]]:
    """Each token of an account group, with the balances of its members."""
    ledger = simulation.world.ledger
    tokens = simulation.names.groups[group].tokens
    return [(token, column(ledger, token, group)) for token in tokens]
