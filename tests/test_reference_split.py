"""The split of a loss by the reference model: shock, own rules and aftershocks, without a line of the engine.

Run F, run P and run A on the same draws. The loss of the inside is added up here from what the reference
model says of its cohorts and its reserves, and compared with what ``compare`` tells of the engine's runs.
"""

from __future__ import annotations

import pytest

from analysis.api import compare
from analysis.compare import FROZEN, FULL, PRICE_TAKING
from scenarios.schema import Scenario
from tests.crash import crash
from tests.reference.model import ReferenceModel
from tests.reference.traders import NoiseTrader
from tests.side_by_side import Reference

SEED = 7
EXACT = 1e-9  # relative: the same numbers, added up in another order


def inside_usd(model: ReferenceModel) -> float:
    """What all but the noise traders own at the outside market, and what is left to treasuries."""
    cohorts = [cohort for cohort in model.cohorts if cohort.strategy is not NoiseTrader]
    nav_usd = sum(cohort.nav_usd for cohort in cohorts)
    for reserve in model.reserves:
        nav_usd += reserve.left_to_treasury(model.seconds) * reserve.asset.market_price_usd
    return nav_usd


def loss_usd(scenario: Scenario) -> float:
    """From the end of the burn-in to the horizon."""
    model = Reference(scenario, SEED).model
    while model.block < -1:
        model.step()
    before_usd = inside_usd(model)
    while model.block < scenario.time.horizon_blocks - 1:
        model.step()
    return before_usd - inside_usd(model)


@pytest.mark.usefixtures("compiled_engine")
def test_shock_own_rules_and_aftershocks_are_those_of_the_reference_model():
    scenario = crash("eip1559", blocks=80, vaults=150)
    told = compare(scenario, [SEED], channels="none", progress=False)
    lost = {
        FROZEN: loss_usd(scenario.frozen()),
        PRICE_TAKING: loss_usd(scenario.price_taking()),
        FULL: loss_usd(scenario),
    }
    for name, expected in lost.items():
        (found,) = told.runs[name].values("losses.system.loss_at_horizon_usd")
        assert found == pytest.approx(expected, rel=EXACT), name
    parts = told.split("system", "horizon")
    own_rules_usd = lost[PRICE_TAKING] - lost[FROZEN]
    aftershocks_usd = lost[FULL] - lost[PRICE_TAKING]
    assert parts.shock_usd == pytest.approx(lost[FROZEN], rel=EXACT)
    assert parts.own_rules_usd == pytest.approx(own_rules_usd, rel=EXACT)
    assert parts.aftershocks_usd == pytest.approx(aftershocks_usd, rel=EXACT)
    # Each of the three is there to be found: none is rounding.
    least_usd = 1e-4 * parts.nav_at_start_usd
    assert min(abs(lost[FROZEN]), abs(own_rules_usd), abs(aftershocks_usd)) > least_usd
