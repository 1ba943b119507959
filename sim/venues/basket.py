"""What pools of several coins have in common: their tables, who brings what, and leaving in proportion.

A pool of n coins is a row of POOL (its account, fee and LP shares), a row of BASKET (what its kind needs
beyond that) and n rows of COIN that stand together. The protocol's part of the fees stays in the pool's
account beside its books, as in the contract, and earns nothing there.
"""

from __future__ import annotations

from sim import causes, status
from sim.compile import kernel
from sim.journal import has_room, remember
from sim.ledger import LARGEST, balance, burn, mint, transfer
from sim.records import place_of, record
from sim.venues.constant_product import BOOKS, N_BOOKS

COIN = record("balance protocol_fee price_seconds rate weight", "pool token asset")
COIN_BOOKS = place_of(COIN, "balance")
N_COIN_BOOKS = 2  # balance and protocol_fee

# A StableSwap pool has an amplification that moves in time; a weighted pool owes the protocol its part of
# what the log invariant has grown by since the last deposit or withdrawal.
BASKET = record(
    "initial_amplification future_amplification initial_seconds future_seconds "
    "protocol_fee_fraction log_growth",
    "pool first_coin n_coins",
)
GROWTH = place_of(BASKET, "log_growth")


@kernel
def coin_of(coins, basket, token):
    """The row of a token among the coins of a pool, or -1."""
    for k in range(basket.first_coin, basket.first_coin + basket.n_coins):
        if coins[k].token == token:
            return k
    return -1


@kernel
def other_coin(coins, basket, coin, token):
    """The row of the token on the other side; where none is named, the first that is not ``coin``."""
    if token >= 0:
        return coin_of(coins, basket, token)
    return basket.first_coin + 1 if coin == basket.first_coin else basket.first_coin


@kernel
def remember_all(ledger, pool, basket, coins):
    """Keep all books of a pool; False if the journal has no room for them and the transfers."""
    n = basket.n_coins
    if not has_room(ledger.journal, N_BOOKS + 1 + N_COIN_BOOKS * n, n + 2):
        return False
    remember(ledger.journal, ledger.memory, pool.address + BOOKS, N_BOOKS)
    remember(ledger.journal, ledger.memory, basket.address + GROWTH, 1)
    for k in range(basket.first_coin, basket.first_coin + n):
        remember(ledger.journal, ledger.memory, coins[k].address + COIN_BOOKS, N_COIN_BOOKS)
    return True


@kernel
def ask(journal, n, tx, amount, sign):
    """Write down what is brought (``sign`` 1) or wanted (-1) of each coin; False if that is no amount."""
    total = 0.0
    for number in range(n):
        asked = amount
        if number == 1:
            asked = tx.amount1
        elif number == 2:
            asked = tx.amount2
        elif number == 3:
            asked = tx.amount3
        elif number == 4:
            asked = tx.amount4
        elif number == 5:
            asked = tx.amount5
        elif number == 6:
            asked = tx.amount6
        elif number == 7:
            asked = tx.amount7
        if not 0.0 <= asked <= LARGEST:
            return False
        journal.asked[number] = sign * asked
        total += asked
    return 0.0 < total <= LARGEST


@kernel
def settle(ledger, pool, basket, coins, sender, shares):
    """Move what was asked for and the shares against it (negative: burned), and write the pool's books."""
    journal = ledger.journal
    for k in range(basket.n_coins):
        coin = coins[basket.first_coin + k]
        asked = journal.asked[k]
        if asked > 0.0:
            code = transfer(ledger, coin.token, sender, pool.account, asked, causes.LIQUIDITY)
            if code != status.OK:
                return code
        elif asked < 0.0:
            code = transfer(ledger, coin.token, pool.account, sender, -asked, causes.LIQUIDITY)
            if code != status.OK:
                return code
        coin.balance = coin.balance + (asked - journal.fees[k])
        coin.protocol_fee = coin.protocol_fee + journal.fees[k]
    pool.lp_supply = pool.lp_supply + shares
    if shares >= 0.0:
        return mint(ledger, pool.lp_token, sender, shares, causes.LIQUIDITY)
    return burn(ledger, pool.lp_token, sender, -shares, causes.LIQUIDITY)


@kernel
def exchange(ledger, pool, coin_in, coin_out, tx, sold, bought, fee, receipt):
    """Move both sides of a swap and write the books; ``fee`` of the coin bought is the protocol's."""
    if bought + fee >= coin_out.balance:
        return status.NO_LIQUIDITY
    code = transfer(ledger, coin_in.token, tx.sender, pool.account, sold, causes.SWAP)
    if code != status.OK:
        return code
    code = transfer(ledger, coin_out.token, pool.account, tx.sender, bought, causes.SWAP)
    if code != status.OK:
        return code
    coin_in.balance = coin_in.balance + sold
    coin_out.balance = coin_out.balance - (bought + fee)
    coin_out.protocol_fee = coin_out.protocol_fee + fee
    receipt.token = coin_in.token
    receipt.amount_in = sold
    receipt.amount_out = bought
    return status.OK


@kernel
def remove_in_proportion(ledger, pool, basket, coins, tx, amount, receipt):
    """Burn ``amount`` LP shares for their part of every coin; ``limit`` is the least of the first."""
    shares = min(amount, balance(ledger, pool.lp_token, tx.sender))
    if not shares > 0.0:
        return status.BAD_AMOUNT
    for k in range(basket.n_coins):
        held = coins[basket.first_coin + k].balance
        ledger.journal.asked[k] = -min(held * shares / pool.lp_supply, held)
        ledger.journal.fees[k] = 0.0
    receipt.token = pool.lp_token
    receipt.amount_in = shares
    receipt.amount_out = -ledger.journal.asked[0]
    if receipt.amount_out < tx.limit:
        return status.SLIPPAGE
    return settle(ledger, pool, basket, coins, tx.sender, -shares)
