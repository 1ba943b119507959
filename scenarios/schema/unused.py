"""Keys that would do nothing, given the rest of the scenario: refused by name, and never written out.

Which keys a strategy uses is said in ``cohorts``. Here stands what depends on more than one table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from agents.strategies import VAULT
from scenarios.merge import AUCTIONS, CALIBRATION, CHOICES
from scenarios.schema.cohorts import used_keys
from scenarios.schema.shocks import MARKET_IMPLIED, LiquidityWithdrawal, PricePath
from scenarios.schema.values import Named
from scenarios.units import without_unit
from sim.errors import MISSING, InputError

if TYPE_CHECKING:
    from scenarios.schema.scenario import Scenario
    from scenarios.schema.world import Market, Reserve

IMPACT = ("depth_usd", "permanent_fraction", "half_life_seconds")
COLLATERAL = ("ltv_fraction", "threshold_fraction", "bonus_fraction")
RATES = (
    "slope1_per_year",
    "slope2_per_year",
    "optimal_utilisation_fraction",
    "reserve_factor_fraction",
)
# A debt position borrows up to its threshold, and pays a fee that follows nothing.
LOANS = ("base_rate_per_year", *RATES, "borrow_cap_usd", "utilisation_fraction")
CDP_COLLATERAL = ("ltv_fraction", "bonus_fraction", *LOANS)
CDP_CASH = (*COLLATERAL, *RATES, "supply_cap_usd", "utilisation_fraction")
# Keys of a market of debt positions, whatever its auctions.
ALL_AUCTIONS = ("auction", "chop_fraction", "dust", "auction_capacity", "tip", "chip_fraction")
NEEDED = {"assets": ("depth_usd",), "reserves": (*COLLATERAL, *RATES)}  # wherever they are used


class Unused(NamedTuple):
    """A key that does nothing in its table, and why."""

    array: str
    row: Named
    key: str
    reason: str

    @property
    def place(self) -> tuple[str, str, str]:
        """Array, name of the row, key."""
        return self.array, self.row.name, self.key


def unused_keys(scenario: Scenario) -> Iterator[Unused]:
    """Every key that does nothing in this scenario."""
    native = [chain.native_asset for chain in scenario.chains]
    for asset in scenario.assets:
        if asset.is_cash:
            reason = "the cash has no impact on its price: only other assets use {key!r}"
            yield from _each("assets", asset, IMPACT, reason)
    for chain in scenario.chains:
        if chain.fee_market == "first_price":
            reason = "fee market 'first_price' has no target: only 'eip1559' uses {key!r}"
            yield from _each("chains", chain, ("gas_target",), reason)
    for feed in scenario.feeds:
        keys = CHOICES["mode"][feed.mode]
        yield from _each("feeds", feed, keys, f"mode {feed.mode!r} does not use {{key!r}}")
    for market in scenario.markets:
        yield from _of_market(market)
    for reserve in scenario.reserves:
        yield from _of_reserve(scenario, reserve)
    for shock in scenario.shocks:
        if isinstance(shock, LiquidityWithdrawal) and (shock.pool or shock.duration_seconds == 0.0):
            reason = (
                "depth that goes for good does not come back: a duration is needed to use {key!r}"
            )
            if shock.pool:
                reason = "the providers of a pool come back at once: only an asset uses {key!r}"
            yield from _each("shocks", shock, ("recovery_seconds",), reason)
        if isinstance(shock, PricePath) and shock.kind != MARKET_IMPLIED:
            reason = (
                f"kind {shock.kind!r} is not calibrated: only {MARKET_IMPLIED!r} uses {{key!r}}"
            )
            yield from _each("shocks", shock, CALIBRATION, reason)
    for cohort in scenario.cohorts:
        is_plain = cohort.role == VAULT and cohort.market is None and cohort.asset in native
        if is_plain and "gas_tank_usd" in used_keys(cohort.strategy):
            reason = "an unlevered vault of the native asset pays gas from the asset itself"
            yield from _each("cohorts", cohort, ("gas_tank_usd",), reason)


def _of_market(market: Market) -> Iterator[Unused]:
    """Only debt positions are put up for auction, in one kind of auction."""
    if market.kind != "cdp":
        keys = (*ALL_AUCTIONS, *AUCTIONS["dutch"], *AUCTIONS["english"])
        yield from _each("markets", market, keys, f"a {market.kind} market does not use {{key!r}}")
        return
    reason = "debt positions are put up for auction: a market of kind 'cdp' does not use {key!r}"
    yield from _each("markets", market, ("close_factor",), reason)
    other = "english" if market.auction == "dutch" else "dutch"
    reason = f"its auctions are {market.auction}: only {other} ones use {{key!r}}"
    yield from _each("markets", market, AUCTIONS[other], reason)


def _of_reserve(scenario: Scenario, reserve: Reserve) -> Iterator[Unused]:
    """Vaults borrow the cash against other assets, so a reserve is one or the other."""
    cash = scenario.cash.name
    if reserve.market in [market.name for market in scenario.cdps]:
        reason = (
            f"{reserve.market} is a market of debt positions: its reserves do not use {{key!r}}"
        )
        keys = CDP_CASH if reserve.asset == cash else CDP_COLLATERAL
        yield from _each("reserves", reserve, keys, reason)
        return
    if reserve.asset != cash:
        reason = f"only the cash, {cash}, can be borrowed: a reserve of {reserve.asset} "
        yield from _each("reserves", reserve, LOANS, reason + "does not use {key!r}")
        return
    reason = "the cash is no collateral: only reserves of other assets use {key!r}"
    yield from _each("reserves", reserve, (*COLLATERAL, "supply_cap_usd"), reason)
    for cohort in scenario.cohorts:
        lends = (cohort.market, cohort.reserve_asset) == (reserve.market, cash)
        if lends and cohort.tvl_usd is not None:
            reason = f"cohorts.{cohort.name}.tvl_usd already says how much is supplied"
            yield from _each("reserves", reserve, ("utilisation_fraction",), reason)
            return


def _each(array: str, row: Named, keys: tuple[str, ...], reason: str) -> Iterator[Unused]:
    return (Unused(array, row, key, reason.format(key=key)) for key in keys)


def check_used(scenario: Scenario, table: Mapping[str, Any]) -> None:
    """Refuse what ``table`` says in vain, and what is missing where it is used."""
    unused = list(unused_keys(scenario))
    for one in unused:
        said = next(row for row in table[one.array] if row["name"] == one.row.name)
        for key in (one.key, without_unit(one.key)):
            if said.get(key) is not None:
                where = f"{one.array}.{one.row.name}.{key}"
                raise InputError(None, where, said[key], one.reason)
    places = {one.place for one in unused}
    for array, keys in NEEDED.items():
        for row in getattr(scenario, array):
            for key in keys:
                if getattr(row, key) is None and (array, row.name, key) not in places:
                    raise InputError(None, f"{array}.{row.name}.{key}", MISSING, "is required")
