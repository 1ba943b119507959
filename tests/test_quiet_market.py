"""What a population does when little or nothing happens: nothing, then noise, then a touch.

Closed form of interest: a borrow index that nobody touches grows by (1 + r/s)^t with s seconds in a year
of 365 days, a liquidity index by 1 + r t/s (Aave v3 technical paper, 2022).
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from scenarios.load import load
from scenarios.schema import Scenario
from scenarios.simulation import Recorded, Simulation
from sim.transaction import LIQUIDATE, PUBLISH_PRICE, SWAP
from sim.units import SECONDS_PER_YEAR

N_BLOCKS = 10_000
QUIET = {
    "time.horizon_blocks": N_BLOCKS,
    "time.burn_in_blocks": 0,
    "assets.ETH.volatility_per_year": 0.0,
    "assets.BTC.volatility_per_year": 0.0,
    "chains.main.demand_noise": 0.0,
    "cohorts.noise.volume_usd_per_day": 0.0,
}


def whole(scenario: Scenario, seed: int = 3) -> tuple[Simulation, Recorded]:
    """Run to the end and keep everything recorded."""
    simulation = Simulation(scenario, seed)
    parts = []
    while not simulation.is_done:
        simulation.run()
        parts.append(simulation.drain())
    simulation.audit()
    tables = [field.name for field in dataclasses.fields(Recorded)]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in tables}
    return simulation, Recorded(**joined)


@pytest.fixture(scope="module")
def quiet() -> tuple[Simulation, Recorded, float]:
    scenario = load("calm_market").with_(**QUIET)
    rate = float(Simulation(scenario, 3).world.venues.reserves[2].borrow_rate_per_year)
    return *whole(scenario), rate


def test_nothing_trades_without_shock_and_noise(quiet: tuple[Simulation, Recorded, float]) -> None:
    events = quiet[1].events
    assert set(events["kind"]) <= {PUBLISH_PRICE}  # heartbeats of the oracles
    assert len(events) > 0


def test_interest_has_its_closed_form(quiet: tuple[Simulation, Recorded, float]) -> None:
    simulation, recorded, rate = quiet
    reserve = simulation.world.venues.reserves[2]  # USDC, lent out at 75 %
    seconds = N_BLOCKS * simulation.scenario.time.slot_seconds
    growth = math.exp(seconds * math.log1p(rate / SECONDS_PER_YEAR))
    borrowed = recorded.reserves[-1, 2, 1]
    assert borrowed == pytest.approx(float(reserve.scaled_debt) * growth, rel=1e-9)
    supply_rate = rate * 0.75 * (1.0 - reserve.reserve_factor_fraction)
    supplied = recorded.reserves[-1, 2, 0]
    linear = 1.0 + supply_rate * seconds / SECONDS_PER_YEAR
    assert supplied == pytest.approx(float(reserve.scaled_supply) * linear, rel=1e-9)


def trading_rows(simulation: Simulation) -> dict[str, range]:
    """Accounts of every vault cohort whose rule trades."""
    names = simulation.names.cohorts
    return {
        cohort.name: range(int(row.first_account), int(row.first_account + row.n_rows))
        for cohort, row in zip(
            simulation.scenario.cohorts, simulation.world.cohorts.table, strict=True
        )
        if cohort.role == "vault" and cohort.strategy != "buy_and_hold" and cohort.name in names
    }


def noisy(extra: dict[str, Any]) -> Scenario:
    """Strong noise on vaults of one size with narrow bands: nobody is kept from trading by gas."""
    base = load("calm_market")
    narrow = {
        f"cohorts.{c.name}.band_fraction": 0.01
        for c in base.cohorts
        if "band_fraction" in c.parameters
    }
    risk = {"cohorts.eth_volatility_target.target_volatility_per_year": 2.0}
    sizes = {f"cohorts.{c.name}.size": 1.0 for c in base.cohorts if c.role == "vault"}
    attentive = {"cohorts.eth_borrowers.attention_fraction": 1.0}
    wild = {f"assets.{asset}.volatility_per_year": 4.0 for asset in ("ETH", "BTC")}
    horizon = {"time.horizon_blocks": N_BLOCKS, "time.burn_in_blocks": 0}
    return base.with_(**{**sizes, **narrow, **risk, **attentive, **wild, **horizon, **extra})


def test_noise_makes_nearly_everybody_trade() -> None:
    simulation, recorded = whole(noisy({}))
    executed = recorded.events[recorded.events["status"] == 0]
    traders = set(executed["account"][executed["kind"] == SWAP].tolist())
    rows = trading_rows(simulation)
    have_traded = sum(len(traders & set(accounts)) for accounts in rows.values())
    assert have_traded >= 0.9 * sum(len(accounts) for accounts in rows.values())


def test_a_shock_of_a_thousandth_causes_trades() -> None:
    """Paired: the same noise with and without a fall of 0.1 %, in the ten minutes after it."""
    hit = {
        "name": "touch",
        "shock": "price_gap",
        "asset": "ETH",
        "size_fraction": -0.001,
        "start_seconds": 12_000.0,
    }
    shorter = {"time.horizon_blocks": 1_050}
    _, without = whole(noisy(shorter))
    _, with_touch = whole(noisy({**shorter, "shocks": [hit]}))
    triggers = slice(1_000, 1_050)
    before = without.cohorts[triggers, :, 8].sum()
    after = with_touch.cohorts[triggers, :, 8].sum()
    assert np.array_equal(without.cohorts[:999], with_touch.cohorts[:999])
    assert after > before


def test_the_first_hour_of_a_calm_market_is_like_the_later_ones() -> None:
    """What was born at its targets does not begin with a rush: means of three seeds, hour by hour."""
    blocks_an_hour = 300
    seen: dict[str, list[list[float]]] = {"volume": [], "rebalances": [], "gas": []}
    for seed in (100, 101, 102):
        simulation, recorded = whole(load("calm_market"), seed)
        done = recorded.events[recorded.events["status"] == 0]
        assert LIQUIDATE not in done["kind"]
        swaps = done[done["kind"] == SWAP]
        hour = swaps["block"] // blocks_an_hour
        roles = np.array([cohort.role == "vault" for cohort in simulation.scenario.cohorts])
        of_vaults = roles[swaps["cohort"]]
        gas_gwei = recorded.blocks[:, simulation.block_columns.index("base_fee_gwei")]
        for name, hourly in (
            ("volume", np.bincount(hour, swaps["usd"])),
            ("rebalances", np.bincount(hour, of_vaults)),
            ("gas", gas_gwei.reshape(-1, blocks_an_hour).mean(axis=1)),
        ):
            assert len(hourly) == 6
            seen[name].append(hourly.tolist())
    for hours in seen.values():
        first, later = np.array(hours)[:, 0].mean(), np.array(hours)[:, 1:]
        assert later.min() <= first <= later.max()
