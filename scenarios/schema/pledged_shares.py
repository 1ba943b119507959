"""Claims that can be pledged, shares of a vault or a pool and receipts: an asset without a market of its own.

Its price is what stands behind it. Nobody sells it: whoever wins it in a liquidation goes to the vault or the
market and redeems, as far as there is cash, or to the pool and takes the coins out. So the vault holds the
cash and pays at once, and its borrowers wait.
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
    """An issuer that redeems them; one asset each; nobody who would trade it."""
    seen: dict[tuple[str, str], str] = {}
    for asset in scenario.assets:
        if not asset.is_share:
            continue
        key = f"assets.{asset.name}"
        (which, issuer), *others = asset.claims
        for other, value in others:
            problem = f"has a {which} already: an asset is a claim on one thing"
            raise InputError(None, f"{key}.{other}", value, problem)
        known(f"{key}.share_vault", asset.share_vault, scenario.share_vaults, "share vault")
        known(f"{key}.pool", asset.pool, scenario.pools, "pool")
        known(f"{key}.receipt_of", asset.receipt_of, scenario.reserves, "reserve")
        if (which, issuer) in seen:
            problem = f"its shares are assets.{seen[which, issuer]} already"
            raise InputError(None, f"{key}.{which}", issuer, problem)
        seen[which, issuer] = asset.name
        {"share_vault": _check_vault, "pool": _check_pool, "receipt_of": _check_receipt}[which](
            scenario, asset, key
        )
        for where, value in _uses(scenario, asset.name):
            problem = f"{asset.name} is traded nowhere: it can be pledged, and no more"
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


def _check_receipt(scenario: Scenario, asset: Asset, key: str) -> None:
    """A pooled market gives receipts, one a token at birth; it does not take its own."""
    reserve = next(row for row in scenario.reserves if row.name == asset.receipt_of)
    kind = next(market.kind for market in scenario.markets if market.name == reserve.market)
    lent = next(row for row in scenario.assets if row.name == reserve.asset)
    if kind != "pooled":
        problem = f"is in a market of kind {kind!r}, which gives no receipts that change hands"
        raise InputError(None, f"{key}.receipt_of", reserve.name, problem)
    if lent.is_share:
        problem = f"is a reserve of {lent.name}: receipts of a claim cannot be pledged once more"
        raise InputError(None, f"{key}.receipt_of", reserve.name, problem)
    if asset.price_usd != lent.price_usd:
        problem = f"a receipt is born at one {lent.name}"
        raise InputError(None, f"{key}.price_usd", asset.price_usd, problem, f"{lent.price_usd:g}")
    for other in scenario.reserves:
        if other.asset == asset.name and other.market == reserve.market:
            problem = f"gives these receipts: what it owes cannot be pledged to {other.market!r}"
            raise InputError(None, f"reserves.{other.name}.market", other.market, problem)


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
