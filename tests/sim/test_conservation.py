"""Conservation: no movement of tokens can be forgotten or leak a millionth without the audit noticing."""

from __future__ import annotations

import collections
from collections.abc import Callable

import pytest

from sim import status
from sim.transaction import (
    ADD_LIQUIDITY,
    BORROW,
    LIQUIDATE,
    OUTSIDE_LOAN,
    OUTSIDE_RETURN,
    OUTSIDE_TRADE,
    PUBLISH_PRICE,
    REMOVE_LIQUIDITY,
    REPAY,
    SUPPLY,
    SWAP,
    WITHDRAW,
)
from tests.sim.planted_faults import Site, forget, leak, planted, sites
from tests.sim.stories import block, stories, story_of
from tests.sim.worlds import SCENARIO, SmallWorld

# How an account stands with a market is kept as a token, but it is no money and no book counts it.
SITES = [site for site in sites() if site.module != "sim.venues.lending_standing"]


@pytest.mark.parametrize("story", stories(), ids=lambda story: story.__name__.split(".")[-1])
def test_every_story_conserves_tokens(story):
    assert story.tell()


def test_every_verb_conserves_tokens():
    small = block.begin()
    assert block.every_verb(small)
    kinds = collections.Counter(
        int(event.kind) for event in small.events() if event.status == status.OK
    )
    assert set(kinds) == {
        SWAP, ADD_LIQUIDITY, REMOVE_LIQUIDITY, SUPPLY, WITHDRAW, BORROW, REPAY, LIQUIDATE,
        PUBLISH_PRICE, OUTSIDE_TRADE, OUTSIDE_LOAN, OUTSIDE_RETURN,
    }  # fmt: skip
    assert all(event.status == status.OK for event in small.events())
    assert small.world.venues.reserves[block.CORE_USDC].deficit > 8000.0


def test_the_sites_are_found():
    moves = collections.Counter(site.move for site in SITES)
    assert moves["transfer"] >= 16
    assert moves["mint"] >= 3
    assert moves["burn"] >= 7
    assert {site.module for site in SITES} >= {"sim.block.execute", "sim.block.accrue"}


@pytest.mark.parametrize("fault", [forget, leak])
@pytest.mark.parametrize("site", SITES, ids=str)
def test_a_planted_fault_is_caught(site: Site, fault: Callable[..., int]) -> None:
    story = story_of(site.module)
    with planted(site, fault) as met:
        holds = story.tell()
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
