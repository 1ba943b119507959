"""Mark the share vaults: what is liquid, what they earn, and the losses that their books do not show yet.

A loan whose collateral is worth less than the debt at the market is a loss of those who lent, whatever
oracle and books say; so is a deficit that a pooled market keeps on its books. Until somebody liquidates,
or pays, the books of the vault say nothing, and whoever leaves is paid in full. A loss that does reach the
books is socialised: everybody who still holds a share bears his part of it.
"""

from __future__ import annotations

from sim.compile import boundary, kernel
from sim.ledger import balance
from sim.venues.lending import paid_fraction
from sim.venues.share_vault import claim
from sim.venues.share_vault_places import ENOUGH, find_liquid


@kernel
def uncovered(world, reserve):
    """Debt that collateral does not cover at the market, in the asset of the reserve that lent it."""
    lost_usd = 0.0
    for c in range(world.cohorts.table.shape[0]):
        cohort = world.cohorts.table[c]
        if cohort.market >= 0 and cohort.debt_reserve == reserve:
            lost_usd += cohort.uncovered_usd
    asset = world.venues.reserves[reserve].asset
    return lost_usd / world.venues.exchanges[asset].market_price_usd


@kernel
def _mark_places(world, v):
    """Losses that the books do not show, and the yield: of the places of one vault, by its part in each."""
    venues, vault = world.venues, world.venues.share_vaults[v]
    seconds = world.clock.now[0].seconds
    lost = 0.0
    unpaid = 0.0
    earned_per_year = 0.0
    for place in range(vault.first_place, vault.first_place + vault.n_places):
        row = venues.places[place].row
        owed = claim(
            world.ledger, venues.share_vaults, venues.places, venues.reserves, v, place, seconds
        )
        if venues.places[place].is_vault == 1:
            below = venues.share_vaults[row]
            held = balance(world.ledger, below.share_token, vault.account)
            if below.supply > 0.0:
                lost += below.unbooked_loss * (held / below.supply)
                unpaid += below.deficit_behind * (held / below.supply)
            earned_per_year += owed * below.yield_per_year
            continue
        reserve = venues.reserves[row]
        supplied = reserve.scaled_supply + reserve.treasury_scaled
        held = balance(world.ledger, reserve.receipt_token, vault.account)
        if held > 0.0 and supplied > 0.0:
            lost += uncovered(world, row) * (held / supplied)
            unpaid += owed * (1.0 - paid_fraction(reserve, seconds))
            earned_per_year += owed * reserve.supply_rate_per_year
    vault.unbooked_loss = lost
    vault.deficit_behind = unpaid
    vault.yield_per_year = 0.0
    if vault.total_assets > 0.0:
        earned_per_year *= 1.0 - vault.performance_fee_fraction
        vault.yield_per_year = earned_per_year / vault.total_assets - vault.management_fee_per_year


@boundary(None)
def mark_shares(world):
    """Liquidity, losses and yield of every vault; a loss of one is a loss of those who hold its shares."""
    vaults = world.venues.share_vaults
    find_liquid(world.ledger, world.venues, world.clock.now[0].seconds)
    for v in range(vaults.shape[0]):
        _mark_places(world, v)
        vault = vaults[v]
        # What a vault owns beyond what was put in: interest adds to it, a loss that is booked takes from it.
        made = vault.total_assets + vault.withdrawn - vault.deposited
        if vault.made - made > ENOUGH * vault.total_assets:
            vault.socialised_loss = vault.socialised_loss + (vault.made - made)
        vault.made = made
