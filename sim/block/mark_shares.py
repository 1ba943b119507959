"""Mark the share vaults: what is liquid in each, and the loss that its books do not show yet.

A loan whose collateral is worth less than the debt at the market is a loss of those who lent, whatever
oracle and books say; until somebody liquidates, they say nothing, and whoever leaves is paid in full.
"""

from __future__ import annotations

from sim.compile import boundary, kernel
from sim.ledger import balance
from sim.venues.share_vault_places import find_liquid


@kernel
def _uncovered(world, reserve):
    """Debt that collateral does not cover at the market, in the asset of the reserve that lent it."""
    lost_usd = 0.0
    for c in range(world.cohorts.table.shape[0]):
        cohort = world.cohorts.table[c]
        if cohort.market >= 0 and cohort.debt_reserve == reserve:
            lost_usd += cohort.uncovered_usd
    asset = world.venues.reserves[reserve].asset
    return lost_usd / world.venues.exchanges[asset].market_price_usd


@boundary(None)
def mark_shares(world):
    """Liquidity and unbooked losses of every vault; a loss of one is a loss of those who hold its shares."""
    vaults, places = world.venues.share_vaults, world.venues.places
    if vaults.shape[0] == 0:
        return
    find_liquid(world.ledger, world.venues, world.clock.now[0].seconds)
    for v in range(vaults.shape[0]):
        vault = vaults[v]
        lost = 0.0
        for place in range(vault.first_place, vault.first_place + vault.n_places):
            row = places[place].row
            if places[place].is_vault == 1:
                below = vaults[row]
                held = balance(world.ledger, below.share_token, vault.account)
                if below.supply > 0.0:
                    lost += below.unbooked_loss * (held / below.supply)
                continue
            reserve = world.venues.reserves[row]
            supplied = reserve.scaled_supply + reserve.treasury_scaled
            held = balance(world.ledger, reserve.receipt_token, vault.account)
            if held > 0.0 and supplied > 0.0:
                lost += _uncovered(world, row) * (held / supplied)
        vault.unbooked_loss = lost
