"""What each verb of each kind of venue costs once it is executed, beside its bare arithmetic on one row.

The venues are those of the prompt, with one row each; the engine executes the same transaction again and
again (a swap there and back), with gas, journal, transfers, the books of the venue, who paid whom, the
event and the conservation books. Nobody belongs to a cohort, and there is no line to stand in.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from analysis.venues import (
    ConcentratedPool,
    ConstantProductPool,
    IsolatedMarket,
    LendingMarket,
    StableSwapPool,
    WeightedPool,
)
from analysis.venues.venue import Venue
from benchmarks import bare_verbs as bare
from benchmarks.measure import Measure, best_seconds
from benchmarks.swaps import execute_line
from scenarios.build import new_log
from sim.transaction import GAS_UNITS
from sim.world import freeze, thaw

N_CALLS = 1_000
REPEATS = 51
PRICE_GWEI = 1.0
PROMISED, PROMISED_OF_CURVES = (
    2.0,
    1.5,
)  # the latter where the formula is long: StableSwap, weighted


@dataclasses.dataclass(frozen=True)
class Case:
    """One verb: the venue, the calls that take turns, and what is left of them without an engine."""

    name: str
    venue: Venue
    calls: tuple[Callable[[], Any], ...]
    bare: Callable[..., Any]
    state: tuple[Any, ...]  # arrays (or tables) that the bare chain works on
    promised: float = PROMISED


def _amounts(*numbers: float) -> np.ndarray:
    return np.array(numbers)


def _constant_product() -> Iterator[Case]:
    pool = ConstantProductPool({"ETH": 1e4, "USDC": 2e7})
    pool.account()
    swaps = (lambda: pool.swap("ETH", 1.0), lambda: pool.swap("USDC", 2e3))
    yield Case("constant product, swap", pool, swaps, bare.constant_product_swap,
               (_amounts(1e4, 2e7, 1.0, 2e3, 0.003),))  # fmt: skip
    books = (1e4, 2e7, pool.lp_supply)
    yield Case("constant product, add", pool, (lambda: pool.add_liquidity("ETH", 1.0),),
               bare.proportional_liquidity, (_amounts(*books, 1.0),))  # fmt: skip
    yield Case("constant product, remove", pool, (lambda: pool.remove_liquidity(1.0),),
               bare.proportional_liquidity, (_amounts(*books, -1.0),))  # fmt: skip


def _concentrated() -> Iterator[Case]:
    pool = ConcentratedPool(("ETH", "USDC"), 2_000.0)
    lower, upper = 70_020, 82_020
    pool.add_liquidity(liquidity=1e6, lower_tick=lower, upper_tick=upper)

    def add() -> None:
        pool.add_liquidity(liquidity=10.0, lower_tick=lower, upper_tick=upper)

    def remove() -> None:
        pool.remove_liquidity(10.0, lower, upper)

    swaps = (lambda: pool.swap("ETH", 1.0), lambda: pool.swap("USDC", 2e3))
    root = pool.sqrt_price
    yield Case("concentrated, swap", pool, swaps, bare.concentrated_swap,
               (_amounts(root, 1e6, 1.0, 2e3, 0.003, 0.0, 0.0, 0.0),))  # fmt: skip
    ends = [pool.price_of(tick) ** 0.5 for tick in (lower, upper)]
    for name, sign, call in (("add", 1.0, add), ("remove", -1.0, remove)):
        state = _amounts(root, *ends, 1e6, sign * 10.0, 0.0, 0.0)
        yield Case(f"concentrated, {name}", pool, (call,), bare.concentrated_liquidity, (state,))


def _stable_swap() -> Iterator[Case]:
    pool = StableSwapPool({"USDC": 1e7, "USDT": 1.1e7}, 100.0, 0.0004, 0.5)
    levels = (1e7, 1.1e7)
    swaps = (lambda: pool.swap("USDC", 1e3), lambda: pool.swap("USDT", 1e3))
    yield Case("StableSwap, swap", pool, swaps, bare.stable_swap,
               (_amounts(200.0, 0.0004, 1e3), _amounts(*levels)), PROMISED_OF_CURVES)  # fmt: skip
    for name, sign, call in (
        ("add", 1.0, lambda: pool.add_liquidity({"USDC": 1e3})),
        ("remove amounts", -1.0, lambda: pool.remove_amounts({"USDC": 1e3})),
    ):
        state = (
            _amounts(200.0, 0.0002, 2.1e7),
            _amounts(*levels),
            _amounts(sign * 1e3, 0.0),
            np.zeros(2),
        )
        yield Case(f"StableSwap, {name}", pool, (call,), bare.stable_liquidity, state,
                   PROMISED_OF_CURVES)  # fmt: skip


def _weighted() -> Iterator[Case]:
    pool = WeightedPool({"ETH": 1e4, "USDC": 5e6}, {"ETH": 0.8, "USDC": 0.2}, 0.003)
    swaps = (lambda: pool.swap("ETH", 1.0), lambda: pool.swap("USDC", 2e3))
    yield Case("weighted, swap", pool, swaps, bare.weighted_swap,
               (_amounts(1e4, 5e6, 0.8, 0.2, 1.0, 2e3, 0.003),), PROMISED_OF_CURVES)  # fmt: skip
    coins = pool._world.venues.coins.copy()
    yield Case("weighted, add", pool, (lambda: pool.add_liquidity({"ETH": 1.0}),),
               bare.weighted_liquidity, (_amounts(pool.lp_supply, 0.003), coins, _amounts(1.0, 0.0)),
               PROMISED_OF_CURVES)  # fmt: skip


def _indebted(market: LendingMarket | IsolatedMarket, debt: float) -> None:
    """Lenders, and a borrower with 10,000 ether."""
    market.supply("USDC", 1e8)
    market.give("alice", "ETH", 1.1e4)  # some for gas
    market.supply("ETH", 1e4, account="alice")
    market.borrow("USDC", debt, account="alice")


def _borrowed(market: LendingMarket | IsolatedMarket, name: str, chain: Any) -> Iterator[Case]:
    _indebted(market, 1e7)
    borrow = _amounts(1e7, 1.0, 9e7, 10.0, 0.04, 0.83, 2e7, 1e7, 0.0, 0.0)
    yield Case(f"{name}, borrow", market, (lambda: market.borrow("USDC", 10.0, account="alice"),),
               chain, (borrow,))  # fmt: skip


def _liquidated(
    market: LendingMarket | IsolatedMarket, name: str, call: Any, chain: Any
) -> Iterator[Case]:
    _indebted(market, 1.5e7)
    market.set_price("ETH", 1_700.0)
    state = _amounts(1.5e7, 1.0, 8.5e7, 10.0, 0.04, 0.83, 1e4, 1_700.0, 0.05, 1.5e7, 1.0, 0.0)
    yield Case(f"{name}, liquidate", market, (lambda: call(market),), chain, (state,))


def cases() -> Iterator[Case]:
    """Every kind with its verbs."""
    yield from _constant_product()
    yield from _concentrated()
    yield from _stable_swap()
    yield from _weighted()

    def pooled() -> LendingMarket:
        collateral = {"ltv_fraction": 0.8, "threshold_fraction": 0.83, "bonus_fraction": 0.05}
        loan = {"slope1_per_year": 0.04, "slope2_per_year": 0.6}
        return LendingMarket(
            {"ETH": {"price_usd": 2_000, **collateral}, "USDC": {"price_usd": 1, **loan}}
        )

    def isolated() -> IsolatedMarket:
        return IsolatedMarket("ETH", "USDC", 0.83, {"ETH": 2_000, "USDC": 1})

    def of_pooled(market: LendingMarket) -> None:
        market.liquidate("alice", "ETH", "USDC", 10.0)

    def of_isolated(market: IsolatedMarket) -> None:
        market.liquidate("alice", 10.0)

    yield from _borrowed(pooled(), "pooled lending", bare.pooled_borrow)
    yield from _liquidated(pooled(), "pooled lending", of_pooled, bare.pooled_liquidation)
    yield from _borrowed(isolated(), "isolated lending", bare.isolated_borrow)
    yield from _liquidated(isolated(), "isolated lending", of_isolated, bare.isolated_liquidation)


def _executed_seconds(case: Case) -> float:
    """Seconds for ``N_CALLS`` executions, the state being put back between repeats."""
    venue = case.venue
    before = freeze(venue._world, {})
    legs = []
    for call in case.calls:
        call()
        legs.append(venue._world.chains.mempool[0, 0].copy())
    thaw(venue._world, before)
    log = new_log(venue._layout, 2 * N_CALLS, [True] * len(venue._layout.groups))
    world = venue._world._replace(log=log)
    for place, leg in enumerate(legs):
        leg["gas"], leg["max_fee_gwei"] = GAS_UNITS[int(leg["kind"])], 5.0
        world.chains.mempool[0, place] = leg
    now, chain = world.clock.now[0], world.chains.table[0]
    now.first_recorded_slot, chain.paid_base_fee_gwei = 0, 0.5 * PRICE_GWEI
    chain.pending = len(legs)  # so that they are put back with the rest
    start = freeze(world, {})
    places = np.arange(N_CALLS) % len(legs)

    def put_back() -> None:
        thaw(world, start)
        world.log.n[:] = 0

    seconds = best_seconds(put_back, lambda: execute_line(world, places, PRICE_GWEI), REPEATS)
    n_written, n_reverted = int(world.log.n[1]), int(world.chains.table[0].reverted)
    thaw(venue._world, before)
    if n_written != N_CALLS or n_reverted:
        raise AssertionError(
            f"{case.name}: {n_written} of {N_CALLS} were written down, {n_reverted} reverted"
        )
    return seconds


def _bare_seconds(case: Case) -> float:
    kept = [part.copy() for part in case.state]

    def put_back() -> None:
        for part, before in zip(case.state, kept, strict=True):
            part[...] = before

    return best_seconds(put_back, lambda: case.bare(N_CALLS, *case.state), REPEATS)


def measures() -> list[Measure]:
    """A row a verb."""
    found = []
    for case in cases():
        bare_ns, executed_ns = (
            1e9 * seconds(case) / N_CALLS for seconds in (_bare_seconds, _executed_seconds)
        )
        note = f"{executed_ns:.0f} ns executed, {bare_ns:.1f} ns bare"
        found.append(
            Measure(
                f"{case.name} over its bare chain", executed_ns / bare_ns, "x", case.promised, note
            )
        )
    return found
