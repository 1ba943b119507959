"""The pool side of a market of soft liquidation: anybody trades with its bands, arbitrageurs above all.

``token0`` is the collateral, ``token1`` the coin; the reserves are what all bands hold. The price follows the
oracle's, so it is asked at every trade; a trade keeps the price it went by, against which the next one is
limited.
Source: contract AMM of curve-stablecoin, exchange and exchange_dy.
"""

from __future__ import annotations

import math

from sim import causes, status
from sim.compile import boundary, kernel
from sim.formulas import llamma
from sim.journal import has_room, remember
from sim.ledger import transfer
from sim.transaction import SWAP, SWAP_EXACT_OUT
from sim.venues.band_walk import walk
from sim.venues.bands import NONE, ORACLE, ORACLE_WORDS, edge_of, row_of
from sim.venues.constant_product import BOOKS
from sim.venues.lending import borrow_index_now

N_RESERVES = 2


@kernel
def oracle(venues, m, seconds):
    """The price of collateral in coin that the bands go by now, and the least fee of a trade."""
    market = venues.banded[m]
    collateral_feed = venues.feeds[venues.reserves[market.collateral_reserve].feed]
    coin_feed = venues.feeds[venues.reserves[market.debt_reserve].feed]
    price = collateral_feed.price_usd / coin_feed.price_usd
    return llamma.limited_price(
        price, market.old_price, market.old_fee_fraction, seconds - market.price_seconds
    )


@kernel
def index_now(venues, m, seconds):
    """What a unit of the first debt amounts to: debts and the grid of bands grow by it alike."""
    return borrow_index_now(venues.reserves[venues.banded[m].debt_reserve], seconds)


@kernel
def spot_price(venues, m, seconds):
    """Coin for the next bit of collateral in the active band, before the fee."""
    market = venues.banded[m]
    price, _ = oracle(venues, m, seconds)
    edge = edge_of(market, index_now(venues, m, seconds), market.active)
    row = row_of(market, market.active)
    x = venues.bands[row].coin if row != NONE else 0.0
    y = venues.bands[row].collateral if row != NONE else 0.0
    return llamma.price_in_band(x, y, price, edge, market.amplification)


@kernel
def trade(ledger, venues, p, seconds, is_up, is_exact_in, amount, stop, is_kept):
    """A trade at the oracle price of now: status, what is paid, what is received, the band it ends in."""
    pool = venues.pools[p]
    price, least_fee = oracle(venues, pool.state, seconds)
    index = index_now(venues, pool.state, seconds)
    return walk(
        ledger, venues, pool.state, is_up, is_exact_in, amount,
        max(pool.fee_fraction, least_fee), price, index, stop, is_kept,
    )  # fmt: skip


@boundary(int)
def apply(ledger, venues, tx, amount, seconds, receipt):
    """Sell or buy exactly ``amount``; ``limit`` is the least received, or the most paid (0: any)."""
    pool = venues.pools[tx.row]
    market = venues.banded[pool.state]
    if tx.kind != SWAP and tx.kind != SWAP_EXACT_OUT:
        return status.NOTHING_TO_DO
    if not amount > 0.0:
        return status.BAD_AMOUNT
    if not has_room(ledger.journal, N_RESERVES + ORACLE_WORDS, 0):
        return status.JOURNAL_FULL
    is_up = tx.token_in == pool.token1
    is_exact_in = tx.kind == SWAP
    remember(ledger.journal, ledger.memory, pool.address + BOOKS, N_RESERVES)
    remember(ledger.journal, ledger.memory, market.address + ORACLE, ORACLE_WORDS)
    before = spot_price(venues, pool.state, seconds)
    price, least_fee = oracle(venues, pool.state, seconds)
    code, paid, received, _ = trade(
        ledger, venues, tx.row, seconds, is_up, is_exact_in, amount, 0.0, True
    )
    if code != status.OK:
        return code
    if is_exact_in and received < tx.limit:
        return status.SLIPPAGE
    if not is_exact_in and (received < amount or 0.0 < tx.limit < paid):
        return status.SLIPPAGE
    after = spot_price(venues, pool.state, seconds)
    market.old_price = price
    market.old_fee_fraction = least_fee
    market.price_seconds = seconds
    token_in = pool.token1 if is_up else pool.token0
    token_out = pool.token0 if is_up else pool.token1
    received = min(received, pool.reserve0 if is_up else pool.reserve1)
    code = transfer(ledger, token_in, tx.sender, pool.account, paid, causes.SWAP)
    if code != status.OK:
        return code
    code = transfer(ledger, token_out, pool.account, tx.sender, received, causes.SWAP)
    if code != status.OK:
        return code
    pool.reserve0 = pool.reserve0 + (-received if is_up else paid)
    pool.reserve1 = pool.reserve1 + (paid if is_up else -received)
    receipt.venue = pool.account
    receipt.token = token_in
    receipt.amount_in = paid
    receipt.amount_out = received
    receipt.impact = math.log(after / before)
    return status.OK
