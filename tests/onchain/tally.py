"""What a replay has met: values compared, the worst errors, and everything that did not agree."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.onchain.bar import RELATIVE, Comparison
from tests.onchain.sequences import Header, Operation

N_SHOWN = 20


@dataclass(frozen=True)
class Finding:
    """One disagreement beyond the bar."""

    place: str
    name: str
    theirs: Any
    ours: Any
    comparison: Comparison | None = None

    def __str__(self) -> str:
        text = f"{self.place}: {self.name}: the chain says {self.theirs!r}, we say {self.ours!r}"
        if self.comparison is None:
            return text
        return f"{text} ({self.comparison.error:.3g} base units, {self.comparison.relative:.3g})"


@dataclass
class Worst:
    """Of one value of one operation; both errors are of the values that did not need more."""

    n: int = 0
    n_wider: int = 0
    relative: float = 0.0
    base_units: float = 0.0

    def add(self, comparison: Comparison) -> None:
        self.n += 1
        if comparison.needs_more:
            self.n_wider += 1
            return
        # Of a value of few base units the relative error says only that it is small, of a large one
        # the number of base units says only that it is large.
        if comparison.relative <= RELATIVE:
            self.relative = max(self.relative, comparison.relative)
        else:
            self.base_units = max(self.base_units, comparison.error / comparison.coarser)


@dataclass
class Tally:
    header: Header
    n_sequences: int = 0
    # Where the status hangs on one base unit and we are on the other side: why, by place.
    edges: dict[str, str] = field(default_factory=dict)
    n_left: int = 0  # sequences whose rest could not be compared after such an edge
    values: dict[tuple[str, str], Worst] = field(default_factory=dict)
    statuses: Counter[tuple[str, str]] = field(default_factory=Counter)
    branches: Counter[str] = field(default_factory=Counter)
    rounded_to_nothing: Counter[str] = field(default_factory=Counter)
    only_in_integers: Counter[str] = field(default_factory=Counter)
    cannot: Counter[str] = field(
        default_factory=Counter
    )  # sequences that the model is not made for
    findings: list[Finding] = field(default_factory=list)

    @property
    def n_values(self) -> int:
        return sum(worst.n for worst in self.values.values())

    def meet(self, operation: Operation) -> None:
        self.statuses[operation.do, operation.status] += 1
        self.branches.update(operation.branches)

    def count(self, verb: str, name: str, comparison: Comparison) -> None:
        self.values.setdefault((verb, name), Worst()).add(comparison)

    def find(self, finding: Finding) -> None:
        self.findings.append(finding)

    def reasons(self) -> dict[str, int]:
        """How often each listed revert of the contract was met."""
        return {
            reason: sum(n for (_, status), n in self.statuses.items() if status == reason)
            for reason in self.header.reasons
        }

    def met(self) -> dict[str, int]:
        """How often each listed revert and each listed path was met."""
        return {
            **self.reasons(),
            **{branch: self.branches[branch] for branch in self.header.branches},
        }

    def report(self) -> str:
        wider = sum(worst.n_wider for worst in self.values.values())
        lines = [
            f"{self.header.protocol}: {self.n_values} values in {self.n_sequences} sequences, "
            f"{wider} needed the wider bar, {len(self.edges)} edges, {self.n_left} sequences left early, "
            f"{len(self.findings)} findings"
        ]
        for (verb, name), worst in sorted(self.values.items()):
            lines.append(
                f"  {verb:8s} {name:20s} {worst.n:7d} values  worst {worst.relative:8.1e} relative "
                f"{worst.base_units:10.3g} base units, {worst.n_wider} wider"
            )
        lines += [f"  {finding}" for finding in self.findings[:N_SHOWN]]
        lines += [f"  {n} sequences not replayed: {why}" for why, n in self.cannot.items()]
        lines += [f"  {n} times only on chain: {why}" for why, n in self.only_in_integers.items()]
        lines += [f"  {n} times dust: {why}" for why, n in self.rounded_to_nothing.items()]
        if len(self.findings) > N_SHOWN:
            lines.append(f"  ... and {len(self.findings) - N_SHOWN} more")
        return "\n".join(lines)
