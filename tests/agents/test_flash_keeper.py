"""A keeper without capital by hand: of a loan it takes what its pool takes of the collateral at a profit.

An isolated market with an LLTV of 86 %: the factor is 1 / (1 - 0.3 x 0.14). A loop has 75 ETH and owes about
80,000 USDC; the pool of 1,000 ETH is made as thin as it takes.
"""

from __future__ import annotations

import math

import pytest

from agents.keepers.flash import fit_to_pool
from sim import status
from sim.transaction import LIQUIDATE
from sim.view import seen_row
from tests.sim.lending_worlds import ISOLATED
from tests.sim.worlds import SmallWorld

FACTOR = 1.0 / (1.0 - 0.3 * (1.0 - 0.86))
KEEN = {"cohorts.keepers.flash_loans": True, "cohorts.keepers.min_profit_usd": 0.0}


def thin(depth: float, price_usd: float = 1_200.0, **changes: object) -> SmallWorld:
    """The pool cut to a share of itself, at the price that feed, exchange and pool agree on."""
    small = SmallWorld({**KEEN, **changes}, ISOLATED)
    pool = small.world.venues.pools[0]
    for token, amount in (("ETH", 1e3 * depth), ("USDC", 1e3 * depth * price_usd)):
        small.give("eth_usdc", token, amount)
    pool.reserve0, pool.reserve1 = 1e3 * depth, 1e3 * depth * price_usd
    exchange = small.world.venues.exchanges[0]
    exchange.fundamental_price_usd = exchange.market_price_usd = price_usd
    small.world.clock.fundamental_price_usd[:, 0] = price_usd
    small.world.venues.feeds[0].price_usd = price_usd
    for name in ("keepers.0", "keepers.1"):
        small.give(name, "USDC", 0.0)
    assert small.block()
    return small


def fitted(small: SmallWorld, repaid: float, seized: float) -> tuple[float, float]:
    victims, keepers = (
        small.world.cohorts.table[small.names.cohorts.index(name)] for name in ("loops", "keepers")
    )
    row, borrower = seen_row(small.view, keepers), small.account("loops.0")
    part, own = fit_to_pool(small.view, row, victims, borrower, 0, repaid, seized)
    return float(part), float(own)


def test_a_part_is_as_large_as_the_pool_takes_at_a_profit():
    small = thin(0.1)
    repaid = 80e3
    seized = repaid * FACTOR / 1_200.0
    part, own = fitted(small, repaid, seized)
    # The next ETH brings 0.997 x y / (x + 0.997 n)^2, and costs 1,200 / factor.
    most = (math.sqrt(0.997 * 100.0 * 120e3 * FACTOR / 1_200.0) - 100.0) / 0.997
    assert own == pytest.approx(most, rel=1e-9)
    assert part == pytest.approx(most * 1_200.0 / FACTOR, rel=1e-9)
    assert part < 0.05 * repaid


def test_all_of_it_where_the_pool_is_deep_and_where_it_takes_nothing():
    assert fitted(thin(1e4), 80e3, 69.6) == (80e3, 69.6)
    dear = thin(0.1, 1_200.0)
    assert fitted(dear, 80e3, 60.0) == (80e3, 60.0)  # not even the first brings 1,333


def test_it_comes_back_for_the_rest_as_others_bring_liquidity():
    keen = thin(0.1, **{"cohorts.keepers.attention_fraction": 1.0})
    assert keen.block(4)
    events = keen.events()
    done = events[(events["kind"] == LIQUIDATE) & (events["status"] == status.OK)]
    assert len(done) > 0  # it was all or nothing before, and nothing came of it
    lent = float(keen.world.venues.reserves[1].cash)
    before = keen.held("loops.0", "dUSDC.core")
    pool = keen.world.venues.pools[0]
    for token, amount in (("ETH", 1e5), ("USDC", 1.2e8)):
        keen.give("eth_usdc", token, amount)
    pool.reserve0, pool.reserve1 = 1e5, 1.2e8
    assert keen.block(2)
    assert before > lent  # more than the market could lend at once
    assert keen.held("loops.0", "dUSDC.core") < 0.1 * before
