"""What an executed swap costs, as a multiple of the arithmetic that cannot be avoided.

All swaps go to one pool, so that each depends on the one before. The bare chain is the swap formula on two
reserves and nothing else. The engine's executed swap is everything a transaction goes through once it is
its turn: its gas, its journal, two transfers, the pool's books, the receipt, the event, the conservation
books, the counters of chain and cohort, and leaving the mempool. A whole block adds the line where it waits
for its turn (``order``), the room there must be for it (``execute``), and what closes the block (``close``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from benchmarks.measure import Measure, best_seconds
from benchmarks.population import QUIET, WARM_UP_BLOCKS, scenario
from scenarios.simulation import Simulation
from sim.block.close import close
from sim.block.execute import execute, execute_one
from sim.block.line import CALLED_AT_ONCE, call_next
from sim.block.order import order
from sim.block.submit import finish, submit
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
def line_up(world, places):
    """The verb ``order``, and everybody's place once it is his turn."""
    size = order(world, 0)
    for k in range(size):
        if k % CALLED_AT_ONCE == 0:
            call_next(world.chains, 0, size - k)
        places[k] = world.chains.queue[0, size - 1 - k]
    return size


@entry
def execute_line(world, places, price_gwei):
    """One transaction after another, without asking whether there is room."""
    for k in range(places.shape[0]):
        execute_one(world, 0, places[k], price_gwei)
        head = world.chains.mempool[0, places[k]]
        if head.cohort >= 0:  # nobody waits at the prompt
            finish(world, head)


@entry
def whole_block(world):
    """The three verbs of block space."""
    execute(world, 0, order(world, 0))
    close(world, 0)


@entry
def apply_line(world, places):
    """The venue's verb alone: journal, two transfers, the pool's books, the receipt; no gas, no event."""
    receipt = world.log.receipt[0]
    seconds = world.clock.now[0].seconds
    for k in range(places.shape[0]):
        transaction = world.chains.mempool[0, places[k]]
        constant_product.apply(
            world.ledger, world.venues.pools, transaction.row, transaction,
            transaction.amount, seconds, receipt,
        )  # fmt: skip
        commit(world.ledger)


@dataclasses.dataclass(frozen=True)
class SwapCost:
    """Nanoseconds a swap."""

    n_swaps: int
    bare_ns: float
    apply_ns: float  # the verb of the venue and the conservation books
    execute_ns: float  # with gas, event, counters
    order_ns: float
    block_ns: float  # order, execute, close


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
    whole_block(world)
    executed, n_events = int(world.chains.table[0].executed), int(world.log.n[1])
    if not executed == n_events == n_swaps:
        raise AssertionError(
            f"{executed} of {n_swaps} swaps were executed, {n_events} written down"
        )
    after = float(pool.reserve0), float(pool.reserve1)
    _put_back(world, submitted)
    places = np.zeros(n_swaps, np.int64)
    gwei = float(world.chains.table[0].base_fee_gwei) + 1.0

    def seconds(work: Callable[[], object]) -> float:
        return best_seconds(lambda: _put_back(world, submitted), work, repeats)

    order_s = seconds(lambda: line_up(world, places))
    apply_s = seconds(lambda: apply_line(world, places))
    execute_s = seconds(lambda: execute_line(world, places, gwei))
    block_s = seconds(lambda: whole_block(world))
    bare_s = best_seconds(reset, lambda: bare_chain(amounts, is_zero_in, reserves, fee), repeats)
    if not np.allclose(reserves, after, rtol=1e-3):
        raise AssertionError(f"the bare chain ends at {reserves}, the engine at {after}")
    _put_back(world, submitted)
    each = (bare_s, apply_s, execute_s, order_s, block_s)
    return SwapCost(n_swaps, *(1e9 * total / n_swaps for total in each))


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
    return [
        Measure("executed swap over the bare chain", cost.execute_ns / bare, "x", 3.0,
                "all that a swap goes through once it is its turn"),
        Measure("the pool's verb over the bare chain", cost.apply_ns / bare, "x", None,
                "journal, two transfers, books, receipt; no gas, no event, no counters"),
        Measure("whole block over the bare chain", cost.block_ns / bare, "x", None,
                "`order`, `execute` and `close`"),
        Measure("bare chain", bare, "ns", None, "two reserves, the formula, nothing else"),
        Measure("the pool's verb", cost.apply_ns, "ns"),
        Measure("executed swap", cost.execute_ns, "ns"),
        Measure("standing in line", cost.order_ns, "ns", None, f"{cost.n_swaps:,} swaps in the mempool"),
        Measure("whole block", cost.block_ns, "ns", None, "a swap"),
    ]  # fmt: skip
