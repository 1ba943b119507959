"""The block in its order: the whole of the reference model on one page.

A cascade is not a step. It emerges: executed sales move pool prices, arbitrage carries them to the outside
market, the oracle publishes them, positions become liquidatable, keepers bid.
"""

from __future__ import annotations

import math
from typing import Any

import mesa

from sim.formulas.random import normal_quantile, uniform
from tests.reference import birth, marking, record
from tests.reference.block_space import FATES, Chain
from tests.reference.bottomless_pool import move_to_market
from tests.reference.events import Event, log
from tests.reference.exchange import Exchange
from tests.reference.execution import execute
from tests.reference.ledger import Account, Move, transfer
from tests.reference.lending import Reserve
from tests.reference.observation import Observation, observe
from tests.reference.oracle import Feed
from tests.reference.participant import Cohort, Participant
from tests.reference.pool import Pool
from tests.reference.record_vaults import VaultRow, record_vaults
from tests.reference.transaction import Leg, Receipt, Trigger
from tests.reference.wealth import Token, Wealth, book, revalue


class ReferenceModel(mesa.Model):
    """A world at birth, and what the outside imposes on it; ``step`` is one block."""

    accounts: list[Account]
    exchanges: list[Exchange]
    feeds: list[Feed]
    pools: list[Pool]
    reserves: list[Reserve]
    chain: Chain
    cash: Exchange
    exchange_of: dict[str, Exchange]  # by underlying token
    venue_accounts: list[Account]
    cohorts: list[Cohort]  # in order of declaration
    vault_of: dict[str, Participant]  # by name of its account
    tokens: dict[str, Token]  # in the order in which they are numbered
    inside: set[str]  # groups of accounts whose losses are counted
    wealth: dict[str, Wealth]  # of the inside, by asset
    paid_usd: dict[tuple[str, str, str], float]  # by cause, payer and receiver

    def __init__(self, born: dict[str, Any]) -> None:
        super().__init__(rng=born["seed"])
        self.seed: int = born["seed"]  # of all draws
        self.slot: int = born["slot"]
        self.seconds: float = born["seconds"]
        self.slot_seconds: float = born["slot_seconds"]
        self.first_recorded_slot: int = born["first_recorded_slot"]
        self.fundamental_price_usd: dict[str, list[float]] = born["fundamental_price_usd"]
        self.dials: dict[str, dict[str, list[float]]] = born["dials"]
        self.is_trading: bool = born["channels"]["trading"]  # False: nobody acts
        self.has_pool_depth: bool = born["channels"]["pool_depth"]  # False: frictionless, as below
        self.has_oracle_lag: bool = born["channels"]["oracle_lag"]
        self.has_keeper_friction: bool = born["channels"]["keeper_friction"]
        self.events: list[Event] = []
        self.vault_rows: list[VaultRow] = []
        self.at_risk: list[Account] = []
        birth.bring_to_life(self, born)
        self.observations: list[Observation] = [observe(self)]

    def step(self) -> None:
        """One block."""
        self.chain.counts = dict.fromkeys(FATES, 0)
        self.accrue()
        self.draw()
        revalue(self, is_start=self.slot == self.first_recorded_slot)
        self.publish()
        self.observe()
        self.decide()
        self.submit()
        self.expire()
        self.build_block()
        self.at_risk = marking.mark(self)
        record_vaults(self)

    @property
    def block(self) -> int:
        """Number of the block since the recorded start; negative during the burn-in."""
        return self.slot - self.first_recorded_slot

    def events_of_block(self) -> list[Event]:
        """What has happened since the block began."""
        first = len(self.events)
        while first > 0 and self.events[first - 1].block == self.block:
            first -= 1
        return self.events[first:]

    def accrue(self) -> None:
        """Time passes; what was sold outside and is due is paid out. Interest is looked ahead only."""
        self.slot += 1
        self.seconds += self.slot_seconds
        for cohort in self.cohorts:
            for member in cohort.members:
                if 0 < member.settles_at <= self.slot:
                    assert member.custody is not None
                    moves: list[Move] = []
                    for exchange in self.exchanges:
                        amount = member.custody.holding(exchange.token)
                        if amount > 0.0:
                            transfer(
                                exchange.token,
                                member.custody,
                                member.account,
                                amount,
                                "settlement",
                                moves,
                            )
                    book(self, moves)
                    member.settles_at = 0

    def draw(self) -> None:
        """What the outside imposes: fundamental prices and depth, demand for block space, who is there."""
        for exchange in self.exchanges:
            exchange.fundamental_price_usd = self.fundamental_price_usd[exchange.name][self.slot]
            exchange.thin_out(self.dial("outside_depth", exchange.name), self.slot_seconds)
        chain = self.chain
        noise = 0.0
        if chain.demand_noise > 0.0:
            drawn = uniform(self.seed, chain.demand_stream, 0, self.slot)
            noise = chain.demand_noise * (normal_quantile(drawn) - 0.5 * chain.demand_noise)
        chain.demand_multiple = self.dial("gas_demand", chain.name) * math.exp(noise)
        for cohort in self.cohorts:
            cohort.alive_fraction = self.dial("keeper_alive", cohort.name)
            if cohort.route:
                cohort.stay_fraction = self.dial("depth", cohort.route[0].name)

    def publish(self) -> None:
        """The outside exchange quotes, delayed oracle values fall due, operators send updates."""
        for exchange in self.exchanges:
            exchange.decay(self.slot_seconds)
            exchange.reprice()
        if not self.has_pool_depth:
            for pool in self.pools:
                book(self, move_to_market(pool))
        for feed in self.feeds:
            feed.release(self.seconds)
        for feed in self.feeds:
            if not self.has_oracle_lag:
                feed.follow(self.slot, self.seconds)
                continue
            is_alive = self.dial("oracle_alive", feed.name) > 0.5
            if is_alive and feed.wants_update(self.seconds):
                price_usd = feed.asset.market_price_usd
                leg = Leg("publish_price", feed, "", price_usd)
                leg.trigger = Trigger(self.slot, price_usd, feed.asset.impact)
                is_sent = self.chain.send(
                    feed.operator, None, [leg], 1.0, feed.tip_gwei, self.chain.base_fee_gwei,
                    feed.max_fee_multiple, feed.patience_blocks, self.slot,
                )  # fmt: skip
                if is_sent:
                    feed.in_flight = 1.0

    def observe(self) -> None:
        """Write down what can be seen, and begin to count anew."""
        self.observations.append(observe(self))
        for cohort in self.cohorts:
            cohort.counts = dict.fromkeys(record.COUNTS, 0)
        if not self.has_keeper_friction:
            self.at_risk = marking.mark(self)  # a keeper without latency sees who is at risk now

    def decide(self) -> None:
        """Cohort by cohort in order of declaration; nobody sees what others ask for in this block."""
        if self.is_trading:
            for cohort in self.cohorts:
                cohort.strategy.decide_all(cohort)

    def submit(self) -> None:
        """New transactions are numbered."""
        for transaction in self.chain.submit(self.seed):
            self.chain.counts["submitted"] += 1
            if transaction.agent is not None:
                transaction.agent.cohort.counts["submitted"] += 1

    def expire(self) -> None:
        """What has waited too long leaves, or what gives way to a prior duty, and costs nothing."""
        for transaction in list(self.chain.mempool):
            is_late = transaction.expires < self.slot
            if is_late or transaction.is_replaced:
                reason = "expired" if is_late else "replaced by a prior duty"
                log(self, transaction, transaction.legs[0], Receipt(), reason, 0.0)
                self.chain.counts["expired"] += 1
                if transaction.agent is not None:
                    transaction.agent.cohort.counts["expired"] += 1
                    if is_late:
                        transaction.agent.retries_at = self.slot + 1
                    if transaction.is_bid:
                        transaction.agent.remember_race(has_won=False)
                self.chain.leave(transaction)

    def build_block(self) -> None:
        """Whoever is next in line is executed, while there is room; the rest waits."""
        chain = self.chain
        line = chain.line_up()
        chain.open_block()
        chain.waiting = len(line)
        for transaction in line:
            if not chain.has_room_for(transaction):
                break
            execute(self, transaction)
            chain.leave(transaction)
            chain.waiting -= 1
        chain.close_block()

    def dial(self, name: str, target: str) -> float:
        """What the outside imposes on one target in this slot."""
        return self.dials[name][target][self.slot]
