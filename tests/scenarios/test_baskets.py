"""Pools of several coins in a scenario: bad input by name, birth without a gap, and what happens in a run."""

from __future__ import annotations

import collections
import math

import pytest

from scenarios.exits import exit_of
from scenarios.load import loads
from sim import status
from sim.errors import InputError
from sim.formulas import stable_swap, weighted
from sim.transaction import ADD_LIQUIDITY, OUTSIDE_TRADE, REMOVE_LIQUIDITY, SWAP
from sim.venues.stable_swap import ann_now, invariant_now
from tests.sim.basket_world import BASKETS, INDEX, STABLE, basket_world, busy_world


@pytest.mark.parametrize(
    ("key", "changes", "words"),
    [
        ("pools.stable.amplification", {"pools.stable.amplification": 0.0}, "greater than 0"),
        ("pools.stable.amplification", {"pools.stable.amplification": 1e6}, "less than"),
        ("pools.stable.fee_fraction", {"pools.stable.fee_fraction": -0.1}, "greater than"),
        ("pools.stable.fee_fraction", {"pools.stable.fee_fraction": 0.6}, "at most 0.5"),
        ("pools.stable.rates", {"pools.stable.rates": [1.0, 1.0]}, "one rate for each"),
        ("pools.stable.tokens", {"pools.stable.tokens": ["DAI", "DAI", "USDC"]}, "twice"),
        ("pools.stable.tokens", {"pools.stable.tokens": ["DAI", "XXX"]}, "unknown asset"),
        ("pools.stable.weights", {"pools.stable.weights": [0.5, 0.5]}, "only pools of kind"),
        ("pools.stable.ramp_start_seconds", {"pools.stable.ramp_amplification": 90.0}, "required"),
        ("pools.index.weights", {"pools.index.weights": [0.6, 0.2, 0.1]}, "must sum to 1"),
        ("pools.index.weights", {"pools.index.weights": [0.8, 0.2]}, "one weight for each"),
        ("pools.index.amplification", {"pools.index.amplification": 90.0}, "only pools of kind"),
        ("pools.eth_usdc.tokens", {"pools.eth_usdc.tokens": ["USDC", "ETH"]}, "against the cash"),
    ],
)
def test_bad_input_is_refused_by_name_and_range(key, changes, words):
    with pytest.raises(InputError, match=words) as refused:
        loads(BASKETS).with_(**changes)
    assert str(refused.value).startswith(key) or key in str(refused.value)


@pytest.mark.parametrize("key", ["amplification = 200\n", "weights = [0.6, 0.2, 0.2]\n"])
def test_what_a_kind_needs_is_required(key):
    with pytest.raises(InputError, match="is required"):
        loads(BASKETS.replace(key, ""))


def test_birth_leaves_no_gap_to_the_outside():
    small = basket_world({"assets.USDT.price_usd": 0.97})
    venues, journal = small.world.venues, small.world.ledger.journal
    prices = {k: float(e.market_price_usd) for k, e in enumerate(venues.exchanges)}
    basket = venues.baskets[venues.pools[STABLE].state]
    ann = ann_now(basket, 0.0)
    invariant = invariant_now(journal.levels, basket, venues.coins, ann)
    pull = stable_swap.product_term(journal.levels, 3, invariant) / ann
    for k in (0, 2):
        coin = venues.coins[basket.first_coin + k]
        spot = stable_swap.spot_price(journal.levels[k], journal.levels[1], pull)
        # The paths have moved once since birth.
        assert spot == pytest.approx(prices[int(coin.asset)], rel=2e-3)
    first = venues.baskets[venues.pools[INDEX].state].first_coin
    values = [c.balance * prices[int(c.asset)] / c.weight for c in venues.coins[first : first + 3]]
    assert values == pytest.approx([6e6] * 3, rel=2e-3)
    assert weighted.invariant_of(venues.coins, first, 3) * 3 == pytest.approx(
        float(venues.pools[INDEX].lp_supply), rel=1e-12
    )


def test_traders_and_arbitrageurs_trade_all_pairs_and_tokens_are_conserved():
    small = busy_world()
    assert small.block(80)
    done = collections.Counter(
        (int(e.kind), int(e.venue), int(e.token))
        for e in small.events()
        if e.status == status.OK and e.kind in (SWAP, OUTSIDE_TRADE)
    )
    venues = small.world.venues
    for p in (STABLE, INDEX):
        for coin in venues.coins:
            if coin.pool == p:
                assert done[SWAP, int(venues.pools[p].account), int(coin.token)] > 10
    assert any(kind == OUTSIDE_TRADE for kind, _, _ in done)
    assert all(c.protocol_fee > 0.0 for c in venues.coins if c.pool == STABLE)


def test_arbitrage_keeps_the_pools_near_the_outside():
    """After a fall of DAI by a tenth the stable pool's price follows, to within a fiftieth."""
    small = busy_world(**{"cohorts.arbitrageurs.tvl_usd": 4e7})
    now, prices = small.world.clock.now[0], small.world.clock.fundamental_price_usd
    prices[now.slot + 1 :, 2] = 0.9
    assert small.block(60)
    venues, journal = small.world.venues, small.world.ledger.journal
    basket = venues.baskets[venues.pools[STABLE].state]
    ann = ann_now(basket, 0.0)
    invariant = invariant_now(journal.levels, basket, venues.coins, ann)
    pull = stable_swap.product_term(journal.levels, 3, invariant) / ann
    spot = stable_swap.spot_price(journal.levels[0], journal.levels[1], pull)
    market = float(venues.exchanges[2].market_price_usd)
    assert market < 0.95
    assert abs(math.log(spot / market)) < 0.02


@pytest.mark.parametrize("pool", ["stable", "index"])
def test_providers_leave_and_come_back(pool):
    """Half of every coin goes out and comes back in proportion, so that no fee is due."""
    away = {"name": "away", "shock": "liquidity_withdrawal", "pool": pool, "fraction": 0.5}
    away |= {"start_seconds": 24.0, "duration_seconds": 60.0}
    small = basket_world({"shocks": [away]})
    row = small.world.venues.pools[STABLE if pool == "stable" else INDEX]
    first = float(row.lp_supply)
    assert small.block(4)
    assert row.lp_supply == pytest.approx(0.5 * first, rel=1e-9)
    assert small.block(8)
    # A hundredth stays at home: the pool may move before the deposit is executed.
    assert 0.98 * first < row.lp_supply < first
    kinds = {int(e.kind) for e in small.events() if e.status == status.OK}
    assert kinds >= {ADD_LIQUIDITY, REMOVE_LIQUIDITY}


def test_without_depth_the_pools_follow_the_market():
    small = busy_world(**{"channels.pool_depth": False})
    now, prices = small.world.clock.now[0], small.world.clock.fundamental_price_usd
    prices[now.slot + 1 :, 0] = 1500.0
    assert small.block(3)
    first = small.world.venues.baskets[small.world.venues.pools[INDEX].state].first_coin
    held = small.world.venues.coins[first : first + 3]
    usd = [small.world.venues.exchanges[int(c.asset)].market_price_usd for c in held]
    values = [c.balance * price / c.weight for c, price in zip(held, usd, strict=True)]
    assert values == pytest.approx([values[0]] * 3, rel=1e-3)


def test_whoever_leaves_alone_gets_no_more_than_his_part():
    small = basket_world()
    for c, cohort in enumerate(small.scenario.cohorts):
        if cohort.name in ("stable_providers", "index_providers"):
            left = exit_of(small.world, c).usd.sum()
            assert 0.3 * 6e6 < left < 1.01 * 6e6
