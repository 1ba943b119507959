"""The order of duties: health is repaired before anything else, unless the scenario reverses it."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.simulation import Simulation
from sim import purposes, status
from sim.transaction import BORROW, WITHDRAW
from tests.rise_and_fall import rise_and_fall


def events_of(prior_duty, seed):
    sim = Simulation(rise_and_fall(prior_duty), seed)
    parts = []
    while not sim.is_done:
        sim.run()
        parts.append(sim.drain().events)
    return np.concatenate(parts)


def while_a_repair_was_pending(events):
    """Performance orders executed in a block in which a repair of the same vault waited."""
    first_legs = {purposes.REPAIR: WITHDRAW, purposes.LEVERAGE_UP: BORROW}
    # One event an order: a revert is logged with the leg that failed, what was executed with each leg.
    is_one = (events["status"] != status.OK) | np.isin(events["kind"], list(first_legs.values()))
    orders = events[np.isin(events["cause"], list(first_legs)) & is_one]
    repairs = orders[orders["cause"] == purposes.REPAIR]
    pending: dict[int, list[tuple[int, int]]] = {}
    for event in repairs:
        span = (int(event["submitted_block"]), int(event["block"]))
        pending.setdefault(int(event["account"]), []).append(span)
    done = orders[(orders["cause"] == purposes.LEVERAGE_UP) & (orders["status"] == status.OK)]
    return sum(
        any(sent <= event["block"] < left for sent, left in pending.get(int(event["account"]), []))
        for event in done
    )


@pytest.mark.usefixtures("compiled_engine")
def test_no_performance_order_executes_while_a_repair_is_pending():
    events = events_of("repair", seed=3)
    assert while_a_repair_was_pending(events) == 0
    replaced = events[events["status"] == status.REPLACED]
    assert len(replaced) > 100
    assert set(replaced["cause"]) == {purposes.LEVERAGE_UP}


@pytest.mark.usefixtures("compiled_engine")
def test_reversed_a_repair_waits_for_the_performance_order():
    """What is replaced is then the repair; what that costs is shown in ``evidence/test_duties.py``."""
    events = events_of("performance", seed=3)
    replaced = events[events["status"] == status.REPLACED]
    assert set(replaced["cause"]) <= {purposes.REPAIR}
