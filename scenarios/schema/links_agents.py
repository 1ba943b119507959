"""What cohorts say about the world: every name exists, and can do what is asked of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scenarios.schema.links_bands import check_band_borrower, refuse_provider_of_bands
from scenarios.schema.links_pools import known
from scenarios.schema.links_redemptions import check_holder, check_patient, check_peg_arbitrageur
from scenarios.schema.unused import is_lent, is_pledged
from sim.errors import MISSING, InputError
from sim.formulas.concentrated import LOG_TICK

if TYPE_CHECKING:
    from scenarios.schema.cohorts import Cohort
    from scenarios.schema.scenario import Scenario
    from scenarios.schema.world import Reserve


def check_cohorts(scenario: Scenario) -> None:
    """Cohorts of things that exist; somebody fills each pool; debt has a lender."""
    cash = scenario.cash.name
    issuing = {market.name: "debt positions" for market in scenario.cdps}
    issuing |= {market.name: "bands" for market in scenario.banded}
    lent = {(c.market, c.reserve_asset) for c in scenario.cohorts if c.reserve_asset is not None}
    placed = {place.reserve for place in scenario.placements}
    lent |= {(r.market, r.asset) for r in scenario.reserves if r.name in placed}
    for cohort in scenario.cohorts:
        key = f"cohorts.{cohort.name}"
        known(f"{key}.asset", cohort.asset, scenario.assets, "asset")
        known(f"{key}.reserve_asset", cohort.reserve_asset, scenario.assets, "asset")
        known(f"{key}.market", cohort.market, scenario.markets, "market")
        known(f"{key}.pool", cohort.pool, scenario.pools, "pool")
        known(f"{key}.share_vault", cohort.share_vault, scenario.share_vaults, "share vault")
        known(f"{key}.redemption", cohort.redemption, scenario.redemptions, "redemption module")
        if cohort.redemption is not None:
            check_holder(scenario, cohort, key)
        elif cohort.strategy == "patient_arbitrageur":
            check_patient(scenario, cohort, key)
        elif cohort.strategy == "peg_arbitrageur":
            check_peg_arbitrageur(scenario, cohort, key)
        elif cohort.asset == cash:
            raise InputError(None, f"{key}.asset", cash, "is the cash: name a risky asset")
        for name in cohort.pools:
            known(f"{key}.pools", name, scenario.pools, "pool")
            pool = next(pool for pool in scenario.pools if pool.name == name)
            if pool.kind == "bands" and cohort.strategy != "arbitrageur":
                problem = "is a pool of bands: only an arbitrageur trades with it"
                raise InputError(None, f"{key}.pools", name, problem)
            if cohort.asset is not None and cohort.asset not in pool.tokens:
                raise InputError(None, f"{key}.pools", name, f"does not trade {cohort.asset}")
        if len(set(cohort.pools)) < len(cohort.pools):
            raise InputError(None, f"{key}.pools", cohort.pools, "names a pool twice")
        if cohort.pool is not None:
            refuse_provider_of_bands(scenario, cohort)
            _check_range(scenario, cohort)
        if cohort.market is None:
            continue
        _check_auctions(scenario, cohort, key)
        reserves = {r.asset: r for r in scenario.reserves if r.market == cohort.market}
        borrows = cohort.asset is not None
        debt = (cohort.debt_asset or cash) if borrows else None
        for asset in (cohort.asset, cohort.reserve_asset, debt):
            if asset is not None and asset not in reserves:
                problem = f"market {cohort.market!r} has no reserve of {asset}"
                raise InputError(None, f"{key}.market", cohort.market, problem)
        if cohort.reserve_asset is not None and cohort.market in issuing:
            problem = f"is a market of {issuing[cohort.market]}: nobody lends to it"
            raise InputError(None, f"{key}.market", cohort.market, problem)
        if borrows and cohort.market not in issuing and (cohort.market, debt) not in lent:
            problem = f"borrows {debt}, which no lender supplies to market {cohort.market!r}"
            raise InputError(None, f"{key}.market", cohort.market, problem)
        if borrows:
            check_band_borrower(scenario, cohort)
            _check_borrower(scenario, cohort, str(debt), reserves)
        if cohort.reserve_asset is not None and cohort.tvl_usd is None:
            _check_filler(scenario, cohort, reserves[cohort.reserve_asset])
    filled = {cohort.pool for cohort in scenario.cohorts}
    for pool in scenario.pools:
        if pool.name not in filled and pool.kind != "bands":
            raise InputError(
                None, f"pools.{pool.name}", MISSING, "no liquidity_provider cohort fills it"
            )


def _check_auctions(scenario: Scenario, cohort: Cohort, key: str) -> None:
    """Who bids in auctions needs a market that has such auctions."""
    wanted = {"auction_bidder": "english", "auction_taker": "dutch"}.get(cohort.strategy)
    market = next(market for market in scenario.markets if market.name == cohort.market)
    if wanted is not None and (market.kind != "cdp" or market.auction != wanted):
        problem = f"has no {wanted} auctions, which strategy {cohort.strategy!r} is for"
        raise InputError(None, f"{key}.market", cohort.market, problem)


def _check_borrower(
    scenario: Scenario, cohort: Cohort, debt: str, reserves: dict[str, Reserve]
) -> None:
    """A loan of another asset than the collateral, which the market and the e-mode allow."""
    key = f"cohorts.{cohort.name}"
    for asset, is_right, what in (
        (str(cohort.asset), is_pledged, "collateral"),
        (debt, is_lent, "lent"),
    ):
        if not is_right(scenario, reserves[asset]):
            problem = f"{asset} is not {what} in market {cohort.market!r}"
            raise InputError(None, f"{key}.market", cohort.market, problem)
    known(f"{key}.emode", cohort.emode, scenario.emodes, "e-mode")
    for mode in scenario.emodes:
        if mode.name != cohort.emode:
            continue
        if mode.market != cohort.market:
            problem = f"is an e-mode of market {mode.market!r}"
            raise InputError(None, f"{key}.emode", cohort.emode, problem)
        if cohort.asset not in mode.collateral or debt not in mode.borrowable:
            problem = f"does not lend {debt} against {cohort.asset}"
            raise InputError(None, f"{key}.emode", cohort.emode, problem)


def _check_range(scenario: Scenario, cohort: Cohort) -> None:
    """A range of prices the right way round, and wide enough for two ticks."""
    lower, upper = cohort.lower_price_multiple, cohort.upper_price_multiple
    pool = next(pool for pool in scenario.pools if pool.name == cohort.pool)
    if lower is None or upper is None or pool.kind != "concentrated":
        return
    key = f"cohorts.{cohort.name}.upper_price_multiple"
    if upper <= lower:
        raise InputError(None, key, upper, f"must be above lower_price_multiple = {lower:g}")
    if math.log(upper / lower) < pool.tick_spacing * LOG_TICK:
        least = lower * math.exp(pool.tick_spacing * LOG_TICK)
        problem = f"must be at least {least:.6g}: a range is one tick_spacing of its pool or wider"
        raise InputError(None, key, upper, problem)


def _check_filler(scenario: Scenario, cohort: Cohort, reserve: Reserve) -> None:
    """A lender without a TVL of its own brings what its reserve lacks to the declared utilisation."""
    key, because = f"cohorts.{cohort.name}.tvl_usd", None
    if not is_lent(scenario, reserve):
        because = f"nobody can borrow {reserve.asset}"
    elif reserve.utilisation_fraction == 0:
        because = f"reserves.{reserve.name}.utilisation_fraction is 0"
    for other in scenario.cohorts:
        lends = (other.market, other.reserve_asset) == (reserve.market, reserve.asset)
        if because is None and lends and other.name != cohort.name:
            because = f"cohorts.{other.name} supplies reserves.{reserve.name} as well"
    if because is not None:
        raise InputError(None, key, MISSING, f"is required, because {because}")
