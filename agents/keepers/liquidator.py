"""Liquidators: keepers with finite capital who bid only when it pays, and who sell what they win.

The bonus is earned at the oracle price, the collateral sold at the market's: a stale high oracle makes
a liquidation unprofitable, and then nobody comes. Capital is locked while collateral waits to be sold
or an outside sale to settle; losers of a race pay for their gas.
Sources: Perez, Werner, Xu and Livshits (2021), Liquidations: DeFi on a Knife-Edge; Qin, Zhou, Gamito,
Jovanovic and Gervais (2021), An Empirical Study of DeFi Liquidations.
"""

from __future__ import annotations

import dataclasses

from agents.attention import CHOICE, is_attentive
from agents.keepers import frictionless
from agents.keepers.bark import is_debt_position
from agents.keepers.claim import add_liquidation, claim, owner_of
from agents.keepers.flash import FLASH, add_flash, fit_to_pool, flash_pool, gas_flash
from agents.keepers.gas import refill_gas
from agents.keepers.inventory import best_sale_usd, sell_inventory
from agents.parameters import per_vault, shared, uniform
from agents.quotes import pool_pays
from sim.compile import boundary, formula, kernel
from sim.fields import (
    BIDS_SENT,
    BUSY,
    N_COMMON,
    NO_CASH,
    NO_GAS_MONEY,
    NO_PROFIT,
    RECENT_LOSSES,
    RECENT_WINS,
    count,
    field,
)
from sim.fields import shared as shared_value
from sim.orders import gas_units, open_transaction, seal
from sim.transaction import LIQUIDATE, REVERT_GAS_SHARE
from sim.units import ETH_PER_GWEI
from sim.view import (
    chance,
    expected_gas_price_gwei,
    gas_price_gwei,
    holding,
    market_price,
    seen_row,
)

GAS_RESERVE, MIN_PROFIT, TIP_SHARE = N_COMMON, N_COMMON + 1, N_COMMON + 2
BIDS, DELAY, OUTSIDE, INVENTORY_RISK = N_COMMON + 3, N_COMMON + 4, N_COMMON + 5, N_COMMON + 6
KEPT_A_SLOT = 0.98  # of what a keeper remembers of its races: half is gone after 34 slots
ALL_BUT_ROUNDING = 1.0 - 1e-9
MAX_LOOKED_AT = 256  # at-risk positions one keeper examines in a block


@dataclasses.dataclass(frozen=True)
class Liquidator:
    """``max_tip_share_fraction``: the share of the expected profit it will offer the builder at most.

    With ``flash_loans`` it needs no capital where a market lends for one transaction and a pool trades
    the collateral against the debt: it borrows, liquidates, sells and repays at once.
    """

    gas_reserve_eth: float = shared(50.0, 0.0, 1e9)
    min_profit_usd: float = shared(20.0, 0.0, 1e12)
    max_tip_share_fraction: float = per_vault(uniform(0.2, 0.9), 0.0, 1.0)
    bids_per_block: int = shared(8, 1, 64)
    settlement_delay_seconds: float = shared(600.0, 0.0, 1e7)
    outside_access: bool = shared(True)
    inventory_risk_fraction: float = shared(0.002, 0.0, 1.0)
    flash_loans: bool = shared(False)


@formula
def expected_profit_usd(proceeds_usd, repaid_usd, gas_usd, win_share, inventory_risk_fraction):
    """What a bid is worth: a win pays the spread less gas and risk, a loss costs what a revert uses."""
    won = proceeds_usd * (1.0 - inventory_risk_fraction) - repaid_usd - gas_usd
    return win_share * won - (1.0 - win_share) * REVERT_GAS_SHARE * gas_usd


@kernel
def _bid(view, c, cohort, row, i, account, borrower, capital, gas_budget_eth):
    """Bid for one position if that pays; returns cash and ETH committed, and whether it has."""
    victims = view.cohorts.table[owner_of(view, borrower)]
    pool = flash_pool(view, c, cohort, row, victims, borrower)
    owes_cash = victims.cash_token == cohort.cash_token
    purse = capital if owes_cash else 0.0
    if pool >= 0:  # what the market has to lend for one transaction
        purse = view.reserves[victims.debt_reserve].cash
    repaid, seized, coin = claim(view, borrower, purse)
    if pool >= 0:
        repaid, seized = fit_to_pool(view, row, victims, borrower, pool, repaid, seized)
    if repaid < 0.0 or (purse == 0.0 and seized == 0.0):
        cohort.no_cash = cohort.no_cash + 1
        count(view.cohorts, c, NO_CASH, account)
    if not repaid > 0.0:
        return 0.0, 0.0, False
    collateral = view.reserves[victims.collateral_reserve]
    paid_usd = (repaid - coin) * market_price(view, row, victims.cash_asset)
    if pool >= 0:
        debt_token = view.reserves[victims.debt_reserve].token
        proceeds_usd = pool_pays(view, row, pool, collateral.token, debt_token, seized)
        proceeds_usd = proceeds_usd * market_price(view, row, victims.cash_asset)
        paid_usd = paid_usd * (1.0 + view.markets[victims.market].flash_fee_fraction)
    else:
        proceeds_usd = best_sale_usd(
            view, cohort, row, collateral.asset, collateral.token, seized,
            shared_value(view.cohorts, c, OUTSIDE) > 0.5,
        )  # fmt: skip

    wins = field(view.cohorts, c, RECENT_WINS)[i]
    losses = field(view.cohorts, c, RECENT_LOSSES)[i]
    win_share = (wins + 1.0) / (wins + losses + 1.0)  # optimistic until it has lost
    win_share = min(win_share, 1.0)
    positions = victims.positions_per_row
    gas = gas_units(view.chains, 0, LIQUIDATE) * positions
    if pool >= 0:
        gas += gas_flash(view) * positions
    going_gwei = gas_price_gwei(view, row, 0)
    expected_gwei = expected_gas_price_gwei(view, row, 0)
    native_usd = market_price(view, row, view.chains.table[0].native_asset)
    tip_gwei = cohort.tip_gwei
    if gas > 0.0:
        spread_usd = max(proceeds_usd - paid_usd, 0.0)
        tip_share = field(view.cohorts, c, TIP_SHARE)[i] * (1.0 - win_share)
        tip_gwei += tip_share * spread_usd / (gas * ETH_PER_GWEI * native_usd)
    gas_usd = gas * (expected_gwei + tip_gwei) * ETH_PER_GWEI * native_usd
    profit_usd = expected_profit_usd(
        proceeds_usd, paid_usd, gas_usd, win_share,
        shared_value(view.cohorts, c, INVENTORY_RISK),
    )  # fmt: skip
    if profit_usd < shared_value(view.cohorts, c, MIN_PROFIT):
        if repaid >= ALL_BUT_ROUNDING * purse:  # its cash has cut the claim to what does not pay
            cohort.no_cash = cohort.no_cash + 1
            count(view.cohorts, c, NO_CASH, account)
        else:
            cohort.no_profit = cohort.no_profit + 1
            count(view.cohorts, c, NO_PROFIT, account)
        return 0.0, 0.0, False
    worst_eth = gas * (going_gwei * cohort.max_fee_multiple + tip_gwei) * ETH_PER_GWEI
    if worst_eth > gas_budget_eth:
        cohort.no_gas_money = cohort.no_gas_money + 1
        count(view.cohorts, c, NO_GAS_MONEY, account)
        return 0.0, 0.0, False
    first = open_transaction(view.chains, 0)
    # The keeper would rather revert than receive markedly less than it was promised.
    limit = seized * (1.0 - cohort.max_slippage_fraction)
    n_legs = 1
    if pool >= 0:
        n_legs = add_flash(view, account, borrower, victims, pool, repaid, limit)
    else:
        add_liquidation(view, account, borrower, repaid, limit)
    is_sent = seal(
        view, 0, first, n_legs, c, positions, tip_gwei, going_gwei,
        cohort.max_fee_multiple, cohort.patience_blocks,
    )  # fmt: skip
    if not is_sent:
        return 0.0, 0.0, False
    cohort.bids = cohort.bids + 1
    count(view.cohorts, c, BIDS_SENT, account)
    return (0.0 if pool >= 0 else repaid), worst_eth, True


@kernel
def _look_for_prey(view, c, cohort, row, i, account, n_at_risk):
    """Go through the positions at risk from a place of its own, until capital or bids are used up."""
    capital = holding(view, cohort.cash_token, account)
    gas_budget_eth = holding(view, cohort.native_token, account)
    start = int(chance(view, cohort.stream + CHOICE, account) * n_at_risk)
    bids = 0
    for k in range(min(n_at_risk, MAX_LOOKED_AT)):
        has_purse = capital > 0.0 or shared_value(view.cohorts, c, FLASH) > 0.5
        if bids >= shared_value(view.cohorts, c, BIDS) or not has_purse:
            return
        borrower = view.cohorts.at_risk[(start + k) % n_at_risk]
        if is_debt_position(view, borrower):
            continue  # nobody may repay it: it goes to auction
        cash, gas_eth, is_sent = _bid(
            view, c, cohort, row, i, account, borrower, capital, gas_budget_eth
        )
        if is_sent:
            capital -= cash
            gas_budget_eth -= gas_eth
            bids += 1


@boundary(None)
def decide(view, c):
    """Sell what has been won, then bid with the capital that is free."""
    if view.now[0].has_keeper_friction == 0:
        frictionless.decide(view, c)
        return
    cohort = view.cohorts.table[c]
    row = seen_row(view, cohort)
    busy = field(view.cohorts, c, BUSY)
    wins = field(view.cohorts, c, RECENT_WINS)
    losses = field(view.cohorts, c, RECENT_LOSSES)
    at_risk = view.cohorts.at_risk
    n_at_risk = 0
    while n_at_risk < at_risk.shape[0] and at_risk[n_at_risk] >= 0:
        n_at_risk += 1
    for i in range(cohort.n_rows):
        wins[i] = KEPT_A_SLOT * wins[i]
        losses[i] = KEPT_A_SLOT * losses[i]
        is_alive = (i + 0.5) / cohort.n_rows < cohort.alive_fraction
        if is_alive and busy[i] == 0.0:
            account = cohort.first_account + i
            if not is_attentive(view, cohort, account):
                continue
            reserve_eth = shared_value(view.cohorts, c, GAS_RESERVE)
            outside = shared_value(view.cohorts, c, OUTSIDE) > 0.5
            sell_inventory(view, c, cohort, row, account, reserve_eth, outside)
            refill_gas(view, c, cohort, row, account, reserve_eth, outside)
            if n_at_risk > 0:
                _look_for_prey(view, c, cohort, row, i, account, n_at_risk)
