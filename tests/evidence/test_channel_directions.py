"""What each channel costs the system in Black Thursday: the loss with all channels less that without one.

Paired by seed, under one fundamental path. Channels overlap, so that these differences add up to nothing.
"""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.schema.world import CHANNELS
from tests.evidence.measures import SEEDS, black_thursday, mean_with_interval, told


@pytest.mark.slow
@pytest.mark.usefixtures("compiled_engine")
def test_what_each_channel_adds_to_the_loss_of_the_system() -> None:
    whole = np.array([told(black_thursday(), seed).loss_fraction for seed in SEEDS])
    print(f"\nLoss of the system at its worst block, % of NAV: median {100 * np.median(whole):.3f}")
    for channel in CHANNELS:
        scenario = black_thursday().without(channel)
        without = np.array([told(scenario, seed).loss_fraction for seed in SEEDS])
        added = 100.0 * (whole - without)
        mean, low, high = mean_with_interval(added)
        print(
            f"{channel:>16}: {mean:+.3f} [{low:+.3f}, {high:+.3f}] % of NAV; "
            f"positive in {int((added[:5] > 0).sum())} of the first 5 and {int((added > 0).sum())} of 30"
        )
        assert low > 0.0, channel
        assert (added[:5] > 0.0).sum() >= 4, channel
