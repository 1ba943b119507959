"""Make vectors: live through random sequences on the real contracts and write down the answers.

    python -m tests.onchain.generate uniswap_v2 --sequences 500 --out runs/vectors

A sequence is drawn from (seed, protocol, its number) alone, so that the committed sample can be made
again by anyone, and is a part of the whole.
"""

from __future__ import annotations

import argparse
import importlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.onchain.generate.sample import every, sample
from tests.onchain.sequences import Header, Sequence, write

PROTOCOLS = (
    "uniswap_v2", "uniswap_v3", "stable_swap", "weighted", "aave_v3", "aave_v30", "morpho_blue",
    "maker", "maker_dutch", "llamma",
)  # fmt: skip
SAMPLE = Path(__file__).resolve().parent.parent / "vectors"


def counted(sequences: Iterator[Sequence], met: Counter[str]) -> Iterator[Sequence]:
    """The same sequences; verbs, reasons and branches are counted on the way."""
    for sequence in sequences:
        met["sequences"] += 1
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
        n = asked.sequences or (protocol.N_FULL if asked.full else 0)
        sequences = every(protocol, asked.seed, n) if n else sample(protocol, asked.seed)
        met: Counter[str] = Counter()
        path = asked.out / f"{name}.jsonl.gz"
        write(path, header, counted(sequences, met))
        print(f"{path}: {met['sequences']} sequences, {path.stat().st_size / 1e6:.2f} MB")
        for what, n in sorted(met.items()):
            print(f"  {n:6d}  {what}")


if __name__ == "__main__":
    main()
