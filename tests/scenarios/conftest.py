"""Fixtures of the tests of price paths."""

from __future__ import annotations

import pytest

from scenarios.schema import Scenario
from tests.scenarios.price_paths import calm_market


@pytest.fixture(scope="module")
def calm() -> Scenario:
    """Four hours and a bit of a calm market."""
    return calm_market()
