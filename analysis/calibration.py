"""What a run says of its ``market_implied`` price paths: that they are calibrated, and what gap remains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analysis.progress import Progress
from scenarios.names import listed

if TYPE_CHECKING:
    from scenarios.schema import Scenario


def calibrate(scenario: Scenario, progress: Progress) -> None:
    """Look for the fundamental paths now, so that whoever waits knows for what."""
    from scenarios.implied import implied_paths, n_seeds_and_rounds, sought

    paths = sought(scenario)
    if not paths:
        return
    progress.say_if_compiling()
    n_seeds, n_rounds = n_seeds_and_rounds(scenario)
    assets = listed(list(dict.fromkeys(path.asset for path in paths)))
    progress.say(
        f"Calibrating the market_implied path of {assets}: {n_rounds} rounds x {n_seeds} seeds ..."
    )
    implied_paths(scenario)
    progress.say(f"... {remark(facts(scenario))}")
    progress.lap("calibrate")


def facts(scenario: Scenario) -> list[dict[str, Any]]:
    """For each path its points: what is asked of the market, the fundamental, the median market."""
    from scenarios.implied import implied_paths, n_seeds_and_rounds

    told = []
    for path in implied_paths(scenario):
        n_seeds, n_rounds = n_seeds_and_rounds(scenario)
        gap, hour = path.largest_gap
        places, asked = path.target.calibrated, path.target.anchors
        told.append(
            {
                "shock": path.shock.name,
                "asset": path.shock.asset,
                "calibration_seeds": n_seeds,
                "calibration_rounds": n_rounds,
                "largest_gap_fraction": gap,
                "largest_gap_hour": hour,
                "max_gap_fraction": path.shock.max_gap_fraction,
                "is_found": path.is_found,
                "points": [
                    {
                        "hour": asked[place][0],
                        "market_usd": asked[place][1],
                        "fundamental_usd": path.anchors[place][1],
                        "median_market_usd": median,
                        "gap_fraction": off,
                    }
                    for place, median, off in zip(
                        places, path.median_usd, path.gap_fraction, strict=True
                    )
                ],
            }
        )
    return told


def remark(told: list[dict[str, Any]] | list[Mapping[str, Any]]) -> str:
    """The largest gap that remains on each path, and plainly if it is larger than allowed."""
    parts = []
    for path in told:
        text = (
            f"{path['asset']} {abs(path['largest_gap_fraction']):.2%} at hour {path['largest_gap_hour']:g}"
        ).replace("%", " %")
        if not path["is_found"]:
            allowed = f"{path['max_gap_fraction']:.2%}".replace("%", " %")
            text += f" (NOT FOUND: more than the {allowed} allowed)"
        parts.append(text)
    return f"largest gap between the median market path and its points: {', '.join(parts)}"
