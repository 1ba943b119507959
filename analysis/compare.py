"""A scenario compared with itself: frozen, price-taking and full, and with each channel alone switched off.

told = af.compare("black_thursday_2020", seeds=30)
told.headline
told.split("system").amplification
told.channels()
told.plot("split")
"""

from __future__ import annotations

import functools
import html
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis import ensemble_compare
from analysis.classes import members
from analysis.compare_headline import headline
from analysis.ensemble_seeds import seeds_text
from analysis.split import Split, split
from scenarios.names import listed, nearest
from scenarios.schema.world import CHANNELS
from sim.errors import InputError

if TYPE_CHECKING:
    import pathlib

    import polars as pl
    from matplotlib.figure import Figure

    from analysis.ensemble import Ensemble
    from analysis.ensemble_compare import Comparison

FULL, PRICE_TAKING, FROZEN = "full", "price_taking", "frozen"
WHEN = ("worst", "horizon")


def without(channel: str) -> str:
    """The name of the run with one channel frictionless."""
    return f"without_{channel}"


class Compared:
    """Ensembles of the same draws: ``full``, ``price_taking``, ``frozen``, and ``without_<channel>``."""

    FIGURES = "analysis.figures_compared"

    def __init__(self, runs: Mapping[str, Ensemble], folder: pathlib.Path | None = None) -> None:
        self.runs, self.folder = dict(runs), folder
        self.full = self.runs[FULL]
        for other in self.runs.values():
            ensemble_compare.refuse_other_draws(self.full, other)

    @functools.cached_property
    def who(self) -> dict[str, str]:
        """Whose losses can be split, and where they stand in a summary."""
        scenario = self.full.scenario
        places = {"system": "losses.system"}
        places |= {name: f"losses.by_class.{name}" for name in members(scenario)}
        prefix, suffix = "losses.by_strategy.", ".nav_at_start_usd"
        for name in self.full.names:
            strategy = name.removeprefix(prefix).removesuffix(suffix)
            if name == f"{prefix}{strategy}{suffix}" and "." not in strategy:
                places.setdefault(strategy, f"{prefix}{strategy}")
        return places

    def split(self, who: str = "system", when: str = "worst") -> Split:
        """Shock, own rules and aftershocks of the system, a class or a strategy."""
        for name, known in ((who, list(self.who)), (when, list(WHEN))):
            if name not in known:
                problem = f"cannot be split (there are: {listed(known)})"
                raise InputError(None, "split", name, problem, nearest(name, known))
        place = self.who[who]
        start = self.full.values(f"{place}.nav_at_start_usd")
        lost = {
            name: self.runs[name].values(f"{place}.loss_at_{when}_usd")
            for name in (FROZEN, PRICE_TAKING, FULL)
        }
        return split(who, when, start, lost[FROZEN], lost[PRICE_TAKING], lost[FULL])

    def table(self) -> pl.DataFrame:
        """Every split: a row each for whom and when."""
        import polars as pl

        rows = [self.split(who, when).row() for who in self.who for when in WHEN]
        return pl.DataFrame(rows, infer_schema_length=None)

    def channel(self, name: str, number: str = "loss_fraction") -> Comparison:
        """What a channel adds to a number: full less the run without it, paired by seed."""
        if without(name) not in self.runs:
            known = [channel for channel in CHANNELS if without(channel) in self.runs]
            problem = f"was not switched off alone (there are: {listed(known) or 'none'})"
            raise InputError(None, "channel", name, problem, nearest(name, known))
        return ensemble_compare.compare(self.full, self.runs[without(name)], number, True)

    def is_used(self, channel: str) -> bool:
        """Whether anything at all differs where the channel is frictionless."""
        other = self.runs[without(channel)]
        return any(
            not np.array_equal(self.full.values(name), other.values(name), equal_nan=True)
            for name in self.full.names
        )

    def channels(self, number: str = "loss_fraction") -> dict[str, Comparison | None]:
        """Of every channel that was switched off alone what it adds; None if the scenario uses it not."""
        if len(self.full.seeds) < 2:
            return {}
        return {
            name: self.channel(name, number) if self.is_used(name) else None
            for name in CHANNELS
            if without(name) in self.runs
        }

    @functools.cached_property
    def summary(self) -> dict[str, Any]:
        """Everything as plain numbers, undefined as null with a reason."""
        splits = {who: {when: self.split(who, when).row() for when in WHEN} for who in self.who}
        found = self.channels()
        return {
            "title": self.full.manifest["title"],
            "seeds": seeds_text(self.full.seeds),
            "runs": list(self.runs),
            "splits": splits,
            "channels": {
                name: None if told is None else vars(told) for name, told in found.items()
            },
            "unused_channels": [name for name, told in found.items() if told is None],
        }

    @property
    def headline(self) -> str:
        """A few lines for an economist."""
        return "\n".join(headline(self.summary))

    def plot(self, name: str) -> Figure:
        """A figure by name (``split``, ``channels``), to look at and to add to."""
        from analysis.figures import draw

        return draw(name, self).figure

    def __repr__(self) -> str:
        title = self.full.manifest["title"]
        return f"Compared({title!r}, seeds={seeds_text(self.full.seeds)}, runs={list(self.runs)})"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.headline)}</pre>"
