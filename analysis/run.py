"""A finished run: its tables, its summary, its figures; from memory or from a run folder.

run = af.run("black_thursday_2020", seed=7)
run.events.filter(kind="liquidation").collect()
run.plot("prices")
"""

from __future__ import annotations

import html
import os
import pathlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analysis.files import read_json
from analysis.finished import Finished
from analysis.headline import headline
from analysis.manifest import read_manifest
from analysis.verified import verified
from sim.errors import DamagedRun

if TYPE_CHECKING:
    import networkx as nx
    import polars as pl
    from matplotlib.figure import Figure

    from scenarios.schema import Scenario


class Run(Finished):
    """``run.blocks``, ``run.events`` ... are lazy frames of polars; ``run.summary`` is a plain dict."""

    NAME = "a run"

    def __init__(
        self,
        manifest: Mapping[str, Any],
        summary: Mapping[str, Any],
        *,
        tables: Mapping[str, pl.LazyFrame] | None = None,
        folder: pathlib.Path | None = None,
        scenario: Scenario | None = None,
    ) -> None:
        super().__init__(manifest, tables, folder, scenario)
        self.summary = dict(summary)

    @property
    def tables(self) -> dict[str, pl.LazyFrame]:
        """All tables by name."""
        return {name: self.table(name) for name in self.table_names}

    @property
    def blocks(self) -> pl.LazyFrame:
        """One row a block: prices, gas, transactions."""
        return self.table("blocks")

    @property
    def cohorts(self) -> pl.LazyFrame:
        """One row a block and cohort."""
        return self.table("cohorts")

    @property
    def pools(self) -> pl.LazyFrame:
        """One row a block and pool."""
        return self.table("pools")

    @property
    def markets(self) -> pl.LazyFrame:
        """One row a block and reserve of a lending market."""
        return self.table("markets")

    @property
    def redemptions(self) -> pl.LazyFrame:
        """One row a block and redemption module, where a scenario has any."""
        return self.table("redemptions")

    @property
    def share_vaults(self) -> pl.LazyFrame:
        """One row a block and share vault, where a scenario has any."""
        return self.table("share_vaults")

    @property
    def events(self) -> pl.LazyFrame:
        """One row a leg of a transaction."""
        return self.table("events")

    @property
    def vaults(self) -> pl.LazyFrame:
        """One row a vault, at intervals."""
        return self.table("vaults")

    @property
    def keepers(self) -> pl.LazyFrame:
        """One row a keeper, at intervals."""
        return self.table("keepers")

    @property
    def exposures(self) -> pl.LazyFrame:
        """Who holds whose claims, at the start and at the end."""
        return self.table("exposures")

    @property
    def incidence(self) -> pl.LazyFrame:
        """Who paid whom, and why: one row a payer, receiver and cause."""
        return self.table("incidence")

    def who_paid_whom(self) -> pl.DataFrame:
        """Net USD that the class of a row paid to the class of a column."""
        from analysis.incidence import who_paid_whom

        return who_paid_whom(self.incidence.collect())

    @property
    def seed(self) -> int:
        """The seed."""
        return int(self.manifest["seed"])

    @property
    def headline(self) -> str:
        """Half a dozen lines for an economist."""
        return "\n".join(headline(self.summary))

    def plot(self, name: str) -> Figure:
        """A figure by name (``prices``, ``liquidations``, ``cascade`` ...), to look at and to add to."""
        from analysis.figures import draw

        return draw(name, self).figure

    def cascade(self, min_weight: float = 0.01) -> nx.DiGraph:
        """What caused what: an edge from each trade to the sales that answered to a price it had moved."""
        from analysis.cascade.graph import graph
        from analysis.cascade.whole import cascade_of

        return graph(cascade_of(self.scenario, self.tables), min_weight)

    def __repr__(self) -> str:
        return f"Run({self.manifest['title']!r}, seed={self.seed}, {self.place})"

    def _repr_html_(self) -> str:
        title, *lines = headline(self.summary)
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(line[:12].strip())}</th>"
            f"<td style='text-align:left'>{html.escape(line[12:])}</td></tr>"
            for line in lines
        )
        return f"<table><caption>{html.escape(title)}</caption>{rows}</table>"


def open_run(path: str | os.PathLike[str]) -> Run:
    """A run folder as a :class:`Run`."""
    folder = pathlib.Path(os.path.abspath(path))
    manifest = read_manifest(folder)
    try:
        summary = read_json(verified(folder / "summary.json", manifest["files"]["summary.json"]))
    except (OSError, ValueError, KeyError) as error:
        raise DamagedRun(f"{folder / 'summary.json'}: cannot be read ({error}).") from None
    return Run(manifest, summary, folder=folder)
