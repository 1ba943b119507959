"""Modules that issue a coin against a reserve and redeem it: their terms, and what makes no sense in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from scenarios.schema.links_pools import known
from scenarios.schema.values import FractionBelowOne, Name, Named, Usd, UsdAboveZero
from sim.errors import InputError

if TYPE_CHECKING:
    from scenarios.schema.scenario import Scenario

Weekday = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
WEEKDAYS: tuple[Weekday, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
TimeOfDay = Annotated[float, Field(ge=0, le=86_400)]
# Keys that only one kind of module uses.
OF_REDEMPTION_KIND: dict[str, tuple[str, ...]] = {
    "issuer": ("minimum_usd", "daily_cap_usd", "opens_seconds", "closes_seconds", "weekdays"),
}


class Redemption(Named):
    """A module that gives a coin for a token of its reserve and takes it back for one.

    ``peg_module``: whoever comes, until the reserve is dry. ``issuer``: at a counter with opening hours. What
    is in the reserve at birth has been issued, one coin for one token.
    """

    kind: Literal["peg_module", "issuer"]
    coin: Name
    reserve_asset: Name | None = None  # none: the cash
    reserve_usd: Usd  # at birth
    cap_usd: UsdAboveZero | None = None  # of coin in issue; none: unlimited
    fee_in_fraction: FractionBelowOne = 0.0  # Maker's tin
    fee_out_fraction: FractionBelowOne = 0.0  # Maker's tout
    # Of an issuer; the times are UTC.
    minimum_usd: Usd = 0.0  # of one conversion
    daily_cap_usd: UsdAboveZero | None = None  # of what is redeemed in a day; none: unlimited
    opens_seconds: TimeOfDay = 0.0
    closes_seconds: TimeOfDay = 86_400.0
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)] = WEEKDAYS[:5]


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
        if module.cap_usd is not None and module.cap_usd < module.reserve_usd:
            problem = f"is below reserve_usd = {module.reserve_usd:g}, which has been issued"
            raise InputError(None, f"{key}.cap_usd", module.cap_usd, problem)
        if module.daily_cap_usd is not None and module.daily_cap_usd < module.minimum_usd:
            problem = f"is below minimum_usd = {module.minimum_usd:g}: nobody could redeem"
            raise InputError(None, f"{key}.daily_cap_usd", module.daily_cap_usd, problem)
        if module.closes_seconds <= module.opens_seconds:
            problem = f"must be after opens_seconds = {module.opens_seconds:g}, on the same day"
            raise InputError(None, f"{key}.closes_seconds", module.closes_seconds, problem)
        if len(set(module.weekdays)) < len(module.weekdays):
            raise InputError(None, f"{key}.weekdays", module.weekdays, "names a day twice")
