"""A finished ensemble: one scenario under many seeds; from memory or from a folder.

many = af.ensemble("black_thursday_2020", seeds=200)
many.summary("bad_debt_usd", "loss_fraction")
many.bands("market_price_usd.ETH")
many.compare(shock.without("oracle_lag"), "loss_fraction")
"""

from __future__ import annotations

import html
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from analysis.ensemble_headline import headline, headline_rows
from analysis.ensemble_names import resolve
from analysis.ensemble_seeds import seeds_of
from analysis.ensemble_summary import number_names, numbers
from analysis.files import read_json
from analysis.finished import Finished
from analysis.manifest import read_manifest
from analysis.unfinished import ENSEMBLE_SCHEMA
from analysis.verified import verified
from sim.errors import DamagedRun, InputError

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from matplotlib.figure import Figure

    from analysis.ensemble_compare import Comparison
    from scenarios.schema import Scenario

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class Ensemble(Finished):
    """``many.members``: one row a seed; ``many.paths``: prices, wealth and losses of each, thinned."""

    FIGURES = "analysis.figures_many"
    NAME = "an ensemble"

    def __init__(
        self,
        manifest: Mapping[str, Any],
        told: Mapping[str, Any],
        *,
        tables: Mapping[str, pl.LazyFrame] | None = None,
        folder: pathlib.Path | None = None,
        scenario: Scenario | None = None,
    ) -> None:
        super().__init__(manifest, tables, folder, scenario)
        self.told = dict(told)

    @property
    def members(self) -> pl.LazyFrame:
        """One row a seed: every number of its summary, and a hash of what was drawn for it."""
        return self.table("members")

    @property
    def paths(self) -> pl.LazyFrame:
        """One row a seed and block, every ``paths_every_blocks`` of them."""
        return self.table("paths")

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, ascending."""
        return seeds_of(str(self.manifest["seeds"]))

    @property
    def names(self) -> list[str]:
        """The numbers that every question below may name."""
        return number_names(self.members.collect_schema().names())

    def values(self, name: str) -> np.ndarray:
        """One number of each member in order of seeds; NaN where it is undefined."""
        found = resolve(name, self.names)
        return numbers(self.members, found)

    def summary(self, *names: str) -> pl.DataFrame:
        """Of each name: mean, median with its 95 % interval, 5 % and 95 % quantiles over seeds."""
        import polars as pl

        told = self.told["numbers"]
        wanted = [resolve(name, list(told)) for name in names] or list(told)
        return pl.DataFrame([{"name": name, **told[name]} for name in wanted])

    def quantiles(self, name: str, at: Sequence[float] = QUANTILES) -> dict[float, float | None]:
        """Quantiles of one number over seeds; null if it is defined in no member."""
        import numpy as np

        values = self.values(name)
        known = values[np.isfinite(values)]
        found = np.quantile(known, _checked(at)).tolist() if len(known) else [None] * len(at)
        return dict(zip(at, found, strict=True))

    def bands(self, name: str, at: Sequence[float] = QUANTILES) -> pl.DataFrame:
        """Quantiles over seeds of one column of the paths, a row a block."""
        import polars as pl

        columns = [c for c in self.paths.collect_schema().names() if c not in ("seed", "block")]
        column = pl.col(resolve(name, columns))
        shares = {f"q{100.0 * share:g}": share for share in _checked(at)}
        quantiles = [
            column.quantile(share, "linear").alias(label) for label, share in shares.items()
        ]
        return self.paths.group_by("block").agg(quantiles).sort("block").collect()

    def compare(
        self, other: Ensemble | Scenario, name: str, *, same_prices: bool = True
    ) -> Comparison:
        """This ensemble less another one (or that of another scenario), paired by seed.

        The two must have the same seeds and, unless ``same_prices=False``, the same fundamental prices.
        """
        from analysis.ensemble_compare import compare

        if not isinstance(other, Ensemble):
            from analysis.api import ensemble

            other = ensemble(other, self.seeds, progress=False)
        return compare(self, other, name, same_prices)

    def plot(self, name: str) -> Figure:
        """A figure by name (``bands``), to look at and to add to."""
        from analysis.figures import draw

        return draw(name, self).figure

    @property
    def headline(self) -> str:
        """A few lines for an economist."""
        return "\n".join(headline(self.told, str(self.manifest["seeds"])))

    def __repr__(self) -> str:
        return f"Ensemble({self.manifest['title']!r}, seeds={self.manifest['seeds']}, {self.place})"

    def _repr_html_(self) -> str:
        head, *rows = headline_rows(self.told)
        lines = [_html_row("th", head), *(_html_row("td", row) for row in rows)]
        title = headline(self.told, str(self.manifest["seeds"]))[0]
        return f"<table><caption>{html.escape(title)}</caption>{''.join(lines)}</table>"


def _html_row(tag: str, row: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row) + "</tr>"


def _checked(at: Sequence[float]) -> list[float]:
    for share in at:
        if not 0.0 <= share <= 1.0:
            raise InputError(None, "quantile", share, "expected shares between 0 and 1")
    return list(at)


def open_ensemble(path: str | os.PathLike[str]) -> Ensemble:
    """The folder of an ensemble as an :class:`Ensemble`."""
    folder = pathlib.Path(os.path.abspath(path))
    manifest = read_manifest(folder, ENSEMBLE_SCHEMA)
    try:
        told = read_json(verified(folder / "summary.json", manifest["files"]["summary.json"]))
    except (OSError, ValueError, KeyError) as error:
        raise DamagedRun(f"{folder / 'summary.json'}: cannot be read ({error}).") from None
    return Ensemble(manifest, told, folder=folder)
