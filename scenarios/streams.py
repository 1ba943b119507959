"""Named streams of random numbers: a dotted name and a seed give the same draws wherever they are asked for.

Adding an asset, a cohort or a shock adds names and moves nobody's draws, so that two scenarios can be
compared on common random numbers. Source: Salmon, Moraes, Dror and Shaw (2011), Parallel Random Numbers:
As Easy as 1, 2, 3 (Philox).
"""

from __future__ import annotations

import hashlib

import numpy as np

PER_OWNER = 8  # a stream and the seven after it belong to the same name
_POSITIVE_INT64 = (1 << 63) - 1


def stream(name: str) -> int:
    """The number of a dotted name such as ``prices.ETH``: fits int64, a multiple of eight."""
    digest = hashlib.blake2b(name.encode()).digest()
    return int.from_bytes(digest[:8], "big") & _POSITIVE_INT64 & -PER_OWNER


def generator(seed: int, name: str) -> np.random.Generator:
    """Draws for this seed and name, always from the first one on."""
    key = np.array([seed, stream(name)], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key))
