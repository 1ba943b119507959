"""What a finished run and a finished ensemble have in common: a manifest, verified tables, a scenario."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from analysis.verified import read_table, verified
from scenarios.names import listed, nearest
from sim.errors import InputError

if TYPE_CHECKING:
    import pathlib

    import polars as pl

    from scenarios.schema import Scenario

SCENARIO = "scenario.toml"


class Finished:
    """In memory, with its tables at hand, or in a folder that is read when asked for."""

    NAME: ClassVar[str]  # as an error names it: "a run"

    def __init__(
        self,
        manifest: Mapping[str, Any],
        tables: Mapping[str, pl.LazyFrame] | None,
        folder: pathlib.Path | None,
        scenario: Scenario | None,
    ) -> None:
        self.manifest, self.folder = dict(manifest), folder
        self._tables = dict(tables or {})
        self._scenario = scenario

    def table(self, name: str) -> pl.LazyFrame:
        """A table by name; from a folder, its SHA-256 is verified each time."""
        if name not in self.table_names:
            problem = f"{self.NAME} has no such table (there are: {listed(self.table_names)})"
            raise InputError(None, None, name, problem, nearest(name, self.table_names))
        if self.folder is None:
            return self._tables[name]
        return read_table(self.folder, self.manifest["tables"][name])

    @property
    def table_names(self) -> list[str]:
        """The tables that there are."""
        return sorted(self._tables if self.folder is None else self.manifest["tables"])

    @functools.cached_property
    def scenario(self) -> Scenario:
        """The scenario, resolved."""
        if self._scenario is not None:
            return self._scenario
        from scenarios.load import load

        assert self.folder is not None
        return load(verified(self.folder / SCENARIO, self.manifest["files"][SCENARIO]))

    @property
    def place(self) -> str:
        """Where it is, for a reader."""
        return "in memory" if self.folder is None else f"in {self.folder}"
