"""A rule in Python, in a module that a worker process can import."""

from __future__ import annotations

import dataclasses

import numpy as np

from agents.parameters import shared
from agents.strategies import STRATEGIES
from scenarios.user_strategies import strategy


@dataclasses.dataclass(frozen=True)
class HoldShare:
    """What a buy-and-hold vault is told, under the same name."""

    risky_fraction: float = shared(0.6, 0.0, 1.0)


def at_birth(values, volatility_per_year):
    return np.array([values["risky_fraction"]]).reshape(-1)


@strategy("test_share_in_python", parameters=HoldShare, birth_weight=at_birth, replace=True)
def hold_share(view):
    """Its share of what it owns, adjusted when it is off by a fiftieth."""
    target_usd = view.own.risky_fraction * view.own.nav_usd
    is_off = np.abs(view.own.exposure_usd - target_usd) > 0.02 * view.own.nav_usd
    return np.where(is_off, target_usd, np.nan)


REGISTERED = STRATEGIES["test_share_in_python"]
