"""Pools of several coins: trades, deposits and withdrawals of every kind, and a block without depth."""

from __future__ import annotations

import functools

from sim.transaction import ADD_LIQUIDITY, MINT_SHARES, REMOVE_AMOUNTS, REMOVE_LIQUIDITY, SWAP
from sim.transaction import SWAP_EXACT_OUT as BUY
from sim.world import restore, snapshot
from tests.sim.basket_world import DAI, ETH, INDEX, STABLE, USDC, USDT, basket_world
from tests.sim.worlds import Leg, SmallWorld

MODULES = ("sim.venues.basket", "sim.venues.stable_swap", "sim.venues.weighted")
ANY = 1e300  # as many shares, or as much, as it takes


@functools.cache
def _made_once() -> tuple[SmallWorld, dict]:
    whole = basket_world()
    for account in ("stable_providers.0", "index_providers.0"):
        for token in ("ETH", "DAI", "USDC", "USDT"):
            number = whole.token(token)
            if (
                whole.world.ledger.offset[number, whole.world.ledger.group[whole.account(account)]]
                >= 0
            ):
                whole.give(account, token, 1e6)
    return whole, snapshot(whole.world)


ACTS = (
    ("arbitrageurs.0", Leg(SWAP, STABLE, 2e5, token_in=USDC, token_out=DAI)),
    ("stable_providers.0", Leg(ADD_LIQUIDITY, STABLE, 0.0, others=(3e5, 1e4))),
    ("stable_providers.0", Leg(REMOVE_AMOUNTS, STABLE, 1e5, limit=ANY, others=(0.0, 2e5))),
    ("stable_providers.0", Leg(REMOVE_LIQUIDITY, STABLE, 1e5, token_out=USDT)),
    ("stable_providers.0", Leg(REMOVE_LIQUIDITY, STABLE, 1e5)),
    ("arbitrageurs.0", Leg(SWAP, INDEX, 100.0, token_in=ETH, token_out=USDC)),
    ("arbitrageurs.0", Leg(BUY, INDEX, 50.0, token_in=DAI, token_out=ETH, limit=ANY)),
    ("index_providers.0", Leg(ADD_LIQUIDITY, INDEX, 90.0, others=(0.0, 1e4))),
    ("index_providers.0", Leg(REMOVE_AMOUNTS, INDEX, 3.0, limit=ANY, others=(1e5, 0.0))),
    ("index_providers.0", Leg(MINT_SHARES, INDEX, 900.0, token_in=DAI, limit=ANY)),
    ("index_providers.0", Leg(MINT_SHARES, INDEX, 900.0, limit=ANY)),
    ("index_providers.0", Leg(REMOVE_LIQUIDITY, INDEX, 900.0, token_out=ETH)),
    ("index_providers.0", Leg(REMOVE_LIQUIDITY, INDEX, 900.0)),
)


def tell() -> bool:
    """Each verb at least once, with an audit after each; whether all audits held."""
    small, as_made = _made_once()
    restore(small.world, as_made)
    holds = True
    for sender, leg in ACTS:
        small.send(sender, leg, pays_gas=False)
        holds = small.block() and holds
    now, prices = small.world.clock.now[0], small.world.clock.fundamental_price_usd
    now.has_pool_depth = 0
    for price_usd in (1800.0, 2200.0):
        prices[now.slot + 1 :, ETH] = price_usd
        prices[now.slot + 1 :, DAI] = price_usd / 2000.0
        small.send(
            "arbitrageurs.0", Leg(SWAP, STABLE, 2e4, token_in=DAI, token_out=USDC), pays_gas=False
        )
        holds = small.block() and holds
    return holds
