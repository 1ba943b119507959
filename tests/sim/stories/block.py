"""The block itself: gas, swaps, pooled lending, oracles, the outside exchange, custody, channels off."""

from __future__ import annotations

import dataclasses
import functools

from sim.transaction import (
    ADD_LIQUIDITY,
    BORROW,
    LIQUIDATE,
    OUTSIDE_LOAN,
    OUTSIDE_RETURN,
    OUTSIDE_TRADE,
    PROCEEDS,
    PUBLISH_PRICE,
    REMOVE_LIQUIDITY,
    REPAY,
    SUPPLY,
    SWAP,
    WITHDRAW,
)
from sim.world import restore, snapshot
from tests.sim.worlds import Leg, SmallWorld

MODULES = ("sim",)
ETH, USDC = 0, 1
CORE_ETH, CORE_USDC = 0, 1  # reserves


@functools.cache
def _made_once() -> tuple[SmallWorld, dict]:
    """Gas at 1,000 gwei, so that a fee is large beside the trades it pays for."""
    whole = SmallWorld({"chains.main.base_fee_gwei": 1000})
    whole.give("loops.0", "ETH", 10.0)
    return whole, snapshot(whole.world)


def begin() -> SmallWorld:
    """The world as it was made."""
    whole, as_made = _made_once()
    restore(whole.world, as_made)
    return whole


def tell() -> bool:
    """Each verb at least once, with an audit after each block; whether all audits held."""
    return every_verb(begin())


def send(small: SmallWorld, sender: str, *legs: Leg) -> None:
    small.send(sender, *legs, tip_gwei=100.0, max_fee_gwei=5000.0)


def every_verb(small: SmallWorld) -> bool:
    """Each verb at least once, with an audit after each block; whether all audits held."""
    lp = small.token("LP.eth_usdc")
    send(small, "holders.0", Leg(SWAP, 0, 1.0, token_in=ETH))
    send(small, "arbitrageurs.0", Leg(SWAP, 0, 2000.0, token_in=USDC))
    send(small, "providers.0", Leg(REMOVE_LIQUIDITY, 0, 20.0, token_in=lp))
    small.send("keepers.0", Leg(OUTSIDE_TRADE, ETH, 1.0, token_in=ETH, token_out=USDC))
    small.send("arbitrageurs.1", Leg(OUTSIDE_TRADE, USDC, 2000.0, token_in=USDC, token_out=ETH))
    send(
        small,
        "loops.0",
        Leg(WITHDRAW, CORE_ETH, 1.0, token_in=ETH),
        Leg(SWAP, 0, 1.0, token_in=ETH),
        Leg(REPAY, CORE_USDC, PROCEEDS, token_in=USDC),
    )
    holds = small.block()
    send(small, "providers.0", Leg(ADD_LIQUIDITY, 0, 0.4, token_in=ETH))
    send(small, "loops.0", Leg(BORROW, CORE_USDC, 2000.0, token_in=USDC))
    send(small, "loops.0", Leg(SUPPLY, CORE_ETH, 1.0, token_in=ETH))
    holds = small.block() and holds
    send(small, "eth_usd.operator", Leg(PUBLISH_PRICE, 0, 1000.0))
    holds = small.block() and holds
    # At 1,000 USD the 75 ETH of loops.1 are worth less than its 80,000 USDC: bad debt is left.
    bid = Leg(LIQUIDATE, CORE_USDC, 1e6, token_in=USDC, token_out=CORE_ETH)
    send(small, "keepers.1", dataclasses.replace(bid, counterparty=small.account("loops.1")))
    # Three blocks after the sale outside its proceeds leave custody.
    holds = small.block() and holds
    return without_depth(small) and holds


def without_depth(small: SmallWorld) -> bool:
    """What moves tokens only where depth or capital is no friction, with a fall and a rise of the price."""
    now, prices = small.world.clock.now[0], small.world.clock.fundamental_price_usd
    now.has_pool_depth = 0
    prices[now.slot + 1 :, ETH] = 1800.0
    send(small, "holders.0", Leg(SWAP, 0, 1.0, token_in=ETH))
    send(small, "arbitrageurs.0", Leg(SWAP, 0, 2000.0, token_in=USDC))
    loan = Leg(OUTSIDE_LOAN, USDC, 1000.0, token_in=USDC)
    send(small, "keepers.0", loan, dataclasses.replace(loan, kind=OUTSIDE_RETURN, amount=900.0))
    holds = small.block()
    prices[now.slot + 1 :, ETH] = 2200.0
    return small.block() and holds
