"""What cohorts and shocks say about the world: every name exists, and can do what is asked of it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from agents.strategies import KEEPER
from scenarios.schema.links import known
from scenarios.schema.shocks import (
    GasDemand,
    KeeperOutage,
    LiquidityWithdrawal,
    OracleStall,
    PriceGap,
    PricePath,
    Volatility,
)
from sim.errors import MISSING, InputError

if TYPE_CHECKING:
    from scenarios.schema.cohorts import Cohort
    from scenarios.schema.scenario import Scenario
    from scenarios.schema.world import Reserve


def check_cohorts(scenario: Scenario) -> None:
    """Cohorts of things that exist; somebody fills each pool; debt has a lender."""
    cash = scenario.cash.name
    lent = {(c.market, c.reserve_asset) for c in scenario.cohorts if c.reserve_asset is not None}
    for cohort in scenario.cohorts:
        key = f"cohorts.{cohort.name}"
        known(f"{key}.asset", cohort.asset, scenario.assets, "asset")
        known(f"{key}.reserve_asset", cohort.reserve_asset, scenario.assets, "asset")
        known(f"{key}.market", cohort.market, scenario.markets, "market")
        known(f"{key}.pool", cohort.pool, scenario.pools, "pool")
        if cohort.asset == cash:
            raise InputError(None, f"{key}.asset", cash, "is the cash: name a risky asset")
        for name in cohort.pools:
            known(f"{key}.pools", name, scenario.pools, "pool")
            pool = next(pool for pool in scenario.pools if pool.name == name)
            if cohort.asset is not None and cohort.asset not in pool.tokens:
                raise InputError(None, f"{key}.pools", name, f"does not trade {cohort.asset}")
        if len(set(cohort.pools)) < len(cohort.pools):
            raise InputError(None, f"{key}.pools", cohort.pools, "names a pool twice")
        if cohort.market is None:
            continue
        reserves = {r.asset: r for r in scenario.reserves if r.market == cohort.market}
        borrows = cohort.asset is not None
        for asset in (cohort.asset, cohort.reserve_asset, cash if borrows else None):
            if asset is not None and asset not in reserves:
                problem = f"market {cohort.market!r} has no reserve of {asset}"
                raise InputError(None, f"{key}.market", cohort.market, problem)
        if borrows and (cohort.market, cash) not in lent:
            problem = f"borrows {cash}, which no lender supplies to market {cohort.market!r}"
            raise InputError(None, f"{key}.market", cohort.market, problem)
        if cohort.reserve_asset is not None and cohort.tvl_usd is None:
            _check_filler(scenario, cohort, reserves[cohort.reserve_asset])
    filled = {cohort.pool for cohort in scenario.cohorts}
    for pool in scenario.pools:
        if pool.name not in filled:
            raise InputError(
                None, f"pools.{pool.name}", MISSING, "no liquidity_provider cohort fills it"
            )


def _check_filler(scenario: Scenario, cohort: Cohort, reserve: Reserve) -> None:
    """A lender without a TVL of its own brings what its reserve lacks to the declared utilisation."""
    key, because = f"cohorts.{cohort.name}.tvl_usd", None
    if reserve.asset != scenario.cash.name:
        because = f"nobody can borrow {reserve.asset}"
    elif reserve.utilisation_fraction == 0:
        because = f"reserves.{reserve.name}.utilisation_fraction is 0"
    for other in scenario.cohorts:
        lends = (other.market, other.reserve_asset) == (reserve.market, reserve.asset)
        if because is None and lends and other.name != cohort.name:
            because = f"cohorts.{other.name} supplies reserves.{reserve.name} as well"
    if because is not None:
        raise InputError(None, key, MISSING, f"is required, because {because}")


def check_shocks(scenario: Scenario) -> None:
    """Shocks to things that exist, and that the shock can reach."""
    paths: dict[str, PricePath] = {}
    for shock in scenario.shocks:
        key = f"shocks.{shock.name}"
        if isinstance(shock, (PricePath, PriceGap, Volatility)):
            known(f"{key}.asset", shock.asset, scenario.assets, "asset")
        if isinstance(shock, PricePath):
            check_price_path(shock, key)
            other = paths.setdefault(shock.asset, shock)
            if shock.kind != other.kind:
                problem = f"shocks.{other.name} of the same asset is of kind {other.kind!r}"
                raise InputError(None, f"{key}.kind", shock.kind, problem)
        if isinstance(shock, GasDemand):
            known(f"{key}.chain", shock.chain, scenario.chains, "chain")
            if shock.ramp_seconds > shock.duration_seconds:
                problem = f"exceeds duration_seconds = {shock.duration_seconds:g}"
                raise InputError(None, f"{key}.ramp_seconds", shock.ramp_seconds, problem)
        if isinstance(shock, OracleStall):
            known(f"{key}.feed", shock.feed, scenario.feeds, "feed")
            if any(feed.name == shock.feed and feed.mode == "fixed" for feed in scenario.feeds):
                raise InputError(
                    None, f"{key}.feed", shock.feed, "is fixed: it has nothing to publish"
                )
        if isinstance(shock, KeeperOutage):
            keepers = [cohort for cohort in scenario.cohorts if cohort.role == KEEPER]
            known(f"{key}.cohort", shock.cohort, keepers, "cohort of keepers")
        if isinstance(shock, LiquidityWithdrawal):
            known(f"{key}.pool", shock.pool, scenario.pools, "pool")


def check_price_path(shock: PricePath, key: str) -> None:
    """Anchors or a file, never both; anchors in order of time."""
    if (shock.anchors is None) == (shock.file is None):
        problem = "a price path has either anchors or a file"
        raise InputError(
            None, key, MISSING, f"{problem}: {'both are' if shock.file else 'neither is'} given"
        )
    if shock.anchors is not None:
        for name in ("columns", "from_", "until", "file_sha256"):
            if getattr(shock, name) is not None:
                problem = "is used with a file only"
                raise InputError(None, f"{key}.{name.rstrip('_')}", getattr(shock, name), problem)
        hours = [anchor[0] for anchor in shock.anchors]
        if len(hours) < 2:
            raise InputError(
                None, f"{key}.anchors", shock.anchors, "at least two [hours, price] are needed"
            )
        for earlier, later in itertools.pairwise(hours):
            if later <= earlier:
                problem = f"times must increase: {later:g} h follows {earlier:g} h"
                raise InputError(None, f"{key}.anchors", shock.anchors, problem)
