"""The seeds of an ensemble: how many, a range, a list, or ``0:200`` as one writes it in a terminal.

A seed given twice would count one draw as two and make every interval too narrow: it is refused.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TypeAlias

from scenarios.seeds import LARGEST_SEED
from sim.errors import InputError

MOST_SEEDS = 1_000_000
HOW = "expected seeds as in 0:200 (without 200), or 0:10,15,20:30"

Seeds: TypeAlias = int | str | Iterable[int]


def seeds_of(given: Seeds) -> tuple[int, ...]:
    """Seeds in ascending order: n of them from 0 on, those of a range or a list, those of a text."""
    if isinstance(given, bool):
        raise InputError(None, "seeds", given, "expected a number of seeds, a range or a list")
    if isinstance(given, str):
        return _checked([_stretch(part) for part in given.split(",")])
    if isinstance(given, int):
        if given < 1:
            raise InputError(None, "seeds", given, "expected at least one")
        return _checked([range(given)])
    if isinstance(given, range):
        return _checked([given])
    return _checked([[_whole(seed) for seed in given]])


def seeds_text(seeds: tuple[int, ...]) -> str:
    """The same seeds as short as they can be written: ``0:10,15,20:30``."""
    return ",".join(
        str(first) if last == first else f"{first}:{last + 1}" for first, last in _runs(seeds)
    )


def _stretch(text: str) -> range:
    first, colon, end = (part.strip() for part in text.partition(":"))
    if not first.isdecimal() or (colon and not end.isdecimal()):
        raise InputError(None, "--seeds", text, HOW)
    stretch = range(int(first), int(end)) if colon else range(int(first), int(first) + 1)
    if not stretch:
        raise InputError(None, "--seeds", text, f"holds no seed; {HOW}")
    return stretch


def _whole(seed: object) -> int:
    try:
        return operator.index("" if isinstance(seed, bool) else seed)  # type: ignore[arg-type]
    except TypeError:
        raise InputError(None, "seeds", seed, "expected whole numbers") from None


def _checked(stretches: list[range] | list[list[int]]) -> tuple[int, ...]:
    n = sum(len(stretch) for stretch in stretches)
    if not 1 <= n <= MOST_SEEDS:
        raise InputError(None, "seeds", n, f"expected between 1 and {MOST_SEEDS:,} of them")
    seeds = sorted(seed for stretch in stretches for seed in stretch)
    for before, after in pairwise(seeds):
        if before == after:
            raise InputError(None, "seeds", after, "is given twice: each draw may count only once")
    if seeds[0] < 0 or seeds[-1] > LARGEST_SEED:
        wrong = seeds[0] if seeds[0] < 0 else seeds[-1]
        problem = f"expected whole numbers between 0 and {LARGEST_SEED}"
        raise InputError(None, "seeds", wrong, problem)
    return tuple(seeds)


def _runs(seeds: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """First and last of each stretch without a gap."""
    first = last = seeds[0]
    for seed in seeds[1:]:
        if seed != last + 1:
            yield first, last
            first = seed
        last = seed
    yield first, last
