"""What shocks say about the world: every name exists, and the shock can reach it."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

from agents.strategies import KEEPER
from scenarios.schema.links_pools import known
from scenarios.schema.shocks import (
    GasDemand,
    KeeperOutage,
    LiquidityWithdrawal,
    OracleStall,
    PriceGap,
    PricePath,
    RedemptionHalt,
    ReserveLoss,
    Rumour,
    Volatility,
)
from sim.errors import MISSING, InputError

if TYPE_CHECKING:
    from scenarios.schema.scenario import Scenario
    from scenarios.schema.world import Asset


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
            mode = next(feed.mode for feed in scenario.feeds if feed.name == shock.feed)
            if mode in ("fixed", "rate", "fair"):
                problem = f"is of mode {mode!r}: it has nothing to publish"
                raise InputError(None, f"{key}.feed", shock.feed, problem)
        if isinstance(shock, KeeperOutage):
            keepers = [cohort for cohort in scenario.cohorts if cohort.role == KEEPER]
            known(f"{key}.cohort", shock.cohort, keepers, "cohort of keepers")
        if isinstance(shock, Rumour):
            _check_rumour(shock, key, scenario)
        if isinstance(shock, (ReserveLoss, RedemptionHalt)):
            known(f"{key}.redemption", shock.redemption, scenario.redemptions, "redemption module")
        if isinstance(shock, LiquidityWithdrawal):
            check_withdrawal(shock, key, scenario)


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


def _check_rumour(shock: Rumour, key: str, scenario: Scenario) -> None:
    """About one thing that exists."""
    if (shock.share_vault is None) == (shock.redemption is None):
        said = "neither is" if shock.redemption is None else "both are"
        problem = f"a rumour is about either a share vault or a redemption module: {said} given"
        raise InputError(None, key, MISSING, problem)
    known(f"{key}.share_vault", shock.share_vault, scenario.share_vaults, "share vault")
    known(f"{key}.redemption", shock.redemption, scenario.redemptions, "redemption module")


def check_withdrawal(shock: LiquidityWithdrawal, key: str, scenario: Scenario) -> None:
    """A pool, or an asset whose trades outside leave an impact that decays."""
    if (shock.pool is None) == (shock.asset is None):
        said = "neither is" if shock.pool is None else "both are"
        problem = f"a withdrawal is from either a pool or an asset's depth outside: {said} given"
        raise InputError(None, key, MISSING, problem)
    known(f"{key}.pool", shock.pool, scenario.pools, "pool")
    if shock.pool in {market.pool for market in scenario.banded}:
        problem = "is a pool of bands: it has borrowers, and no providers who could leave"
        raise InputError(None, f"{key}.pool", shock.pool, problem)
    known(f"{key}.asset", shock.asset, scenario.assets, "asset")
    if shock.asset is None:
        return
    asset = next(asset for asset in scenario.assets if asset.name == shock.asset)
    recorded = any(
        isinstance(path, PricePath) and path.asset == asset.name and path.kind == "market"
        for path in scenario.shocks
    )
    if asset.is_cash or recorded or asset.permanent_fraction == 1.0:
        why = "is the cash" if asset.is_cash else "follows a recorded market path"
        why = why if asset.is_cash or recorded else "has permanent impact only"
        raise InputError(None, f"{key}.asset", asset.name, f"{why}: a cut in depth does nothing")
    if shock.fraction == 1.0:
        problem = "would leave no depth at all, and no price: less than 1 of an asset's can go"
        raise InputError(None, f"{key}.fraction", shock.fraction, problem)
    if shock.duration_seconds > 0.0:
        _check_recovery(shock, asset, key)


def _check_recovery(shock: LiquidityWithdrawal, asset: Asset, key: str) -> None:
    """Depth that ends its absence comes back, more slowly than impact decays."""
    key = f"{key}.recovery_seconds"
    shortest = shortest_recovery_seconds(shock.fraction, asset.half_life_seconds)
    if shock.recovery_seconds is None:
        raise InputError(None, key, MISSING, f"is required, {shortest:.0f} s at least")
    if shock.recovery_seconds < shortest:
        problem = (
            f"depth must come back more slowly than impact decays: with assets.{asset.name}."
            f"half_life_seconds = {asset.half_life_seconds:g} and fraction = {shock.fraction:g}, "
            f"in {math.ceil(shortest)} s at least"
        )
        raise InputError(None, key, shock.recovery_seconds, problem)


def shortest_recovery_seconds(fraction: float, half_life_seconds: float) -> float:
    """How long depth must take to come back in a straight line, not to outrun the decay of impact.

    Its growth is fastest, in proportion, where it starts from 1 - f: there it is f / (1 - f) / recovery a
    second, and impact decays by ln 2 / half-life a second.
    """
    return half_life_seconds * max(1.0, fraction / ((1.0 - fraction) * math.log(2.0)))
