"""Conservation: no movement of tokens can be forgotten or leak a millionth without the audit noticing."""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterator

import pytest

from sim import status
from sim.transaction import (
    ADD_LIQUIDITY,
    BORROW,
    LIQUIDATE,
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
from tests.sim.planted_faults import Site, forget, leak, planted, sites
from tests.sim.worlds import Leg, SmallWorld

ETH, USDC = 0, 1
CORE_ETH, CORE_USDC = 0, 1  # reserves
SITES = sites()


@pytest.fixture(scope="module")
def small_world() -> SmallWorld:
    """Gas at 1,000 gwei, so that a fee is large beside the trades it pays for."""
    small = SmallWorld({"chains.main.base_fee_gwei": 1000})
    small.give("loops.0", "ETH", 10.0)
    return small


@pytest.fixture
def world(small_world: SmallWorld) -> Iterator[SmallWorld]:
    """The same world, as it was, for every test."""
    before = snapshot(small_world.world)
    yield small_world
    restore(small_world.world, before)


def send(world: SmallWorld, sender: str, *legs: Leg) -> None:
    world.send(sender, *legs, tip_gwei=100.0, max_fee_gwei=5000.0)


def every_verb(world: SmallWorld) -> bool:
    """Each verb at least once, with an audit after each block; whether all audits held."""
    lp = world.token("LP.eth_usdc")
    send(world, "holders.0", Leg(SWAP, 0, 1.0, token_in=ETH))
    send(world, "arbitrageurs.0", Leg(SWAP, 0, 2000.0, token_in=USDC))
    send(world, "providers.0", Leg(REMOVE_LIQUIDITY, 0, 20.0, token_in=lp))
    world.send("keepers.0", Leg(OUTSIDE_TRADE, ETH, 1.0, token_in=ETH, token_out=USDC))
    world.send("arbitrageurs.1", Leg(OUTSIDE_TRADE, USDC, 2000.0, token_in=USDC, token_out=ETH))
    send(
        world,
        "loops.0",
        Leg(WITHDRAW, CORE_ETH, 1.0, token_in=ETH),
        Leg(SWAP, 0, 1.0, token_in=ETH),
        Leg(REPAY, CORE_USDC, PROCEEDS, token_in=USDC),
    )
    holds = world.block()
    send(world, "providers.0", Leg(ADD_LIQUIDITY, 0, 0.4, token_in=ETH))
    send(world, "loops.0", Leg(BORROW, CORE_USDC, 2000.0, token_in=USDC))
    send(world, "loops.0", Leg(SUPPLY, CORE_ETH, 1.0, token_in=ETH))
    holds = world.block() and holds
    send(world, "eth_usd.operator", Leg(PUBLISH_PRICE, 0, 1000.0))
    holds = world.block() and holds
    # At 1,000 USD the 75 ETH of loops.1 are worth less than its 80,000 USDC: bad debt is left.
    world.send(
        "keepers.1",
        Leg(LIQUIDATE, CORE_USDC, 1e6, token_in=USDC, token_out=CORE_ETH, counterparty=world.account("loops.1")),
        **fees,
    )  # fmt: skip
    # Three blocks after the sale outside its proceeds leave custody.
    return world.block() and holds


def test_every_verb_conserves_tokens(world):
    assert every_verb(world)
    kinds = collections.Counter(
        int(event.kind) for event in world.events() if event.status == status.OK
    )
    assert set(kinds) == {
        SWAP, ADD_LIQUIDITY, REMOVE_LIQUIDITY, SUPPLY, WITHDRAW, BORROW, REPAY, LIQUIDATE,
        PUBLISH_PRICE, OUTSIDE_TRADE,
    }  # fmt: skip
    assert all(event.status == status.OK for event in world.events())
    assert world.world.venues.reserves[CORE_USDC].deficit > 8000.0


def test_the_sites_are_found():
    moves = collections.Counter(site.move for site in SITES)
    assert moves["transfer"] >= 16
    assert moves["mint"] >= 3
    assert moves["burn"] >= 7
    assert {site.module for site in SITES} >= {"sim.block.execute", "sim.block.accrue"}


@pytest.mark.parametrize("fault", [forget, leak])
@pytest.mark.parametrize("site", SITES, ids=str)
def test_a_planted_fault_is_caught(
    world: SmallWorld, site: Site, fault: Callable[..., int]
) -> None:
    with planted(site, fault) as met:
        holds = every_verb(world)
    assert status.OK in met, "no transaction of this test reaches the site"
    assert not holds, "the audit has not noticed"
