"""Block space: who gets in, in which order, and at what price. EIP-1559 (2019); Roughgarden (2021)."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from sim.formulas import fee_market
from sim.formulas.random import uniform
from sim.units import ETH_PER_GWEI
from tests.reference.exchange import Exchange
from tests.reference.ledger import Account
from tests.reference.transaction import GAS_UNITS, Leg, Transaction

if TYPE_CHECKING:
    from tests.reference.participant import Participant

FATES = ("submitted", "executed", "reverted", "expired", "refused")  # of transactions, counted
FIRST_PRICE_MARGIN = 1.125  # a bid over the going price: by how much that can rise in a block


@dataclasses.dataclass(eq=False)
class Chain:
    """Block space of one chain, and what waits for it."""

    name: str
    builder: Account
    native_token: str
    native_asset: Exchange
    is_eip1559: bool
    has_gas: bool  # False: block space is no friction
    gas_limit: float
    gas_target: float
    reference_fee_gwei: float  # the resting point of the price of gas
    demand_elasticity: float
    demand_noise: float
    demand_multiple: float
    demand_stream: int
    capacity: int  # legs that the mempool holds
    base_fee_gwei: float  # the going price
    paid_base_fee_gwei: float  # the going price of the block being built
    gas_used: float
    background_gas: float
    fees_burned: float
    tips_paid: float
    mempool: list[Transaction] = dataclasses.field(default_factory=list)
    n_legs: int = 0  # in the mempool
    waiting: int = 0
    counts: dict[str, int] = dataclasses.field(default_factory=lambda: dict.fromkeys(FATES, 0))

    @property
    def burned_gwei(self) -> float:
        """The part of the price of gas that is burned, in the block being built."""
        return self.paid_base_fee_gwei if self.is_eip1559 else 0.0

    def gas_units(self, *kinds: str) -> float:
        """Gas of some verbs for one position; none where block space is no friction."""
        return sum(GAS_UNITS[kind] for kind in kinds) if self.has_gas else 0.0

    def submit(self, seed: int) -> list[Transaction]:
        """Number what has come since the last block: each draws a lot that breaks ties of price."""
        new = [tx for tx in self.mempool if not tx.is_numbered]
        for tx in new:
            tx.is_numbered = True
            tx.lot = uniform(seed, self.demand_stream, tx.sender.number, tx.submitted)
        return new

    def expected_gas_price_gwei(self, going_gwei: float) -> float:
        """What a transaction sent now will pay a unit of gas before its tip, for all that is known."""
        return going_gwei if self.is_eip1559 else FIRST_PRICE_MARGIN * going_gwei

    def send(
        self, sender: Account, agent: Participant | None, legs: list[Leg], positions: float,
        tip_gwei: float, going_gwei: float, max_fee_multiple: float, patience: int, slot: int,
    ) -> bool:  # fmt: skip
        """Put a transaction into the mempool, unless that is full or its sender could not pay."""
        if not legs:
            return False
        max_fee_gwei = going_gwei * max_fee_multiple + tip_gwei
        if not self.is_eip1559:
            max_fee_gwei = min(max_fee_gwei, FIRST_PRICE_MARGIN * going_gwei + tip_gwei)
        gas = 0.0
        for leg in legs:
            gas += self.gas_units(leg.kind) * positions
        is_full = self.n_legs + len(legs) > self.capacity
        if is_full or gas * max_fee_gwei * ETH_PER_GWEI > sender.holding(self.native_token):
            self.counts["refused"] += 1
            return False
        self.mempool.append(
            Transaction(
                sender, agent, legs, positions, gas, tip_gwei, max_fee_gwei, slot, slot + patience
            )
        )
        if agent is not None:
            agent.in_mempool += 1
        self.n_legs += len(legs)
        return True

    def leave(self, transaction: Transaction) -> None:
        """Executed or expired: a transaction makes room, and its sender is free again."""
        transaction.is_done = True
        self.n_legs -= len(transaction.legs)
        if transaction.agent is not None:
            transaction.agent.in_mempool -= 1
        else:
            transaction.legs[0].venue.in_flight = 0.0

    def background_gas_at(self, price_gwei: float) -> float:
        """Gas that the rest of the chain wants at this price or more."""
        return fee_market.background_gas(
            price_gwei,
            self.gas_target if self.is_eip1559 else self.gas_limit,
            self.reference_fee_gwei,
            self.demand_multiple,
            self.demand_elasticity,
        )

    def bid_gwei(self, transaction: Transaction) -> float:
        """What a transaction pays a unit of gas if it is included now."""
        if transaction.gas == 0.0:
            return math.inf  # nothing on the chain: an order to the outside exchange
        if not self.is_eip1559:
            return transaction.max_fee_gwei
        tip = fee_market.effective_tip_gwei(
            transaction.max_fee_gwei, transaction.tip_gwei, self.base_fee_gwei
        )
        return self.base_fee_gwei + tip

    def line_up(self) -> list[Transaction]:
        """All that would pay the going price, in the order of inclusion: price, then lot, then age."""
        floor_gwei = self.base_fee_gwei if self.is_eip1559 else 0.0
        waiting = [tx for tx in self.mempool if not tx.is_done]
        for tx in waiting:
            tx.price_gwei = self.bid_gwei(tx)
        bidders = [tx for tx in waiting if tx.price_gwei >= floor_gwei]
        # Stable, so that the older of two equals stays first.
        return sorted(bidders, key=lambda tx: (-tx.price_gwei, tx.lot))

    def open_block(self) -> None:
        """A new block: what the last one was too small for takes its space first."""
        self.paid_base_fee_gwei = self.base_fee_gwei
        self.gas_used = max(self.gas_used - self.background_gas - self.gas_limit, 0.0)

    def has_room_for(self, transaction: Transaction) -> bool:
        """Room for the first of its positions beside all that is willing to pay more."""
        if transaction.gas == 0.0:
            return True
        background = min(self.background_gas_at(transaction.price_gwei), self.gas_limit)
        room = self.gas_limit - self.gas_used - background
        return room >= transaction.gas / transaction.positions

    def close_block(self) -> None:
        """Fill the block with background demand, find the next going price, forget what is done."""
        room = max(self.gas_limit - self.gas_used, 0.0)
        going_gwei = self.paid_base_fee_gwei
        if self.is_eip1559:
            self.background_gas = min(min(self.background_gas_at(going_gwei), self.gas_limit), room)
            self.gas_used += self.background_gas
            self.base_fee_gwei = fee_market.next_base_fee_gwei(
                going_gwei, min(self.gas_used, self.gas_limit), self.gas_target
            )
        else:
            self.background_gas = room
            self.gas_used += room
            # The price at which background demand just fits beside the agents.
            fitting_gwei = fee_market.background_price_gwei(
                room,
                self.gas_limit,
                self.reference_fee_gwei,
                self.demand_multiple,
                self.demand_elasticity,
            )
            self.base_fee_gwei = fee_market.followed_price_gwei(going_gwei, fitting_gwei)
        self.mempool = [tx for tx in self.mempool if not tx.is_done]
