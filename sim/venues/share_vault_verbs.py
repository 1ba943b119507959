"""What one transaction does to a vault of shares: deposit, mint, withdraw, redeem; ask in line and be paid.

Every call first clears the books of all vaults and lets fees dilute the shares of its own. A vault with a
line (``has_queue``) pays nobody who has not stood in it: requests are served strictly in their order, by
whoever asks, as far as there is liquidity; one that cannot be paid in full waits, and so do all behind it.
Source: ERC-4626 (2021); ERC-7540, Asynchronous Tokenized Vaults (2023), for requests.
"""

from __future__ import annotations

from sim import causes, status
from sim.compile import boundary, kernel
from sim.formulas.vault_shares import assets_for, fee_shares, shares_for
from sim.journal import has_room, remember
from sim.ledger import balance, transfer
from sim.records import n_words
from sim.transaction import (
    CLAIM_REDEMPTIONS,
    DEPOSIT,
    MINT_VAULT_SHARES,
    REDEEM,
    REQUEST_REDEEM,
    WITHDRAW_ASSETS,
)
from sim.units import SECONDS_PER_YEAR
from sim.venues.share_vault import TICKET, clear, remember_all
from sim.venues.share_vault_places import gather, issue, place_idle, retire

TICKET_WORDS = n_words(TICKET)
NOT_A_SHARE = 1e-12  # of the supply: what rounding leaves of a holding


@kernel
def take_fees(ledger, vault, now_seconds):
    """Shares for the curator: a part of what the vault has earned, and of what it manages."""
    years = (now_seconds - vault.fees_until_seconds) / SECONDS_PER_YEAR
    earned = max(vault.total_assets - vault.fees_on_assets, 0.0)
    fee = vault.performance_fee_fraction * earned
    fee += vault.management_fee_per_year * years * vault.total_assets
    vault.fees_until_seconds = now_seconds
    shares = fee_shares(fee, vault.total_assets, vault.supply)
    return issue(ledger, vault, vault.curator, shares) if shares > 0.0 else status.OK


@kernel
def _put_in(ledger, venues, row, tx, assets, shares, now_seconds, receipt):
    """Take assets, give shares, place what need not stay idle."""
    vault = venues.share_vaults[row]
    if not (assets > 0.0 and shares > 0.0):
        return status.BAD_AMOUNT
    code = transfer(ledger, vault.token, tx.sender, vault.account, assets, causes.DEPOSIT)
    if code == status.OK:
        code = issue(ledger, vault, tx.sender, shares)
    if code != status.OK:
        return code
    vault.idle = vault.idle + assets
    vault.deposited = vault.deposited + assets
    vault.total_assets = vault.total_assets + assets
    return place_idle(ledger, venues, row, now_seconds, receipt)


@kernel
def _take_out(ledger, venues, row, holder, receiver, assets, shares, now_seconds, receipt):
    """Make the assets liquid, burn the shares, pay."""
    vault = venues.share_vaults[row]
    if not (assets > 0.0 and shares > 0.0):
        return status.BAD_AMOUNT
    code = gather(ledger, venues, row, assets, now_seconds, receipt)
    if code != status.OK:
        return code
    assets = min(assets, vault.idle)
    code = retire(ledger, vault, holder, shares)
    if code != status.OK:
        return code
    vault.idle = vault.idle - assets
    vault.withdrawn = vault.withdrawn + assets
    vault.total_assets = max(vault.total_assets - assets, 0.0)
    return transfer(ledger, vault.token, vault.account, receiver, assets, causes.REDEMPTION)


@kernel
def request(ledger, venues, row, tx, shares):
    """Hand in shares and stand in line."""
    vault = venues.share_vaults[row]
    if vault.n_tickets >= vault.queue_length:
        return status.QUEUE_FULL
    code = transfer(ledger, vault.share_token, tx.sender, vault.account, shares, causes.REDEMPTION)
    if code != status.OK:
        return code
    place = vault.queue + (vault.first_ticket + vault.n_tickets) % vault.queue_length
    ticket = venues.tickets[place]
    remember(ledger.journal, ledger.memory, ticket.address, TICKET_WORDS)
    ticket.account = tx.sender
    ticket.shares = shares
    vault.n_tickets = vault.n_tickets + 1
    vault.waiting_shares = vault.waiting_shares + shares
    return status.OK


@kernel
def serve_first(ledger, venues, row, now_seconds, receipt):
    """Pay the first in line, in full or not at all; returns the assets paid in the receipt."""
    vault = venues.share_vaults[row]
    if vault.n_tickets == 0:
        return status.NOTHING_TO_DO
    ticket = venues.tickets[vault.queue + vault.first_ticket]
    # Sums of floats: what is handed in last may be less than was asked for, by a rounding.
    shares = min(ticket.shares, balance(ledger, vault.share_token, vault.account))
    assets = assets_for(shares, vault.total_assets, vault.supply)
    account = ticket.account
    code = _take_out(
        ledger, venues, row, vault.account, account, assets, shares, now_seconds, receipt
    )  # fmt: skip
    vault.first_ticket = (vault.first_ticket + 1) % vault.queue_length
    vault.n_tickets = vault.n_tickets - 1
    vault.waiting_shares = max(vault.waiting_shares - shares, 0.0)
    receipt.amount_in = shares
    receipt.amount_out = assets
    return code


@kernel
def _leave(ledger, venues, row, tx, amount, now_seconds, receipt):
    """Withdraw so many assets, or redeem so many shares, at once."""
    vault = venues.share_vaults[row]
    held = balance(ledger, vault.share_token, tx.sender)
    shares = min(amount, held)
    assets = assets_for(shares, vault.total_assets, vault.supply)
    if tx.kind == WITHDRAW_ASSETS:
        assets = amount
        shares = shares_for(amount, vault.total_assets, vault.supply)
        if held < shares <= held + NOT_A_SHARE * vault.supply:
            shares = held
    if vault.has_queue == 1:
        return status.QUEUE_ONLY
    if tx.kind == REDEEM and assets < tx.limit:
        return status.SLIPPAGE
    if shares > held:
        return status.INSUFFICIENT_BALANCE
    code = _take_out(
        ledger, venues, row, tx.sender, tx.sender, assets, shares, now_seconds, receipt
    )  # fmt: skip
    receipt.amount_in = shares
    receipt.amount_out = assets
    return code


@boundary(int)
def apply(ledger, venues, tx, amount, now_seconds, receipt):
    """Clear the books, take the fees, then do what the transaction asks."""
    row = tx.row
    vaults = venues.share_vaults
    vault = vaults[row]
    if not remember_all(ledger, venues) or not has_room(ledger.journal, TICKET_WORDS, 0):
        return status.JOURNAL_FULL
    clear(ledger, vaults, venues.places, venues.reserves, now_seconds)
    code = take_fees(ledger, vault, now_seconds)
    if code != status.OK:
        return code
    if tx.kind == DEPOSIT:
        assets = amount
        shares = shares_for(amount, vault.total_assets, vault.supply)
        if shares < tx.limit:
            return status.SLIPPAGE
        code = _put_in(ledger, venues, row, tx, assets, shares, now_seconds, receipt)
        receipt.amount_in, receipt.amount_out = assets, shares
    elif tx.kind == MINT_VAULT_SHARES:
        shares = amount
        assets = assets_for(amount, vault.total_assets, vault.supply)
        code = _put_in(ledger, venues, row, tx, assets, shares, now_seconds, receipt)
        receipt.amount_in, receipt.amount_out = assets, shares
    elif tx.kind == REQUEST_REDEEM:
        shares = min(amount, balance(ledger, vault.share_token, tx.sender))
        code = request(ledger, venues, row, tx, shares) if shares > 0.0 else status.BAD_AMOUNT
        receipt.amount_in = shares
    elif tx.kind == CLAIM_REDEMPTIONS:
        if vault.n_tickets > 0:
            tx.counterparty = venues.tickets[vault.queue + vault.first_ticket].account
        code = serve_first(ledger, venues, row, now_seconds, receipt)
    else:
        code = _leave(ledger, venues, row, tx, amount, now_seconds, receipt)
    vault.fees_on_assets = vault.total_assets
    receipt.venue = vault.account
    receipt.token = vault.token if tx.kind == DEPOSIT else vault.share_token
    return code
