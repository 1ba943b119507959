"""Vaults whose shares are tokens (ERC-4626): their tables, and what their books say a share is worth.

A vault keeps some assets idle and places the rest, in the order of its queues and up to their caps, with
lending reserves or with other vaults. Its books say what depositors enter and leave at; what stands behind
them may be worth less, and not all of it can be had today: whoever leaves first is paid in full, and whoever
comes late bears what is left. Vaults may hold each other's shares, so their books are one fixed point.
Source: ERC-4626, Tokenized Vaults (2021); MetaMorpho v1.0 for queues and caps; Eisenberg and Noe (2001),
Systemic Risk in Financial Systems, for clearing claims in a circle.
"""

from __future__ import annotations

from sim.compile import boundary, formula, kernel
from sim.formulas.vault_shares import assets_for
from sim.journal import has_room, remember
from sim.ledger import balance
from sim.records import n_words, place_of, record
from sim.transaction import TRANSACTION
from sim.venues.lending import liquidity_index_now

# What a transaction writes stands first (`deposited` and `withdrawn` are sums since birth); `before`,
# `needed` and `liquid` are scratch of one call; from `unbooked_loss` on stands what is marked once a block.
SHARE_VAULT = record(
    "idle supply waiting_shares total_assets fees_on_assets fees_until_seconds deposited withdrawn "
    "before needed liquid "
    "unbooked_loss deficit_behind made socialised_loss yield_per_year rumour "
    "idle_fraction management_fee_per_year performance_fee_fraction",
    "first_ticket n_tickets account curator asset token share_token first_place n_places "
    "has_queue queue queue_length",
)
TICKETS, N_TICKETS = place_of(SHARE_VAULT, "first_ticket"), 2
BOOKS, N_BOOKS = place_of(SHARE_VAULT, "idle"), 11

# Where a vault's money is: a reserve or another vault (``row``), the most it may hold there, and which
# place is left k-th (``out``). What one call plans to take out of it is scratch.
PLACE = record("cap planned", "row is_vault out")
PLANNED = place_of(PLACE, "planned")
TICKET = record("shares", "account")  # a place in the line of those who asked for their money

CALL_WORDS = n_words(TRANSACTION)  # of what one venue asks of another
MOST_ROUNDS = 10_000
PRECISION = 1e-15  # of the largest vault, per round


@kernel
def vault_of_share(venues, token):
    """The vault that a token is a share of, or -1."""
    for v in range(venues.share_vaults.shape[0]):
        if venues.share_vaults[v].share_token == token:
            return v
    return -1


@formula
def claim(ledger, vaults, places, reserves, vault, place, now_seconds):
    """Assets that a place owes a vault, by the books of whoever holds them."""
    row = places[place].row
    if places[place].is_vault == 1:
        held = balance(ledger, vaults[row].share_token, vaults[vault].account)
        return assets_for(held, vaults[row].before, vaults[row].supply) if held > 0.0 else 0.0
    held = balance(ledger, reserves[row].receipt_token, vaults[vault].account)
    return held * liquidity_index_now(reserves[row], now_seconds)


@boundary(None)
def clear(ledger, vaults, places, reserves, now_seconds):
    """Write what every vault owns: idle assets and claims, vaults that hold each other at one fixed point.

    Every round values all claims at the books of the round before, so the order of vaults does not matter;
    it converges because no vault can own all of another that owns it.
    """
    for _ in range(MOST_ROUNDS):
        largest = 0.0
        moved = 0.0
        for v in range(vaults.shape[0]):
            vaults[v].before = vaults[v].total_assets
        for v in range(vaults.shape[0]):
            vault = vaults[v]
            total = vault.idle
            for place in range(vault.first_place, vault.first_place + vault.n_places):
                total += claim(ledger, vaults, places, reserves, v, place, now_seconds)
            vault.total_assets = total
            largest = max(largest, total)
            moved = max(moved, abs(total - vault.before))
        if moved <= PRECISION * largest:
            break
    for v in range(vaults.shape[0]):
        vaults[v].before = vaults[v].total_assets


@kernel
def remember_all(ledger, venues):
    """Keep the books of all vaults: what happens to one may move assets of those it has placed them with."""
    vaults, places = venues.share_vaults, venues.places
    n_kept = (N_TICKETS + N_BOOKS) * vaults.shape[0] + places.shape[0] + CALL_WORDS
    if not has_room(ledger.journal, n_kept, 0):
        return False
    for v in range(vaults.shape[0]):
        remember(ledger.journal, ledger.memory, vaults[v].address + TICKETS, N_TICKETS)
        remember(ledger.journal, ledger.memory, vaults[v].address + BOOKS, N_BOOKS)
    for place in range(places.shape[0]):
        remember(ledger.journal, ledger.memory, places[place].address + PLANNED, 1)
    remember(ledger.journal, ledger.memory, venues.calls[0].address, CALL_WORDS)
    return True


@boundary(None)
def value_shares(ledger, tokens, vaults, places, reserves):
    """What a share is worth at the market, and by the books: both marks of every share token.

    By the books it is what the vault would pay for it; at the market, what stands behind it: idle assets
    and receipts at their own market value, shares of other vaults at theirs, again one fixed point.
    """
    for v in range(vaults.shape[0]):
        token = tokens[vaults[v].share_token]
        per_share = assets_for(1.0, vaults[v].total_assets, vaults[v].supply)
        token.protocol_value_usd = per_share * tokens[vaults[v].token].protocol_value_usd
    for _ in range(MOST_ROUNDS):
        largest = 0.0
        moved = 0.0
        for v in range(vaults.shape[0]):
            vault = vaults[v]
            worth_usd = vault.idle * tokens[vault.token].value_usd
            for place in range(vault.first_place, vault.first_place + vault.n_places):
                row = places[place].row
                is_vault = places[place].is_vault == 1
                held = vaults[row].share_token if is_vault else reserves[row].receipt_token
                worth_usd += balance(ledger, held, vault.account) * tokens[held].value_usd
            vault.before = worth_usd
        for v in range(vaults.shape[0]):
            token = tokens[vaults[v].share_token]
            per_share_usd = vaults[v].before / vaults[v].supply if vaults[v].supply > 0.0 else 0.0
            largest = max(largest, per_share_usd)
            moved = max(moved, abs(per_share_usd - token.value_usd))
            token.value_usd = per_share_usd
        if moved <= PRECISION * largest:
            break
    for v in range(vaults.shape[0]):
        vaults[v].before = vaults[v].total_assets  # claims go by the books again
