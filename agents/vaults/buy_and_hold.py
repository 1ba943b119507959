"""Buy and hold: the control group. It bears the shock and adds nothing to it."""

from __future__ import annotations

import dataclasses

import numpy as np

from agents.parameters import per_vault


@dataclasses.dataclass(frozen=True)
class BuyAndHold:
    """``risky_fraction``: share of NAV in the asset at birth; never touched again."""

    risky_fraction: float = per_vault(0.6, 0.0, 1.0)


def birth_weight(values: dict[str, np.ndarray], volatility_per_year: float) -> np.ndarray:
    """Share of NAV in the asset at birth."""
    return values["risky_fraction"]
