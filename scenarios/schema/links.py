"""What the tables of the world say about each other: every name exists, and the whole makes sense."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.names import listed, nearest
from scenarios.schema.links_pools import check_pool, known
from sim.errors import MISSING, InputError

if TYPE_CHECKING:
    from scenarios.schema.scenario import Scenario
    from scenarios.schema.world import Emode, Market


def check_world(scenario: Scenario) -> None:
    """One cash, one chain; feeds and pools of assets that exist."""
    cash = [asset.name for asset in scenario.assets if asset.is_cash]
    if len(cash) != 1:
        problem = f"exactly one asset must have is_cash = true, here: {listed(cash) or 'none'}"
        raise InputError(None, "assets", MISSING, problem)
    if len(scenario.chains) != 1:
        raise InputError(
            None, "chains", MISSING, f"exactly one is needed, here: {len(scenario.chains)}"
        )
    for chain in scenario.chains:
        known(f"chains.{chain.name}.native_asset", chain.native_asset, scenario.assets, "asset")
        if chain.gas_target is not None and chain.gas_target > chain.gas_limit:
            key = f"chains.{chain.name}.gas_target"
            raise InputError(
                None, key, chain.gas_target, f"exceeds gas_limit = {chain.gas_limit:g}"
            )
    for feed in scenario.feeds:
        key = f"feeds.{feed.name}"
        known(f"{key}.asset", feed.asset, scenario.assets, "asset")
        if feed.mode == "delayed" and feed.delay_seconds == 0.0:
            problem = "must be above 0: mode 'delayed' publishes once in each whole delay"
            raise InputError(None, f"{key}.delay_seconds", feed.delay_seconds, problem)
        if feed.mode == "fixed" and feed.fixed_price_usd is None:
            raise InputError(
                None, f"{key}.fixed_price_usd", MISSING, "is required for mode 'fixed'"
            )
    for pool in scenario.pools:
        check_pool(pool, scenario)


def check_lending(scenario: Scenario) -> None:
    """Reserves of declared markets, whose collateral covers the debt and the bonus."""
    seen: set[tuple[str, str]] = set()
    for reserve in scenario.reserves:
        key = f"reserves.{reserve.name}"
        known(f"{key}.market", reserve.market, scenario.markets, "market")
        known(f"{key}.asset", reserve.asset, scenario.assets, "asset")
        known(f"{key}.feed", reserve.feed, scenario.feeds, "feed")
        feed = next(feed for feed in scenario.feeds if feed.name == reserve.feed)
        if feed.asset != reserve.asset:
            near = next(
                (other.name for other in scenario.feeds if other.asset == reserve.asset), None
            )
            raise InputError(None, f"{key}.feed", reserve.feed, f"is a feed of {feed.asset}", near)
        terms = reserve.ltv_fraction, reserve.threshold_fraction, reserve.bonus_fraction
        _check_collateral(*terms, key)
        if (reserve.market, reserve.asset) in seen:
            problem = f"market {reserve.market!r} has two reserves of this asset"
            raise InputError(None, f"{key}.asset", reserve.asset, problem)
        seen.add((reserve.market, reserve.asset))

    for cohort in scenario.cohorts:
        key = f"cohorts.{cohort.name}.debt_asset"
        known(key, cohort.debt_asset, scenario.assets, "asset")
        if cohort.debt_asset is not None and cohort.debt_asset == cohort.asset:
            raise InputError(None, key, cohort.debt_asset, "is the collateral as well")
    _check_order(scenario)
    for market in scenario.markets:
        if market.kind == "isolated":
            _check_isolated(scenario, market)
    for mode in scenario.emodes:
        _check_emode(scenario, mode)


def check_positions(scenario: Scenario) -> None:
    """A market of debt positions has one collateral and the coin; its penalty fits below the threshold."""
    cash = scenario.cash.name
    for market in scenario.cdps:
        key = f"markets.{market.name}.kind"
        members = [r for r in scenario.reserves if r.market == market.name]
        collateral = [r for r in members if r.asset != cash]
        if len(members) != 2 or len(collateral) != 1:
            names = listed([r.name for r in members]) or "none"
            problem = f"needs two reserves, of one collateral and of {cash}, here: {names}"
            raise InputError(None, key, market.kind, problem)
        threshold = collateral[0].threshold_fraction
        if threshold is not None and threshold * (1.0 + market.chop_fraction) > 1.0:
            problem = (
                "threshold * (1 + chop) exceeds 1: the penalty would be more than the collateral"
            )
            path = f"reserves.{collateral[0].name}.threshold_fraction"
            raise InputError(None, path, threshold, problem)


def _check_order(scenario: Scenario) -> None:
    """The reserves of a market stand next to each other, so that it can name them by the first."""
    markets = [reserve.market for reserve in scenario.reserves]
    for k in range(1, len(markets)):
        if markets[k] != markets[k - 1] and markets[k] in markets[: k - 1]:
            key = f"reserves.{scenario.reserves[k].name}.market"
            problem = "stands apart from the other reserves of this market: declare them together"
            raise InputError(None, key, markets[k], problem)


def _check_isolated(scenario: Scenario, market: Market) -> None:
    """One collateral, one loan."""
    key = f"markets.{market.name}"
    known(f"{key}.loan_asset", market.loan_asset, scenario.assets, "asset")
    assets = [reserve.asset for reserve in scenario.reserves if reserve.market == market.name]
    loan = market.loan_asset or scenario.cash.name
    if len(assets) != 2 or loan not in assets:
        problem = f"an isolated market has two reserves, its loan {loan} and one collateral"
        raise InputError(None, key, listed(assets) or "none", problem)


def _check_emode(scenario: Scenario, mode: Emode) -> None:
    """A category of reserves that the market has, on terms that make sense."""
    key = f"emodes.{mode.name}"
    known(f"{key}.market", mode.market, scenario.markets, "market")
    market = next(market for market in scenario.markets if market.name == mode.market)
    if market.kind != "pooled":
        problem = f"is {market.kind}: only a pooled market has e-modes"
        raise InputError(None, f"{key}.market", mode.market, problem)
    assets = [reserve.asset for reserve in scenario.reserves if reserve.market == mode.market]
    for array in ("collateral", "borrowable"):
        for asset in getattr(mode, array):
            if asset not in assets:
                problem = f"market {mode.market!r} has no reserve of {asset}"
                raise InputError(None, f"{key}.{array}", asset, problem, nearest(asset, assets))
    _check_collateral(mode.ltv_fraction, mode.threshold_fraction, mode.bonus_fraction, key)


def _check_collateral(
    ltv: float | None, threshold: float | None, bonus: float | None, key: str
) -> None:
    """Collateral that covers the debt and the bonus; what is missing is somebody else's question."""
    if ltv is None or threshold is None or bonus is None:
        return
    if ltv > threshold:
        problem = f"exceeds threshold_fraction = {threshold:g}"
        raise InputError(None, f"{key}.ltv_fraction", ltv, problem)
    # Warmuz, Chaudhary and Pinna (2022): beyond 1 / (1 + bonus) a liquidation worsens the account.
    if threshold * (1 + bonus) > 1:
        problem = (
            "threshold * (1 + bonus) exceeds 1: a liquidation would leave the account worse off"
        )
        raise InputError(None, f"{key}.threshold_fraction", threshold, problem)
