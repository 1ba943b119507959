"""Share vaults in a world: their accounts and tokens, their tables, and how they are born.

At birth every share is worth one token of the asset, and every vault has placed its money by its weights.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scenarios.claims import held_by_all
from scenarios.layout import SHARE_VAULTS, Layout
from scenarios.population import draw_population
from scenarios.schema.share_vaults import asset_of, outside_fraction, totals_usd
from sim.fields import BIRTH, N_COMMON, field
from sim.ledger import column
from sim.tables import SHARE_TOKEN
from sim.world import World

if TYPE_CHECKING:
    from scenarios.schema import Scenario
    from scenarios.schema.share_vaults import Placement


def n_rows(scenario: Scenario) -> dict[str, int]:
    """Rows of the tables of this family."""
    queues = [v.queue_length for v in scenario.share_vaults if v.redemptions == "in_line"]
    return {
        "share_vaults": len(scenario.share_vaults),
        "places": len(scenario.placements),
        "tickets": sum(queues),
    }


def places_of(scenario: Scenario, vault: str) -> list[Placement]:
    """The placements of a vault, in the order of its supply queue."""
    return [place for place in scenario.placements if place.vault == vault]


def fill(world: World, scenario: Scenario, layout: Layout) -> None:
    """The tables, before anybody has deposited anything."""
    names = [vault.name for vault in scenario.share_vaults]
    queue, first_place = 0, 0
    for v, vault in enumerate(scenario.share_vaults):
        row = world.venues.share_vaults[v]
        row.account = layout.first_of(SHARE_VAULTS) + v
        row.asset = row.token = layout.assets.index(asset_of(scenario, vault.name))
        row.share_token = layout.vault_share_token(v)
        token = world.tokens[row.share_token]
        token.kind, token.asset, token.issuer, token.venue_row = SHARE_TOKEN, -1, row.account, v
        token.decimals = 18
        row.curator = -1
        if vault.fee_recipient is not None:
            cohort = [c.name for c in scenario.cohorts].index(vault.fee_recipient)
            row.curator = layout.first[layout.cohort_group[cohort]]
        row.idle_fraction = vault.idle_fraction
        row.management_fee_per_year = vault.management_fee_per_year
        row.performance_fee_fraction = vault.performance_fee_fraction
        row.fees_until_seconds = world.clock.now[0].seconds
        if vault.redemptions == "in_line":
            row.has_queue, row.queue, row.queue_length = 1, queue, vault.queue_length
            queue += vault.queue_length
        own = places_of(scenario, vault.name)
        row.first_place, row.n_places = first_place, len(own)
        ranked = sorted((place.withdraw_rank, k) for k, place in enumerate(own))
        price_usd = world.venues.exchanges[row.asset].market_price_usd
        for k, place in enumerate(own):
            to = world.venues.places[first_place + k]
            to.cap = math.inf if place.cap_usd is None else place.cap_usd / price_usd
            to.out = ranked[k][1]
            to.is_vault = int(place.into is not None)
            to.row = (
                names.index(place.into)
                if place.into is not None
                else layout.reserves.index(str(place.reserve))
            )
        first_place += len(own)


def endow(world: World, scenario: Scenario, layout: Layout, seed: int) -> None:
    """Depositors' shares, idle assets, receipts and shares of other vaults, all at one."""
    totals = totals_usd(scenario, _pledged_usd(world, scenario))
    names = [vault.name for vault in scenario.share_vaults]
    for v, vault in enumerate(scenario.share_vaults):
        row = world.venues.share_vaults[v]
        price_usd = float(world.venues.exchanges[row.asset].market_price_usd)
        total = totals[vault.name] / price_usd
        invested = total * (1.0 - vault.idle_fraction) if row.n_places else 0.0
        row.idle, row.supply = total - invested, total
        row.total_assets = row.fees_on_assets = total
        account = row.account - layout.first_of(SHARE_VAULTS)
        column(world.ledger, row.token, layout.group_of(SHARE_VAULTS))[account] += row.idle
        for place in places_of(scenario, vault.name):
            part = invested * place.weight_fraction
            token = (
                layout.receipt_token(layout.reserves.index(place.reserve))
                if place.reserve is not None
                else layout.vault_share_token(names.index(str(place.into)))
            )
            column(world.ledger, token, layout.group_of(SHARE_VAULTS))[account] += part
    for c, cohort in enumerate(scenario.cohorts):
        if cohort.strategy == "share_holder":
            _endow_holders(world, scenario, c, seed)


def _pledged_usd(world: World, scenario: Scenario) -> dict[str, float]:
    """Shares that borrowers have pledged at birth: they deposited what these are worth before."""
    found = {}
    for v, vault in enumerate(scenario.share_vaults):
        row = world.venues.share_vaults[v]
        price_usd = float(world.venues.exchanges[row.asset].market_price_usd)
        receipts = [r.receipt_token for r in world.venues.reserves if r.token == row.share_token]
        found[vault.name] = price_usd * math.fsum(held_by_all(world, t)[0] for t in receipts)
    return found


def _endow_holders(world: World, scenario: Scenario, c: int, seed: int) -> None:
    cohort, row = scenario.cohorts[c], world.cohorts.table[c]
    vault = world.venues.share_vaults[row.share_vault]
    population = draw_population(scenario, cohort, cohort.tvl_usd or 0.0, seed, None)
    deposits = population.equity_usd / world.venues.exchanges[vault.asset].market_price_usd
    outside = outside_fraction(cohort)
    column(world.ledger, vault.share_token, row.group)[:] = (1.0 - outside) * deposits
    column(world.ledger, vault.token, row.group)[:] = outside * deposits
    field(world.cohorts, c, BIRTH)[:] = deposits
    native_usd = world.venues.exchanges[world.chains.table[0].native_asset].market_price_usd
    column(world.ledger, row.native_token, row.group)[:] += cohort.gas_tank_usd / native_usd
    for k, key in enumerate(cohort.parameters):
        field(world.cohorts, c, N_COMMON + k)[:] = population.values[key]
