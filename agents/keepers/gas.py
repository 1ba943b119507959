"""How a keeper keeps paying for block space: it buys native tokens with cash when its reserve runs low."""

from __future__ import annotations

from agents.routes import pool_of
from sim.compile import kernel
from sim.orders import add_leg, add_swap, open_transaction, seal
from sim.transaction import OUTSIDE_TRADE
from sim.venues.any_pool import trades
from sim.view import gas_price_gwei, holding, market_price


@kernel
def refill_gas(view, c, cohort, row, account, gas_reserve_eth, has_outside_access):
    """Buy native tokens with cash once half the reserve for gas has been used."""
    missing = gas_reserve_eth - holding(view, cohort.native_token, account)
    if missing <= 0.5 * gas_reserve_eth:
        return
    native = view.chains.table[0].native_asset
    cash_asset = view.now[0].cash_asset
    # A little more cash than the price as seen asks for: the fill comes after impact and fee.
    margin = 1.0 + cohort.max_slippage_fraction
    price = market_price(view, row, native) / market_price(view, row, cash_asset)
    cash = min(missing * price * margin, holding(view, cohort.cash_token, account))
    if not cash > 0.0:
        return
    first = open_transaction(view.chains, 0)
    if has_outside_access:
        leg = add_leg(
            view.chains, 0, OUTSIDE_TRADE, account, cash_asset, cohort.cash_token, cash, 0.0
        )
        if leg >= 0:
            view.chains.mempool[0, leg].token_out = native
    else:
        p = _native_pool(view, cohort)
        if p < 0:
            return
        limit = cash / price / margin * (1.0 - cohort.max_slippage_fraction)
        add_swap(view.chains, 0, account, p, cohort.cash_token, cohort.native_token, cash, limit)
    seal(
        view, 0, first, 1, c, 1.0, cohort.tip_gwei, gas_price_gwei(view, row, 0),
        cohort.max_fee_multiple, cohort.patience_blocks,
    )  # fmt: skip


@kernel
def _native_pool(view, cohort):
    """The first pool of the route that trades the native token against cash, or -1."""
    for k in range(cohort.n_pools):
        p = pool_of(view, cohort, k)
        if trades(view.venues, p, cohort.cash_token, cohort.native_token):
            return p
    return -1
