"""One small world for the tests: round numbers, nobody acts by itself, transactions are sent by hand.

ETH is at 2,000 USD. The pool holds 1,000 ETH and 2 M USDC. A loop has 75 ETH of collateral and owes
80,000 USDC: health 150,000 x 0.8 / 80,000 = 1.5. Attention is zero everywhere, so agents only decide
when a test lets them. Kernels called from here run as plain Python: nothing is compiled.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

import numpy as np

from agents.decide import decide
from scenarios import step
from scenarios.build import build
from scenarios.load import loads
from scenarios.simulation import view_of
from sim import status
from sim.block.execute import execute_one
from sim.block.submit import finish
from sim.fields import LOSSES, RECENT_LOSSES, RETRIES_AT
from sim.ledger import add_compensated, balance
from sim.orders import add_leg, open_transaction, seal
from sim.transaction import FLASH_BORROW, LIQUIDATE, MOST_COINS, OUTSIDE_LOAN
from sim.world import World, columns

SCENARIO = """
schema = 1
title = "A small world for the tests"

[time]
start = "2024-01-01T00:00:00Z"
slot_seconds = 12
horizon_blocks = 2000
burn_in_blocks = 0

[record]
audit_every_blocks = 1

[[assets]]
name = "ETH"
price_usd = 2000
depth_usd = 1e9
outside_inventory_usd = 20e6

[[assets]]
name = "USDC"
is_cash = true
price_usd = 1
outside_inventory_usd = 20e6

[[chains]]
name = "main"
base_fee_gwei = 20
demand_noise = 0
mempool_capacity = 100

[[feeds]]
name = "eth_usd"
asset = "ETH"
heartbeat_seconds = 1e6

[[feeds]]
name = "usdc_usd"
asset = "USDC"
heartbeat_seconds = 1e6

[[pools]]
name = "eth_usdc"
tokens = ["ETH", "USDC"]
fee_fraction = 0.003

[[markets]]
name = "core"

[[reserves]]
name = "core_eth"
market = "core"
asset = "ETH"
feed = "eth_usd"
ltv_fraction = 0.75
threshold_fraction = 0.8
bonus_fraction = 0.05

[[reserves]]
name = "core_usdc"
market = "core"
asset = "USDC"
feed = "usdc_usd"
slope1_per_year = 0.05
slope2_per_year = 0.6
optimal_utilisation_fraction = 0.9
reserve_factor_fraction = 0.1
utilisation_fraction = 0.8

[[cohorts]]
name = "holders"
strategy = "buy_and_hold"
n_rows = 2
tvl_usd = 200e3
size = 1
asset = "ETH"
risky_fraction = 0.5

[[cohorts]]
name = "loops"
strategy = "leveraged_loop"
n_rows = 2
tvl_usd = 142e3
size = 1
asset = "ETH"
market = "core"
target_health = 1.5
gas_tank_usd = 1000
attention_fraction = 0

[[cohorts]]
name = "lenders"
strategy = "lender"
n_rows = 1
market = "core"
reserve_asset = "USDC"

[[cohorts]]
name = "providers"
strategy = "liquidity_provider"
n_rows = 2
tvl_usd = 4e6
size = 1
pool = "eth_usdc"
gas_tank_usd = 100e3

[[cohorts]]
name = "keepers"
strategy = "liquidator"
n_rows = 2
tvl_usd = 2e6
size = 1
market = "core"
attention_fraction = 0
settlement_delay_seconds = 36

[[cohorts]]
name = "arbitrageurs"
strategy = "arbitrageur"
n_rows = 2
tvl_usd = 4e6
size = 1
attention_fraction = 0
"""

# What a transaction that reverted may leave behind: the log, scratch, and the counters of reverts.
SCRATCH = (
    "log.",
    "ledger.journal.",
    "chains.mempool",
    "chains.queue",
    "chains.price",
    "chains.tie",
    "chains.parted_at",
)
COUNTERS = {"chains.table": ("reverted",), "cohorts.table": ("reverted", "losses")}


@dataclasses.dataclass(frozen=True)
class Leg:
    """One verb of a transaction; names are numbers already."""

    kind: int
    row: int
    amount: float
    token_in: int = -1
    limit: float = 0.0
    token_out: int = -1
    counterparty: int = -1
    others: tuple[float, ...] = ()  # amounts of a pool's coins after the first


class SmallWorld:
    """A world moved by hand: one transaction at a time, or block by block."""

    def __init__(self, changes: Mapping[str, object] | None = None, text: str = SCENARIO) -> None:
        scenario = loads(text)
        self.scenario = scenario.with_(**changes) if changes else scenario
        self.world: World
        self.world, self.names = build(self.scenario, seed=1)
        self.view = view_of(self.world)
        self.block()  # recorded time starts with the first block

    def account(self, name: str) -> int:
        """The number of an account: ``loops.0``, ``eth_usdc``, ``main.builder``."""
        n = int(self.names.first[-1])
        return [self.names.account(number) for number in range(n)].index(name)

    def token(self, name: str) -> int:
        """The number of a token: ``ETH``, ``LP.eth_usdc``, ``aETH.core``, ``dUSDC.core``."""
        return self.names.tokens.index(f"{name}@main")

    def held(self, account: str, token: str) -> float:
        """What an account holds."""
        return float(balance(self.world.ledger, self.token(token), self.account(account)))

    def give(self, account: str, token: str, amount: float) -> None:
        """Set a balance, and book the difference as minted, as birth does."""
        ledger, number = self.world.ledger, self.token(token)
        group = int(ledger.group[self.account(account)])
        place = int(ledger.offset[number, group] + self.account(account) - ledger.first[group])
        add_compensated(ledger.minted, number, amount)
        add_compensated(ledger.minted, number, -float(ledger.balance[place]))
        ledger.balance[place] = amount

    def send(
        self,
        sender: str,
        *legs: Leg,
        tip_gwei: float = 2.0,
        max_fee_gwei: float = 100.0,
        patience: int = 5,
        positions: float = 1.0,
        pays_gas: bool = True,
    ) -> np.record:
        """Put one transaction into the mempool; returns its first leg."""
        chains, number = self.world.chains, self.account(sender)
        first = open_transaction(chains, 0)
        for leg in legs:
            place = add_leg(
                chains, 0, leg.kind, number, leg.row, leg.token_in, leg.amount, leg.limit
            )
            assert place >= 0
            chains.mempool[0, place].token_out = leg.token_out
            chains.mempool[0, place].counterparty = leg.counterparty
            for k in range(1, MOST_COINS):
                amount = leg.others[k - 1] if k <= len(leg.others) else 0.0
                setattr(chains.mempool[0, place], f"amount{k}", amount)
            chains.mempool[0, place].gas *= pays_gas
        cohort = int(self.world.cohorts.of_group[self.world.ledger.group[number]])
        multiple = (max_fee_gwei - tip_gwei) / 20.0
        assert seal(
            self.view, 0, first, len(legs), cohort, positions, tip_gwei, 20.0, multiple, patience
        )
        return chains.mempool[0, first]

    def attempt(self, sender: str, *legs: Leg, positions: float = 1.0) -> int:
        """Execute one transaction at once, without gas; if it reverts, no bit of the world may differ."""
        assert self.world.chains.table[0].pending == 0
        before = state(self.world)
        self.send(sender, *legs, positions=positions, pays_gas=False)
        n_events = int(self.world.log.n[1])
        execute_one(self.world, 0, 0, 0.0)
        finish(self.world, self.world.chains.mempool[0, 0])
        self.world.chains.table[0].pending = 0
        assert int(self.world.log.n[1]) > n_events
        code = int(self.world.log.events[self.world.log.n[1] - 1].status)
        if code != status.OK:
            after = state(self.world)
            self._forget(before, after)
            assert list(differences(before, after)) == []
        return code

    def _forget(self, before: dict[str, np.ndarray], after: dict[str, np.ndarray]) -> None:
        """Keepers remember lost races, owners orders that failed: that alone may differ after a revert."""
        head, cohorts = self.world.chains.mempool[0, 0], self.world.cohorts
        if head.cohort < 0:
            return
        row = int(head.sender - cohorts.table[head.cohort].first_account)
        is_bid = head.kind in (LIQUIDATE, OUTSIDE_LOAN, FLASH_BORROW)
        for k in (LOSSES, RECENT_LOSSES) if is_bid else ():
            place = int(cohorts.start[head.cohort, k])
            if place > 0:
                after["cohorts.column"][place + row] -= 1.0
        place = int(cohorts.start[head.cohort, RETRIES_AT])
        if place > 0:
            assert after["cohorts.column"][place + row] == self.world.clock.now[0].slot + 1
            after["cohorts.column"][place + row] = before["cohorts.column"][place + row]

    def receipt(self) -> np.record:
        """What the last leg executed has left."""
        return self.world.log.receipt[0]

    def block(self, n: int = 1) -> bool:
        """Run blocks in plain Python; False if an audit failed."""
        holds = True
        log = self.world.log
        for _ in range(n):
            if log.n[0] == len(log.blocks):
                log.n[:2] = 0
            step.look(self.world, self.view)
            decide(self.view, 0, len(self.world.cohorts.table))
            holds = bool(step.settle(self.world)) and holds
        return holds

    def events(self) -> np.ndarray:
        """The event table so far."""
        return self.world.log.events[: int(self.world.log.n[1])]


def state(world: World) -> dict[str, np.ndarray]:
    """A copy of everything that a transaction may change, by its dotted name."""
    return {n: array.copy() for n, array in columns(world) if not n.startswith(SCRATCH)}


def differences(before: dict[str, np.ndarray], after: dict[str, np.ndarray]) -> Iterator[str]:
    """Names of the arrays that differ in some bit, counters apart."""
    for name, was in before.items():
        now = after[name]
        if name in COUNTERS:
            was, now = was.copy(), now.copy()
            for counter in COUNTERS[name]:
                was[counter] = now[counter] = 0
        if was.tobytes() != now.tobytes():
            yield name
