"""An engine that needs no compiler: it really is a Simulation, but its blocks are told, not computed.

ETH falls by half in the middle of the run and recovers; every tenth block one position of `eth_loop` is
liquidated, the last one leaves bad debt. So every number of a summary can be worked out by hand.
"""

from __future__ import annotations

import functools
import math

from scenarios.load import load
from scenarios.schema import Scenario
from scenarios.simulation import Simulation
from sim.causes import LIQUIDATION
from sim.columns import COHORT_COLUMNS
from sim.status import NOT_LIQUIDATABLE, OK
from sim.transaction import LIQUIDATE, SWAP

BURN_IN, HORIZON, SETTLE = 20, 600, 60
LIQUIDATIONS = range(100, 301, 10)  # the blocks with one
BAD_DEBT_USD = 1_500.0
REPAID_USD = 1_000.0
BONUS_USD = 50.0  # of each liquidation: from the borrower through the market to the keeper
SMALL = (
    f"time.horizon_blocks={HORIZON}",
    f"time.burn_in_blocks={BURN_IN}",
    f"time.settle_blocks={SETTLE}",
    "record.vaults_every_blocks=70",
    "cohorts.*.n_rows=5",
    "cohorts.eth_loop.n_rows=30",
    "cohorts.eth_loop.positions_per_row=4",
)


@functools.cache
def scenario(*changes: str) -> Scenario:
    return load("calm_market", [*SMALL, *changes])


def n_levered() -> int:
    """Positions that owe something at the start."""
    vaults = [c for c in scenario().cohorts if c.role == "vault" and c.market is not None]
    return int(sum(cohort.n_rows * cohort.positions_per_row for cohort in vaults))


def fall(block: int) -> float:
    """Share of its first price that ETH has lost: nothing, then a half, then a quarter."""
    return 0.0 if block < 100 else 0.5 if block < 400 else 0.25


class PlainSimulation(Simulation):
    """Tells the same story whatever the stretches it is run in."""

    def run(self, n_blocks: int | None = None) -> int:
        wanted = self.n_slots - self.slot if n_blocks is None else n_blocks
        done = 0
        while done < wanted and not self.is_done and self.world.log.n[0] < 256:
            self._one_block()
            done += 1
        return done

    def audit(self) -> None:
        """Nothing moves here, and the audit would want the compiler."""

    def _one_block(self) -> None:
        now, log = self.world.clock.now[0], self.world.log
        now.slot += 1
        now.seconds += now.slot_seconds
        block = self.block - 1
        if block < 0:
            return
        if block == 0:
            self._start_wealth()
        exchange = self.world.venues.exchanges[0]
        first = float(self.world.clock.fundamental_price_usd[BURN_IN, 0])
        exchange.fundamental_price_usd = first * (1.0 - fall(block))
        exchange.market_price_usd = exchange.fundamental_price_usd * 0.9
        self._row(block, log)
        if block in LIQUIDATIONS:
            self._event(log, block, LIQUIDATE, OK)
            self._bonus(log.paid_usd[LIQUIDATION])
            self._event(log, block, LIQUIDATE, NOT_LIQUIDATABLE)
        self._event(log, block, SWAP, OK)
        log.n[0] += 1

    def _start_wealth(self):
        """Nobody trades, so that the inside keeps what it was born with."""
        log, exchanges = self.world.log, self.world.venues.exchanges
        log.wealth["inside_at_start"] = log.wealth["inside"]
        log.wealth["price_at_start_usd"] = self.world.clock.fundamental_price_usd[BURN_IN]
        log.wealth["market_price_at_start_usd"] = exchanges["market_price_usd"]

    def _bonus(self, paid_usd):
        groups = [group.name for group in self.names.groups]
        borrower, market, keeper = map(groups.index, ("eth_loop", "markets", "liquidators"))
        paid_usd[borrower, market] += BONUS_USD
        paid_usd[market, keeper] += BONUS_USD

    def _row(self, block, log):
        n = log.n[0]
        row = dict.fromkeys(self.block_columns, 1.0)
        for k, asset in enumerate(self.names.assets):
            exchange = self.world.venues.exchanges[k]
            row[f"fundamental_price_usd.{asset}"] = exchange.fundamental_price_usd
            row[f"market_price_usd.{asset}"] = exchange.market_price_usd
            row[f"permanent_impact.{asset}"] = row[f"transient_impact.{asset}"] = 0.0
        for feed in self.scenario.feeds:
            row[f"oracle_price_usd.{feed.name}"] = row[f"market_price_usd.{feed.asset}"]
        if block == 100:
            row["oracle_price_usd.eth_usd"] *= 1.2
        row |= {"block": block, "seconds": (block + 1) * 12.0, "base_fee_gwei": 20.0 + block}
        log.blocks[n] = list(row.values())
        log.cohorts[n] = 0.0
        for c, cohort in enumerate(self.world.cohorts.table):
            told = {"nav_usd": 1e6 * (1.0 - fall(block)), "n_bids": 2.0, "n_wins": 1.0}
            if cohort.market >= 0 and cohort.role == 8:
                told |= {"debt_usd": 5e5, "collateral_usd": 1.5e6, "min_health": 1.1}
                told |= {"risk_p05": 0.5, "risk_p50": 0.6, "risk_p95": 0.9}
            for name, value in told.items():
                log.cohorts[n, c, COHORT_COLUMNS.index(name)] = value
        log.pools[n] = block
        log.reserves[n] = block

    def _event(self, log, block, kind, status):
        event = log.events[log.n[1]]
        loop, keeper = (self.names.cohorts.index(name) for name in ("eth_loop", "liquidators"))
        table = self.world.cohorts.table
        event.block, event.sequence = block, 2 * block + (kind == SWAP)
        event.kind, event.status = kind, status
        event.account, event.cohort = int(table[keeper].first_account), keeper
        event.counterparty, event.token, event.venue, event.health_before = -1, 0, -1, math.nan
        event.usd, event.deficit_usd, event.token_amount = 5.0, 0.0, 2.5
        if kind == LIQUIDATE:
            victim = (block // 10) % 7  # seven rows, some of them more than once
            event.counterparty = int(table[loop].first_account) + victim
            event.usd, event.health_before = REPAID_USD, 0.97
            is_last = status == OK and block == LIQUIDATIONS[-1]
            event.deficit_usd = BAD_DEBT_USD if is_last else 0.0
        log.n[1] += 1
