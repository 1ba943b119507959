"""Make vectors: live through random sequences on the real contracts and write down the answers.

    python -m tests.onchain.generate uniswap_v2 --sequences 500 --out runs/vectors

A sequence is drawn from (seed, protocol, its number) alone, so that a short file is the beginning of
a long one, and the committed sample can be made again by anyone.
"""

from __future__ import annotations

import argparse
import importlib
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.onchain.generate.chain import Reverted
from tests.onchain.generate.conditioning import attempt, spreads
from tests.onchain.sequences import Header, Operation, Sequence, write

PROTOCOLS = (
    "uniswap_v2", "uniswap_v3", "stable_swap", "weighted", "aave_v3", "aave_v30", "morpho_blue",
    "llamma",
)  # fmt: skip
SAMPLE = Path(__file__).resolve().parent.parent / "vectors"
MIN_OPERATIONS, MAX_OPERATIONS = 20, 50


def make_sequence(protocol: Any, seed: int, number: int) -> Sequence:
    """One sequence, with what one base unit more or less would have changed."""
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
    for _ in range(rng.randint(MIN_OPERATIONS, MAX_OPERATIONS)):
        session.branches = []
        verb, inputs, seconds = session.draw(rng)
        session.chain.advance(seconds)
        status, out = attempt(session, verb, inputs)
        plain.append(
            Operation(verb, inputs, status, out, seconds, branches=sorted(set(session.branches)))
        )
        if session.is_over():
            break
    spread, is_edge = spreads(protocol, decimals, setup, plain, place)
    operations = [
        Operation(**{**vars(each), "spread": by, "is_edge": edge})
        for each, by, edge in zip(plain[: len(spread)], spread, is_edge, strict=True)
    ]
    return Sequence(place, decimals, setup, operations)


def counted(sequences: Iterator[Sequence], met: Counter[str]) -> Iterator[Sequence]:
    """The same sequences; verbs, reasons and branches are counted on the way."""
    for sequence in sequences:
        for operation in sequence.operations:
            met[f"{operation.do}: {operation.status}"] += 1
            met.update(f"branch: {branch}" for branch in operation.branches)
        yield sequence


def main() -> None:
    parser = argparse.ArgumentParser(prog="make vectors", description=__doc__)
    parser.add_argument("protocols", nargs="*", metavar="protocol", help=", ".join(PROTOCOLS))
    parser.add_argument("--sequences", type=int, help="of each protocol; else as in the sample")
    parser.add_argument("--full", action="store_true", help="as many as docs/exactness.md counts")
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--out", type=Path, default=SAMPLE)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    for name in asked.protocols or PROTOCOLS:
        protocol = importlib.import_module(f"tests.onchain.generate.{name}")
        header = Header(
            protocol.NAME, protocol.CONTRACTS, asked.seed,
            protocol.UNITS, protocol.REASONS, protocol.BRANCHES,
        )  # fmt: skip
        usual = protocol.N_FULL if asked.full else protocol.N_SAMPLE
        numbers = range(asked.sequences or usual)
        met: Counter[str] = Counter()
        path = asked.out / f"{name}.jsonl.gz"
        sequences = (make_sequence(protocol, asked.seed, number) for number in numbers)
        write(path, header, counted(sequences, met))
        print(f"{path}: {len(numbers)} sequences, {path.stat().st_size / 1e6:.2f} MB")
        for what, n in sorted(met.items()):
            print(f"  {n:6d}  {what}")


if __name__ == "__main__":
    main()
