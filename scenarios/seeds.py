"""One seed, whatever it is called: Aftershock's ``seed``, Mesa's ``rng``, or a fresh one."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from sim.errors import MISSING, InputError

LARGEST_SEED = 2**63 - 1


def seed_of(seed: Any = None, rng: Any = None) -> int:
    """The seed as a whole number; a Generator gives one number of its stream; None draws a fresh one."""
    if seed is not None and rng is not None:
        raise InputError(None, "rng", MISSING, "is another name of seed: give one of the two")
    given = rng if seed is None else seed
    if given is None or isinstance(given, np.random.Generator | np.random.SeedSequence):
        return int(np.random.default_rng(given).integers(LARGEST_SEED))
    try:
        number = operator.index(given)
    except TypeError:
        number = -1
    if isinstance(given, bool) or not 0 <= number <= LARGEST_SEED:
        problem = f"expected a whole number between 0 and {LARGEST_SEED}"
        raise InputError(None, "seed", given, problem)
    return number
