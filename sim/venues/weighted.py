"""Weighted pools: what one transaction does to them, and ``apply`` that picks the verb.

The protocol's part of the swap fees is paid in new LP shares, minted to the pool's own account, before each
deposit and withdrawal: for that the growth of the log invariant is added up swap by swap.
"""

from __future__ import annotations

import math

from sim import causes, status
from sim.compile import boundary, kernel
from sim.formulas import weighted as curve
from sim.formulas.protocol_fee import log_growth_of_swap, protocol_shares
from sim.journal import has_room, remember
from sim.ledger import balance, mint
from sim.transaction import (
    ADD_LIQUIDITY,
    MINT_SHARES,
    REMOVE_AMOUNTS,
    REMOVE_LIQUIDITY,
    SWAP,
    SWAP_EXACT_OUT,
)
from sim.venues.basket import (
    COIN_BOOKS,
    GROWTH,
    N_COIN_BOOKS,
    ask,
    coin_of,
    exchange,
    other_coin,
    remember_all,
    remove_in_proportion,
    settle,
)


@kernel
def swap(ledger, pool, basket, coins, tx, amount, receipt):
    """Sell exactly ``amount`` or buy it; ``limit`` is the least received, or the most paid."""
    i = coin_of(coins, basket, tx.token_in)
    j = other_coin(coins, basket, i, tx.token_out)
    if not amount > 0.0 or i < 0 or j < 0 or i == j:
        return status.BAD_AMOUNT
    if not has_room(ledger.journal, 1 + 2 * N_COIN_BOOKS, 2):
        return status.JOURNAL_FULL
    coin_in = coins[i]
    coin_out = coins[j]
    if coin_in.balance <= 0.0 or coin_out.balance <= 0.0:
        return status.NO_LIQUIDITY
    if tx.kind == SWAP:
        sold = amount
        fee = sold * pool.fee_fraction
        traded = sold * (1.0 - pool.fee_fraction)
        if traded > curve.MOST_IN * coin_in.balance:
            return status.TOO_LARGE
        bought = curve.amount_out(
            traded, coin_in.balance, coin_in.weight, coin_out.balance, coin_out.weight
        )
        if bought < tx.limit:
            return status.SLIPPAGE
    else:
        bought = amount
        if bought > curve.MOST_OUT * coin_out.balance:
            return status.TOO_LARGE
        traded = curve.amount_in(
            bought, coin_in.balance, coin_in.weight, coin_out.balance, coin_out.weight
        )
        sold = traded / (1.0 - pool.fee_fraction)
        fee = sold * pool.fee_fraction
        if sold > tx.limit:
            return status.SLIPPAGE
    remember(ledger.journal, ledger.memory, coin_in.address + COIN_BOOKS, N_COIN_BOOKS)
    remember(ledger.journal, ledger.memory, coin_out.address + COIN_BOOKS, N_COIN_BOOKS)
    if basket.protocol_fee_fraction > 0.0:
        remember(ledger.journal, ledger.memory, basket.address + GROWTH, 1)
        basket.log_growth = basket.log_growth + log_growth_of_swap(
            sold, fee, coin_in.balance, coin_in.weight
        )
    move = curve.log_move(sold, bought, coin_in.balance, coin_out.balance)
    receipt.impact = -move if i < j else move
    return exchange(ledger, pool, coin_in, coin_out, tx, sold, bought, 0.0, receipt)


@kernel
def pay_protocol(ledger, pool, basket):
    """Mint what the protocol is owed of the fees since the last time."""
    shares = protocol_shares(pool.lp_supply, basket.protocol_fee_fraction, basket.log_growth)
    basket.log_growth = 0.0
    if not shares > 0.0:
        return status.OK
    pool.lp_supply = pool.lp_supply + shares
    return mint(ledger, pool.lp_token, pool.account, shares, causes.LIQUIDITY)


@kernel
def change_liquidity(ledger, pool, basket, coins, tx, receipt):
    """Mint shares for what was asked to come in, or burn those for what was asked to go out.

    ``limit`` is the least of shares minted, or the most burned.
    """
    first = basket.first_coin
    n = basket.n_coins
    journal = ledger.journal
    for k in range(n):
        journal.fees[k] = 0.0
    if tx.kind == ADD_LIQUIDITY:
        shares = pool.lp_supply * math.expm1(
            curve.deposit_log_growth(coins, first, n, journal.asked, pool.fee_fraction)
        )
        if shares < tx.limit or not shares > 0.0:
            return status.SLIPPAGE
        receipt.token = coins[first].token
        receipt.amount_in = journal.asked[0]
        receipt.amount_out = shares
        return settle(ledger, pool, basket, coins, tx.sender, shares)
    shares = -pool.lp_supply * math.expm1(
        curve.withdrawal_log_growth(coins, first, n, journal.asked, pool.fee_fraction)
    )
    if shares >= pool.lp_supply:
        return status.NO_LIQUIDITY
    if shares > tx.limit:
        return status.SLIPPAGE
    receipt.token = pool.lp_token
    receipt.amount_in = shares
    receipt.amount_out = -journal.asked[0]
    return settle(ledger, pool, basket, coins, tx.sender, -shares)


@kernel
def remove_one(ledger, pool, basket, coins, tx, amount, receipt):
    """Burn ``amount`` LP shares for ``token_out`` alone; ``limit`` is the least of it."""
    i = coin_of(coins, basket, tx.token_out)
    shares = min(amount, balance(ledger, pool.lp_token, tx.sender))
    if not shares > 0.0 or i < 0:
        return status.BAD_AMOUNT
    share = shares / pool.lp_supply
    if share > 1.0 - curve.LEAST_LEFT:
        return status.TOO_LARGE
    for k in range(basket.n_coins):
        ledger.journal.asked[k] = 0.0
        ledger.journal.fees[k] = 0.0
    bought = curve.one_out_for_shares(coins[i].balance, coins[i].weight, share, pool.fee_fraction)
    if bought < tx.limit:
        return status.SLIPPAGE
    ledger.journal.asked[i - basket.first_coin] = -bought
    receipt.token = pool.lp_token
    receipt.amount_in = shares
    receipt.amount_out = bought
    return settle(ledger, pool, basket, coins, tx.sender, -shares)


@kernel
def mint_shares(ledger, pool, basket, coins, tx, amount, receipt):
    """Mint exactly ``amount`` shares for ``token_in``, or for a part of every coin where none is named.

    ``limit`` is the most paid of that coin, or of the first.
    """
    if not amount > 0.0:
        return status.BAD_AMOUNT
    share = amount / pool.lp_supply
    paying = basket.first_coin if tx.token_in < 0 else coin_of(coins, basket, tx.token_in)
    if paying < 0:
        return status.BAD_AMOUNT
    for k in range(basket.n_coins):
        held = coins[basket.first_coin + k].balance
        ledger.journal.asked[k] = share * held if tx.token_in < 0 else 0.0
        ledger.journal.fees[k] = 0.0
    if tx.token_in >= 0:
        if share > curve.MOST_GROWTH - 1.0:
            return status.TOO_LARGE
        ledger.journal.asked[paying - basket.first_coin] = curve.one_in_for_shares(
            coins[paying].balance, coins[paying].weight, share, pool.fee_fraction
        )
    receipt.token = coins[paying].token
    receipt.amount_in = ledger.journal.asked[paying - basket.first_coin]
    receipt.amount_out = amount
    if receipt.amount_in > tx.limit:
        return status.SLIPPAGE
    return settle(ledger, pool, basket, coins, tx.sender, amount)


@boundary(int)
def apply(ledger, pools, baskets, coins, tx, amount, receipt):
    """Remember what the transaction will write, then do what it asks."""
    pool = pools[tx.row]
    basket = baskets[pool.state]
    receipt.venue = pool.account
    if tx.kind == SWAP or tx.kind == SWAP_EXACT_OUT:
        return swap(ledger, pool, basket, coins, tx, amount, receipt)
    if not remember_all(ledger, pool, basket, coins):
        return status.JOURNAL_FULL
    if pool.lp_supply <= 0.0:
        return status.NO_LIQUIDITY
    if basket.protocol_fee_fraction > 0.0:
        code = pay_protocol(ledger, pool, basket)
        if code != status.OK:
            return code
    if tx.kind == REMOVE_LIQUIDITY and tx.token_out < 0:
        return remove_in_proportion(ledger, pool, basket, coins, tx, amount, receipt)
    if tx.kind == REMOVE_LIQUIDITY:
        return remove_one(ledger, pool, basket, coins, tx, amount, receipt)
    if tx.kind == MINT_SHARES:
        return mint_shares(ledger, pool, basket, coins, tx, amount, receipt)
    if tx.kind != ADD_LIQUIDITY and tx.kind != REMOVE_AMOUNTS:
        return status.NOTHING_TO_DO
    if not ask(
        ledger.journal, basket.n_coins, tx, amount, 1.0 if tx.kind == ADD_LIQUIDITY else -1.0
    ):
        return status.BAD_AMOUNT
    return change_liquidity(ledger, pool, basket, coins, tx, receipt)
