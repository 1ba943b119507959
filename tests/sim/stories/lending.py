"""Lending beyond supply and borrow: flash loans, bad debt of an isolated market, standing."""

from __future__ import annotations

import math

from sim.transaction import (
    FLASH_BORROW,
    FLASH_REPAY,
    LIQUIDATE,
    PROCEEDS,
    PUBLISH_PRICE,
    REPAY,
    SWAP,
    USE_COLLATERAL,
)
from tests.sim.lending_worlds import ISOLATED, STAKED
from tests.sim.worlds import Leg, SmallWorld

MODULES = ("sim.venues.isolated", "sim.venues.lending_flash", "sim.venues.lending_standing")
ETH_ROW, USDC_ROW = 0, 1
STAKED_STETH, STAKED_ETH = 2, 3


def tell() -> bool:
    """Both stories, with an audit after each block; whether all audits held."""
    return isolated() and staked()


def isolated() -> bool:
    """A flash loan around a liquidation, then one that leaves bad debt."""
    small = SmallWorld(text=ISOLATED)
    small.send("eth_usd.operator", Leg(PUBLISH_PRICE, 0, 1200.0))
    holds = small.block()
    part, first, second = 20e3, small.account("loops.0"), small.account("loops.1")
    small.send(
        "keepers.0",
        Leg(FLASH_BORROW, USDC_ROW, part),
        Leg(LIQUIDATE, USDC_ROW, part, token_out=ETH_ROW, counterparty=first),
        Leg(SWAP, 0, PROCEEDS, token_in=0, token_out=1),
        Leg(FLASH_REPAY, USDC_ROW, 0.0),
    )
    holds = small.block() and holds
    small.send("eth_usd.operator", Leg(PUBLISH_PRICE, 0, 800.0))
    holds = small.block() and holds
    whole = Leg(LIQUIDATE, USDC_ROW, math.inf, token_out=ETH_ROW, counterparty=second)
    small.send("keepers.1", whole)
    return small.block() and holds


def staked() -> bool:
    """Without a debt, collateral ceases to count and counts again."""
    small = SmallWorld({"cohorts.staked_loops.attention_fraction": 0.0}, STAKED)
    small.give("staked_loops.0", "ETH", 1_000.0)
    small.send(
        "staked_loops.0",
        Leg(REPAY, STAKED_ETH, math.inf, token_in=0),
        Leg(USE_COLLATERAL, STAKED_STETH, 0.0),
    )
    holds = small.block()
    small.send("staked_loops.0", Leg(USE_COLLATERAL, STAKED_STETH, 1.0))
    return small.block() and holds
