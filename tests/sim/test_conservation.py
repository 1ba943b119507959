"""Conservation: no movement of tokens can be forgotten or leak a millionth without the audit noticing."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable, Iterator

import pytest

from sim import status
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
from tests.sim.planted_faults import Site, forget, leak, planted, sites
from tests.sim.worlds import SCENARIO, Leg, SmallWorld

ETH, USDC = 0, 1
CORE_ETH, CORE_USDC = 0, 1  # reserves
SITES = sites()


@pytest.fixture(scope="module")
def made_once() -> SmallWorld:
    """Gas at 1,000 gwei, so that a fee is large beside the trades it pays for."""
    whole = SmallWorld({"chains.main.base_fee_gwei": 1000})
    whole.give("loops.0", "ETH", 10.0)
    return whole


@pytest.fixture
def small(made_once: SmallWorld) -> Iterator[SmallWorld]:
    """The same world, as it was, for every test."""
    before = snapshot(made_once.world)
    yield made_once
    restore(made_once.world, before)


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


def test_every_verb_conserves_tokens(small):
    assert every_verb(small)
    kinds = collections.Counter(
        int(event.kind) for event in small.events() if event.status == status.OK
    )
    assert set(kinds) == {
        SWAP, ADD_LIQUIDITY, REMOVE_LIQUIDITY, SUPPLY, WITHDRAW, BORROW, REPAY, LIQUIDATE,
        PUBLISH_PRICE, OUTSIDE_TRADE, OUTSIDE_LOAN, OUTSIDE_RETURN,
    }  # fmt: skip
    assert all(event.status == status.OK for event in small.events())
    assert small.world.venues.reserves[CORE_USDC].deficit > 8000.0


def test_the_sites_are_found():
    moves = collections.Counter(site.move for site in SITES)
    assert moves["transfer"] >= 16
    assert moves["mint"] >= 3
    assert moves["burn"] >= 7
    assert {site.module for site in SITES} >= {"sim.block.execute", "sim.block.accrue"}


@pytest.mark.parametrize("fault", [forget, leak])
@pytest.mark.parametrize("site", SITES, ids=str)
def test_a_planted_fault_is_caught(
    small: SmallWorld, site: Site, fault: Callable[..., int]
) -> None:
    with planted(site, fault) as met:
        holds = every_verb(small)
    assert status.OK in met, "no transaction of this test reaches the site"
    assert not holds, "the audit has not noticed"


def test_every_book_of_many_pools_has_a_place_in_the_audit():
    """Six pools and no market: more books than tokens, each with its own memory of rounding."""
    world_of_pools = SCENARIO.partition("[[pools]]")[0]
    for k in range(6):
        world_of_pools += f"""
[[pools]]
name = "pool{k}"
tokens = ["ETH", "USDC"]

[[cohorts]]
name = "providers{k}"
strategy = "liquidity_provider"
n_rows = 1
tvl_usd = 1e6
pool = "pool{k}"
"""
    many = SmallWorld(text=world_of_pools)
    many.world.venues.pools[5].reserve1 += 1.0
    assert not many.block()
    assert many.names.tokens[int(many.world.log.n[2])] == "USDC@main"
