"""Collateralised debt positions: a stablecoin issued to whoever borrows it, and retired when it is repaid.

One row of CDP is one kind of collateral, with a reserve of the collateral (never lent: its index stays one,
and its threshold is one over the liquidation ratio) and a reserve of the coin, whose borrow index carries
the stability fee. There is no lender: the protocol itself stands behind the coin, and whatever its auctions
do not cover is a deficit of its own. Whose position is not safe is not repaid but put up for auction.
Sources: Maker's contracts (dss) Vat and Jug for the debt, Dog (2021) and Cat (2019) for its liquidation.
"""

from __future__ import annotations

import math

from sim import causes, status
from sim.compile import boundary, formula, kernel
from sim.formulas.auctions import barked_debt
from sim.formulas.liquidation import health_factor
from sim.journal import has_room, remember
from sim.ledger import balance, burn, mint, transfer
from sim.transaction import BID, BORROW, DEAL, LIQUIDATE, REDO, REPAY, SUPPLY, TAKE, WITHDRAW
from sim.venues import auctions as house
from sim.venues.auctions import AUCTION_WORDS, CDP_WORDS, ENGLISH, FREE, NOBODY, oracle_price
from sim.venues.lending import RESERVE_WORDS, accrue
from sim.venues.lending_claims import LAST_BITS, burn_claim, mint_claim


@formula
def _is_dust(cdp, debt, positions):
    """Whether a debt is too small to be worth an auction."""
    return 0.0 < debt < cdp.dust * positions


@formula
def health_of(ledger, collateral, debt, price, account):
    """Collateral at the oracle's price and the threshold, over the debt with its fee."""
    held = balance(ledger, collateral.receipt_token, account)
    owed = balance(ledger, debt.debt_token, account) * debt.borrow_index
    return health_factor(held * price * collateral.threshold_fraction, owed)


@kernel
def lock(ledger, collateral, tx, amount, receipt):
    """Deposit collateral: a receipt for each token."""
    if not amount > 0.0:
        return status.BAD_AMOUNT
    if collateral.scaled_supply + amount > collateral.supply_cap:
        return status.CAP_EXCEEDED
    cause = causes.SUPPLY
    code = transfer(ledger, collateral.token, tx.sender, collateral.account, amount, cause)
    if code != status.OK:
        return code
    code = mint_claim(ledger, collateral, collateral.receipt_token, tx.sender, amount, cause)
    if code != status.OK:
        return code
    collateral.cash = collateral.cash + amount
    receipt.amount_in = amount
    receipt.amount_out = amount
    return status.OK


@kernel
def free(ledger, collateral, debt, tx, amount, price, receipt):
    """Take collateral out again, as far as the debt allows."""
    held = balance(ledger, collateral.receipt_token, tx.sender)
    paid = held if amount >= held * (1.0 - LAST_BITS) else amount
    if not paid > 0.0:
        return status.BAD_AMOUNT
    cause = causes.WITHDRAW
    code = burn_claim(ledger, collateral, collateral.receipt_token, tx.sender, paid, cause)
    if code != status.OK:
        return code
    paid = house.there_for(ledger, collateral, paid)
    code = transfer(ledger, collateral.token, collateral.account, tx.sender, paid, cause)
    if code != status.OK:
        return code
    collateral.cash = max(collateral.cash - paid, 0.0)
    if health_of(ledger, collateral, debt, price, tx.sender) < 1.0:
        return status.HEALTH_TOO_LOW
    receipt.amount_in = paid
    receipt.amount_out = paid
    return status.OK


@kernel
def borrow(ledger, cdp, collateral, debt, tx, amount, price, receipt):
    """Issue ``amount`` of the coin to the borrower, as long as his collateral and the debt limit allow."""
    if not amount > 0.0:
        return status.BAD_AMOUNT
    if debt.scaled_debt * debt.borrow_index + amount > debt.borrow_cap:
        return status.CAP_EXCEEDED
    scaled = amount / debt.borrow_index
    code = mint_claim(ledger, debt, debt.debt_token, tx.sender, scaled, causes.BORROW)
    if code != status.OK:
        return code
    code = mint(ledger, debt.token, tx.sender, amount, causes.ISSUE)
    if code != status.OK:
        return code
    debt.issued = debt.issued + amount
    if health_of(ledger, collateral, debt, price, tx.sender) < 1.0:
        return status.HEALTH_TOO_LOW
    owed = balance(ledger, debt.debt_token, tx.sender) * debt.borrow_index
    if _is_dust(cdp, owed, tx.positions):
        return status.WOULD_LEAVE_DUST
    receipt.amount_in = scaled
    receipt.amount_out = amount
    return status.OK


@kernel
def repay(ledger, cdp, reserve, tx, amount, receipt):
    """Retire up to ``amount`` of the coin; what is still owed is nothing, or worth an auction."""
    owed_scaled = balance(ledger, reserve.debt_token, tx.sender)
    owed = owed_scaled * reserve.borrow_index
    is_all = amount >= owed * (1.0 - LAST_BITS)
    scaled = owed_scaled if is_all else min(amount / reserve.borrow_index, owed_scaled)
    paid = min(amount, owed)
    if not paid > 0.0:
        return status.BAD_AMOUNT
    if _is_dust(cdp, (owed_scaled - scaled) * reserve.borrow_index, tx.positions):
        return status.WOULD_LEAVE_DUST
    code = burn(ledger, reserve.token, tx.sender, paid, causes.RETIRE)
    if code != status.OK:
        return code
    code = burn_claim(ledger, reserve, reserve.debt_token, tx.sender, scaled, causes.REPAY)
    if code != status.OK:
        return code
    reserve.issued = reserve.issued - paid
    receipt.amount_in = paid
    receipt.amount_out = scaled
    return status.OK


@formula
def _free_row(cdp, auctions):
    """A row for a new auction, or -1."""
    for k in range(cdp.n_auctions):
        row = cdp.first_auction + (cdp.next_auction + k) % cdp.n_auctions
        if auctions[row].kind == FREE:
            return row
    return -1


@kernel
def bark(
    ledger, cdp, cdp_row, auctions, collateral, debt, tx, price, coin_usd, now_seconds, receipt
):
    """Put a position that is not safe up for auction: all of it, or as much as one auction may hold.

    English auctions hold ``lump`` of collateral and the debt that belongs to it, Dutch ones what fits
    under the ``hole`` for all auctions together. The debt and its penalty are the ``tab``.
    """
    borrower = tx.counterparty
    scaled = balance(ledger, debt.debt_token, borrower)
    held = balance(ledger, collateral.receipt_token, borrower)
    owed = scaled * debt.borrow_index
    health = health_of(ledger, collateral, debt, price, borrower)
    receipt.health_before = health
    if health >= 1.0:
        return status.NOT_LIQUIDATABLE
    if cdp.auction_kind == ENGLISH:
        lot = min(held, cdp.lump * tx.positions)
        part = lot / held if held > 0.0 else 0.0
    else:
        room = cdp.hole - cdp.dirt
        taken = barked_debt(owed, room, cdp.chop_fraction, cdp.dust * tx.positions)
        part = taken / owed
        lot = held * part
    row = _free_row(cdp, auctions)
    if row < 0 or (part <= 0.0 and held > 0.0):
        return status.AUCTION_LIMIT
    if not lot > 0.0:
        return status.BAD_AMOUNT
    seized_scaled = min(scaled * part, scaled)
    cause = causes.LIQUIDATION
    code = burn_claim(ledger, debt, debt.debt_token, borrower, seized_scaled, cause)
    if code != status.OK:
        return code
    code = burn_claim(ledger, collateral, collateral.receipt_token, borrower, lot, cause)
    if code != status.OK:
        return code
    due = seized_scaled * debt.borrow_index
    tab = due * (1.0 + cdp.chop_fraction)
    auction = auctions[row]
    remember(ledger.journal, ledger.memory, auction.address, AUCTION_WORDS)
    auction.kind = cdp.auction_kind
    auction.cdp = cdp_row
    auction.number = cdp.kicks
    auction.owner = borrower
    auction.bidder = NOBODY
    auction.positions = tx.positions
    auction.lot = lot
    auction.tab = tab
    auction.due = due
    auction.bid = 0.0
    auction.top = cdp.buf_multiple * price
    auction.started_seconds = now_seconds
    auction.expires_seconds = 0.0
    auction.ends_seconds = now_seconds + cdp.tau_seconds
    cdp.next_auction = (row - cdp.first_auction + 1) % cdp.n_auctions
    cdp.n_active = cdp.n_active + 1
    cdp.kicks = cdp.kicks + 1
    cdp.dirt = cdp.dirt + tab
    receipt.amount_in = lot
    receipt.usd = due * coin_usd
    return house.reward(ledger, cdp, debt, tx.sender, tab, tx.positions)


@kernel
def _say_why(tx, feed, health):
    """Caused by the cascade if the borrower would be safe at the oracle price without any impact in it."""
    tx.trigger_slot = int(feed.observed_slot)
    tx.trigger_price_usd = feed.price_usd
    tx.trigger_impact = feed.impact
    tx.is_endogenous = 1 if health * math.exp(-feed.impact) >= 1.0 else 0


@boundary(int)
def apply(ledger, venues, tx, amount, now_seconds, receipt):
    """Remember and accrue what the transaction touches, then do what it asks."""
    auctions, reserves, feeds = venues.auctions, venues.reserves, venues.feeds
    kind = tx.kind
    is_auction = kind >= TAKE
    if is_auction:
        if not 0 <= tx.row < auctions.shape[0] or auctions[tx.row].kind == FREE:
            return status.NO_AUCTION
        cdp_row = auctions[tx.row].cdp
    else:
        cdp_row = venues.markets[reserves[tx.row].market].state
    cdp = venues.cdps[cdp_row]
    collateral = reserves[cdp.collateral_reserve]
    debt = reserves[cdp.debt_reserve]
    if not has_room(ledger.journal, 2 * RESERVE_WORDS + CDP_WORDS + AUCTION_WORDS, 0):
        return status.JOURNAL_FULL
    remember(ledger.journal, ledger.memory, collateral.address, RESERVE_WORDS)
    remember(ledger.journal, ledger.memory, debt.address, RESERVE_WORDS)
    remember(ledger.journal, ledger.memory, cdp.address, CDP_WORDS)
    accrue(collateral, now_seconds)
    accrue(debt, now_seconds)
    coin_usd = feeds[debt.feed].price_usd
    price = oracle_price(cdp, reserves, feeds)
    receipt.venue = collateral.account
    receipt.oracle_price_usd = feeds[collateral.feed].price_usd
    if is_auction:
        auction = auctions[tx.row]
        remember(ledger.journal, ledger.memory, auction.address, AUCTION_WORDS)
        receipt.token = collateral.token
        if kind == TAKE:
            tx.counterparty = auction.owner
            code = house.take(
                ledger, cdp, auction, collateral, debt, tx, amount, now_seconds, receipt, coin_usd
            )
        elif kind == BID:
            code = house.bid(
                ledger, cdp, auction, collateral, debt, tx, amount, now_seconds, receipt
            )
        elif kind == DEAL:
            code = house.deal(
                ledger, cdp, auction, collateral, debt, tx, now_seconds, receipt, coin_usd
            )
        elif kind == REDO:
            code = house.redo(ledger, cdp, auction, debt, tx, price, now_seconds, receipt)
        else:
            code = status.NOTHING_TO_DO
        receipt.usd = receipt.amount_in * coin_usd
        return code
    if kind == LIQUIDATE:
        receipt.token = collateral.token
        code = bark(
            ledger, cdp, cdp_row, auctions, collateral, debt, tx, price, coin_usd, now_seconds, receipt
        )  # fmt: skip
        _say_why(tx, feeds[collateral.feed], receipt.health_before)
        return code
    if tx.row == cdp.collateral_reserve:
        receipt.token = collateral.token
        if kind == SUPPLY:
            return lock(ledger, collateral, tx, amount, receipt)
        if kind == WITHDRAW:
            return free(ledger, collateral, debt, tx, amount, price, receipt)
    else:
        receipt.token = debt.token
        if kind == BORROW:
            return borrow(ledger, cdp, collateral, debt, tx, amount, price, receipt)
        if kind == REPAY:
            return repay(ledger, cdp, debt, tx, amount, receipt)
    return status.NOTHING_TO_DO
