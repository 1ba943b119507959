"""Pools of several coins where depth is no friction: moved along their curve to the outside prices.

The outside world is the counterparty, as in ``bottomless_pool.py``, so that providers bear divergence loss as
they do where arbitrageurs come.
"""

from __future__ import annotations

import math

from sim import causes, status
from sim.compile import kernel
from sim.formulas import stable_swap, weighted
from sim.journal import remember, walk_back
from sim.ledger import transfer
from sim.tables import STABLE_SWAP
from sim.venues.basket import COIN_BOOKS, N_COIN_BOOKS
from sim.venues.stable_swap import ann_now, invariant_now

UNMOVED = 1e-12  # of a balance: smaller gaps are rounding


@kernel
def keep_fee(ledger, venues, pool, i, fee):
    """The fee of a trade stays with the coin that was sold."""
    coin = venues.coins[venues.baskets[pool.state].first_coin + i]
    remember(ledger.journal, ledger.memory, coin.address + COIN_BOOKS, N_COIN_BOOKS)
    coin.balance = coin.balance + fee


@kernel
def _find_changes(ledger, venues, pool, seconds):
    """Write how far each balance is from where no gap is left; whether any is."""
    journal = ledger.journal
    basket = venues.baskets[pool.state]
    n = basket.n_coins
    if pool.kind == STABLE_SWAP:
        ann = ann_now(basket, seconds)
        invariant = invariant_now(journal.levels, basket, venues.coins, ann)
        if invariant <= 0.0:
            return False
    for k in range(n):
        coin = venues.coins[basket.first_coin + k]
        journal.asked[k] = venues.exchanges[coin.asset].market_price_usd / coin.rate
        if coin.balance <= 0.0:
            return False
    if pool.kind == STABLE_SWAP:
        stable_swap.levels_at_prices(journal.levels, journal.asked, n, ann, invariant)
    else:
        value = weighted.log_value(venues.coins, basket.first_coin, n, journal.asked)
    found = False
    for k in range(n):
        coin = venues.coins[basket.first_coin + k]
        if pool.kind == STABLE_SWAP:
            journal.changes[k] = journal.levels[k] / coin.rate - coin.balance
        else:
            log_now = math.log(journal.asked[k] * coin.balance / coin.weight)
            journal.changes[k] = coin.balance * math.expm1(value - log_now)
        found = found or abs(journal.changes[k]) > UNMOVED * coin.balance
    return found


@kernel
def move_to_market(ledger, venues, pool, seconds):
    """Exchange what separates the pool from the outside prices with the outside world."""
    if not _find_changes(ledger, venues, pool, seconds):
        return
    basket = venues.baskets[pool.state]
    changes = ledger.journal.changes
    code = status.OK
    for k in range(basket.n_coins):
        coin = venues.coins[basket.first_coin + k]
        outside = venues.exchanges[coin.asset].account
        if code == status.OK and changes[k] >= 0.0:
            code = transfer(ledger, coin.token, outside, pool.account, changes[k], causes.REPRICING)
        elif code == status.OK:
            code = transfer(
                ledger, coin.token, pool.account, outside, -changes[k], causes.REPRICING
            )
    if code != status.OK:
        walk_back(ledger.journal, ledger.memory)  # the outside world has run out of one of them
        return
    for k in range(basket.n_coins):
        coin = venues.coins[basket.first_coin + k]
        exchange = venues.exchanges[coin.asset]
        coin.balance = coin.balance + changes[k]
        exchange.inventory = exchange.inventory - changes[k]
