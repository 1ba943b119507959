"""The same bits with and without the compiler: every array of the world, for every preset.

The window has the shock inside it: at least 50 liquidations and a transaction that reverts.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from scenarios.read import preset_names
from sim import causes, status
from sim.transaction import (
    ADD_LIQUIDITY,
    BORROW,
    LIQUIDATE,
    OUTSIDE_LOAN,
    OUTSIDE_RETURN,
    OUTSIDE_TRADE,
    PUBLISH_PRICE,
    REMOVE_LIQUIDITY,
    REPAY,
    SUPPLY,
    SWAP,
    WITHDRAW,
)
from tests.short_window import PRICE_TAKING, end_of_window

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAMES = [*preset_names(), PRICE_TAKING]


@pytest.fixture(scope="module")
def without_compiler(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The ends of all windows, run as plain Python in one process."""
    folder = tmp_path_factory.mktemp("plain")
    command = [sys.executable, "-m", "tests.short_window", str(folder), *NAMES]
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONHASHSEED": "1"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=300)
    return folder


@pytest.mark.usefixtures("compiled_engine")
@pytest.mark.parametrize("name", NAMES)
def test_every_array_is_the_same_without_the_compiler(name, without_compiler):
    compiled = end_of_window(name)
    with np.load(without_compiler / f"{name}.npz", allow_pickle=False) as plain:
        assert set(plain) == set(compiled)
        differ = [key for key in plain if plain[key].tobytes() != compiled[key].tobytes()]
    assert differ == []


@pytest.mark.usefixtures("compiled_engine")
def test_the_window_of_the_crash_has_the_crash_in_it():
    world = end_of_window("black_thursday_2020")
    events = world["log.events"][: world["log.n"][1]]
    liquidated = (events["kind"] == LIQUIDATE) & (events["status"] == status.OK)
    reverted = (events["status"] != status.OK) & (events["status"] != status.EXPIRED)
    assert liquidated.sum() >= 50
    assert reverted.sum() >= 1
    # And every verb of its venues, but for what only happens without frictions.
    assert set(events["kind"]) == {
        SWAP, ADD_LIQUIDITY, REMOVE_LIQUIDITY, SUPPLY, WITHDRAW, BORROW, REPAY, LIQUIDATE,
        PUBLISH_PRICE, OUTSIDE_TRADE,
    }  # fmt: skip


@pytest.mark.usefixtures("compiled_engine")
def test_the_window_without_frictions_has_what_only_happens_there():
    world = end_of_window(PRICE_TAKING)
    events = world["log.events"][: world["log.n"][1]]
    assert {OUTSIDE_LOAN, OUTSIDE_RETURN, LIQUIDATE} <= set(events["kind"])
    assert world["log.paid_usd"][causes.REPRICING].sum() > 0.0
