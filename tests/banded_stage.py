"""The stage of soft liquidation (``banded_stage.toml``): a fall, a recovery, and the same loan twice."""

from __future__ import annotations

from pathlib import Path

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
