"""Modules that issue a coin and take it back: their terms, and what makes no sense in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from scenarios.schema.links_pools import known
from scenarios.schema.shocks import PricePath, ReserveLoss
from scenarios.schema.values import (
    BlocksAboveZero,
    FractionBelowOne,
    Name,
    Named,
    RatePerYear,
    Seconds,
    SecondsAboveZero,
    Usd,
    UsdAboveZero,
)
from sim.errors import InputError

if TYPE_CHECKING:
    from scenarios.schema.scenario import Scenario

Weekday = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
WEEKDAYS: tuple[Weekday, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
TimeOfDay = Annotated[float, Field(ge=0, le=86_400)]
# Keys that only one kind of module uses.
OF_REDEMPTION_KIND: dict[str, tuple[str, ...]] = {
    "issuer": ("minimum_usd", "daily_cap_usd", "opens_seconds", "closes_seconds", "weekdays"),
    "staked_token": (
        *("reward_per_year", "reward_fee_fraction", "withdrawals_usd_per_day"),
        *("min_delay_seconds", "queue_length"),
    ),
    "mint_and_burn": (
        *("volatile_feed", "base_pool_usd", "min_spread_fraction"),
        *("recovery_blocks", "block_seconds"),
    ),
}
KINDS_AT_PAR = ("peg_module", "issuer")
AT_PAR = ("reserve_usd", "fee_in_fraction", "fee_out_fraction")  # of the two kinds with a reserve


class Redemption(Named):
    """A module that gives a coin for a token of its reserve and takes it back for one.

    ``peg_module``: whoever comes, until the reserve is dry. ``issuer``: at a counter with opening hours. What
    is in the reserve at birth has been issued, one coin for one token. ``staked_token``: what is staked
    earns, and comes back through a line. ``mint_and_burn``: for a volatile token, made and destroyed.
    """

    kind: Literal["peg_module", "issuer", "staked_token", "mint_and_burn"]
    coin: Name
    reserve_asset: Name | None = None  # the other token, staked or volatile; none: the cash
    reserve_usd: Usd | None = None  # at birth
    cap_usd: UsdAboveZero | None = None  # of coin in issue; none: unlimited
    fee_in_fraction: FractionBelowOne = 0.0  # Maker's tin
    fee_out_fraction: FractionBelowOne = 0.0  # Maker's tout
    # Of an issuer; the times are UTC.
    minimum_usd: Usd = 0.0  # of one conversion
    daily_cap_usd: UsdAboveZero | None = None  # of what is redeemed in a day; none: unlimited
    opens_seconds: TimeOfDay = 0.0
    closes_seconds: TimeOfDay = 86_400.0
    weekdays: tuple[Weekday, ...] = WEEKDAYS[:5]
    # Of a staked token.
    reward_per_year: RatePerYear = 0.03
    reward_fee_fraction: FractionBelowOne = 0.1  # of the reward
    withdrawals_usd_per_day: UsdAboveZero | None = None  # how fast the line is served
    min_delay_seconds: Seconds = 86_400.0
    queue_length: BlocksAboveZero = 10_000  # requests that can stand in line
    # Of mint and burn, with the names of Terra's market module; its blocks are not those of the scenario.
    volatile_feed: Name | None = None
    base_pool_usd: UsdAboveZero | None = None
    min_spread_fraction: FractionBelowOne = 0.005
    recovery_blocks: Annotated[float, Field(ge=1, le=1e8)] = 36.0
    block_seconds: SecondsAboveZero = 6.0


def reserve_asset_of(scenario: Scenario, module: Redemption) -> str:
    """What a module keeps in its reserve."""
    return module.reserve_asset or scenario.cash.name


def check_redemptions(scenario: Scenario) -> None:
    """Two assets that exist and differ, and terms under which somebody could ever be paid."""
    for module in scenario.redemptions:
        key = f"redemptions.{module.name}"
        known(f"{key}.coin", module.coin, scenario.assets, "asset")
        known(f"{key}.reserve_asset", module.reserve_asset, scenario.assets, "asset")
        if module.coin == reserve_asset_of(scenario, module):
            problem = "is what the reserve consists of: a module converts two different assets"
            raise InputError(None, f"{key}.coin", module.coin, problem)
        reserve_usd = module.reserve_usd or 0.0
        if module.cap_usd is not None and module.cap_usd < reserve_usd:
            problem = f"is below reserve_usd = {reserve_usd:g}, which has been issued"
            raise InputError(None, f"{key}.cap_usd", module.cap_usd, problem)
        if module.daily_cap_usd is not None and module.daily_cap_usd < module.minimum_usd:
            problem = f"is below minimum_usd = {module.minimum_usd:g}: nobody could redeem"
            raise InputError(None, f"{key}.daily_cap_usd", module.daily_cap_usd, problem)
        if module.closes_seconds <= module.opens_seconds:
            problem = f"must be after opens_seconds = {module.opens_seconds:g}, on the same day"
            raise InputError(None, f"{key}.closes_seconds", module.closes_seconds, problem)
        if not module.weekdays:
            raise InputError(None, f"{key}.weekdays", [], "names no day on which it opens")
        if len(set(module.weekdays)) < len(module.weekdays):
            raise InputError(None, f"{key}.weekdays", list(module.weekdays), "names a day twice")
        if module.kind == "mint_and_burn":
            _check_volatile(scenario, module, key)
    _check_staked(scenario)


def _check_volatile(scenario: Scenario, module: Redemption, key: str) -> None:
    """A token whose price can fall, and an oracle that says so."""
    other = reserve_asset_of(scenario, module)
    if other == scenario.cash.name:
        problem = "is the cash: name the volatile token that the coin is made of"
        raise InputError(None, f"{key}.reserve_asset", other, problem)
    known(f"{key}.volatile_feed", module.volatile_feed, scenario.feeds, "feed")
    for feed in scenario.feeds:
        if feed.name == module.volatile_feed and feed.asset != other:
            problem = f"is a feed of {feed.asset}, not of {other}"
            raise InputError(None, f"{key}.volatile_feed", module.volatile_feed, problem)


def _check_staked(scenario: Scenario) -> None:
    """One contract a staked token, which has no path of its own: it is worth what it will be paid."""
    of_coin: dict[str, Redemption] = {}
    for module in scenario.redemptions:
        if module.kind == "staked_token":
            of_coin.setdefault(module.coin, module)
    for module in scenario.redemptions:
        if module.coin in of_coin and module is not of_coin[module.coin]:
            problem = f"is the staked token of redemptions.{of_coin[module.coin].name} already"
            raise InputError(None, f"redemptions.{module.name}.coin", module.coin, problem)
    for shock in scenario.shocks:
        if isinstance(shock, PricePath) and shock.asset in of_coin:
            stake = reserve_asset_of(scenario, of_coin[shock.asset])
            problem = f"follows {stake} at its rate: give the path to that, or a price_gap to this"
            raise InputError(None, f"shocks.{shock.name}.asset", shock.asset, problem)
        if not isinstance(shock, ReserveLoss):
            continue
        key = f"shocks.{shock.name}"
        kind = next((m.kind for m in scenario.redemptions if m.name == shock.redemption), "")
        if kind == "mint_and_burn":
            raise InputError(None, f"{key}.redemption", shock.redemption, "keeps no reserve")
        if kind == "staked_token" and shock.fraction == 1.0:
            problem = "would leave nothing at stake, and no rate: slashing takes less than all"
            raise InputError(None, f"{key}.fraction", shock.fraction, problem)
