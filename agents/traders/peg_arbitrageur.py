"""Arbitrageurs between a pool and a redemption module: the hands that defend a peg, and drain its reserve.

Below par they buy the coin in the pool and redeem it; above par they have it issued and sell it there, until
the next one would bring what the module asks. So while the module pays, the pool's price stays within the
fees; what holders who flee sell comes out of the reserve in the end, and arbitrage is how a run gets there.
Both legs stand or fall together, and nothing is held in between.
Source: Krugman (1979), A Model of Balance-of-Payments Crises; Klages-Mundt, Harz, Gudgeon, Liu and Minca
(2020), Stablecoins 2.0: Economic Foundations and Risk-based Models.
"""

from __future__ import annotations

import dataclasses

from agents.attention import CHOICE, is_attentive
from agents.parameters import shared
from agents.quotes import curve_pays, marginal_price, sale_to
from agents.routes import pool_of
from sim.compile import boundary, kernel
from sim.fields import BUSY, N_COMMON, field
from sim.fields import shared as shared_value
from sim.orders import add_leg, add_swap, gas_units, open_transaction, seal
from sim.transaction import CONVERT, PROCEEDS, SWAP
from sim.units import ETH_PER_GWEI
from sim.venues import redemptions
from sim.venues.any_pool import trades
from sim.view import chance, gas_price_gwei, holding, market_price, seen_row

GAS_RESERVE, MIN_PROFIT = N_COMMON, N_COMMON + 1


@dataclasses.dataclass(frozen=True)
class PegArbitrageur:
    """Trades for a profit of at least ``min_profit_usd`` after gas, as far as its capital goes."""

    gas_reserve_eth: float = shared(50.0, 0.0, 1e9)
    min_profit_usd: float = shared(20.0, 0.0, 1e12)


@kernel
def _free(view, c, cohort, token, account):
    """What it may spend of a token."""
    held = holding(view, token, account)
    if token == cohort.native_token:
        held -= shared_value(view.cohorts, c, GAS_RESERVE)
    return held


@kernel
def _pays_off(view, c, cohort, row, asset, spent, received):
    """Whether a round trip in an asset earns its gas and the least profit."""
    units = gas_units(view.chains, 0, SWAP) + gas_units(view.chains, 0, CONVERT)
    gas_eth = units * (gas_price_gwei(view, row, 0) + cohort.tip_gwei) * ETH_PER_GWEI
    gas_usd = gas_eth * market_price(view, row, view.chains.table[0].native_asset)
    profit_usd = (received - spent) * market_price(view, row, asset) - gas_usd
    return profit_usd >= shared_value(view.cohorts, c, MIN_PROFIT)


@kernel
def _buy_and_redeem(view, c, cohort, row, account, p, m):
    """Buy the coin until the next one costs what the module pays for it; the legs, 0 if that does not pay."""
    module = view.venues.redemptions[m]
    coin, reserve = module.coin, module.reserve_token
    now_seconds = view.now[0].seconds
    room = redemptions.most(view.venues, m, coin, now_seconds)
    coins_for_one = marginal_price(view, row, p, reserve, coin)
    paid_for_one = redemptions.pays(view.venues, m, coin, 1.0)
    if not (room > 0.0 and coins_for_one * paid_for_one > 1.0):
        return 0
    # So little that what it buys, at less and less for each, is no more than the module takes.
    amount = min(sale_to(view, row, p, reserve, coin, 1.0 / paid_for_one), room / coins_for_one)
    amount = min(amount, _free(view, c, cohort, reserve, account))
    if not amount > 0.0:
        return 0
    bought = curve_pays(view, row, p, reserve, coin, amount)
    received = redemptions.pays(view.venues, m, coin, bought)
    if bought < redemptions.least(view.venues, m):
        return 0
    if not _pays_off(view, c, cohort, row, module.reserve_asset, amount, received):
        return 0
    add_swap(view.chains, 0, account, p, reserve, coin, amount, 0.0)
    add_leg(view.chains, 0, CONVERT, account, m, coin, PROCEEDS, amount)
    return 2


@kernel
def _issue_and_sell(view, c, cohort, row, account, p, m):
    """Have coin issued and sell it until the next one brings what the module asks; the legs, or 0."""
    module = view.venues.redemptions[m]
    coin, reserve = module.coin, module.reserve_token
    room = redemptions.most(view.venues, m, reserve, view.now[0].seconds)
    issued_for_one = redemptions.pays(view.venues, m, reserve, 1.0)
    if not (room > 0.0 and issued_for_one * marginal_price(view, row, p, coin, reserve) > 1.0):
        return 0
    sold = sale_to(view, row, p, coin, reserve, 1.0 / issued_for_one)
    amount = min(sold / issued_for_one, room, _free(view, c, cohort, reserve, account))
    if not amount > 0.0 or amount < redemptions.least(view.venues, m):
        return 0
    issued = redemptions.pays(view.venues, m, reserve, amount)
    received = curve_pays(view, row, p, coin, reserve, issued)
    if not _pays_off(view, c, cohort, row, module.reserve_asset, amount, received):
        return 0
    add_leg(view.chains, 0, CONVERT, account, m, reserve, amount, 0.0)
    add_swap(view.chains, 0, account, p, coin, reserve, PROCEEDS, amount)
    return 2


@boundary(None)
def decide(view, c):
    """Look at every module through every pool that trades its coin for its reserve, in both directions."""
    cohort = view.cohorts.table[c]
    row = seen_row(view, cohort)
    busy = field(view.cohorts, c, BUSY)
    n_modules = view.venues.redemptions.shape[0]
    for k in range(cohort.n_pools):
        p = pool_of(view, cohort, k)
        for m in range(n_modules):
            module = view.venues.redemptions[m]
            if not trades(view.venues, p, module.coin, module.reserve_token):
                continue
            i = int(chance(view, cohort.stream + CHOICE, p * n_modules + m) * cohort.n_rows)
            account = cohort.first_account + i
            if busy[i] > 0.0 or not is_attentive(view, cohort, account):
                continue
            first = open_transaction(view.chains, 0)
            n_legs = _buy_and_redeem(view, c, cohort, row, account, p, m)
            if n_legs == 0:
                n_legs = _issue_and_sell(view, c, cohort, row, account, p, m)
            if n_legs > 0:
                seal(
                    view, 0, first, n_legs, c, cohort.positions_per_row, cohort.tip_gwei,
                    gas_price_gwei(view, row, 0), cohort.max_fee_multiple, cohort.patience_blocks,
                )  # fmt: skip
