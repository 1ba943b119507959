"""Shares of a vault or of a pool that can be pledged: an asset without a market of its own.

Its price is what stands behind it. Nobody sells it: whoever wins it in a liquidation goes to the vault and
redeems, as far as the vault is liquid, or to the pool and takes the coins out. So the vault holds the cash
and pays at once, and its borrowers wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios.schema.links import known
from scenarios.schema.share_vaults import asset_of
from sim.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scenarios.schema.scenario import Scenario
    from scenarios.schema.world import Asset


POOLS = ("constant_product", "stable_swap", "weighted")  # kinds whose shares are alike


def check_shares(scenario: Scenario) -> None:
    """A vault that pays at once in cash, or a pool with shares; one asset each; nobody who would trade it."""
    seen: dict[tuple[str, str], str] = {}
    for asset in scenario.assets:
        if not asset.is_share:
            continue
        key = f"assets.{asset.name}"
        if asset.share_vault is not None and asset.pool is not None:
            problem = "is a share of a vault already: an asset is a share of one thing"
            raise InputError(None, f"{key}.pool", asset.pool, problem)
        if asset.share_vault is not None:
            known(f"{key}.share_vault", asset.share_vault, scenario.share_vaults, "share vault")
        else:
            known(f"{key}.pool", asset.pool, scenario.pools, "pool")
        which = "pool" if asset.share_vault is None else "share_vault"
        issuer = str(getattr(asset, which))
        if (which, issuer) in seen:
            problem = f"its shares are assets.{seen[which, issuer]} already"
            raise InputError(None, f"{key}.{which}", issuer, problem)
        seen[which, issuer] = asset.name
        if which == "pool":
            _check_pool(scenario, asset, key)
        else:
            _check_vault(scenario, asset, key)
        for where, value in _uses(scenario, asset.name):
            problem = f"{asset.name} is traded nowhere: its shares can be pledged, and no more"
            raise InputError(None, where, value, problem)
        _check_borrowers(scenario, asset)


def _check_vault(scenario: Scenario, asset: Asset, key: str) -> None:
    cash = scenario.cash
    vault = next(vault for vault in scenario.share_vaults if vault.name == asset.share_vault)
    if asset_of(scenario, vault.name) != cash.name:
        problem = f"does not hold the cash, {cash.name}: its shares cannot be pledged"
        raise InputError(None, f"{key}.share_vault", vault.name, problem)
    if vault.redemptions != "at_once":
        problem = "does not pay at once: who wins its shares in a liquidation could not redeem them"
        raise InputError(None, f"{key}.share_vault", vault.name, problem)
    if asset.price_usd != cash.price_usd:
        problem = f"a share is born at one {cash.name}"
        raise InputError(None, f"{key}.price_usd", asset.price_usd, problem, f"{cash.price_usd:g}")


def _check_pool(scenario: Scenario, asset: Asset, key: str) -> None:
    kind = next(pool.kind for pool in scenario.pools if pool.name == asset.pool)
    if kind not in POOLS:
        problem = f"is of kind {kind!r}: its positions are not alike, only shares of {', '.join(POOLS)} are"
        raise InputError(None, f"{key}.pool", asset.pool, problem)


def check_fair_feeds(scenario: Scenario) -> None:
    """Mode "fair" values a share of a pool, at the feeds of all its coins."""
    pool_of = {asset.name: asset.pool for asset in scenario.assets if asset.pool is not None}
    priced = {feed.asset for feed in scenario.feeds}
    for feed in scenario.feeds:
        if feed.mode != "fair":
            continue
        key = f"feeds.{feed.name}"
        if feed.asset not in pool_of:
            problem = "mode 'fair' is for a share of a pool: an asset that names its pool"
            raise InputError(None, f"{key}.asset", feed.asset, problem)
        pool = next(pool for pool in scenario.pools if pool.name == pool_of[feed.asset])
        for coin in pool.tokens:
            if coin not in priced:
                problem = (
                    f"values a share of {pool.name} at the feeds of its coins: {coin} has none"
                )
                raise InputError(None, f"{key}.mode", feed.mode, problem)


def _uses(scenario: Scenario, name: str) -> Iterator[tuple[str, Any]]:
    """Where something is asked of an asset that only one with a market can do."""
    for asset in scenario.assets:
        if asset.name == name and asset.is_cash:
            yield f"assets.{name}.is_cash", True
    for chain in scenario.chains:
        if chain.native_asset == name:
            yield f"chains.{chain.name}.native_asset", name
    for pool in scenario.pools:
        if name in pool.tokens:
            yield f"pools.{pool.name}.tokens", pool.tokens
    for vault in scenario.share_vaults:
        if vault.asset == name:
            yield f"share_vaults.{vault.name}.asset", name
    for module in scenario.redemptions:
        for key in ("coin", "reserve_asset"):
            if getattr(module, key) == name:
                yield f"redemptions.{module.name}.{key}", name
    for market in scenario.markets:
        if market.loan_asset == name:
            yield f"markets.{market.name}.loan_asset", name
    for shock in scenario.shocks:
        if getattr(shock, "asset", None) == name:
            yield f"shocks.{shock.name}.asset", name


def _check_borrowers(scenario: Scenario, asset: Asset) -> None:
    """Who owns a pledged share owes cash for it and never acts: it could sell nothing."""
    markets = {reserve.market for reserve in scenario.reserves if reserve.asset == asset.name}
    kinds = {market.name: market.kind for market in scenario.markets}
    for name in sorted(markets):
        if kinds[name] not in ("pooled", "isolated"):
            problem = f"sells its collateral, and {asset.name} is traded nowhere"
            raise InputError(None, f"markets.{name}.kind", kinds[name], problem)
    for cohort in scenario.cohorts:
        key = f"cohorts.{cohort.name}"
        if cohort.reserve_asset == asset.name or cohort.debt_asset == asset.name:
            problem = f"nobody borrows {asset.name}: it is collateral"
            raise InputError(None, f"{key}.market", cohort.market, problem)
        if cohort.asset != asset.name:
            continue
        if cohort.strategy != "leveraged_loop" or cohort.debt_asset not in (
            None,
            scenario.cash.name,
        ):
            problem = "only a leveraged_loop that owes the cash can own pledged shares"
            raise InputError(None, f"{key}.asset", cohort.asset, problem)
        if cohort.attention_fraction > 0.0:
            problem = "must be 0: no pool trades the shares, and its owner cannot act"
            raise InputError(None, f"{key}.attention_fraction", cohort.attention_fraction, problem)
