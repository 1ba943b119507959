"""What a scenario is, in a few lines: what ``aftershock check`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.headline import usd
from analysis.size import estimate, estimate_line
from scenarios.schema.redemptions import reserve_asset_of

if TYPE_CHECKING:
    from scenarios.schema import Scenario


def described(scenario: Scenario) -> list[str]:
    """Lines for a reader."""
    time = scenario.time
    hours = time.horizon_blocks * time.slot_seconds / 3600.0
    settle = time.settle_blocks * time.slot_seconds / 3600.0
    width = max((len(cohort.name) for cohort in scenario.cohorts), default=0)
    lines = [
        scenario.title,
        f"{'Hash':<9}{scenario.scenario_hash}",
        f"{'Time':<9}from {time.start}: {hours:g} h and {settle:g} h to settle, "
        f"blocks of {time.slot_seconds:g} s",
        f"{'Assets':<9}" + ", ".join(f"{a.name} {a.price_usd:,g} USD" for a in scenario.assets),
        f"{'Venues':<9}{len(scenario.pools)} pools, {len(scenario.markets)} lending markets, "
        f"{len(scenario.feeds)} oracles",
    ]
    for module in scenario.redemptions:
        what = f"{module.kind}, {module.coin} for {reserve_asset_of(scenario, module)}"
        if module.reserve_usd is not None:
            what += f", reserve {usd(module.reserve_usd)}"
        lines.append(f"{'Redeems':<9}{module.name}: {what}")
    for cohort in scenario.cohorts:
        size = "" if cohort.tvl_usd is None else f", {usd(cohort.tvl_usd)}"
        rows = f"{cohort.n_rows:,} rows"
        if cohort.positions_per_row != 1.0:
            rows += f" of {cohort.positions_per_row:g} positions"
        lines.append(f"{'Cohort':<9}{cohort.name:<{width}}  {cohort.strategy}: {rows}{size}")
    lines += [
        f"{'Shock':<9}{shock.name}: {shock.shock} from hour {shock.start_seconds / 3600.0:g}"
        for shock in scenario.shocks
    ] or [f"{'Shock':<9}none"]
    return [*lines, f"{'Size':<9}{estimate_line(scenario)}"]


def description(scenario: Scenario) -> dict[str, Any]:
    """The same for a program: the resolved scenario, its hash, and how large a run of it is."""
    sizes = {
        name: {"rows": rows, "bytes": size} for name, (rows, size) in estimate(scenario).items()
    }
    return {
        "name": scenario.name,
        "title": scenario.title,
        "scenario_hash": scenario.scenario_hash,
        "estimated": sizes,
        "scenario": scenario.resolved(),
    }
