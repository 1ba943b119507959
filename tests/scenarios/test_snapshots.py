"""Rows of keepers: what each of them did adds up to what the cohort is recorded to have done."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.simulation import Simulation
from sim.columns import COHORT_COLUMNS
from tests.short_window import window

pytestmark = pytest.mark.usefixtures("compiled_engine")
COUNTS = {
    "bids": "n_bids",
    "wins": "n_wins",
    "losses": "n_losses",
    "no_profit": "n_no_profit",
    "no_cash": "n_no_cash",
    "no_gas_money": "n_no_gas_money",
}


def test_counts_of_keepers_add_up_to_those_of_their_cohort():
    simulation = Simulation(window("black_thursday_2020"), 7)
    simulation.run()
    recorded = simulation.drain().cohorts[:, simulation.names.cohorts.index("liquidators")]
    rows = simulation.keeper_rows()
    for name, column in COUNTS.items():
        assert rows[name].sum() == recorded[:, COHORT_COLUMNS.index(column)].sum(), name
    assert rows["bids"].sum() > 50
    assert rows["no_profit"].sum() + rows["no_cash"].sum() > 0
    assert np.count_nonzero(rows["bids"]) > 1
