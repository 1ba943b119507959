"""Redemption modules in a world: their accounts, their rows, and the reserve that each is born with.

A staked token is born with all that was staked for it, whoever holds it; its rate is that of the prices.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scenarios.layout import REDEMPTIONS, Layout
from scenarios.schema.redemptions import WEEKDAYS, reserve_asset_of
from sim.ledger import column
from sim.tables import ISSUER, MINT_AND_BURN, PEG_MODULE, STAKED_TOKEN
from sim.units import SECONDS_PER_DAY
from sim.venues.oracle import RATE
from sim.world import World

if TYPE_CHECKING:
    from scenarios.schema import Scenario
    from scenarios.schema.redemptions import Redemption

KINDS = {
    "peg_module": PEG_MODULE,
    "issuer": ISSUER,
    "staked_token": STAKED_TOKEN,
    "mint_and_burn": MINT_AND_BURN,
}


def n_rows(scenario: Scenario) -> dict[str, int]:
    """Rows of the tables of this family."""
    kinds = [module.kind for module in scenario.redemptions]
    return {
        "redemptions": len(kinds),
        "issuers": kinds.count("issuer"),
        "staked": kinds.count("staked_token"),
        "waiting": sum(m.queue_length for m in scenario.redemptions if m.kind == "staked_token"),
        "virtual_pools": kinds.count("mint_and_burn"),
    }


def fill(world: World, scenario: Scenario, layout: Layout) -> None:
    """The terms of every module. What is said in USD is meant at the price of birth."""
    n_of_kind = dict.fromkeys(KINDS, 0)
    queue = 0
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
        row.state = n_of_kind[module.kind]
        n_of_kind[module.kind] += 1
        if module.kind == "issuer":
            _fill_terms(world, scenario, int(row.state), module, coin_usd)
        elif module.kind == "staked_token":
            _fill_staked(world, int(row.state), m, module, queue)
            queue += module.queue_length
        elif module.kind == "mint_and_burn":
            pools = world.venues.virtual_pools[row.state]
            pools.feed = layout.feeds.index(str(module.volatile_feed))
            pools.base_pool = module.base_pool_usd  # the module believes in one dollar a coin
            pools.min_spread_fraction = module.min_spread_fraction
            pools.recovery_blocks = module.recovery_blocks
            pools.block_seconds = module.block_seconds


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


def _fill_staked(world: World, number: int, m: int, module: Redemption, queue: int) -> None:
    """The rate and the line of a staked token."""
    terms, row = world.venues.staked[number], world.venues.redemptions[m]
    coin_usd, stake_usd = (
        float(world.venues.exchanges[asset].market_price_usd)
        for asset in (row.coin_asset, row.reserve_asset)
    )
    terms.rate, terms.left_fraction = coin_usd / stake_usd, 1.0
    terms.until_seconds = terms.line_until_seconds = world.clock.now[0].seconds
    terms.reward_per_year, terms.fee_fraction = module.reward_per_year, module.reward_fee_fraction
    assert module.withdrawals_usd_per_day is not None
    terms.ether_per_second = module.withdrawals_usd_per_day / stake_usd / SECONDS_PER_DAY
    terms.min_delay_seconds = module.min_delay_seconds
    terms.queue, terms.queue_length = queue, module.queue_length
    for feed in world.venues.feeds:
        if feed.mode == RATE and feed.asset == row.coin_asset:
            feed.rate = terms.rate
            feed.price_usd = feed.rate * world.venues.feeds[feed.base_feed].price_usd


def endow(world: World, scenario: Scenario, layout: Layout) -> None:
    """The reserve of every module and as much coin in issue; of mint and burn nothing, and none."""
    for m, module in enumerate(scenario.redemptions):
        row = world.venues.redemptions[m]
        price_usd = float(world.venues.exchanges[row.reserve_asset].market_price_usd)
        row.reserve = row.issued = (module.reserve_usd or 0.0) / price_usd
        if module.kind == "staked_token":
            row.issued = _in_issue(world, int(row.coin))
            row.reserve = row.issued * world.venues.staked[row.state].rate
        row.reserve_at_birth = row.reserve
        group = layout.group_of(REDEMPTIONS)
        column(world.ledger, row.reserve_token, group)[m] += row.reserve


def _in_issue(world: World, token: int) -> float:
    """All there is of a token, exactly summed."""
    n_groups = world.ledger.offset.shape[1]
    return math.fsum(x for g in range(n_groups) for x in column(world.ledger, token, g).tolist())
