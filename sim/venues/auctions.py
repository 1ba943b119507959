"""Auctions of collateral that was seized from debt positions: their tables, and what a bidder does to one.

Dutch (Maker's Clipper, 2021): the price starts above the oracle's and falls by steps; who takes pays at once,
so that capital is never locked. English (Maker's Flipper, 2019): bids rise until they cover the debt, then
fall in collateral; a bid stands for ``ttl``, and its capital with it. Nothing but a rival keeps a bid
from being almost nothing: on 12 March 2020 about a third of the auctions ended so.
What a bidder pays first cancels the debt that was seized, and what is over is the protocol's surplus; debt
that an auction has not covered when it ends is the protocol's deficit.
"""

from __future__ import annotations

from sim import causes, status
from sim.compile import formula, kernel
from sim.formulas.auctions import (
    dutch_purchase,
    largest_next_lot,
    least_next_bid,
    needs_reset,
    stairstep_price,
)
from sim.ledger import balance, burn, mint, transfer
from sim.records import n_words, record

DUTCH, ENGLISH = 1, 2  # kinds of auction
FREE = 0  # a row without an auction
NOBODY = -1
ROUNDING = 1e-12  # of a sum of many lots

# A kind of collateral and its rules; amounts of coin and of collateral are whole tokens, a position each.
CDP = record(
    "chop_fraction dust debt_limit hole tip chip_fraction "
    "buf_multiple cut_fraction step_seconds tail_seconds cusp_fraction "  # Dutch
    "lump beg_fraction ttl_seconds tau_seconds "  # English
    "dirt",  # coin that all auctions under way want together
    "auction_kind collateral_reserve debt_reserve first_auction n_auctions next_auction n_active kicks",
)
CDP_WORDS = n_words(CDP)

# ``tab`` is the coin wanted: the debt and its penalty; ``due`` what of the debt is not covered yet.
AUCTION = record(
    "lot tab due bid top started_seconds expires_seconds ends_seconds positions",
    "kind cdp owner bidder number",
)
AUCTION_WORDS = n_words(AUCTION)


@formula
def oracle_price(cdp, reserves, feeds):
    """Coin that a unit of collateral is worth, as the protocol believes."""
    collateral_usd = feeds[reserves[cdp.collateral_reserve].feed].price_usd
    return collateral_usd / feeds[reserves[cdp.debt_reserve].feed].price_usd


@formula
def dutch_price(cdp, auction, now_seconds):
    """What a unit of collateral costs in a Dutch auction now."""
    elapsed = now_seconds - auction.started_seconds
    return stairstep_price(auction.top, elapsed, cdp.cut_fraction, cdp.step_seconds)


@formula
def is_stale(cdp, auction, now_seconds):
    """Whether nobody can bid any more before somebody restarts the auction."""
    if auction.kind == ENGLISH:
        return auction.bidder == NOBODY and auction.ends_seconds < now_seconds
    price = dutch_price(cdp, auction, now_seconds)
    elapsed = now_seconds - auction.started_seconds
    return needs_reset(elapsed, cdp.tail_seconds, price, auction.top, cdp.cusp_fraction)


@formula
def is_over(auction, now_seconds):
    """Whether the best bid of an English auction can no longer be beaten."""
    is_late = auction.expires_seconds < now_seconds or auction.ends_seconds < now_seconds
    return auction.bidder != NOBODY and is_late


@formula
def is_open(auction, now_seconds):
    """Whether an English auction takes bids."""
    stands = auction.bidder == NOBODY or auction.expires_seconds > now_seconds
    return stands and auction.ends_seconds > now_seconds


@kernel
def cancel(ledger, reserve, amount):
    """Burn coin of the protocol against debt that nobody owes any more."""
    code = burn(ledger, reserve.token, reserve.account, amount, causes.RETIRE)
    if code == status.OK:
        reserve.cash = reserve.cash - amount
        reserve.issued = reserve.issued - amount
    return code


@kernel
def heal(ledger, reserve):
    """Set the protocol's surplus off against its deficit."""
    amount = min(reserve.cash, reserve.deficit)
    if amount <= 0.0:
        return status.OK
    reserve.deficit = reserve.deficit - amount
    return cancel(ledger, reserve, amount)


@kernel
def collect(ledger, reserve, auction, payer, paid, refunded):
    """Take ``paid`` from a bidder, give the one before him ``refunded`` back, and keep the difference."""
    code = transfer(ledger, reserve.token, payer, reserve.account, paid, causes.LIQUIDATION)
    if code != status.OK:
        return code
    reserve.cash = reserve.cash + paid
    if refunded > 0.0:
        code = transfer(
            ledger, reserve.token, reserve.account, auction.bidder, refunded, causes.LIQUIDATION
        )
        if code != status.OK:
            return code
        reserve.cash = reserve.cash - refunded
    covered = min(paid - refunded, auction.due)
    auction.due = auction.due - covered
    return cancel(ledger, reserve, covered)


@kernel
def reward(ledger, cdp, reserve, keeper, tab, positions):
    """Pay a keeper for starting an auction with coin that nobody has borrowed: the protocol owes it."""
    coin = cdp.tip * positions + cdp.chip_fraction * tab
    if coin <= 0.0:
        return status.OK
    code = mint(ledger, reserve.token, keeper, coin, causes.ISSUE)
    if code != status.OK:
        return code
    reserve.issued = reserve.issued + coin
    reserve.deficit = reserve.deficit + coin
    return heal(ledger, reserve)


@formula
def there_for(ledger, reserve, amount):
    """An amount that the protocol owes, or what is there if that is less by a rounding: of the last one."""
    there = balance(ledger, reserve.token, reserve.account)
    return there if there < amount <= there * (1.0 + ROUNDING) else amount


@kernel
def hand_over(ledger, reserve, receiver, owed):
    """Give collateral out of an auction."""
    amount = there_for(ledger, reserve, owed)
    code = transfer(ledger, reserve.token, reserve.account, receiver, amount, causes.LIQUIDATION)
    if code == status.OK:
        reserve.cash = max(reserve.cash - amount, 0.0)
    return code


@kernel
def close(ledger, cdp, auction, reserve, wanted, receipt, coin_usd):
    """End an auction that still wanted so much coin: what it has not covered of the debt is lost."""
    cdp.n_active = cdp.n_active - 1
    # Where no auction is left none wants anything: a sum in floats would keep its roundings.
    cdp.dirt = max(cdp.dirt - wanted, 0.0) if cdp.n_active > 0 else 0.0
    reserve.deficit = reserve.deficit + auction.due
    receipt.deficit = auction.due * coin_usd
    auction.kind = FREE
    return heal(ledger, reserve)


@kernel
def take(ledger, cdp, auction, collateral, debt, tx, amount, now_seconds, receipt, coin_usd):
    """Buy up to ``amount`` of a Dutch lot at its price of now, at most ``limit`` (if above 0)."""
    if auction.kind != DUTCH or not amount > 0.0:
        return status.BAD_AMOUNT
    if is_stale(cdp, auction, now_seconds):
        return status.NEEDS_RESET
    price = dutch_price(cdp, auction, now_seconds)
    if 0.0 < tx.limit < price:
        return status.SLIPPAGE
    least_tab = cdp.dust * (1.0 + cdp.chop_fraction) * auction.positions
    owe, bought, tab_left = dutch_purchase(auction.lot, auction.tab, amount, price, least_tab)
    if not bought > 0.0:
        return status.WOULD_LEAVE_DUST
    code = collect(ledger, debt, auction, tx.sender, owe, 0.0)
    if code != status.OK:
        return code
    code = hand_over(ledger, collateral, tx.sender, bought)
    if code != status.OK:
        return code
    lot_left = max(auction.lot - bought, 0.0)
    cdp.dirt = max(cdp.dirt - owe, 0.0)
    auction.tab = tab_left
    auction.lot = lot_left
    receipt.amount_in = owe
    receipt.amount_out = bought
    if lot_left > 0.0 and tab_left > 0.0:
        return heal(ledger, debt)
    if lot_left > 0.0:
        code = hand_over(ledger, collateral, auction.owner, lot_left)
        if code != status.OK:
            return code
    return close(ledger, cdp, auction, debt, tab_left, receipt, coin_usd)


@kernel
def bid(ledger, cdp, auction, collateral, debt, tx, amount, now_seconds, receipt):
    """Offer ``amount`` of coin for ``limit`` of collateral (0: all that is on offer) in an English auction.

    Until the debt is covered the lot is whole and bids rise (tend); from then on the bid is ``tab`` and who
    asks for less of the lot wins (dent), the rest going back to the owner.
    """
    if auction.kind != ENGLISH:
        return status.BAD_AMOUNT
    if not is_open(auction, now_seconds):
        return status.AUCTION_OVER
    lot = auction.lot if tx.limit == 0.0 else tx.limit
    if auction.bid < auction.tab:
        if lot != auction.lot or not 0.0 < amount <= auction.tab:
            return status.BAD_AMOUNT
        if amount <= auction.bid or amount < least_next_bid(
            auction.bid, auction.tab, cdp.beg_fraction
        ):
            return status.BID_TOO_LOW
    else:
        if amount != auction.tab or not 0.0 < lot < auction.lot:
            return status.BAD_AMOUNT
        if lot > largest_next_lot(auction.lot, cdp.beg_fraction):
            return status.BID_TOO_LOW
    tx.counterparty = auction.bidder  # who is overbid
    code = collect(ledger, debt, auction, tx.sender, amount, auction.bid)
    if code != status.OK:
        return code
    if lot < auction.lot:
        code = hand_over(ledger, collateral, auction.owner, auction.lot - lot)
        if code != status.OK:
            return code
    auction.lot = lot
    auction.bid = amount
    auction.bidder = tx.sender
    auction.expires_seconds = now_seconds + cdp.ttl_seconds
    receipt.amount_in = amount
    receipt.amount_out = lot
    return heal(ledger, debt)


@kernel
def deal(ledger, cdp, auction, collateral, debt, tx, now_seconds, receipt, coin_usd):
    """End an English auction: the best bidder gets the lot that he has paid for."""
    if auction.kind != ENGLISH or not is_over(auction, now_seconds):
        return status.NOT_FINISHED
    tx.counterparty = auction.owner
    code = hand_over(ledger, collateral, auction.bidder, auction.lot)
    if code != status.OK:
        return code
    receipt.amount_in = auction.bid
    receipt.amount_out = auction.lot
    return close(ledger, cdp, auction, debt, auction.tab, receipt, coin_usd)


@kernel
def redo(ledger, cdp, auction, debt, tx, price, now_seconds, receipt):
    """Start a stale auction anew: a Dutch one from the oracle's price of now, an English one for its time."""
    if not is_stale(cdp, auction, now_seconds):
        return status.CANNOT_RESET
    receipt.amount_in = auction.tab
    receipt.amount_out = auction.lot
    auction.started_seconds = now_seconds
    if auction.kind == ENGLISH:
        auction.ends_seconds = now_seconds + cdp.tau_seconds
        return status.OK
    auction.top = cdp.buf_multiple * price
    least_tab = cdp.dust * (1.0 + cdp.chop_fraction) * auction.positions
    if auction.tab < least_tab or auction.lot * price < least_tab:
        return status.OK  # too small for a reward
    return reward(ledger, cdp, debt, tx.sender, auction.tab, auction.positions)
