"""What an executed swap costs, as a multiple of the arithmetic that cannot be avoided.

All swaps go to one pool, so that each depends on the one before. The bare chain is the swap formula on two
reserves and nothing else. The engine's swap is everything a sealed transaction goes through: its place in
the block (``order``), its gas, its journal, two transfers, the pool's books, the receipt, the event, the
conservation books, the counters of chain and cohort, and its way out of the mempool (``execute``).
"""

from __future__ import annotations

import dataclasses

import numpy as np

from benchmarks.measure import Measure, best_seconds
from benchmarks.population import QUIET, WARM_UP_BLOCKS, scenario
from scenarios.simulation import Simulation
from sim.block.execute import execute
from sim.block.order import order
from sim.block.submit import submit
from sim.compile import entry
from sim.formulas import constant_product as curve
from sim.ledger import commit
from sim.orders import add_leg, open_transaction, seal
from sim.transaction import SWAP
from sim.venues import constant_product
from sim.world import World, columns

AMOUNT_USD = 500.0


@entry
def bare_chain(amounts, is_zero_in, reserves, fee_fraction):
    """One swap after another on two reserves."""
    reserve0 = reserves[0]
    reserve1 = reserves[1]
    for k in range(amounts.shape[0]):
        if is_zero_in[k]:
            bought = curve.amount_out(amounts[k], reserve0, reserve1, fee_fraction)
            reserve0 = reserve0 + amounts[k]
            reserve1 = reserve1 - bought
        else:
            bought = curve.amount_out(amounts[k], reserve1, reserve0, fee_fraction)
            reserve1 = reserve1 + amounts[k]
            reserve0 = reserve0 - bought
    reserves[0] = reserve0
    reserves[1] = reserve1


@entry
def fill_mempool(world, view, cohort, pool, amounts, is_zero_in):
    """A sealed swap of each row of a cohort."""
    first_account = world.cohorts.table[cohort].first_account
    row = world.venues.pools[pool]
    for k in range(amounts.shape[0]):
        token = row.token0 if is_zero_in[k] else row.token1
        first = open_transaction(world.chains, 0)
        add_leg(world.chains, 0, SWAP, first_account + k, pool, token, amounts[k], 0.0)
        # Nothing is rounded to equal bids: tips differ, as they do among vaults of different cohorts.
        seal(view, 0, first, 1, cohort, 1.0, 1.0 + (k % 97) / 97.0, 5.0, 2.0, 25)
    submit(world, 0)


@entry
def order_block(world):
    """The verb ``order`` alone."""
    return order(world, 0)


@entry
def execute_block(world, size):
    """The verb ``execute`` alone."""
    execute(world, 0, size)


@entry
def apply_block(world, n_swaps):
    """The venue's verb alone: journal, two transfers, the pool's books, the receipt; no gas, no event."""
    receipt = world.log.receipt[0]
    for k in range(n_swaps):
        transaction = world.chains.mempool[0, world.chains.queue[0, n_swaps - 1 - k]]
        constant_product.apply(
            world.ledger, world.venues.pools, transaction.row, transaction,
            transaction.amount, receipt,
        )  # fmt: skip
        commit(world.ledger)


@dataclasses.dataclass(frozen=True)
class SwapCost:
    """Nanoseconds a swap."""

    n_swaps: int
    bare_ns: float
    apply_ns: float  # the verb of the venue and the conservation books
    order_ns: float
    execute_ns: float  # all verbs around it as well


def swap_cost(n_swaps: int = 1_000, repeats: int = 101) -> SwapCost:
    """Swaps in one block on one pool, in both directions."""
    n_vaults = 4 * n_swaps  # a quarter of them has a fixed weight, and both tokens
    sim = Simulation(scenario(n_vaults, QUIET), 7)
    sim.run(WARM_UP_BLOCKS + 1)  # events of the burn-in are not written
    sim.drain()
    world, view = sim.world, sim.view
    world.chains.table[0].pending = 0
    cohort = sim.names.cohorts.index("fixed_weight")
    is_zero_in = np.random.default_rng(7).random(n_swaps) < 0.5
    price = float(world.venues.exchanges[0].market_price_usd)
    amounts = np.where(is_zero_in, AMOUNT_USD / price, AMOUNT_USD)
    pool = world.venues.pools[0]
    reserves = np.zeros(2)
    fee = float(pool.fee_fraction)

    def reset() -> None:
        reserves[:] = pool.reserve0, pool.reserve1

    fill_mempool(world, view, cohort, 0, amounts, is_zero_in)
    submitted = _kept(world)
    order_block(world)
    ordered = _kept(world)
    execute_block(world, n_swaps)
    executed, n_events = int(world.chains.table[0].executed), int(world.log.n[1])
    if not executed == n_events == n_swaps:
        raise AssertionError(
            f"{executed} of {n_swaps} swaps were executed, {n_events} written down"
        )
    after = float(pool.reserve0), float(pool.reserve1)
    _put_back(world, submitted)
    order_s = best_seconds(lambda: _put_back(world, submitted), lambda: order_block(world), repeats)
    execute_s = best_seconds(
        lambda: _put_back(world, ordered), lambda: execute_block(world, n_swaps), repeats
    )
    apply_s = best_seconds(
        lambda: _put_back(world, ordered), lambda: apply_block(world, n_swaps), repeats
    )
    bare_s = best_seconds(reset, lambda: bare_chain(amounts, is_zero_in, reserves, fee), repeats)
    if not np.allclose(reserves, after, rtol=1e-3):
        raise AssertionError(f"the bare chain ends at {reserves}, the engine at {after}")
    _put_back(world, ordered)
    seconds = (bare_s, apply_s, order_s, execute_s)
    return SwapCost(n_swaps, *(1e9 * each / n_swaps for each in seconds))


def _kept(world: World) -> dict[str, np.ndarray]:
    """What a block of swaps changes; the log is only told that it is empty again."""
    return {
        name: array.copy()
        for name, array in columns(world)
        if name.startswith(("chains.", "ledger.", "cohorts.table", "cohorts.column"))
    }


def _put_back(world: World, kept: dict[str, np.ndarray]) -> None:
    for name, array in columns(world):
        if name in kept:
            array[...] = kept[name]
    world.log.n[:] = 0


def measures(cost: SwapCost) -> list[Measure]:
    """Multiples of the bare chain first."""
    bare = cost.bare_ns
    whole = cost.order_ns + cost.execute_ns
    return [
        Measure("executed swap over the bare chain", cost.execute_ns / bare, "x", 3.0,
                "`execute`: all that a swap goes through once it has its place in the block"),
        Measure("the pool's verb over the bare chain", cost.apply_ns / bare, "x", None,
                "journal, two transfers, books, receipt; no gas, no event, no counters"),
        Measure("ordered and executed swap over the bare chain", whole / bare, "x", None,
                "`order` and `execute`"),
        Measure("bare chain", bare, "ns", None, "two reserves, the formula, nothing else"),
        Measure("the pool's verb", cost.apply_ns, "ns"),
        Measure("order", cost.order_ns, "ns", None, f"{cost.n_swaps:,} swaps in the mempool"),
        Measure("execute", cost.execute_ns, "ns"),
    ]  # fmt: skip
