"""Who starts an auction of collateral, and why: for the reward, or because it means to buy.

In the auctions of 2021 the protocol pays whoever starts one; in those of 2020 only a bidder had a reason to.
"""

from __future__ import annotations

from agents.attention import CHOICE
from agents.keepers.claim import owner_of
from sim.compile import formula, kernel
from sim.orders import add_leg, gas_units, open_transaction, seal
from sim.tables import CDP
from sim.transaction import LIQUIDATE
from sim.units import ETH_PER_GWEI
from sim.venues.auctions import ENGLISH
from sim.view import chance, expected_gas_price_gwei, gas_price_gwei, holding, market_price

MAX_LOOKED_AT = 256  # positions at risk that one keeper examines in a block


@formula
def is_debt_position(view, borrower):
    """Whether a borrower's position is put up for auction, not repaid by a liquidator."""
    return view.markets[view.cohorts.table[owner_of(view, borrower)].market].kind == CDP


@kernel
def gas_cost_usd(view, cohort, row, kind, positions, cap_gwei):
    """What the gas of one verb would cost now, at most at the price that a keeper lets itself pay."""
    gwei = min(expected_gas_price_gwei(view, row, 0), cap_gwei) + cohort.tip_gwei
    native_usd = market_price(view, row, view.chains.table[0].native_asset)
    return gas_units(view.chains, 0, kind) * positions * gwei * ETH_PER_GWEI * native_usd


@kernel
def send(view, c, cohort, row, first, n_legs, positions, cap_gwei, patience):
    """Seal a transaction that offers at most ``cap_gwei`` (and the tip), whatever the going price is."""
    going_gwei = gas_price_gwei(view, row, 0)
    multiple = min(cohort.max_fee_multiple, cap_gwei / going_gwei)
    return seal(
        view, 0, first, n_legs, c, positions, cohort.tip_gwei, going_gwei, multiple, patience
    )


@kernel
def bark(view, c, cohort, row, account, borrower, margin_fraction, cap_gwei):
    """Put one position up for auction if reward and ``margin_fraction`` of the lot pay for the gas."""
    victims = view.cohorts.table[owner_of(view, borrower)]
    cdp = view.venues.cdps[view.markets[victims.market].state]
    collateral = view.reserves[cdp.collateral_reserve]
    debt = view.reserves[cdp.debt_reserve]
    positions = victims.positions_per_row
    lot = holding(view, collateral.receipt_token, borrower)
    tab = holding(view, debt.debt_token, borrower) * debt.borrow_index * (1.0 + cdp.chop_fraction)
    if not (lot > 0.0 and tab > 0.0):
        return False
    if cdp.auction_kind == ENGLISH:
        part = min(cdp.lump * positions / lot, 1.0)
    else:
        part = min(max(cdp.hole - cdp.dirt, 0.0) / tab, 1.0)
    if cdp.n_active >= cdp.n_auctions or part <= 0.0:
        return False
    earned_usd = (cdp.tip * positions + cdp.chip_fraction * tab * part) * market_price(
        view, row, view.now[0].cash_asset
    )
    earned_usd += margin_fraction * lot * part * market_price(view, row, collateral.asset)
    gas_usd = gas_cost_usd(view, cohort, row, LIQUIDATE, positions, cap_gwei)
    if earned_usd <= gas_usd:
        cohort.no_profit = cohort.no_profit + 1
        return False
    first = open_transaction(view.chains, 0)
    leg = add_leg(view.chains, 0, LIQUIDATE, account, cdp.debt_reserve, debt.token, 0.0, 0.0)
    if leg >= 0:
        view.chains.mempool[0, leg].counterparty = borrower
        view.chains.mempool[0, leg].token_out = cdp.collateral_reserve
    is_sent = send(view, c, cohort, row, first, 1, positions, cap_gwei, cohort.patience_blocks)
    if is_sent:
        cohort.bids = cohort.bids + 1
    return is_sent


@kernel
def bark_some(view, c, cohort, row, account, most, margin_fraction, cap_gwei):
    """Go through the positions at risk from a place of its own, and start up to ``most`` auctions."""
    at_risk = view.cohorts.at_risk
    n_at_risk = 0
    while n_at_risk < at_risk.shape[0] and at_risk[n_at_risk] >= 0:
        n_at_risk += 1
    start = int(chance(view, cohort.stream + CHOICE, account) * n_at_risk)
    sent = 0
    for k in range(min(n_at_risk, MAX_LOOKED_AT)):
        borrower = at_risk[(start + k) % n_at_risk]
        if sent < most and is_debt_position(view, borrower):
            if bark(view, c, cohort, row, account, borrower, margin_fraction, cap_gwei):
                sent += 1
