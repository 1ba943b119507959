"""A concentrated pool: trades across a gap, shared positions that come and go, and blocks without depth."""

from __future__ import annotations

import functools

from sim.transaction import ADD_LIQUIDITY, REMOVE_LIQUIDITY, SWAP
from sim.transaction import SWAP_EXACT_OUT as BUY
from sim.world import restore, snapshot
from tests.sim.range_world import RANGES, range_world
from tests.sim.worlds import Leg, SmallWorld

MODULES = ("sim.venues.concentrated",)
ETH, USDC = 0, 1


@functools.cache
def _made_once() -> tuple[SmallWorld, dict]:
    whole = range_world()
    for token in ("ETH", "USDC"):
        whole.give("near.0", token, 1e6)
        whole.give("arbitrageurs.0", token, 5e6)
    return whole, snapshot(whole.world)


def tell() -> bool:
    """Each verb at least once, with an audit after each; whether all audits held."""
    small, as_made = _made_once()
    restore(small.world, as_made)
    holds = True
    for sender, leg in acts(small):
        small.attempt(sender, leg)
        holds = small.block() and holds
    now, prices = small.world.clock.now[0], small.world.clock.fundamental_price_usd
    now.has_pool_depth = 0
    for price_usd in (1500.0, 2100.0):
        prices[now.slot + 1 :, ETH] = price_usd
        small.send(
            "arbitrageurs.0", Leg(SWAP, RANGES, 2e4, token_in=USDC, token_out=ETH), pays_gas=False
        )
        holds = small.block() and holds
    return holds


def acts(small: SmallWorld) -> tuple[tuple[str, Leg], ...]:
    """Who does what, with depth; each of them stands."""
    near, far = small.token("LP.ranges.near"), small.token("LP.ranges.far")
    return (
        ("arbitrageurs.0", Leg(SWAP, RANGES, 300.0, token_in=ETH, token_out=USDC)),
        ("near.0", Leg(ADD_LIQUIDITY, RANGES, 1e5, token_in=near)),
        ("arbitrageurs.0", Leg(SWAP, RANGES, 2200.0, token_in=ETH, token_out=USDC)),
        ("far.0", Leg(REMOVE_LIQUIDITY, RANGES, 1e5, token_in=far)),
        ("arbitrageurs.0", Leg(BUY, RANGES, 2000.0, token_in=USDC, token_out=ETH)),
        ("near.1", Leg(REMOVE_LIQUIDITY, RANGES, 1e9, token_in=near)),
    )
