"""Born consistent: every claim has its other side, prices are one, and dials move no total."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scenarios.build import build
from scenarios.layout import Layout
from scenarios.load import load
from scenarios.population import mixed_latency_seconds
from scenarios.read import preset_names
from scenarios.schema import Scenario
from sim import accounts
from sim.fields import BIRTH, NAV_USD, field
from sim.ledger import column
from sim.tables import CONCENTRATED
from sim.venues.any_pool import is_basket, marginal_price
from sim.venues.lending import utilisation
from sim.world import World

SEED = 7


def born(scenario: Scenario) -> tuple[World, Layout]:
    return build(scenario, SEED)


@pytest.fixture(scope="module")
def calm() -> Scenario:
    return load("calm_market", changes={"time.horizon_blocks": 50})


@pytest.fixture(scope="module", params=preset_names())
def preset(request: pytest.FixtureRequest) -> tuple[Scenario, World, Layout]:
    scenario = load(request.param)
    return (scenario, *born(scenario))


def held_by_all(world: World, token: int) -> float:
    groups = range(world.ledger.offset.shape[1])
    return float(sum(column(world.ledger, token, group).sum() for group in groups))


def position_of(world: World, c: int) -> tuple[np.ndarray, np.ndarray]:
    """Collateral and debt of each vault of a cohort that borrows, in USD."""
    row = world.cohorts.table[c]
    reserves, exchanges = world.venues.reserves, world.venues.exchanges
    collateral, debt = reserves[row.collateral_reserve], reserves[row.debt_reserve]
    held = column(world.ledger, collateral.receipt_token, row.group)
    owed = column(world.ledger, debt.debt_token, row.group)
    return (
        held * exchanges[collateral.asset].market_price_usd,
        owed * exchanges[debt.asset].market_price_usd,
    )


def levered(world: World) -> list[int]:
    table = world.cohorts.table
    return [
        c for c in range(len(table)) if table[c].role == accounts.VAULT and table[c].market >= 0
    ]


def test_pools_oracles_and_outside_start_at_one_price(preset):
    _, world, _ = preset
    prices = world.venues.exchanges.market_price_usd
    assert (prices == world.venues.exchanges.fundamental_price_usd).all()
    assert (prices == world.clock.fundamental_price_usd[0]).all()
    for p, pool in enumerate(world.venues.pools):
        if pool.kind == CONCENTRATED:
            in_token1 = world.venues.concentrated[pool.state].sqrt_price ** 2
        elif is_basket(pool):
            after_fee = marginal_price(
                world.ledger, world.venues, p, 0.0, 0.0, 0.0, 0.0, pool.token0, pool.token1
            )
            in_token1 = after_fee / (1.0 - pool.fee_fraction)
        else:
            in_token1 = pool.reserve1 / pool.reserve0
        assert in_token1 * prices[pool.asset1] == pytest.approx(prices[pool.asset0], rel=1e-14)
    assert world.venues.feeds.price_usd.tolist() == prices[world.venues.feeds.asset].tolist()
    assert (world.cohorts.seen == world.cohorts.seen[0]).all()


def test_each_debt_has_its_lender_and_utilisation_is_as_declared(preset):
    scenario, world, _ = preset
    for declared, reserve in zip(scenario.reserves, world.venues.reserves, strict=True):
        supplied = held_by_all(world, reserve.receipt_token)
        owed = held_by_all(world, reserve.debt_token)
        cash = held_by_all(world, reserve.token) and float(reserve.cash)
        # Coin that a market of debt positions has issued was lent by nobody.
        assert supplied + reserve.issued == pytest.approx(owed + cash, rel=1e-13)
        assert reserve.scaled_supply == pytest.approx(supplied, rel=1e-13)
        if declared.utilisation_fraction > 0.0:
            assert utilisation(reserve) == pytest.approx(declared.utilisation_fraction, rel=1e-12)


def test_tvl_is_what_the_scenario_says(preset):
    scenario, world, _ = preset
    exchanges = world.venues.exchanges
    for c, cohort in enumerate(scenario.cohorts):
        row = world.cohorts.table[c]
        if cohort.tvl_usd is None or cohort.role not in ("vault", "trader", "keeper"):
            continue
        value = sum(
            column(world.ledger, token, row.group).sum() * exchanges[token].market_price_usd
            for token in range(len(exchanges))
        )
        if c in levered(world):
            collateral, debt = position_of(world, c)
            value += collateral.sum() - debt.sum()
        gas = 0.0 if cohort.role == "vault" else _gas_usd(world, cohort)
        assert value - gas == pytest.approx(cohort.tvl_usd, rel=1e-12), cohort.name


def _gas_usd(world: World, cohort: Any) -> float:
    """What keepers and traders hold for gas comes on top of their capital."""
    native = world.chains.table[0].native_asset
    price = float(world.venues.exchanges[native].market_price_usd)
    reserve = cohort.parameters.get("gas_reserve_eth")
    per_row = cohort.gas_tank_usd if reserve is None else float(reserve) * price
    return per_row * cohort.n_rows


def test_everything_that_exists_was_minted_once(preset):
    _, world, layout = preset
    for token, name in enumerate(layout.tokens):
        assert world.ledger.minted[token, 0] == pytest.approx(
            held_by_all(world, token), rel=1e-12
        ), name
    assert (world.ledger.burned == 0.0).all()
    assert (world.ledger.balance >= 0.0).all()


def test_nobody_is_born_at_risk(preset):
    """Health is cut off above one plus the band, so that nobody acts, and nobody is liquidated, at once."""
    scenario, world, _ = preset
    borrows = any(c.market is not None and c.role == "vault" for c in scenario.cohorts)
    assert bool(levered(world)) == borrows
    for c in levered(world):
        cohort = scenario.cohorts[c]
        reserve = world.venues.reserves[world.cohorts.table[c].collateral_reserve]
        collateral, debt = position_of(world, c)
        health = collateral * reserve.threshold_fraction / debt
        band = cohort.parameters.get("health_band")
        widest = getattr(band, "high", band) or 0.0
        assert health.min() >= 1.0 + widest + 1e-3 - 1e-12
        law = cohort.parameters["target_health"]
        assert health.max() <= law.high * (1.0 + 1e-12)
        assert health.std() > 0.0


def test_low_healths_are_cut_off(calm):
    law = {"distribution": "uniform", "low": 1.01, "high": 1.3}
    world, layout = born(calm.with_(**{"cohorts.eth_loop.target_health": law}))
    c = layout.cohorts.index("eth_loop")
    reserve = world.venues.reserves[world.cohorts.table[c].collateral_reserve]
    collateral, debt = position_of(world, c)
    assert (collateral * reserve.threshold_fraction / debt).min() == pytest.approx(
        1.0 + 0.08 + 1e-3
    )


DIALS = ("parameters_fraction", "timing_fraction", "mixture_fraction")


def totals(scenario: Scenario) -> dict[str, float]:
    """What no setting of a homogeneity dial may move."""
    world, _ = born(scenario)
    tvl = debt = assets = 0.0
    for c, cohort in enumerate(scenario.cohorts):
        if cohort.role == "vault":
            equity = field(world.cohorts, c, NAV_USD)
            owed = position_of(world, c)[1] if c in levered(world) else np.zeros(len(equity))
            tvl, debt = tvl + equity.sum(), debt + owed.sum()
            # TVL-weighted mean leverage: equity times (equity + debt) / equity, over all equity.
            assets += (equity + owed).sum()
    return {"tvl": tvl, "debt": debt, "leverage": assets / tvl}


@pytest.mark.parametrize("dial", DIALS)
def test_homogeneity_moves_no_total(calm, dial):
    """Total TVL, debt and TVL-weighted mean leverage, to a billionth at every setting."""
    fixed = totals(calm.with_(**{f"homogeneity.{dial}": 0.0}))
    for setting in (0.3, 1.0):
        assert totals(calm.with_(**{f"homogeneity.{dial}": setting})) == pytest.approx(
            fixed, rel=1e-9
        )


def test_at_one_all_vaults_of_a_cohort_are_alike(calm):
    alike, layout = born(calm.with_(**{"homogeneity.parameters_fraction": 1.0}))
    c = layout.cohorts.index("eth_loop")
    collateral, debt = position_of(alike, c)
    leverage = collateral / (collateral - debt)
    assert leverage == pytest.approx(np.full(len(leverage), leverage[0]), rel=1e-12)


def test_the_timing_dial_keeps_the_mean_latency(calm):
    vaults = [cohort for cohort in calm.cohorts if cohort.role == "vault"]
    tvl = np.array([cohort.tvl_usd or 0.0 for cohort in vaults])
    means = []
    for setting in (0.0, 0.3, 1.0):
        latency = mixed_latency_seconds(calm.with_(**{"homogeneity.timing_fraction": setting}))
        means.append((tvl * [latency[cohort.name] for cohort in vaults]).sum() / tvl.sum())
    assert means == pytest.approx([means[0]] * 3, rel=1e-12)
    assert len({latency[cohort.name] for cohort in vaults}) == 1


NEWCOMER = {
    "name": "newcomers",
    "strategy": "fixed_weight",
    "n_rows": 30,
    "tvl_usd": 5e6,
    "asset": "ETH",
}


def test_a_cohort_at_the_end_renumbers_nobody_and_moves_nobodys_draws(calm):
    before, old = born(calm)
    after, new = born(calm.with_(cohorts=[NEWCOMER]))
    n_accounts = int(old.first[-1])
    assert [old.account(k) for k in range(n_accounts)] == [
        new.account(k) for k in range(n_accounts)
    ]
    assert old.tokens == new.tokens
    for c in range(len(old.cohorts)):
        for k in range(before.cohorts.start.shape[1]):
            assert (field(before.cohorts, c, k) == field(after.cohorts, c, k)).all()
        group = old.cohort_group[c]
        for token in range(len(old.tokens)):
            assert (column(before.ledger, token, group) == column(after.ledger, token, group)).all()
        assert before.cohorts.table[c].stream == after.cohorts.table[c].stream
    assert (before.clock.fundamental_price_usd == after.clock.fundamental_price_usd).all()
    assert new.cohorts[-1] == "newcomers"
    assert field(after.cohorts, len(old.cohorts), BIRTH).sum() > 4.9e6


def test_another_law_keeps_every_vaults_rank(calm):
    """Draws are quantiles: whoever was the most levered still is when the law changes."""
    law = {"distribution": "uniform", "low": 1.5, "high": 3.0}
    healths = []
    for scenario in (calm, calm.with_(**{"cohorts.eth_loop.target_health": law})):
        world, layout = born(scenario)
        collateral, debt = position_of(world, layout.cohorts.index("eth_loop"))
        healths.append(collateral / debt)
    assert (np.argsort(healths[0]) == np.argsort(healths[1])).all()


def test_another_seed_is_another_population(calm):
    one, _ = build(calm, 1)
    two, _ = build(calm, 2)
    assert (one.ledger.memory != two.ledger.memory).any()
    again, _ = build(calm, 1)
    assert (one.ledger.memory == again.ledger.memory).all()
