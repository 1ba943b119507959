"""Shares of a vault that can be pledged: an asset without a market of its own.

Its price is what stands behind it. Nobody sells it: whoever wins it in a liquidation goes to the vault and
redeems, as far as the vault is liquid. So the vault holds the cash and pays at once, and its borrowers wait.
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


def check_vault_shares(scenario: Scenario) -> None:
    """A vault that pays at once in cash, one asset a vault, and nobody who would have to trade it."""
    seen: dict[str, str] = {}
    for asset in scenario.assets:
        if asset.share_vault is None:
            continue
        key = f"assets.{asset.name}"
        known(f"{key}.share_vault", asset.share_vault, scenario.share_vaults, "share vault")
        if asset.share_vault in seen:
            problem = f"its shares are assets.{seen[asset.share_vault]} already"
            raise InputError(None, f"{key}.share_vault", asset.share_vault, problem)
        seen[asset.share_vault] = asset.name
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
