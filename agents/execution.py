"""The execution policy that all vaults share: a target exposure becomes an order.

The order is sized after its own cost, is at most ``max_slippage`` large (the rest waits for a later
block), and is sent only if the vault is free, awake and attentive. An unlevered vault swaps; a vault
with a loan deleverages (withdraw, swap, repay) or leverages up (borrow, swap, supply), each within what
its lender allows.
"""

from __future__ import annotations

from agents.attention import PHASE, is_attentive
from agents.routes import add_swaps, largest_sale, quote
from sim.compile import boundary, formula, kernel
from sim.fields import BUSY, DUTY, RETRIES_AT, field
from sim.formulas.random import uniform
from sim.orders import add_leg, gas_units, open_transaction, seal, set_trigger
from sim.purposes import LEVERAGE_UP, REPAIR
from sim.tables import BANDS
from sim.transaction import BORROW, PROCEEDS, REPAY, SUPPLY, SWAP, WITHDRAW
from sim.units import ETH_PER_GWEI
from sim.venues.band_standing import room
from sim.view import (
    expected_gas_price_gwei,
    gas_price_gwei,
    holding,
    market_impact,
    market_price,
    oracle_impact,
    oracle_price,
    oracle_slot,
    position_of,
    receipt_index,
    seen_row,
)

FIXED_POINT_ROUNDS = 3
# What a lender allows is used up to this share, so that rounding never breaks the limit.
ALLOWED = 0.999
ORDERS_KEPT = 2.0  # of gas money that an unlevered vault of the native asset never sells


@formula
def is_free_to_act(view, cohort, account_row):
    """Whether this row may send an order now: it is its turn, and it pays attention.

    Who has sent an order stays until it stands: where it has just failed, the next slot is not missed.
    """
    account = cohort.first_account + account_row
    if cohort.interval_slots > 1:
        # The phase is a property of the row, drawn once: the same in every slot.
        phase = uniform(view.now[0].seed, cohort.stream + PHASE, account, 0)
        phase = int(phase * cohort.phase_fraction * cohort.interval_slots)
        if (view.now[0].slot + phase) % cohort.interval_slots != 0:
            return False
    if is_attentive(view, cohort, account):
        return True
    return field(view.cohorts, cohort.index, RETRIES_AT)[account_row] == view.now[0].slot


@kernel
def _may_send(view, c, cohort, account_row, duty):
    """Whether nothing of this row is in flight, or only an order of the duty that this one goes before."""
    in_flight = field(view.cohorts, c, BUSY)[account_row]
    if in_flight == 0.0 or cohort.market < 0:
        return in_flight == 0.0
    pending = field(view.cohorts, c, DUTY)[account_row]
    return in_flight == 1.0 and duty == cohort.prior_duty and pending != duty


@kernel
def own_cost_usd(view, cohort, row, token_in, price_in, price_out, trade_usd):
    """Fee and slippage of a trade of this size over the route, in USD at seen prices."""
    if trade_usd <= 0.0:
        return 0.0
    amount = trade_usd / price_in
    received = quote(view, cohort, row, token_in, amount)
    return max(trade_usd - received * price_out, 0.0)


@boundary(bool)
def trade_to_target(
    view, c, account_row, nav_usd, exposure_usd, target_usd, target_per_nav, is_endogenous
):
    """Ask for the order that brings the exposure of a vault to its target.

    ``target_per_nav`` is by how much the target falls for each USD that trading costs; ``is_endogenous`` says
    whether the rule would have asked for nothing at a price without the impact of earlier trades.
    """
    cohort = view.cohorts.table[c]
    cohort.triggers = cohort.triggers + 1
    is_sale = exposure_usd > target_usd
    duty = REPAIR if is_sale else LEVERAGE_UP
    if not _may_send(view, c, cohort, account_row, duty):
        return False
    if not is_free_to_act(view, cohort, account_row):
        return False
    row = seen_row(view, cohort)
    price = market_price(view, row, cohort.asset)
    cash_price = market_price(view, row, cohort.cash_asset)
    token_in = cohort.token if is_sale else cohort.cash_token
    price_in = price if is_sale else cash_price
    price_out = cash_price if is_sale else price

    trade_usd = abs(exposure_usd - target_usd)
    for _ in range(FIXED_POINT_ROUNDS):
        cost_usd = own_cost_usd(view, cohort, row, token_in, price_in, price_out, trade_usd)
        after_cost_usd = target_usd - target_per_nav * cost_usd
        if is_sale:
            trade_usd = max(exposure_usd - after_cost_usd, 0.0)
        else:  # what a purchase costs has been paid, but not bought
            trade_usd = max(after_cost_usd + cost_usd - exposure_usd, 0.0)
    amount = min(trade_usd / price_in, largest_sale(view, cohort, row, token_in))
    if amount * price_in < cohort.min_trade_usd * cohort.positions_per_row:
        return False
    head = open_transaction(view.chains, 0)
    if cohort.market < 0:
        is_sent = _swap(view, c, cohort, account_row, row, token_in, amount, price_in)
    elif is_sale:
        is_sent = _deleverage(view, c, cohort, account_row, row, amount)
    else:
        is_sent = _leverage(view, c, cohort, account_row, row, amount)
    if is_sent and cohort.market >= 0:
        field(view.cohorts, c, DUTY)[account_row] = duty
    if is_sent:
        _say_why(view, cohort, row, head, is_endogenous)
    return is_sent


@kernel
def _say_why(view, cohort, row, head, is_endogenous):
    """The price that a vault's rule looked at: its lender's oracle if it borrows, else the market."""
    slot = view.now[0].slot - cohort.latency_slots
    price_usd = market_price(view, row, cohort.asset)
    impact = market_impact(view, row, cohort.asset)
    if cohort.market >= 0:
        feed = view.reserves[cohort.collateral_reserve].feed
        slot = oracle_slot(view, row, feed)
        price_usd = oracle_price(view, row, feed)
        impact = oracle_impact(view, row, feed)
    set_trigger(view.chains, 0, head, slot, price_usd, impact, is_endogenous)


@formula
def _seal(view, c, cohort, row, first, n_legs):
    return seal(
        view, 0, first, n_legs, c, cohort.positions_per_row, cohort.tip_gwei,
        gas_price_gwei(view, row, 0), cohort.max_fee_multiple, cohort.patience_blocks,
    )  # fmt: skip


@kernel
def gas_eth(view, cohort, row, units):
    """What that many gas units a position cost this row at the going price."""
    price_gwei = expected_gas_price_gwei(view, row, 0) + cohort.tip_gwei
    return units * cohort.positions_per_row * price_gwei * ETH_PER_GWEI


@kernel
def is_worth_its_gas(view, cohort, row, units, value_usd):
    """Whether the gas of an order costs at most ``value_usd``: nobody pays more than it saves."""
    native_usd = market_price(view, row, view.chains.table[0].native_asset)
    return gas_eth(view, cohort, row, units) * native_usd <= value_usd


@kernel
def _swap(view, c, cohort, account_row, row, token_in, amount, price_in):
    """A plain swap, unless its gas would cost more than the slippage the vault tolerates."""
    account = cohort.first_account + account_row
    tolerated_usd = cohort.max_slippage_fraction * amount * price_in
    units = gas_units(view.chains, 0, SWAP) * cohort.n_pools
    if not is_worth_its_gas(view, cohort, row, units, tolerated_usd):
        return False
    held = holding(view, token_in, account)
    if token_in == cohort.native_token:  # what this order and the way back may cost is kept
        held -= ORDERS_KEPT * gas_eth(view, cohort, row, units) * cohort.max_fee_multiple
    amount = min(amount, held)
    if not amount > 0.0:
        return False
    first = open_transaction(view.chains, 0)
    n_legs = add_swaps(view, cohort, row, 0, account, token_in, amount)
    return _seal(view, c, cohort, row, first, n_legs)


@kernel
def _deleverage(view, c, cohort, account_row, row, amount):
    """Withdraw collateral that is free, sell it, repay; worth at most the bonus that it saves."""
    account = cohort.first_account + account_row
    reserve = view.reserves[cohort.collateral_reserve]
    price_usd = view.feeds[reserve.feed].price_usd
    if view.markets[cohort.market].kind == BANDS:
        free, _ = room(view.ledger, view.venues, cohort.market, account, view.now[0].seconds)
        amount = min(amount, ALLOWED * free)
    else:
        _, weighted_usd, _, debt_usd = position_of(view, cohort.market, account)
        free = ALLOWED * (weighted_usd - debt_usd) / (cohort.threshold_fraction * price_usd)
        held = holding(view, reserve.receipt_token, account)
        held = held * receipt_index(view, cohort.collateral_reserve)
        amount = min(min(amount, free), held)
    saved_usd = cohort.bonus_fraction * amount * price_usd
    units = gas_units(view.chains, 0, WITHDRAW) + gas_units(view.chains, 0, REPAY)
    units += gas_units(view.chains, 0, SWAP) * cohort.n_pools
    if not (amount > 0.0 and is_worth_its_gas(view, cohort, row, units, saved_usd)):
        return False
    first = open_transaction(view.chains, 0)
    add_leg(view.chains, 0, WITHDRAW, account, cohort.collateral_reserve, cohort.token, amount, 0.0)
    n_legs = add_swaps(view, cohort, row, 0, account, cohort.token, amount)
    add_leg(view.chains, 0, REPAY, account, cohort.debt_reserve, cohort.cash_token, PROCEEDS, 0.0)
    return _seal(view, c, cohort, row, first, n_legs + 2)


@kernel
def _leverage(view, c, cohort, account_row, row, amount):
    """Borrow what the loan-to-value allows, buy, supply."""
    account = cohort.first_account + account_row
    reserve = view.reserves[cohort.debt_reserve]
    price_usd = view.feeds[reserve.feed].price_usd
    if view.markets[cohort.market].kind == BANDS:
        _, credit = room(view.ledger, view.venues, cohort.market, account, view.now[0].seconds)
        amount = min(amount, ALLOWED * credit)
    else:
        _, _, borrowable_usd, debt_usd = position_of(view, cohort.market, account)
        amount = min(amount, ALLOWED * (borrowable_usd - debt_usd) / price_usd)
    tolerated_usd = cohort.max_slippage_fraction * amount * price_usd
    units = gas_units(view.chains, 0, BORROW) + gas_units(view.chains, 0, SUPPLY)
    units += gas_units(view.chains, 0, SWAP) * cohort.n_pools
    if not (amount > 0.0 and is_worth_its_gas(view, cohort, row, units, tolerated_usd)):
        return False
    first = open_transaction(view.chains, 0)
    add_leg(view.chains, 0, BORROW, account, cohort.debt_reserve, cohort.cash_token, amount, 0.0)
    n_legs = add_swaps(view, cohort, row, 0, account, cohort.cash_token, amount)
    add_leg(view.chains, 0, SUPPLY, account, cohort.collateral_reserve, cohort.token, PROCEEDS, 0.0)
    return _seal(view, c, cohort, row, first, n_legs + 2)
