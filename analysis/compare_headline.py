"""The headline of a comparison: so much was the shock, so much the aftershocks."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from analysis import headline as of_a_run
from analysis.headline import usd

WIDTH = 16
# Intervals of paired runs are narrow: with one decimal both ends would read the same.
percent = functools.partial(of_a_run.percent, fine_below=100.0)


def headline(summary: Mapping[str, Any]) -> list[str]:
    """A title, the split of the system at worst and at the horizon, and a line a channel."""
    lines = [f"{summary['title']} (seeds {summary['seeds']}, paired)"]
    for when, text in (("worst", "Loss at worst"), ("horizon", "At the horizon")):
        lines.append(f"{text:<{WIDTH}}{_loss(summary['splits']['system'][when])}")
    owners = summary["splits"].get("vault_owners")
    if owners is not None:
        lines.append(f"{'Vault owners':<{WIDTH}}{_loss(owners['worst'])}")
    for name, told in summary["channels"].items():
        lines.append(f"{name:<{WIDTH}}{_channel(told)}")
    return lines


def _loss(row: Mapping[str, Any]) -> str:
    parts = (
        f"{percent(row['loss_fraction'])} of {usd(row['nav_at_start_usd'])}: shock "
        f"{percent(row['shock_fraction'])}, own rules {percent(row['own_rules_fraction'])}, "
        f"aftershocks {percent(row['aftershocks_fraction'])}{_between(row)}"
    )
    if row["amplification"] is None:
        return f"{parts}; amplification undefined: {row['amplification_undefined']}"
    text = f"{parts}; amplification {row['amplification']:.3f}"
    low, high = row["amplification_low"], row["amplification_high"]
    return text if low is None else f"{text} ({low:.3f} to {high:.3f})"


def _between(row: Mapping[str, Any]) -> str:
    low, high, start = (
        row[k] for k in ("aftershocks_usd_low", "aftershocks_usd_high", "nav_at_start_usd")
    )
    if low is None or not start:
        return ""
    return f" ({percent(low / start)} to {percent(high / start)})"


def _channel(told: Mapping[str, Any] | None) -> str:
    if told is None:
        return "not used by this scenario: without it nothing differs"
    low, high = percent(told["low"]), percent(told["high"])
    return f"adds {percent(told['difference'])} of NAV to the loss at worst ({low} to {high})"
