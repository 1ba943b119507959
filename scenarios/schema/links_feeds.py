"""Feeds that are views, which nobody publishes: what they read must exist, and have a price of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.schema.links_pools import known
from scenarios.schema.redemptions import reserve_asset_of
from scenarios.schema.share_vaults import asset_of
from sim.errors import MISSING, InputError

if TYPE_CHECKING:
    from scenarios.schema.scenario import Scenario
    from scenarios.schema.world import Feed


def check_views(scenario: Scenario) -> None:
    """Mode "rate" is a claim at its issuer's word, mode "fair" a pool's share at the feeds of its coins."""
    for feed in scenario.feeds:
        if feed.mode == "rate":
            _check_rate(scenario, feed)
        elif feed.mode == "fair":
            _check_fair(scenario, feed)


def _check_rate(scenario: Scenario, feed: Feed) -> None:
    """A staked token, a share or a receipt, and a feed of what stands behind it that publishes something."""
    key = f"feeds.{feed.name}"
    behind = {
        m.coin: reserve_asset_of(scenario, m)
        for m in scenario.redemptions
        if m.kind == "staked_token"
    }
    behind |= {a.name: asset_of(scenario, a.share_vault) for a in scenario.assets if a.share_vault}
    lent = {reserve.name: reserve.asset for reserve in scenario.reserves}
    behind |= {a.name: lent[a.receipt_of] for a in scenario.assets if a.receipt_of}
    if feed.asset not in behind:
        problem = (
            "mode 'rate' is for a staked token, of a redemption module of kind 'staked_token', "
            "for a share of a vault or for a receipt"
        )
        raise InputError(None, f"{key}.asset", feed.asset, problem)
    if feed.base_feed is None:
        raise InputError(None, f"{key}.base_feed", MISSING, "is required for mode 'rate'")
    known(f"{key}.base_feed", feed.base_feed, scenario.feeds, "feed")
    base = next(row for row in scenario.feeds if row.name == feed.base_feed)
    if base.asset != behind[feed.asset] or base.mode == "rate":
        problem = f"must be a feed of {behind[feed.asset]} with a price of its own"
        raise InputError(None, f"{key}.base_feed", feed.base_feed, problem)


def _check_fair(scenario: Scenario, feed: Feed) -> None:
    """A share of a pool all of whose coins have a feed."""
    key = f"feeds.{feed.name}"
    pool_of = {asset.name: asset.pool for asset in scenario.assets if asset.pool is not None}
    if feed.asset not in pool_of:
        problem = "mode 'fair' is for a share of a pool: an asset that names its pool"
        raise InputError(None, f"{key}.asset", feed.asset, problem)
    pool = next(pool for pool in scenario.pools if pool.name == pool_of[feed.asset])
    priced = {other.asset for other in scenario.feeds}
    for coin in pool.tokens:
        if coin not in priced:
            problem = f"values a share of {pool.name} at the feeds of its coins: {coin} has none"
            raise InputError(None, f"{key}.mode", feed.mode, problem)
