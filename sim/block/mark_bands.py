"""Mark borrowers whose collateral lies in bands: each owns what his own bands hold, coin and collateral."""

from __future__ import annotations

from sim.compile import boundary
from sim.fields import NAV_USD, field
from sim.ledger import column
from sim.venues.band_standing import standing
from sim.world import MAX_RISK, N_RISK_BINS


@boundary(int)
def mark_banded(world, c, n_at_risk):
    """NAV and health of a cohort's loans; returns how many positions are at risk so far."""
    cohort = world.cohorts.table[c]
    seconds = world.clock.now[0].seconds
    reserve = world.venues.reserves[cohort.debt_reserve]
    risky = world.tokens[cohort.token]
    cash = world.tokens[cohort.cash_token]
    native = world.tokens[cohort.native_token]
    # Where the gas tank is part of the holding or of the cash it counts once.
    apart = 0.0 if cohort.native_is_token == 1 else 1.0
    tank = column(world.ledger, cohort.native_token, cohort.group)
    held = column(world.ledger, cohort.token, cohort.group)
    kept = column(world.ledger, cohort.cash_token, cohort.group)
    nav_usd = field(world.cohorts, c, NAV_USD)
    bins = world.cohorts.risk_bins
    for k in range(N_RISK_BINS):
        bins[c, k] = 0
    all_nav_usd = 0.0
    protocol_usd = 0.0
    debt_usd = 0.0
    collateral_usd = 0.0
    uncovered_usd = 0.0
    worst = 0.0
    first_at_risk = n_at_risk
    oracle_usd = world.venues.feeds[reserve.feed].price_usd
    for row in range(cohort.n_rows):
        account = cohort.first_account + row
        coin, collateral, debt, risk = standing(
            world.ledger, world.venues, cohort.market, account, seconds
        )
        banded_usd = coin * cash.value_usd + collateral * risky.value_usd
        owed_usd = debt * cash.value_usd
        idle_usd = held[row] * risky.value_usd + kept[row] * cash.value_usd
        idle_usd += apart * tank[row] * native.value_usd
        nav_usd[row] = banded_usd + idle_usd - owed_usd
        all_nav_usd += nav_usd[row]
        protocol_usd += (collateral + held[row]) * risky.protocol_value_usd
        protocol_usd += (coin + kept[row]) * cash.protocol_value_usd - debt * oracle_usd
        protocol_usd += apart * tank[row] * native.protocol_value_usd
        debt_usd += owed_usd
        collateral_usd += banded_usd
        uncovered_usd += max(owed_usd - banded_usd, 0.0)
        if risk > 0.0:
            risk = min(risk, MAX_RISK)
            worst = max(worst, risk)
            bins[c, min(int(risk * (N_RISK_BINS / MAX_RISK)), N_RISK_BINS - 1)] += 1
            has_bands = coin > 0.0 or collateral > 0.0
            if risk > 1.0 and has_bands and n_at_risk < world.cohorts.at_risk.shape[0]:
                world.cohorts.at_risk[n_at_risk] = account
                n_at_risk += 1
    cohort.nav_usd = all_nav_usd
    cohort.nav_protocol_usd = protocol_usd
    cohort.debt_usd = debt_usd
    cohort.uncovered_usd = uncovered_usd
    cohort.collateral_usd = collateral_usd
    cohort.min_health = 1.0 / worst if worst > 0.0 else 0.0
    cohort.at_risk = n_at_risk - first_at_risk
    return n_at_risk
