"""What the frozen world (F) and the price-taking one (P) of a comparison cost beside the full one (A).

Each is a member of an ensemble, as `aftershock compare` runs it: birth, every block, the worst one found
again, the summary. The three take turns, so that what else the machine does falls on all of them.
"""

from __future__ import annotations

import time

from analysis.compare import FROZEN, FULL, PRICE_TAKING
from analysis.ensemble_member import run_member
from analysis.ensemble_paths import default_cadence
from benchmarks.measure import Measure
from scenarios.load import load


def measures(preset: str = "black_thursday_2020", repeats: int = 4) -> list[Measure]:
    """CPU seconds of F and P together over those of A; least of a few of each."""
    whole = load(preset)
    worlds = {FULL: whole, PRICE_TAKING: whole.price_taking(), FROZEN: whole.frozen()}
    seconds: dict[str, list[float]] = {name: [] for name in worlds}
    for seed in [0, *range(repeats)]:  # the first round finds what is imported and calibrated once
        for name, scenario in worlds.items():
            begun = time.process_time()
            run_member(scenario, seed, default_cadence(scenario))
            seconds[name].append(time.process_time() - begun)
    full, price_taking, frozen = (min(told[1:]) for told in seconds.values())
    note = f"{preset}: A {full:.2f}, P {price_taking:.2f}, F {frozen:.2f} CPU s a member"
    return [Measure("F and P together over A", (price_taking + frozen) / full, "x A", 1.5, note)]
