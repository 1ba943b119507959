"""Sequences of a protocol: all of them, or a sample in which nothing that can be met is rare.

A sequence is drawn from (seed, protocol, its number) alone. The sample is the first ``N_SAMPLE`` of them, and
of those that follow each one that meets a revert or a path which the sample has met fewer than ten times:
whether we agree with the contract on it plays no part.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.onchain.generate.chain import Reverted
from tests.onchain.generate.conditioning import attempt, spreads
from tests.onchain.sequences import Operation, Sequence

MAX_OPERATIONS = 50
FEWEST_MET = 10


def every(protocol: Any, seed: int, n: int) -> Iterator[Sequence]:
    """The first ``n``."""
    return (_with_spread(protocol, *live(protocol, seed, number)) for number in range(n))


def sample(protocol: Any, seed: int) -> Iterator[Sequence]:
    """As many as the sample needs, and none beyond those of the whole."""
    rare = {*protocol.REASONS, *protocol.BRANCHES}
    met: Counter[str] = Counter()
    for number in range(protocol.N_FULL):
        is_first = number < protocol.N_SAMPLE
        if not is_first and not rare:
            return
        life = live(protocol, seed, number)
        if not is_first and rare.isdisjoint(met_by(life[-1])):
            continue
        sequence = _with_spread(protocol, *life)
        yield sequence
        met.update(met_by(sequence.operations))
        rare = {what for what in rare if met[what] < FEWEST_MET}


def met_by(operations: list[Operation]) -> Counter[str]:
    """Reverts and paths, and how often."""
    return Counter(
        what for operation in operations for what in (operation.status, *operation.branches)
    )


def live(
    protocol: Any, seed: int, number: int
) -> tuple[str, dict[str, int], dict[str, Any], list[Operation]]:
    """One sequence: its name, the decimals, the setup, and what the contract did."""
    place = f"{protocol.NAME}/{seed}/{number}"
    rng = random.Random(place)
    while True:
        decimals, setup = protocol.draw_setup(rng)
        try:
            session = protocol.Session(decimals, setup)
            break
        except Reverted:
            continue  # an impossible setup is no sequence; the next one is drawn
    plain = []
    for _ in range(rng.randint(protocol.FEWEST, MAX_OPERATIONS)):
        session.branches = []
        verb, inputs, seconds = session.draw(rng)
        session.chain.advance(seconds)
        status, out = attempt(session, verb, inputs)
        plain.append(
            Operation(verb, inputs, status, out, seconds, branches=sorted(set(session.branches)))
        )
        if session.is_over():
            break
    return place, decimals, setup, plain


def _with_spread(
    protocol: Any,
    place: str,
    decimals: dict[str, int],
    setup: dict[str, Any],
    plain: list[Operation],
) -> Sequence:
    """The same with what one base unit more or less would have changed."""
    spread, is_edge = spreads(protocol, decimals, setup, plain, place)
    operations = [
        Operation(**{**vars(each), "spread": by, "is_edge": edge})
        for each, by, edge in zip(plain[: len(spread)], spread, is_edge, strict=True)
    ]
    return Sequence(place, decimals, setup, operations)
