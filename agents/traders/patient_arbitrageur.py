"""Patient arbitrageurs buy a staked token below its rate, stand in the line, and claim the ether.

They are what holds the price of a staked token up: at the price where waiting earns what they ask of a year,
they buy all that is sold to them. How long they wait is known: the line and its minimum delay, and where the
line is closed what they believe of its opening. So the discount in the pool is about the wait times the
required return, and no more, for as long as their capital lasts; then there is nobody until they are paid.
Source: Shleifer and Vishny (1997), The Limits of Arbitrage, for capital that is locked when it is needed.
"""

from __future__ import annotations

import dataclasses

from agents.attention import CHOICE, is_attentive
from agents.parameters import per_vault, shared
from agents.quotes import pool_pays, sale_to
from agents.routes import pool_of
from sim.compile import boundary, kernel
from sim.fields import BUSY, N_COMMON, field
from sim.fields import shared as shared_value
from sim.formulas.staked_token import patient_price
from sim.orders import add_leg, add_swap, gas_units, open_transaction, seal
from sim.tables import STAKED_TOKEN
from sim.transaction import CLAIM, PROCEEDS, REQUEST, SWAP
from sim.units import ETH_PER_GWEI
from sim.venues.any_pool import trades
from sim.venues.staked_token import wait_seconds
from sim.view import chance, gas_price_gwei, holding, market_price, own, seen_row

REQUIRED, EXPECTED_OPENING, GAS_RESERVE, MIN_PROFIT = (N_COMMON + k for k in range(4))


@dataclasses.dataclass(frozen=True)
class PatientArbitrageur:
    """Buys where waiting earns ``required_return_per_year`` on the capital that it locks."""

    required_return_per_year: float = per_vault(0.1, 0.0, 100.0)
    expected_opening_seconds: float = shared(180 * 86_400.0, 0.0, 1e10)  # of a line that is closed
    gas_reserve_eth: float = shared(10.0, 0.0, 1e9)
    min_profit_usd: float = shared(20.0, 0.0, 1e12)


@kernel
def expected_wait_seconds(view, c, module, terms):
    """How long whoever buys now expects to wait for his ether."""
    wait = wait_seconds(terms, view.now[0].seconds)
    if module.is_halted > 0.5:
        wait += shared_value(view.cohorts, c, EXPECTED_OPENING)
    return wait


@kernel
def _send(view, c, cohort, row, first, n_legs):
    """What all of their transactions pay for block space."""
    return seal(
        view, 0, first, n_legs, c, cohort.positions_per_row, cohort.tip_gwei,
        gas_price_gwei(view, row, 0), cohort.max_fee_multiple, cohort.patience_blocks,
    )  # fmt: skip


@kernel
def _ask(view, c, cohort, row, account, m, kind, amount):
    """Hand in tokens, or claim the request of this number."""
    first = open_transaction(view.chains, 0)
    coin = view.venues.redemptions[m].coin
    add_leg(view.chains, 0, kind, account, m, coin, amount, 0.0)
    return _send(view, c, cohort, row, first, 1)


@kernel
def _claim_what_is_final(view, c, cohort, row, m, busy):
    """One claim a row and slot, in the order of the line."""
    terms = view.venues.staked[view.venues.redemptions[m].state]
    for number in range(terms.first_request, terms.first_request + terms.n_final):
        request = view.venues.waiting[terms.queue + number % terms.queue_length]
        i = request.account - cohort.first_account
        if 0 <= i < cohort.n_rows and busy[i] == 0.0:
            if is_attentive(view, cohort, request.account):
                _ask(view, c, cohort, row, request.account, m, CLAIM, float(number))


@kernel
def _buy(view, c, cohort, row, account, p, m, price):
    """Buy in a pool until the next token costs ``price`` ether, and hand it in where the line is open."""
    module = view.venues.redemptions[m]
    ether, coin = module.reserve_token, module.coin
    amount = sale_to(view, row, p, ether, coin, 1.0 / price)
    amount = min(amount, holding(view, ether, account) - shared_value(view.cohorts, c, GAS_RESERVE))
    if not amount > 0.0:
        return
    ether_usd = market_price(view, row, module.reserve_asset)
    gained_usd = (pool_pays(view, row, p, ether, coin, amount) * price - amount) * ether_usd
    units = gas_units(view.chains, 0, SWAP) + gas_units(view.chains, 0, REQUEST)
    units += gas_units(view.chains, 0, CLAIM)
    gas_eth = units * (gas_price_gwei(view, row, 0) + cohort.tip_gwei) * ETH_PER_GWEI
    gas_usd = gas_eth * market_price(view, row, view.chains.table[0].native_asset)
    if gained_usd - gas_usd < shared_value(view.cohorts, c, MIN_PROFIT):
        return
    first = open_transaction(view.chains, 0)
    add_swap(view.chains, 0, account, p, ether, coin, amount, amount / price)
    if module.is_halted > 0.5:
        _send(view, c, cohort, row, first, 1)
        return
    add_leg(view.chains, 0, REQUEST, account, m, coin, PROCEEDS, 0.0)
    _send(view, c, cohort, row, first, 2)


@boundary(None)
def decide(view, c):
    """Claim, hand in what could not be handed in before, and let one row look at each pool."""
    cohort = view.cohorts.table[c]
    row = seen_row(view, cohort)
    busy = field(view.cohorts, c, BUSY)
    required = field(view.cohorts, c, REQUIRED)
    for m in range(view.venues.redemptions.shape[0]):
        module = view.venues.redemptions[m]
        if module.kind != STAKED_TOKEN or module.reserve_token != cohort.token:
            continue
        terms = view.venues.staked[module.state]
        _claim_what_is_final(view, c, cohort, row, m, busy)
        if module.is_halted < 0.5:
            held = own(view, module.coin, cohort.group)
            least = shared_value(view.cohorts, c, MIN_PROFIT)
            coin_usd = market_price(view, row, module.coin_asset)
            for i in range(cohort.n_rows):
                account = cohort.first_account + i
                if busy[i] == 0.0 and held[i] * coin_usd > least:
                    if is_attentive(view, cohort, account):
                        _ask(view, c, cohort, row, account, m, REQUEST, held[i])
        wait = expected_wait_seconds(view, c, module, terms)
        for k in range(cohort.n_pools):
            p = pool_of(view, cohort, k)
            i = int(chance(view, cohort.stream + CHOICE, p) * cohort.n_rows)
            account = cohort.first_account + i
            if busy[i] == 0.0 and trades(view.venues, p, module.reserve_token, module.coin):
                if is_attentive(view, cohort, account):
                    price = patient_price(terms.rate, required[i], wait)
                    _buy(view, c, cohort, row, account, p, m, price)
