"""Redemption modules in a world: their accounts, their rows, and the reserve that each is born with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scenarios.layout import REDEMPTIONS, Layout
from scenarios.schema.redemptions import WEEKDAYS, reserve_asset_of
from sim.ledger import column
from sim.tables import ISSUER, PEG_MODULE
from sim.world import World

if TYPE_CHECKING:
    from scenarios.schema import Scenario
    from scenarios.schema.redemptions import Redemption

KINDS = {"peg_module": PEG_MODULE, "issuer": ISSUER}


def n_rows(scenario: Scenario) -> dict[str, int]:
    """Rows of the tables of this family."""
    return {
        "redemptions": len(scenario.redemptions),
        "issuers": sum(module.kind == "issuer" for module in scenario.redemptions),
    }


def fill(world: World, scenario: Scenario, layout: Layout) -> None:
    """The terms of every module. What is said in USD is meant at the price of birth."""
    n_issuers = 0
    for m, module in enumerate(scenario.redemptions):
        row = world.venues.redemptions[m]
        row.kind = KINDS[module.kind]
        row.account = layout.first_of(REDEMPTIONS) + m
        row.coin = row.coin_asset = layout.assets.index(module.coin)
        row.reserve_token = row.reserve_asset = layout.assets.index(
            reserve_asset_of(scenario, module)
        )
        coin_usd = float(world.venues.exchanges[row.coin_asset].market_price_usd)
        row.cap = math.inf if module.cap_usd is None else module.cap_usd / coin_usd
        row.fee_in_fraction = module.fee_in_fraction
        row.fee_out_fraction = module.fee_out_fraction
        row.state = -1
        if module.kind == "issuer":
            row.state = n_issuers
            _fill_terms(world, scenario, n_issuers, module, coin_usd)
            n_issuers += 1


def _fill_terms(
    world: World, scenario: Scenario, number: int, module: Redemption, coin_usd: float
) -> None:
    """The counter of an issuer."""
    terms = world.venues.issuers[number]
    terms.day = -1
    terms.minimum = module.minimum_usd / coin_usd
    is_capped = module.daily_cap_usd is not None
    terms.daily_cap = (module.daily_cap_usd or 0.0) / coin_usd if is_capped else math.inf
    terms.opens_seconds, terms.closes_seconds = module.opens_seconds, module.closes_seconds
    terms.weekdays = sum(1 << WEEKDAYS.index(day) for day in module.weekdays)
    terms.start_unix_seconds = scenario.time.start_unix_seconds


def endow(world: World, scenario: Scenario, layout: Layout) -> None:
    """The reserve of every module, and as much coin in issue."""
    for m, module in enumerate(scenario.redemptions):
        row = world.venues.redemptions[m]
        price_usd = float(world.venues.exchanges[row.reserve_asset].market_price_usd)
        row.reserve = row.issued = row.reserve_at_birth = module.reserve_usd / price_usd
        group = layout.group_of(REDEMPTIONS)
        column(world.ledger, row.reserve_token, group)[m] += row.reserve
