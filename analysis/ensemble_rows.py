"""What an ensemble has of its members so far: kept in memory, or streamed to part files in order of seeds.

No two members may have drawn the same prices: a seed that changes nothing would make one draw look like
many. Where nothing is drawn at all, every member has the same prices, and that is said.
"""

from __future__ import annotations

import itertools
import json
import pathlib
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from analysis import ensemble_numbers
from analysis.ensemble_member import Member
from analysis.ensemble_paths import path_columns, path_frame
from analysis.parts import Kept, Parts
from sim.errors import AftershockError

if TYPE_CHECKING:
    import polars as pl

    from scenarios.schema import Scenario

WIDE_ROWS = 4_096  # members whose numbers are held at once
BATCH = 16  # members that a killed ensemble loses at most,
BATCH_SECONDS = 5.0  # unless they took longer than this
MEMBERS, PATHS = "members", "paths"
Row: TypeAlias = dict[str, Any]


class Rows:
    """Members in order of seeds; ``n`` of them are safe, or in memory."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.kept = Kept()
        self.n = 0
        self._batch: list[Member] = []
        self._since = time.monotonic()
        self._prices: dict[str, int] = {}

    def add(self, member: Member) -> bool:
        """One member more; whether it is time to put what has been added where it is safe."""
        self._batch.append(member)
        is_late = time.monotonic() - self._since > BATCH_SECONDS
        return len(self._batch) >= BATCH or is_late

    def flush(self) -> None:
        """Turn what was added into rows."""
        if self._batch:
            for member in self._batch:
                self._distinct(member.seed, member.prices_sha256)
            columns = path_columns(self.scenario)
            paths = path_frame(columns, [(member.seed, member.path) for member in self._batch])
            self._take({MEMBERS: _narrow(self._batch), PATHS: paths})
            self.n += len(self._batch)
            self._batch = []
        self._since = time.monotonic()

    def members(self) -> Iterator[Row]:
        """One narrow row a member, in order of seeds."""
        yield from self.kept.lazy()[MEMBERS].collect().iter_rows(named=True)

    def _take(self, tables: Mapping[str, pl.DataFrame]) -> None:
        self.kept.add(tables)

    def _distinct(self, seed: int, prices_sha256: str) -> None:
        same = self._prices.setdefault(prices_sha256, seed)
        if same != seed and draws_prices(self.scenario):
            raise AftershockError(f"seeds {same} and {seed} drew the same fundamental prices.")


class RowsOnDisk(Rows):
    """The same in part files; ``written`` lists those that are complete."""

    def __init__(
        self, scenario: Scenario, folder: pathlib.Path, written: Mapping[str, list[dict[str, Any]]]
    ) -> None:
        super().__init__(scenario)
        folder.mkdir(parents=True, exist_ok=True)
        self._parts = {
            name: Parts(folder / name, written.get(name, [])) for name in (MEMBERS, PATHS)
        }
        self.n = sum(part["rows"] for part in self._parts[MEMBERS].written)
        for row in self.members():
            self._distinct(row["seed"], row["prices_sha256"])

    @property
    def written(self) -> dict[str, list[dict[str, Any]]]:
        """The part files of each table."""
        return {name: list(parts.written) for name, parts in self._parts.items()}

    def members(self) -> Iterator[Row]:
        import polars as pl

        parts = self._parts[MEMBERS]
        for part in parts.written:
            yield from pl.read_parquet(parts.folder / part["file"]).iter_rows(named=True)

    def merge(self, into: pathlib.Path) -> dict[str, dict[str, Any]]:
        """One file a table; returns name, rows and SHA-256 of each."""
        narrow = self._parts[MEMBERS]
        narrow.verify()
        schema = ensemble_numbers.schema_of(self.members())
        parts = Parts(narrow.folder.parent / "wide", [])
        for rows in _batched(self.members(), WIDE_ROWS):
            parts.add({MEMBERS: ensemble_numbers.wide(rows, schema)})
        return {**parts.merge(into), **self._parts[PATHS].merge(into)}

    def _take(self, tables: Mapping[str, pl.DataFrame]) -> None:
        for name, frame in tables.items():
            self._parts[name].add({name: frame})
            self._parts[name].flush()


def _batched(rows: Iterator[Row], n: int) -> Iterator[list[Row]]:
    while batch := list(itertools.islice(rows, n)):
        yield batch


def draws_prices(scenario: Scenario) -> bool:
    """Whether any fundamental price depends on the seed."""
    from scenarios.paths import exogenous

    one, other = (exogenous(scenario, seed).fundamental_price_usd for seed in (0, 1))
    return bool((one != other).any())


def _narrow(members: Sequence[Member]) -> pl.DataFrame:
    """Numbers as JSON, for one member may have names that another lacks; it keeps every bit of them."""
    import polars as pl

    return pl.DataFrame(
        {
            "seed": pl.Series([member.seed for member in members], dtype=pl.Int64),
            "prices_sha256": [member.prices_sha256 for member in members],
            "birth_sha256": [member.birth_sha256 for member in members],
            "numbers": [json.dumps(member.numbers, allow_nan=False) for member in members],
            "undefined": [json.dumps(member.undefined) for member in members],
        }
    )
