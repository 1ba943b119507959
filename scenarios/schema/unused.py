"""Keys that would do nothing, given the rest of the scenario: refused by name, and never written out.

Which keys a strategy uses is said in ``cohorts``. Here stands what depends on more than one table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from agents.strategies import VAULT
from scenarios.merge import AUCTIONS, CALIBRATION, CHOICES
from scenarios.schema.cohorts import used_keys
from scenarios.schema.redemptions import AT_PAR, KINDS_AT_PAR, OF_REDEMPTION_KIND
from scenarios.schema.share_vaults import takes_fees
from scenarios.schema.shocks import MARKET_IMPLIED, LiquidityWithdrawal, PricePath
from scenarios.schema.values import Named
from scenarios.units import without_unit
from sim.errors import MISSING, InputError

if TYPE_CHECKING:
    from scenarios.schema.scenario import Scenario
    from scenarios.schema.world import Market, Reserve

IMPACT = ("depth_usd", "permanent_fraction", "half_life_seconds")
OF_A_PRICE = ("volatility_per_year", "drift_per_year", "outside_inventory_usd")
COLLATERAL = ("ltv_fraction", "threshold_fraction", "bonus_fraction")
RATES = (
    "slope1_per_year",
    "slope2_per_year",
    "optimal_utilisation_fraction",
    "reserve_factor_fraction",
)
RANGE = ("lower_price_multiple", "upper_price_multiple")
LOANS: tuple[str, ...] = (
    *("base_rate_per_year", *RATES, "borrow_cap_usd", "utilisation_fraction"),
    "is_borrowable_in_isolation",
)
PLEDGED = ("supply_cap_usd", "liquidation_fee_fraction", "debt_ceiling_usd")
ISOLATED_LOAN = ("reserve_factor_fraction", "utilisation_fraction", "rate_at_target_per_year")
ISOLATED = ("lltv_fraction", "loan_asset")  # keys of a market that only an isolated one has
POOLED_TERMS = (
    *("base_rate_per_year", "slope1_per_year", "slope2_per_year", "optimal_utilisation_fraction"),
    *("supply_cap_usd", "borrow_cap_usd", "liquidation_fee_fraction", "debt_ceiling_usd"),
    "is_borrowable_in_isolation",
)
# Wherever they are used.
NEEDED: dict[str, tuple[str, ...]] = {
    "assets": ("depth_usd",),
    "pools": ("amplification", "weights"),
    "markets": ("lltv_fraction",),
    "reserves": (*COLLATERAL, *RATES),
    "redemptions": ("reserve_usd", "withdrawals_usd_per_day", "volatile_feed", "base_pool_usd"),
}
# A debt position borrows up to its threshold, and pays a fee that follows nothing.
LENDING = ("ltv_fraction", "bonus_fraction", "utilisation_fraction", "rate_at_target_per_year")
CDP_COLLATERAL = (*LENDING, "base_rate_per_year", *RATES, "borrow_cap_usd")
CDP_CASH = (*LENDING, "threshold_fraction", *RATES, "supply_cap_usd")
CDP_NEITHER = ("is_borrowable_in_isolation", "liquidation_fee_fraction", "debt_ceiling_usd")
BANDS_COLLATERAL: tuple[str, ...] = (*CDP_COLLATERAL, "threshold_fraction", "supply_cap_usd")
BANDS_CASH: tuple[str, ...] = (*CDP_CASH, "borrow_cap_usd")
OF_BANDS = ("pool", "loan_discount_fraction", "liquidation_discount_fraction", "bands_per_loan")
# Keys of a market of debt positions, whatever its auctions.
ALL_AUCTIONS = ("auction", "chop_fraction", "dust", "auction_capacity", "tip", "chip_fraction")
OF_POOL_KIND: dict[str, tuple[str, ...]] = {  # keys that only one kind of pool uses
    "stable_swap": (
        "ramp_amplification",
        "ramp_start_seconds",
        "ramp_duration_seconds",
        "rates",
    ),
    "weighted": ("weights",),
    "concentrated": ("tick_spacing",),
}
AMPLIFIED = ("stable_swap", "bands")


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
        if asset.is_share:
            reason = "it is worth what stands behind it and is traded nowhere: {key!r} does nothing"
            yield from _each("assets", asset, (*IMPACT, *OF_A_PRICE), reason)
    for chain in scenario.chains:
        if chain.fee_market == "first_price":
            reason = "fee market 'first_price' has no target: only 'eip1559' uses {key!r}"
            yield from _each("chains", chain, ("gas_target",), reason)
    for feed in scenario.feeds:
        keys = CHOICES["mode"][feed.mode]
        yield from _each("feeds", feed, keys, f"mode {feed.mode!r} does not use {{key!r}}")
    for market in scenario.markets:
        yield from _of_market(market)
    kinds = {pool.name: pool.kind for pool in scenario.pools}
    for pool in scenario.pools:
        for kind, own in OF_POOL_KIND.items():
            if pool.kind != kind:
                yield from _each("pools", pool, own, f"only pools of kind {kind!r} use {{key!r}}")
        if pool.kind not in AMPLIFIED:
            reason = "only pools of kind 'stable_swap' or 'bands' use {key!r}"
            yield from _each("pools", pool, ("amplification",), reason)
        if pool.kind == "bands":
            reason = "all fees of bands are their borrowers': {key!r} does nothing"
            yield from _each("pools", pool, ("protocol_fee_fraction",), reason)
    for module in scenario.redemptions:
        for kind, own in OF_REDEMPTION_KIND.items():
            if module.kind != kind:
                reason = f"only modules of kind {kind!r} use {{key!r}}"
                yield from _each("redemptions", module, own, reason)
        if module.kind not in KINDS_AT_PAR:
            reason = f"a module of kind {module.kind!r} does not redeem at par: it has no {{key!r}}"
            yield from _each("redemptions", module, AT_PAR, reason)
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
    for vault in scenario.share_vaults:
        if vault.redemptions == "at_once":
            reason = "who is paid at once stands in no line: only 'in_line' uses {key!r}"
            yield from _each("share_vaults", vault, ("queue_length",), reason)
        if not takes_fees(vault):
            reason = "it takes no fee, so nobody gets one: {key!r} does nothing"
            yield from _each("share_vaults", vault, ("fee_recipient",), reason)
    for cohort in scenario.cohorts:
        pool_kind = kinds.get(cohort.pool or "")
        if cohort.pool is not None and pool_kind != "concentrated":
            reason = f"kind {pool_kind!r} has liquidity at all prices: only 'concentrated' uses {{key!r}}"
            yield from _each("cohorts", cohort, RANGE, reason)
        is_plain = cohort.role == VAULT and cohort.market is None and cohort.asset in native
        if is_plain and "gas_tank_usd" in used_keys(cohort.strategy):
            reason = "an unlevered vault of the native asset pays gas from the asset itself"
            yield from _each("cohorts", cohort, ("gas_tank_usd",), reason)


def is_lent(scenario: Scenario, reserve: Reserve) -> bool:
    """Whether somebody can borrow from a reserve: the cash, and what a cohort names as its debt."""
    market = _market_of(scenario, reserve)
    if market is not None and market.kind == "isolated":
        return reserve.asset == (market.loan_asset or scenario.cash.name)
    debts = {c.debt_asset for c in scenario.cohorts if c.market == reserve.market}
    return reserve.asset == scenario.cash.name or reserve.asset in debts


def is_pledged(scenario: Scenario, reserve: Reserve) -> bool:
    """Whether a reserve is collateral: all but the cash, and but what is only lent."""
    market = _market_of(scenario, reserve)
    if market is not None and market.kind == "isolated":
        return not is_lent(scenario, reserve)
    posts = {c.asset for c in scenario.cohorts if c.market == reserve.market}
    is_only_lent = is_lent(scenario, reserve) and reserve.asset not in posts
    return reserve.asset != scenario.cash.name and not is_only_lent


def _market_of(scenario: Scenario, reserve: Reserve) -> Market | None:
    return next((market for market in scenario.markets if market.name == reserve.market), None)


def _of_market(market: Market) -> Iterator[Unused]:
    """A pooled market has a close factor, an isolated one an LLTV, one of debt positions auctions."""
    if market.kind != "bands":
        reason = f"a {market.kind} market has no bands to use {{key!r}}"
        yield from _each("markets", market, OF_BANDS, reason)
    if market.kind == "cdp":
        keys: tuple[str, ...] = ("close_factor", "flash_loans", "flash_fee_fraction", *ISOLATED)
        yield from _each("markets", market, keys, f"kind {market.kind!r} does not use {{key!r}}")
        other = "english" if market.auction == "dutch" else "dutch"
        reason = f"its auctions are {market.auction}: only {other} ones use {{key!r}}"
        yield from _each("markets", market, AUCTIONS[other], reason)
        return
    keys = (*ALL_AUCTIONS, *AUCTIONS["dutch"], *AUCTIONS["english"])
    yield from _each("markets", market, keys, f"a {market.kind} market does not use {{key!r}}")
    if market.kind == "bands":
        keys = ("close_factor", "flash_loans", "flash_fee_fraction", *ISOLATED)
        yield from _each("markets", market, keys, f"kind {market.kind!r} does not use {{key!r}}")
        return
    is_isolated = market.kind == "isolated"
    keys = ("close_factor", "flash_fee_fraction") if is_isolated else ISOLATED
    yield from _each("markets", market, keys, f"kind {market.kind!r} does not use {{key!r}}")
    if not market.flash_loans and not is_isolated:
        reason = "without flash_loans there is no use for {key!r}"
        yield from _each("markets", market, ("flash_fee_fraction",), reason)


def _of_reserve(scenario: Scenario, reserve: Reserve) -> Iterator[Unused]:
    """What is not lent has no rates, what is not pledged no loan-to-value; isolated markets set both."""
    cash, market = scenario.cash.name, _market_of(scenario, reserve)
    if market is not None and market.kind == "cdp":
        reason = f"{market.name} is a market of debt positions: its reserves do not use {{key!r}}"
        own = CDP_CASH if reserve.asset == cash else CDP_COLLATERAL
        yield from _each("reserves", reserve, (*own, *CDP_NEITHER), reason)
        return
    if market is not None and market.kind == "bands":
        reason = f"{market.name} is a market of bands: its reserves do not use {{key!r}}"
        idle = BANDS_CASH if reserve.asset == cash else BANDS_COLLATERAL
        yield from _each("reserves", reserve, (*idle, *CDP_NEITHER), reason)
        return
    is_isolated = market is not None and market.kind == "isolated"
    if is_isolated:
        reason = "an isolated market sets its own terms: only a pooled one uses {key!r}"
        yield from _each("reserves", reserve, (*COLLATERAL, *POOLED_TERMS), reason)
    else:
        reason = "only the loan of an isolated market uses {key!r}"
        yield from _each("reserves", reserve, ("rate_at_target_per_year",), reason)
    if not is_lent(scenario, reserve):
        keys = ISOLATED_LOAN if is_isolated else LOANS
        reason = f"only the cash, {cash}, can be borrowed unless a cohort names its debt_asset: "
        reason += f"a reserve of {reserve.asset} does not use {{key!r}}"
        yield from _each("reserves", reserve, keys, reason)
        return
    if not is_isolated and not is_pledged(scenario, reserve):
        what = "the cash" if reserve.asset == cash else "what is only lent"
        reason = f"{what} is no collateral: only reserves of other assets use {{key!r}}"
        yield from _each("reserves", reserve, (*COLLATERAL, *PLEDGED), reason)
    siblings = [row for row in scenario.reserves if row.market == reserve.market]
    if not is_isolated and all(row.debt_ceiling_usd is None for row in siblings):
        reason = (
            "no collateral of this market has a debt ceiling: nobody is in isolation to use {key!r}"
        )
        yield from _each("reserves", reserve, ("is_borrowable_in_isolation",), reason)
    for cohort in scenario.cohorts:
        lends = (cohort.market, cohort.reserve_asset) == (reserve.market, reserve.asset)
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
