"""Tables while they grow: kept in memory, or streamed to part files that become one file a table.

The final bytes do not depend on where the parts were cut: they are read back in order and written anew
with one row-group size. Memory is bounded by the buffer, not by the run.
"""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analysis.files import sha256_of, to_disk, writing
from sim.errors import DamagedRun

if TYPE_CHECKING:
    import polars as pl

BUFFER_BYTES = 64_000_000
ROW_GROUP = 131_072
COMPRESSION: Any = "zstd"
COMPRESSION_LEVEL = 3


class Kept:
    """Tables of a run that is not written to disk."""

    def __init__(self) -> None:
        self._frames: dict[str, list[pl.DataFrame]] = {}

    def add(self, tables: Mapping[str, pl.DataFrame]) -> None:
        """More rows, in order."""
        for name, frame in tables.items():
            self._frames.setdefault(name, []).append(frame)

    def lazy(self) -> dict[str, pl.LazyFrame]:
        """Every table as a lazy frame."""
        import polars as pl

        return {name: pl.concat(frames).lazy() for name, frames in self._frames.items()}


class Parts:
    """Tables of a run that is written to disk; ``written`` lists the part files that are complete."""

    def __init__(self, folder: pathlib.Path, written: list[dict[str, Any]]) -> None:
        self.folder, self.written = folder, list(written)
        self._buffer: dict[str, list[pl.DataFrame]] = {}
        self._bytes = 0
        folder.mkdir(exist_ok=True)
        known = {part["file"] for part in written}
        for (
            path
        ) in folder.iterdir():  # written after the last checkpoint: they will be written again
            if path.name not in known:
                path.unlink()
        self.verify()

    def verify(self) -> None:
        """Raise DamagedRun unless every part is what was written."""
        for part in self.written:
            path = self.folder / part["file"]
            if not path.is_file() or sha256_of(path) != part["sha256"]:
                raise DamagedRun(f"{path}: missing, or not what was written.")

    def add(self, tables: Mapping[str, pl.DataFrame]) -> None:
        """More rows, in order; written out when the buffer is full."""
        for name, frame in tables.items():
            self._buffer.setdefault(name, []).append(frame)
            self._bytes += int(frame.estimated_size())
        if self._bytes > BUFFER_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what is buffered as one part a table."""
        import polars as pl

        for name, frames in self._buffer.items():
            file = f"{name}.{len(self.written):06d}.parquet"
            frame = pl.concat(frames)
            with writing(self.folder / file):
                frame.write_parquet(
                    self.folder / file, compression=COMPRESSION, compression_level=1
                )
            to_disk(self.folder / file)
            self.written.append(
                {
                    "table": name,
                    "file": file,
                    "rows": frame.height,
                    "sha256": sha256_of(self.folder / file),
                }
            )
        self._buffer, self._bytes = {}, 0

    def merge(self, into: pathlib.Path) -> dict[str, dict[str, Any]]:
        """One file a table; returns name, rows and SHA-256 of each."""
        import polars as pl

        self.flush()
        self.verify()
        tables: dict[str, dict[str, Any]] = {}
        for name in sorted({part["table"] for part in self.written}):
            parts = [part for part in self.written if part["table"] == name]
            path = into / f"{name}.parquet"
            with writing(path):
                pl.scan_parquet([self.folder / part["file"] for part in parts]).sink_parquet(
                    path,
                    compression=COMPRESSION,
                    compression_level=COMPRESSION_LEVEL,
                    statistics=True,
                    row_group_size=ROW_GROUP,
                    maintain_order=True,
                )
            to_disk(path)
            rows = sum(part["rows"] for part in parts)
            tables[name] = {"file": path.name, "rows": rows, "sha256": sha256_of(path)}
        return tables
