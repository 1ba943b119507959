"""``summary.json``: what happened in one run, in numbers that an economist would ask for.

Sizes are positions, not rows: a vault row stands for ``positions_per_row`` of them. Sums are compensated
and in order, so that the same run gives the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agents.strategies import KEEPER
from analysis import calibration, shock_facts
from analysis.auctions import auctions
from analysis.bad_debt import bad_debt
from analysis.cascade.measures import measures
from analysis.interest import interest
from analysis.losses import losses, start_of
from analysis.reserves import redemption_modules
from analysis.share_vaults import share_vaults
from analysis.undefined import Undefined
from analysis.wealth import wealth_identity

if TYPE_CHECKING:
    import polars as pl

    from scenarios.schema import Scenario
    from scenarios.simulation import Simulation

KEEPER_COUNTS = ("n_bids", "n_wins", "n_losses", "n_no_profit", "n_no_cash", "n_no_gas_money")
BIDS = ("liquidation", "bid", "take", "deal")  # kinds of transaction; a leg of one has their cause
BLOCK_COUNTS = ("n_submitted", "n_executed", "n_reverted", "n_expired", "n_refused")
NO_DEBT = "nobody owed anything at the start"


def summarise(sim: Simulation, tables: Mapping[str, pl.LazyFrame]) -> dict[str, Any]:
    """The summary of a run that is over; raises WealthUnexplained if its wealth identity is broken."""
    scenario, undefined = sim.scenario, Undefined()
    blocks = tables["blocks"].collect()
    hours = blocks["seconds"].to_numpy() / 3600.0
    first = scenario.time.burn_in_blocks
    told = shock_facts.prices(scenario, sim.world.clock.fundamental_price_usd[first], blocks)
    liquidated, last = liquidations(scenario, tables, undefined)
    n_at_risk, is_open = shock_facts.at_risk(tables["cohorts"], int(blocks["block"][-1]))
    liquidated["rows_at_risk_at_end"] = n_at_risk
    open_ends = shock_facts.unsettled(scenario, blocks, n_at_risk if is_open else 0, last)
    if any(sim.world.venues.cdps["n_active"]):
        open_ends = [*open_ends, "auctions were open"]
    if any(sim.world.venues.share_vaults["n_tickets"]):
        open_ends = [*open_ends, "redemptions were in line"]
    sold = {"auctions": auctions(scenario, tables, undefined)} if scenario.cdps else {}
    if scenario.share_vaults:
        sold["share_vaults"] = share_vaults(scenario, tables, undefined)
    if scenario.redemptions:
        sold["redemptions"] = redemption_modules(scenario, tables, undefined)
    return {
        "title": scenario.title,
        "seed": sim.seed,
        "hours": float(hours[-1]),
        "population": _population(scenario),
        "prices": told,
        "implied": calibration.facts(scenario),
        "most_shocked": shock_facts.most_shocked(told),
        "liquidations": liquidated,
        **sold,
        "cascade": measures(scenario, tables, undefined),
        "losses": losses(scenario, tables, hours, undefined),
        "interest": interest(scenario, tables),
        "wealth_identity": wealth_identity(sim),
        "gas": shock_facts.gas(scenario, blocks, undefined),
        "oracles": shock_facts.oracles(scenario, blocks, undefined),
        "keepers": keepers(tables),
        "transactions": transactions(blocks, tables),
        "settled": not open_ends,
        "unsettled_because": open_ends,
        "undefined": undefined.reasons,
    }


def _population(scenario: Scenario) -> dict[str, float]:
    vaults = [cohort for cohort in scenario.cohorts if cohort.role == "vault"]
    return {
        "vault_rows": sum(cohort.n_rows for cohort in vaults),
        "vault_positions": math.fsum(c.n_rows * c.positions_per_row for c in vaults),
    }


def liquidations(
    scenario: Scenario, tables: Mapping[str, pl.LazyFrame], undefined: Undefined
) -> tuple[dict[str, Any], int | None]:
    """Positions liquidated of those levered, debt repaid, bad debt; and the block of the last one."""
    import polars as pl

    done = (
        tables["events"]
        .filter(kind="liquidation", status="ok")
        .select("block", "counterparty", "counterparty_cohort", "usd")
        .collect()
    )
    levered = start_of(tables).filter(pl.col("debt_usd") > 0.0)
    positions = {cohort.name: cohort.positions_per_row for cohort in scenario.cohorts}
    n_levered = math.fsum(positions[name] for name in levered["cohort"].to_list())
    hit = dict(
        zip(done["counterparty"].to_list(), done["counterparty_cohort"].to_list(), strict=True)
    )
    n_hit = math.fsum(positions[name] for name in hit.values())
    debt_usd = math.fsum(levered["debt_usd"].to_list())
    repaid_usd = math.fsum(done["usd"].to_list())
    bad = bad_debt(tables)
    n_done = math.fsum(positions[name] for name in done["counterparty_cohort"].to_list())
    where = "liquidations"
    return {
        "n_liquidations": n_done,
        "positions_liquidated": n_hit,
        "positions_levered": n_levered,
        "positions_liquidated_fraction": undefined.ratio(
            f"{where}.positions_liquidated_fraction", n_hit, n_levered, NO_DEBT
        ),
        "debt_at_start_usd": debt_usd,
        "debt_repaid_usd": repaid_usd,
        "debt_repaid_fraction": undefined.ratio(
            f"{where}.debt_repaid_fraction", repaid_usd, debt_usd, NO_DEBT
        ),
        "bad_debt_usd": bad.usd,
        "bad_debt_booked_usd": bad.booked_usd,
        "bad_debt_uncovered_usd": bad.uncovered_usd,
        "bad_debt_over_debt": undefined.ratio(
            f"{where}.bad_debt_over_debt", bad.usd, debt_usd, NO_DEBT
        ),
    }, int(done["block"][-1]) if done.height else None


def keepers(tables: Mapping[str, pl.LazyFrame]) -> dict[str, Any]:
    """Bids sent, won and lost, why others were not sent, and why those lost failed, in whichever leg."""
    import polars as pl

    cohorts = tables["cohorts"].filter(role=KEEPER).select(KEEPER_COUNTS).collect()
    kind, cause = (pl.col(name).cast(pl.String) for name in ("kind", "cause"))
    failed = tables["events"].filter(kind.is_in(BIDS) | (cause == "liquidation"))
    return {
        **{name: int(cohorts[name].sum()) for name in KEEPER_COUNTS},
        "failures_by_reason": _by_reason(failed),
    }


def transactions(blocks: pl.DataFrame, tables: Mapping[str, pl.LazyFrame]) -> dict[str, Any]:
    """What became of all transactions of the recorded part."""
    counts = {name: int(blocks[name].sum()) for name in BLOCK_COUNTS}
    return {**counts, "failures_by_reason": _by_reason(tables["events"])}


def _by_reason(events: pl.LazyFrame) -> dict[str, int]:
    import polars as pl

    failed = events.filter(pl.col("status") != "ok").group_by(pl.col("status").cast(pl.String))
    counted = failed.agg(pl.len().alias("n")).collect()
    return dict(sorted(zip(counted["status"].to_list(), counted["n"].to_list(), strict=True)))
