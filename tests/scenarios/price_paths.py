"""Paths of fundamental prices for the tests of them: a calm market, and what is done to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from scenarios.load import load
from scenarios.paths import exogenous
from scenarios.schema import Scenario
from sim.errors import InputError
from sim.units import SECONDS_PER_YEAR

BURN_IN = 20
HOUR = 300  # slots of 12 s
SLOT_YEARS = 12.0 / SECONDS_PER_YEAR
ETH, BTC, USDC = 0, 1, 2
FALL = {"anchors": [[0, 2300], [1, 1800], [3, 2000]], "volatility": "100 % per year"}


def calm_market() -> Scenario:
    """Four hours and a bit, of which no shock takes note by itself."""
    times = {"burn_in_blocks": BURN_IN, "horizon_blocks": 4 * HOUR, "settle_blocks": 10}
    return load("calm_market", changes={"time": times})


def eth_path(scenario: Scenario, **keys: Any) -> Scenario:
    """A path of ETH that falls and recovers a little."""
    path = {"name": "path", "shock": "price_path", "asset": "ETH", "kind": "fundamental"}
    return scenario.with_(shocks=[path | FALL | keys])


def shocked(scenario: Scenario, *shocks: dict[str, Any]) -> Scenario:
    """The same with these shocks."""
    return scenario.with_(shocks=[{"name": f"s{k}", **keys} for k, keys in enumerate(shocks)])


def asset(scenario: Scenario, name: str, **keys: Any) -> Scenario:
    """The same with other keys of an asset."""
    return scenario.with_(**{f"assets.{name}.{key}": value for key, value in keys.items()})


def usd(scenario: Scenario, seed: int = 1, column: int = ETH) -> np.ndarray:
    """Fundamental prices of one asset, a row a slot."""
    return exogenous(scenario, seed).fundamental_price_usd[:, column]


def refused(make: Callable[[], Scenario]) -> str:
    """What is said when the scenario is made; nothing needs to be drawn for it."""
    with pytest.raises(InputError) as caught:
        make()
    return str(caught.value)
