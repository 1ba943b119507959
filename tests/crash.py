"""A crash with four hundred vaults of every strategy, in which everything happens that can happen."""

from __future__ import annotations

from typing import Any

from scenarios.load import load
from scenarios.schema import Scenario

VAULTS = 400
BLOCKS = 200
BURN_IN = 5
FALL = 0.45  # of both prices, within the first third of the window


def crash(fee_market: str = "first_price", blocks: int = BLOCKS, vaults: int = VAULTS) -> Scenario:
    """Black Thursday 2020, its shocks pressed into a window; an oracle and a pool fail on the way."""
    whole = load("black_thursday_2020")
    seconds = blocks * whole.time.slot_seconds
    rows = sum(cohort.n_rows for cohort in whole.cohorts if cohort.role == "vault")
    changes: dict[str, Any] = {
        "time.horizon_blocks": blocks,
        "time.burn_in_blocks": BURN_IN,
        "time.settle_blocks": 0,
        "chains.main.fee_market": fee_market,
        "cohorts.liquidators.tvl_usd": 20e6,  # too little for so many at once
        "cohorts.liquidators.settlement_delay_seconds": 3.0 * whole.time.slot_seconds,
        "cohorts.liquidators.max_slippage_fraction": 0.0005,  # so that one order is not enough
        "cohorts.eth_borrowers.tvl_usd": 5e6,  # small positions, so that dust limits bind
        "cohorts.eth_borrowers.attention_fraction": 0.02,
    }
    for cohort in whole.cohorts:
        if cohort.role == "vault":
            changes[f"cohorts.{cohort.name}.n_rows"] = max(1, round(vaults * cohort.n_rows / rows))
    for feed in ("eth_usd", "btc_usd"):
        changes[f"feeds.{feed}.delay_seconds"] = 2.0 * whole.time.slot_seconds
    return whole.with_(**changes, shocks=_shocks(whole, seconds))


def _shocks(whole: Scenario, seconds: float) -> list[dict[str, Any]]:
    """By name; those of the preset are replaced."""
    hours = seconds / 3600.0
    paths = [
        {
            "name": name,
            "shock": "price_path",
            "asset": asset,
            "kind": "fundamental",
            "anchors": [
                [0.0, price],
                [0.1 * hours, price],
                [0.4 * hours, (1.0 - FALL) * price],
                [hours, (1.0 - 0.8 * FALL) * price],
            ],
            "volatility_per_year": 1.2,
        }
        for name, asset, price in (("eth_path", "ETH", 194.97), ("btc_path", "BTC", 7913.42))
    ]
    timed: list[dict[str, Any]] = [
        {"name": "congestion", "shock": "gas_demand", "chain": "main", "multiple": 4.0,
         "ramp_seconds": 0.1 * seconds, "start_seconds": 0.2 * seconds},
        {"name": "silence", "shock": "oracle_stall", "feed": "eth_usd",
         "start_seconds": 0.12 * seconds},
        {"name": "flight", "shock": "liquidity_withdrawal", "pool": "eth_usdc", "fraction": 0.5,
         "start_seconds": 0.15 * seconds},
        # Two returns at once would be faster than impact decays, so that the slower one counts.
        {"name": "thin", "shock": "liquidity_withdrawal", "asset": "ETH", "fraction": 0.5,
         "start_seconds": 0.2 * seconds, "recovery_seconds": 900.0},
        {"name": "thinner", "shock": "liquidity_withdrawal", "asset": "ETH", "fraction": 0.5,
         "start_seconds": 0.25 * seconds, "recovery_seconds": 900.0},
        {"name": "outage", "shock": "keeper_outage", "cohort": "liquidators",
         "share_fraction": 0.5, "start_seconds": 0.2 * seconds},
    ]  # fmt: skip
    lasting = {
        "congestion": 0.4,
        "silence": 0.12,
        "flight": 0.3,
        "thin": 0.2,
        "thinner": 0.15,
        "outage": 0.2,
    }
    for shock in timed:
        shock["duration_seconds"] = lasting[shock["name"]] * seconds
    return [*paths, *timed]


def late_repair(
    blocks: int = BLOCKS, vaults: int = VAULTS, turns: tuple[float, float] = (1.2, 0.8)
) -> Scenario:
    """A rise in which vaults ask for leverage, and a fall while these orders still wait for block space.

    With other ``turns`` of the price, the other way round.
    """
    fallen = crash(blocks=blocks, vaults=vaults)
    seconds = blocks * fallen.time.slot_seconds
    hours = seconds / 3600.0
    changes: dict[str, Any] = {
        "shocks.congestion.start_seconds": 0.1 * seconds,
        "shocks.congestion.ramp_seconds": 0.1 * seconds,
        "shocks.congestion.duration_seconds": 0.8 * seconds,
        "shocks.congestion.multiple": 8.0,
    }
    first, last = turns
    for name, price in (("eth_path", 194.97), ("btc_path", 7913.42)):
        changes[f"shocks.{name}.anchors"] = [
            [0.0, price],
            [0.3 * hours, first * price],
            [0.6 * hours, last * price],
            [hours, last * price],
        ]
    for feed in ("eth_usd", "btc_usd"):
        changes[f"feeds.{feed}.delay_seconds"] = 0.0
    for cohort in fallen.cohorts:
        if cohort.strategy == "leveraged_loop":
            changes[f"cohorts.{cohort.name}.patience_blocks"] = 400
            changes[f"cohorts.{cohort.name}.max_fee_multiple"] = 1.0
            changes[f"cohorts.{cohort.name}.attention_fraction"] = 0.5
    return fallen.with_(**changes)
