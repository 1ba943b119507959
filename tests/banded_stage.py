"""The stage of soft liquidation (``banded_stage.toml``): a fall, a recovery, and the same loan twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scenarios.load import load
from scenarios.schema import Scenario

BANDED = "banded_stage"
HARD_DISCOUNT = 0.085  # so much that what the bands lose on the way is more than what is left


def banded_stage(is_hard: bool = False) -> Scenario:
    """The stage as it is, or with bands that are taken over before they are through."""
    stage = load(Path(__file__).with_suffix(".toml"))
    if not is_hard:
        return stage
    return stage.with_(**{"markets.soft.liquidation_discount_fraction": HARD_DISCOUNT})


def short_bands() -> Scenario:
    """The fall and the recovery in forty minutes, so that the log need not be emptied on the way."""
    anchors = [[0.0, 3000.0], [0.3, 2250.0], [0.6, 3000.0], [1.0, 3000.0]]
    return banded_stage().with_(**{"time.horizon_blocks": 200, "shocks.eth_path.anchors": anchors})


def tended_bands() -> Scenario:
    """Up, down and back in 90 minutes, with some who look after their loans and cannot when gas is dear."""
    tended: dict[str, Any] = {
        "name": "tended", "strategy": "band_borrower", "market": "soft", "asset": "ETH",
        "n_rows": 8, "tvl_usd": 4e6, "leverage": {"distribution": "uniform", "low": 2.0, "high": 3.5},
        "ratio_band": 0.05, "positions_per_row": 3.0, "decision_interval_seconds": 24.0,
        "attention_fraction": 0.5, "max_slippage_fraction": 0.003, "min_trade_usd": 4e3,
        "gas_tank_usd": 100.0, "patience_blocks": 200,
    }  # fmt: skip
    second = {"name": "low_fee", "tokens": ["ETH", "crvUSD"], "fee_fraction": 0.0005}
    provider = {"name": "low_fee_providers", "strategy": "liquidity_provider", "pool": "low_fee",
                "n_rows": 1, "tvl_usd": 4e6}  # fmt: skip
    congestion = {
        "name": "congestion", "shock": "gas_demand", "chain": "main", "multiple": 30.0,
        "start_seconds": 400.0, "ramp_seconds": 200.0, "duration_seconds": 2000.0,
    }  # fmt: skip
    anchors = [[0.0, 3000.0], [0.3, 3300.0], [0.8, 2300.0], [1.2, 3000.0], [2.0, 3000.0]]
    return banded_stage(is_hard=True).with_(
        cohorts=[tended, provider],
        pools=[second],
        shocks=[congestion],
        **{"time.horizon_blocks": 450, "shocks.eth_path.anchors": anchors},
    )
