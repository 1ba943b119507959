"""Every preset cut down to a window of fifty blocks, with its shock inside and two hundred vaults.

Run as a module it writes the end of each window into a folder, one file a preset: that is how
`test_jit_parity.py` gets the same windows without the compiler.
"""

from __future__ import annotations

import pathlib
import sys
from typing import Any

import numpy as np

from scenarios.load import load
from scenarios.schema import Scenario
from scenarios.schema.shocks import GasDemand, PricePath
from scenarios.simulation import Simulation
from sim.world import snapshot, state_hash

PRICE_TAKING = "price_taking"  # the crash once more, with every channel frictionless
BLOCKS, BURN_IN, VAULTS = 50, 5, 200
SHARE_THAT_BORROWS = 0.7  # of the vaults: a short window needs many that can be liquidated
SHARE_OF_FALL = 0.3  # of the window in which a price path runs down to its lowest anchor
SHARE_BEFORE_CONGESTION = 0.6  # first the liquidations, then what crowds them out


def window(name: str) -> Scenario:
    """A preset with fewer rows, its shocks moved to the start and pressed into the window."""
    whole = load("black_thursday_2020").price_taking() if name == PRICE_TAKING else load(name)
    seconds = BLOCKS * whole.time.slot_seconds
    vaults = [cohort for cohort in whole.cohorts if cohort.role == "vault"]
    rows = {
        borrows: sum(cohort.n_rows for cohort in vaults if (cohort.market is not None) == borrows)
        for borrows in (True, False)
    }
    changes: dict[str, Any] = {
        "time.horizon_blocks": BLOCKS,
        "time.burn_in_blocks": BURN_IN,
        "time.settle_blocks": 0,
    }
    for cohort in whole.cohorts:
        borrows = cohort.market is not None
        if cohort.role == "vault":
            share = SHARE_THAT_BORROWS if borrows else 1.0 - SHARE_THAT_BORROWS
            n = int(VAULTS * share * cohort.n_rows / rows[borrows])
            changes[f"cohorts.{cohort.name}.n_rows"] = max(1, n)
        if cohort.role == "vault" and borrows:
            changes[f"cohorts.{cohort.name}.attention_fraction"] = 0.02  # few save themselves
        if cohort.role == "keeper":  # what it sells in the window is paid only after it
            changes[f"cohorts.{cohort.name}.tvl_usd"] = 10.0 * (cohort.tvl_usd or 0.0)
            changes[f"cohorts.{cohort.name}.gas_reserve_eth"] = 2000.0
    for chain in whole.chains:
        changes[f"chains.{chain.name}.gas_limit"] = (
            4.0 * chain.gas_limit
        )  # the target is half of it
    for feed in whole.feeds:
        if feed.mode == "fixed":
            continue
        delay = min(feed.delay_seconds, whole.time.slot_seconds)
        changes[f"feeds.{feed.name}.delay_seconds"] = delay
    for shock in whole.shocks:
        key = f"shocks.{shock.name}"
        start = SHARE_BEFORE_CONGESTION * seconds if isinstance(shock, GasDemand) else 0.0
        changes[f"{key}.start_seconds"] = start
        if isinstance(shock, PricePath):  # without the compiler a calibration would take minutes
            changes[f"{key}.kind"] = "fundamental"
        if isinstance(shock, PricePath) and shock.anchors is not None:
            changes[f"{key}.anchors"] = _pressed(shock.anchors, SHARE_OF_FALL * seconds / 3600.0)
        if hasattr(shock, "duration_seconds") and shock.duration_seconds > 0.0:
            changes[f"{key}.duration_seconds"] = seconds
        if hasattr(shock, "ramp_seconds"):
            changes[f"{key}.ramp_seconds"] = min(shock.ramp_seconds, 0.2 * seconds)
    changed = whole.with_(**changes)
    pools = [pool.name for pool in whole.pools[:1]]
    thin = next(asset for asset in whole.assets if not asset.is_cash)
    back = {"asset": thin.name, "recovery_seconds": thin.half_life_seconds}
    return changed.with_(
        shocks=[
            *(_withdrawal("short_withdrawal", seconds, pool=pool) for pool in pools),
            _withdrawal("short_thinning", seconds, **back),
        ]
    )


def _withdrawal(name: str, seconds: float, **from_what: Any) -> dict[str, Any]:
    """Liquidity that leaves a pool, or the exchange outside, for a fifth of the window and comes back."""
    return {
        "name": name,
        "shock": "liquidity_withdrawal",
        "fraction": 0.3,
        "start_seconds": 0.2 * seconds,
        "duration_seconds": 0.2 * seconds,
        **from_what,
    }


def _pressed(anchors: tuple[tuple[float, float], ...], hours: float) -> list[list[float]]:
    """The anchors down to the lowest one, so that the lowest is reached after so many hours."""
    lowest = min(range(len(anchors)), key=lambda k: anchors[k][1])
    kept = anchors[: max(lowest, 1) + 1]
    return [[hour * hours / kept[-1][0], price] for hour, price in kept]


def end_of_window(name: str) -> dict[str, np.ndarray]:
    """All arrays of the world after the window, and its state hash."""
    simulation = Simulation(window(name), seed=7)
    assert simulation.run() == BLOCKS + BURN_IN
    simulation.audit()
    hashed = np.frombuffer(state_hash(simulation.world).encode(), np.uint8)
    return {**snapshot(simulation.world), "state_hash": hashed}


def main(folder: str, *names: str) -> None:
    """Write the windows of these presets."""
    for name in names:
        arrays = {key: array.view(np.ndarray) for key, array in end_of_window(name).items()}
        np.savez(pathlib.Path(folder) / f"{name}.npz", allow_pickle=False, **arrays)


if __name__ == "__main__":
    main(*sys.argv[1:])
