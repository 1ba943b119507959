"""Depositors who come: with cash of their own, for the yield, and where the supply queue has room."""

from __future__ import annotations

import pytest

from sim import status
from sim.transaction import DEPOSIT, REDEEM
from tests.sim.share_vault_world import FUND, SAFE, share_vault_world
from tests.sim.worlds import Leg, SmallWorld

COMERS = "cohorts.safe_owners"
EAGER = {f"{COMERS}.deposit_hazard_per_day": 1e9, f"{COMERS}.required_yield_per_year": -0.1}


def deposits(small: SmallWorld) -> list[float]:
    """What has been deposited, transaction by transaction."""
    return [
        float(event.token_amount)
        for event in small.events()
        if event.kind == DEPOSIT and event.status == status.OK
    ]


def test_newcomers_hold_a_part_of_their_money_outside_at_birth():
    small = share_vault_world(**{f"{COMERS}.outside_fraction": 0.25})
    for row in ("safe_owners.0", "safe_owners.1"):
        assert small.held(row, "USDC") == pytest.approx(0.25 * 5_000.0)
        assert small.held(row, "safe.share") == pytest.approx(0.75 * 5_000.0)
    safe = small.world.venues.share_vaults[SAFE]
    assert safe.total_assets == pytest.approx(7_500.0 + 12_000.0)


def test_they_bring_all_of_it_where_the_vault_pays_enough():
    small = share_vault_world(**EAGER, **{f"{COMERS}.outside_fraction": 0.25})
    small.block(3)
    assert deposits(small) == pytest.approx([1_250.0, 1_250.0])
    assert small.held("safe_owners.0", "USDC") == 0.0
    assert small.world.venues.share_vaults[SAFE].deposited == pytest.approx(2_500.0)


@pytest.mark.parametrize(
    "wary", [{f"{COMERS}.required_yield_per_year": 1.0}, {f"{COMERS}.deposit_hazard_per_day": 0.0}]
)
def test_they_stay_away_where_it_does_not(wary):
    small = share_vault_world(**{**EAGER, f"{COMERS}.outside_fraction": 0.25, **wary})
    small.block(3)
    assert deposits(small) == []


def test_a_rumour_keeps_them_away():
    rumour = {
        "name": "talk", "shock": "rumour", "share_vault": "safe", "loss_fraction": 0.5,
        "start_seconds": 0.0, "duration_seconds": 3_600.0,
    }  # fmt: skip
    small = share_vault_world(
        **EAGER, **{f"{COMERS}.outside_fraction": 0.25}, shocks=[rumour], time={"burn_in_blocks": 0}
    )
    small.block(3)
    assert deposits(small) == []


def test_who_has_left_comes_back():
    small = share_vault_world(**EAGER)
    assert small.attempt("safe_owners.0", Leg(REDEEM, SAFE, 5_000.0)) == status.OK
    paid = small.held("safe_owners.0", "USDC")
    small.block(3)
    assert deposits(small) == pytest.approx([paid])
    assert small.held("safe_owners.0", "safe.share") == pytest.approx(5_000.0, rel=1e-6)


def test_what_comes_is_placed_by_the_supply_queue_up_to_each_cap():
    comers = "cohorts.fund_owners"
    small = share_vault_world(
        **{
            f"{comers}.deposit_hazard_per_day": 1e9,
            f"{comers}.required_yield_per_year": -0.1,
            f"{comers}.outside_fraction": 0.5,
            "placements.fund_core.cap_usd": 3_000.0,
        }
    )
    small.block(3)
    # Of 10,500 at birth a fifth is idle, 2,100 lent and 6,300 with safe; of 9,500 more the queue lends
    # the 900 that the cap leaves, and the next place takes the rest.
    assert small.world.venues.share_vaults[FUND].deposited == pytest.approx(9_500.0)
    assert small.held("fund", "aUSDC.core") == pytest.approx(3_000.0, rel=1e-6)
    assert small.held("fund", "safe.share") == pytest.approx(6_300.0 + 6_700.0, rel=1e-3)
