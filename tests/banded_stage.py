"""The stage of soft liquidation (``banded_stage.toml``): a fall, a recovery, and the same loan twice."""

from __future__ import annotations

from pathlib import Path

from scenarios.load import load
from scenarios.schema import Scenario

HARD_DISCOUNT = 0.085  # so much that what the bands lose on the way is more than what is left


def banded_stage(is_hard: bool = False) -> Scenario:
    """The stage as it is, or with bands that are taken over before they are through."""
    stage = load(Path(__file__).with_suffix(".toml"))
    if not is_hard:
        return stage
    return stage.with_(**{"markets.soft.liquidation_discount_fraction": HARD_DISCOUNT})
