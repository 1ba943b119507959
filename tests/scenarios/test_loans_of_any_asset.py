"""A staked-token loop: stETH against ETH in an e-mode, on a pool of the two; and what a file may not say."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.load import loads
from sim import status
from sim.errors import InputError
from sim.ledger import column
from sim.transaction import BORROW, FLASH_BORROW, LIQUIDATE, WITHDRAW
from sim.venues.lending import position
from tests.sim.lending_worlds import STAKED
from tests.sim.worlds import SCENARIO, SmallWorld

KEEPERS = {"cohorts.keepers.flash_loans": True, "cohorts.keepers.attention_fraction": 1.0}


def healths(small: SmallWorld) -> np.ndarray:
    venues, ledger = small.world.venues, small.world.ledger
    found = []
    for i in range(3):
        _, weighted, _, debt = position(
            ledger, venues.markets, venues.emodes, venues.reserves, venues.feeds, 1,
            small.account(f"staked_loops.{i}"), float(small.world.clock.now[0].seconds),
        )  # fmt: skip
        found.append(weighted / debt)
    return np.array(found)


def kinds(small: SmallWorld) -> set[int]:
    events = small.events()
    return set(events["kind"][events["status"] == status.OK].tolist())


def test_born_at_its_target_on_the_terms_of_the_emode():
    small = SmallWorld(text=STAKED)
    assert healths(small) == pytest.approx([1.1] * 3, rel=1e-6)
    row = small.world.cohorts.table[small.names.cohorts.index("staked_loops")]
    debts = column(small.world.ledger, small.token("dETH.staked"), int(row.group))
    leverage = 1.1 / (1.1 - 0.95)
    equity_usd = 100e3 - 1_000.0  # the gas tank stands apart, though it is ETH as the debt is
    assert debts == pytest.approx((leverage - 1.0) * equity_usd / 2_000.0, rel=1e-9)
    assert row.nav_usd == pytest.approx(300e3, rel=1e-6)


def test_a_fall_of_the_staked_token_alone_makes_it_sell_and_repay():
    small = SmallWorld(text=STAKED)
    small.world.clock.fundamental_price_usd[3:, 2] = 1_930.0
    assert small.block(12)
    assert WITHDRAW in kinds(small)
    assert healths(small).min() > 1.07


def test_a_rise_makes_it_borrow_more_of_the_other_asset():
    small = SmallWorld(text=STAKED)
    small.world.clock.fundamental_price_usd[3:, 2] = 2_080.0
    assert small.block(12)
    assert BORROW in kinds(small)


def test_whoever_looks_away_is_liquidated_by_keepers_without_that_asset():
    changes = {**KEEPERS, "cohorts.staked_loops.attention_fraction": 0.0}
    small = SmallWorld(changes, STAKED)
    small.give("keepers.0", "USDC", 0.0)
    small.give("keepers.1", "USDC", 0.0)
    small.world.clock.fundamental_price_usd[3:, 2] = 1_815.0
    assert small.block(8)
    done = small.events()[small.events()["status"] == status.OK]
    assert LIQUIDATE in done["kind"]
    assert FLASH_BORROW in done["kind"]
    assert small.world.venues.reserves[3].flash_lent == 0.0


def test_a_ceiling_binds_what_is_borrowed_against_a_doubtful_asset():
    changes = {
        "reserves.staked_steth.debt_ceiling_usd": 1_000.0,
        "reserves.staked_eth.is_borrowable_in_isolation": True,
    }
    small = SmallWorld(changes, STAKED)
    assert small.world.venues.reserves[2].isolated_debt == pytest.approx(940.5, abs=0.03)
    small.world.clock.fundamental_price_usd[3:, 2] = 2_200.0
    small.block(8)
    assert status.CEILING_EXCEEDED in small.events()["status"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"cohorts.staked_loops.debt_asset": "stETH"}, "is the collateral as well"),
        ({"cohorts.staked_loops.debt_asset": "ETHH"}, "Did you mean"),
        ({"cohorts.staked_loops.emode": "eth_correlatd"}, "eth_correlated"),
        ({"emodes.eth_correlated.borrowable": ["stETH"]}, "does not lend ETH"),
        ({"emodes.eth_correlated.collateral": ["USDC"]}, "no reserve of USDC"),
        ({"emodes.eth_correlated.threshold_fraction": 0.9}, "exceeds threshold_fraction"),
        ({"emodes.eth_correlated.bonus_fraction": 0.1}, "exceeds 1"),
        ({"markets.staked.lltv_fraction": 0.8}, "does not use 'lltv_fraction'"),
        ({"markets.staked.kind": "isolated"}, "one collateral"),
        ({"reserves.staked_eth.rate_at_target_per_year": 0.1}, "isolated market"),
        ({"reserves.staked_eth.is_borrowable_in_isolation": True}, "debt ceiling"),
        ({"remove": ["cohorts.ether_lenders"]}, "no lender supplies"),
    ],
)
def test_what_cannot_be_is_refused_by_name(change, told):
    with pytest.raises(InputError, match=told):
        loads(STAKED).with_(**change)


def test_an_lltv_is_below_one_and_needed():
    text = SCENARIO.replace('name = "core"\n', 'name = "core"\nkind = "isolated"\n', 1)
    with pytest.raises(InputError):
        loads(text)
