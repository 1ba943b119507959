"""When a liquidator bids: at a profit after its costs, and not where the oracle is stale and high.

One borrower, one keeper. ETH falls until the loan's health is 0.98 and the oracle says so; then the feed
stalls, and ETH falls once more on the market alone. Only then does the keeper wake up. By hand: with a bonus
of b, repaying R brings R (1 + b) of collateral at the oracle's price, which sells for a gap less; the
outside market is so deep that the sale moves nothing, and block space is free.
"""

from __future__ import annotations

import pytest

from scenarios.load import load
from scenarios.schema import Scenario
from scenarios.simulation import Simulation

pytestmark = pytest.mark.usefixtures("compiled_engine")
EQUITY_USD, HEALTH, THRESHOLD, BONUS, RISK = 1e6, 1.3, 0.83, 0.05, 0.002
FALL = 1.0 - 0.98 / HEALTH  # of the price, to a health of 0.98
# Above 0.95 half of the debt may be repaid.
REPAID_USD = 0.5 * EQUITY_USD * (HEALTH / (HEALTH - THRESHOLD) - 1.0)
KEPT = ("eth_borrowers", "usdc_lenders", "liquidators", "eth_usdc_providers")


def profit_usd(gap: float) -> float:
    """What the keeper expects of its bid, worked out by hand."""
    return REPAID_USD * ((1.0 + BONUS) * (1.0 - gap) * (1.0 - RISK) - 1.0)


def stage(gap: float, min_profit_usd: float) -> Scenario:
    whole = load("calm_market")
    others = [f"cohorts.{cohort.name}" for cohort in whole.cohorts if cohort.name not in KEPT]
    pools = ["pools.eth_usdc_low_fee", "pools.btc_usdc"]
    fall = {"shock": "price_gap", "asset": "ETH"}
    shocks = [
        {"name": "fall", **fall, "size_fraction": -FALL, "start_seconds": 120.0},
        {"name": "stall", "shock": "oracle_stall", "feed": "eth_usd", "start_seconds": 180.0,
         "duration_seconds": 300.0},
        {"name": "gap", **fall, "size_fraction": -gap, "start_seconds": 240.0},
        {"name": "asleep", "shock": "keeper_outage", "cohort": "liquidators",
         "start_seconds": 0.0, "duration_seconds": 300.0},
    ]  # fmt: skip
    return whole.with_(
        **{
            "remove": [*others, *pools],
            "time.horizon_blocks": 30,
            "time.burn_in_blocks": 0,
            "channels.gas": False,
            "assets.ETH.volatility_per_year": 0.0,
            "assets.ETH.depth_usd": 1e15,
            "cohorts.eth_usdc_providers.tvl_usd": 1e4,  # a pool too small to sell in
            "cohorts.eth_borrowers.n_rows": 1,
            "cohorts.eth_borrowers.positions_per_row": 1,
            "cohorts.eth_borrowers.tvl_usd": EQUITY_USD,
            "cohorts.eth_borrowers.target_health": HEALTH,
            "cohorts.eth_borrowers.attention_fraction": 1e-9,  # nobody saves the loan
            "cohorts.liquidators.n_rows": 1,
            "cohorts.liquidators.min_profit_usd": min_profit_usd,
            "cohorts.liquidators.inventory_risk_fraction": RISK,
            "shocks": shocks,
        }
    )


def bids_and_passes(gap: float, min_profit_usd: float = 0.0) -> tuple[int, int, int]:
    """Bids sent, positions passed for want of profit, and for want of cash."""
    simulation = Simulation(stage(gap, min_profit_usd), seed=7)
    simulation.run()
    keeper = simulation.keeper_rows()
    return tuple(int(keeper[name][0]) for name in ("bids", "no_profit", "no_cash"))  # type: ignore[return-value]


@pytest.mark.parametrize("gap", [0.0, 0.03, 0.045])
def test_it_bids_while_the_bonus_is_worth_more_than_the_gap(gap: float) -> None:
    bids, _, _ = bids_and_passes(gap)
    assert profit_usd(gap) > 0.0
    assert bids > 0


@pytest.mark.parametrize("gap", [0.048, 0.1])
def test_a_stale_high_oracle_repels_it(gap: float) -> None:
    bids, no_profit, no_cash = bids_and_passes(gap)
    assert profit_usd(gap) < 0.0
    assert (bids, no_cash) == (0, 0)
    assert no_profit > 0


def test_it_bids_from_the_profit_on_that_it_asks_for() -> None:
    assert bids_and_passes(0.0, 0.999 * profit_usd(0.0))[0] > 0
    assert bids_and_passes(0.0, 1.001 * profit_usd(0.0))[0] == 0
