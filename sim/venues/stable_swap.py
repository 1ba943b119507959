"""StableSwap pools: what one transaction does to them, and ``apply`` that picks the verb.

The fee of an exchange is taken from what is bought, that of an uneven deposit or withdrawal from every coin
by how far it shifts; the protocol's part of both leaves the pool's books.
"""

from __future__ import annotations

from sim import status
from sim.compile import boundary, kernel
from sim.formulas import stable_swap as curve
from sim.journal import has_room, remember
from sim.ledger import balance
from sim.transaction import ADD_LIQUIDITY, REMOVE_AMOUNTS, REMOVE_LIQUIDITY, SWAP
from sim.venues.basket import (
    COIN_BOOKS,
    N_COIN_BOOKS,
    ask,
    coin_of,
    exchange,
    other_coin,
    remember_all,
    remove_in_proportion,
    settle,
)

LEAST_RAMP_SECONDS = 86_400.0
MOST_RAMP_FACTOR = 10.0
MOST_AMPLIFICATION = 1e6


@kernel
def ann_now(basket, seconds):
    """``A n`` of this moment."""
    return basket.n_coins * curve.amplification_at(
        basket.initial_amplification, basket.future_amplification,
        basket.initial_seconds, basket.future_seconds, seconds,
    )  # fmt: skip


@kernel
def invariant_now(levels, basket, coins, ann):
    """Lay out the levels of the coins and return D: 0 where a coin is gone, ``NOT_FOUND`` as Newton says."""
    for k in range(basket.n_coins):
        coin = coins[basket.first_coin + k]
        levels[k] = coin.balance * coin.rate
        if not levels[k] > 0.0:
            return 0.0
    return curve.invariant_of(levels, basket.n_coins, ann)


@kernel
def swap(ledger, pool, basket, coins, tx, amount, seconds, receipt):
    """Sell exactly ``amount`` of one coin for another; revert if less than ``limit`` comes out."""
    i = coin_of(coins, basket, tx.token_in)
    j = other_coin(coins, basket, i, tx.token_out)
    if not amount > 0.0 or i < 0 or j < 0 or i == j:
        return status.BAD_AMOUNT
    if not has_room(ledger.journal, 2 * N_COIN_BOOKS, 2):
        return status.JOURNAL_FULL
    levels = ledger.journal.levels
    ann = ann_now(basket, seconds)
    invariant = invariant_now(levels, basket, coins, ann)
    if invariant <= 0.0:
        return status.NO_LIQUIDITY if invariant == 0.0 else status.NOT_CONVERGED
    coin_in = coins[i]
    coin_out = coins[j]
    pull = curve.product_term(levels, basket.n_coins, invariant) / ann
    level_in = levels[i - basket.first_coin]
    level_out = levels[j - basket.first_coin]
    sold = amount * coin_in.rate
    taken = curve.level_out(level_in, level_out, pull, sold)
    fee = pool.fee_fraction * taken
    bought = (taken - fee) / coin_out.rate
    if bought < tx.limit:
        return status.SLIPPAGE
    move = curve.log_move(level_in, level_out, pull, sold, taken)
    receipt.impact = -move if i < j else move
    remember(ledger.journal, ledger.memory, coin_in.address + COIN_BOOKS, N_COIN_BOOKS)
    remember(ledger.journal, ledger.memory, coin_out.address + COIN_BOOKS, N_COIN_BOOKS)
    fee = fee * basket.protocol_fee_fraction / coin_out.rate
    return exchange(ledger, pool, coin_in, coin_out, tx, amount, bought, fee, receipt)


@kernel
def change_liquidity(ledger, pool, basket, coins, tx, seconds, receipt):
    """Mint shares for what was asked to come in, or burn those for what was asked to go out.

    ``limit`` is the least of shares minted, or the most burned.
    """
    journal = ledger.journal
    changes = journal.changes
    n = basket.n_coins
    levels = ledger.journal.levels
    ann = ann_now(basket, seconds)
    invariant = invariant_now(levels, basket, coins, ann)
    if invariant <= 0.0:
        return status.NO_LIQUIDITY if invariant == 0.0 else status.NOT_CONVERGED
    for k in range(n):
        changes[k] = journal.asked[k] * coins[basket.first_coin + k].rate
        if not levels[k] + changes[k] > 0.0:
            return status.NO_LIQUIDITY
    term = curve.product_term(levels, n, invariant)
    grown = curve.growth(levels, changes, n, ann, invariant, term)
    if grown == curve.NOT_FOUND:
        return status.NOT_CONVERGED
    fee_fraction = curve.imbalance_fee(pool.fee_fraction, n)
    for k in range(n):
        fee = fee_fraction * abs(grown * levels[k] - changes[k])
        changes[k] = changes[k] - fee
        journal.fees[k] = fee * basket.protocol_fee_fraction / coins[basket.first_coin + k].rate
        if not levels[k] + changes[k] > 0.0:
            return status.NO_LIQUIDITY
    grown = curve.growth(levels, changes, n, ann, invariant, term)
    if grown == curve.NOT_FOUND:
        return status.NOT_CONVERGED
    shares = pool.lp_supply * grown
    is_deposit = tx.kind == ADD_LIQUIDITY
    if is_deposit and (shares < tx.limit or not shares > 0.0):
        return status.SLIPPAGE
    if not is_deposit and -shares > tx.limit:
        return status.SLIPPAGE
    receipt.token = coins[basket.first_coin].token if is_deposit else pool.lp_token
    receipt.amount_in = journal.asked[0] if is_deposit else -shares
    receipt.amount_out = shares if is_deposit else -journal.asked[0]
    return settle(ledger, pool, basket, coins, tx.sender, shares)


@kernel
def remove_one(ledger, pool, basket, coins, tx, amount, seconds, receipt):
    """Burn ``amount`` LP shares for ``token_out`` alone; ``limit`` is the least of it."""
    journal = ledger.journal
    i = coin_of(coins, basket, tx.token_out)
    shares = min(amount, balance(ledger, pool.lp_token, tx.sender))
    if not shares > 0.0 or i < 0:
        return status.BAD_AMOUNT
    if shares >= pool.lp_supply:
        return status.NO_LIQUIDITY
    levels = ledger.journal.levels
    ann = ann_now(basket, seconds)
    invariant = invariant_now(levels, basket, coins, ann)
    if invariant <= 0.0:
        return status.NO_LIQUIDITY if invariant == 0.0 else status.NOT_CONVERGED
    one = i - basket.first_coin
    n = basket.n_coins
    total = 0.0
    for k in range(n):
        total += levels[k]
        journal.asked[k] = 0.0
        journal.fees[k] = 0.0
    pull = curve.product_term(levels, n, invariant) / ann
    fee_fraction = curve.imbalance_fee(pool.fee_fraction, n)
    free, taken = curve.level_out_of_one(
        levels[one], total, pull, invariant, ann, n, shares / pool.lp_supply, fee_fraction
    )
    journal.asked[one] = -taken / coins[i].rate
    journal.fees[one] = (free - taken) * basket.protocol_fee_fraction / coins[i].rate
    receipt.token = pool.lp_token
    receipt.amount_in = shares
    receipt.amount_out = -journal.asked[one]
    if receipt.amount_out < tx.limit:
        return status.SLIPPAGE
    if receipt.amount_out + journal.fees[one] >= coins[i].balance:
        return status.NO_LIQUIDITY
    return settle(ledger, pool, basket, coins, tx.sender, -shares)


@boundary(int)
def apply(ledger, pools, baskets, coins, tx, amount, seconds, receipt):
    """Remember what the transaction will write, then do what it asks."""
    pool = pools[tx.row]
    basket = baskets[pool.state]
    receipt.venue = pool.account
    if tx.kind == SWAP:
        return swap(ledger, pool, basket, coins, tx, amount, seconds, receipt)
    if not remember_all(ledger, pool, basket, coins):
        return status.JOURNAL_FULL
    if pool.lp_supply <= 0.0:
        return status.NO_LIQUIDITY
    if tx.kind == REMOVE_LIQUIDITY and tx.token_out < 0:
        return remove_in_proportion(ledger, pool, basket, coins, tx, amount, receipt)
    if tx.kind == REMOVE_LIQUIDITY:
        return remove_one(ledger, pool, basket, coins, tx, amount, seconds, receipt)
    if tx.kind != ADD_LIQUIDITY and tx.kind != REMOVE_AMOUNTS:
        return status.NOTHING_TO_DO
    if not ask(
        ledger.journal, basket.n_coins, tx, amount, 1.0 if tx.kind == ADD_LIQUIDITY else -1.0
    ):
        return status.BAD_AMOUNT
    return change_liquidity(ledger, pool, basket, coins, tx, seconds, receipt)


def ramp(basket, future, end_seconds, seconds):
    """Start to move A towards ``future``, within the contract's bounds; a status."""
    is_slow = end_seconds >= seconds + LEAST_RAMP_SECONDS
    is_first = seconds >= basket.initial_seconds + LEAST_RAMP_SECONDS
    if not (is_slow and is_first):
        return status.TOO_SOON
    now = ann_now(basket, seconds) / basket.n_coins
    if not now / MOST_RAMP_FACTOR <= future <= now * MOST_RAMP_FACTOR:
        return status.BAD_AMOUNT
    if not 0.0 < future < MOST_AMPLIFICATION:
        return status.BAD_AMOUNT
    basket.initial_amplification, basket.initial_seconds = now, seconds
    basket.future_amplification, basket.future_seconds = future, end_seconds
    return status.OK
