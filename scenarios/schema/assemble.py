"""One merged table -> the whole scenario: each table on its own first, then what they say of each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.strategies import DEPOSITOR
from scenarios.merge import ARRAYS, rows
from scenarios.schema.build import build, build_shock, keys_of, refuse_unknown, validated
from scenarios.schema.build_cohort import build_cohort
from scenarios.schema.cohorts import Cohort, used_keys
from scenarios.schema.links import check_lending, check_positions, check_world
from scenarios.schema.links_agents import check_cohorts
from scenarios.schema.links_bands import check_bands
from scenarios.schema.links_feeds import check_views
from scenarios.schema.links_shocks import check_shocks
from scenarios.schema.pledged_shares import check_shares
from scenarios.schema.redemptions import Redemption, check_redemptions
from scenarios.schema.scenario import Scenario
from scenarios.schema.share_vaults import Placement, ShareVault, check_share_vaults
from scenarios.schema.unused import check_used
from scenarios.schema.values import Table
from scenarios.schema.world import (
    Asset,
    Chain,
    Channels,
    Emode,
    Feed,
    Homogeneity,
    Market,
    Pool,
    Record,
    Reserve,
    Time,
)
from scenarios.units import name_units
from sim.errors import MISSING, InputError

TABLES: dict[str, type[Table]] = {
    "time": Time,
    "record": Record,
    "homogeneity": Homogeneity,
    "channels": Channels,
}
ROWS: dict[str, type[Table]] = {
    "assets": Asset,
    "chains": Chain,
    "feeds": Feed,
    "pools": Pool,
    "markets": Market,
    "reserves": Reserve,
    "emodes": Emode,
    "share_vaults": ShareVault,
    "placements": Placement,
    "redemptions": Redemption,
}


def build_scenario(table: Mapping[str, Any]) -> Scenario:
    """One merged table -> the validated scenario. Refusals name no file: the caller knows the layers."""
    known = [key for key in keys_of(Scenario) if not key.startswith("_")]
    refuse_unknown(table, [*known, "extends", "remove"], "", "a scenario has no key {key!r}")
    version = table.get("schema", MISSING)
    if version is MISSING:
        raise InputError(None, "schema", MISSING, "is required: schema = 1")
    if isinstance(version, bool) or version != 1:
        raise InputError(None, "schema", version, "this version of Aftershock reads schema = 1")
    slot_seconds = _slot_seconds(table.get("time"))
    built: dict[str, Any] = {
        key: value for key, value in table.items() if key not in ("extends", "remove")
    }
    for key, model in TABLES.items():
        if key in table:
            built[key] = build(model, table[key], key, slot_seconds)
    for array in ARRAYS:
        if array in table:
            built[array] = [_row(array, row, slot_seconds) for row in rows(table, array)]
    scenario = validated(Scenario, built, table, "")
    scenario = scenario.model_copy(
        update={
            "chains": tuple(map(_with_target, scenario.chains)),
            "cohorts": tuple(_whole(c, scenario) for c in scenario.cohorts),
        }
    )
    check_world(scenario)
    check_lending(scenario)
    check_positions(scenario)
    check_bands(scenario)
    check_used(scenario, table)
    check_shares(scenario)
    check_redemptions(scenario)
    check_views(scenario)
    check_cohorts(scenario)
    check_share_vaults(scenario)
    check_shocks(scenario)
    return scenario


def _row(array: str, row: Mapping[str, Any], slot_seconds: float) -> Table:
    path = f"{array}.{row['name']}"
    if array == "cohorts":
        return build_cohort(row, path, slot_seconds)
    if array == "shocks":
        return build_shock(row, path, slot_seconds)
    return build(ROWS[array], row, path, slot_seconds)


def _slot_seconds(time: Any) -> float:
    """The length of a slot, needed to read any duration; a bad one is refused later, with the others."""
    if not isinstance(time, Mapping):
        return 12.0
    said = {key: value for key, value in time.items() if key in ("slot", "slot_seconds")}
    value = name_units(said, ["slot_seconds"], "time", 12.0).get("slot_seconds", 12.0)
    usable = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e9
    return float(value) if usable else 12.0


def _with_target(chain: Chain) -> Chain:
    """A chain whose blocks are to be half full unless it says otherwise."""
    if chain.fee_market != "eip1559" or chain.gas_target is not None:
        return chain
    return chain.model_copy(update={"gas_target": 0.5 * chain.gas_limit})


def _whole(cohort: Cohort, scenario: Scenario) -> Cohort:
    """A cohort with what it takes from the rest of the scenario unless it says otherwise."""
    used, update = used_keys(cohort.strategy), dict[str, Any]()
    if "market" in used and cohort.market is None:
        if len(scenario.markets) != 1:
            problem = f"is required where a scenario has {len(scenario.markets)} markets"
            raise InputError(None, f"cohorts.{cohort.name}.market", MISSING, problem)
        update["market"] = scenario.markets[0].name
    if "pools" in used and not cohort.pools and cohort.role != DEPOSITOR:
        update["pools"] = tuple(pool.name for pool in scenario.pools if _fits(pool, cohort))
    return cohort.model_copy(update=update)


def _fits(pool: Pool, cohort: Cohort) -> bool:
    """Whether a cohort trades on a pool unless it says otherwise: its asset is there, and what it borrows."""
    if pool.kind == "bands" and cohort.strategy != "arbitrageur":
        return False
    wanted = {cohort.asset, cohort.debt_asset} - {None}
    return wanted <= {*pool.tokens}
