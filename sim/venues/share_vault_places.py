"""How a vault places what is idle, and how it gets it back: by its queues, within caps and liquidity.

To pay a redemption a vault takes its idle assets first, then empties its places in the order of its
withdrawal queue; a place that is a vault itself does the same, as far as it was declared earlier. What
nobody can pay today makes the call revert: that is how a loss of some becomes a lock-up of all.
Source: MetaMorpho v1.0 (supply queue and withdraw queue).
"""

from __future__ import annotations

from sim import causes, status
from sim.compile import kernel
from sim.formulas.vault_shares import shares_for
from sim.ledger import balance, burn, mint, transfer
from sim.transaction import SUPPLY, WITHDRAW
from sim.venues.markets import apply as apply_to_market
from sim.venues.share_vault import claim

ENOUGH = 1e-12  # of what a vault owns: less is rounding


@kernel
def issue(ledger, vault, account, shares):
    """New shares for an account."""
    code = mint(ledger, vault.share_token, account, shares, causes.DEPOSIT)
    vault.supply = vault.supply + shares
    return code


@kernel
def retire(ledger, vault, account, shares):
    """Burn shares of an account."""
    code = burn(ledger, vault.share_token, account, shares, causes.REDEMPTION)
    vault.supply = max(vault.supply - shares, 0.0)
    return code


@kernel
def _ask_market(ledger, venues, vault, kind, row, amount, now_seconds, receipt):
    """Supply to or withdraw from a reserve, as the vault."""
    call = venues.calls[0]
    call.kind = kind
    call.sender = vault.account
    call.row = row
    call.counterparty = -1
    call.limit = 0.0
    call.positions = 1.0
    return apply_to_market(ledger, venues, call, amount, now_seconds, receipt)


@kernel
def _place_with_vault(ledger, vault, below, amount):
    """Buy shares of another vault."""
    shares = shares_for(amount, below.total_assets, below.supply)
    code = transfer(ledger, vault.token, vault.account, below.account, amount, causes.DEPOSIT)
    if code != status.OK:
        return code
    below.idle = below.idle + amount
    below.deposited = below.deposited + amount
    below.total_assets = below.total_assets + amount
    below.before = below.total_assets
    return issue(ledger, below, vault.account, shares)


@kernel
def place_idle(ledger, venues, top, now_seconds, receipt):
    """What is idle beyond its declared share goes to the places of the supply queue, in turn."""
    vaults, places = venues.share_vaults, venues.places
    for v in range(top, -1, -1):
        vault = vaults[v]
        left = vault.idle - vault.idle_fraction * vault.total_assets
        for place in range(vault.first_place, vault.first_place + vault.n_places):
            row, is_vault = places[place].row, places[place].is_vault == 1
            owed = claim(ledger, vaults, places, venues.reserves, v, place, now_seconds)
            part = min(left, places[place].cap - owed)
            if not part > ENOUGH * vault.total_assets or (is_vault and row > v):
                continue
            if is_vault:
                code = _place_with_vault(ledger, vault, vaults[row], part)
            else:
                code = _ask_market(ledger, venues, vault, SUPPLY, row, part, now_seconds, receipt)
            if code == status.CAP_EXCEEDED:
                continue  # the market's own cap: the next place takes it
            if code != status.OK:
                return code
            vault.idle = vault.idle - part
            left -= part
    return status.OK


@kernel
def find_liquid(ledger, venues, now_seconds):
    """What each vault could pay today: idle assets, and claims as far as those who owe them have cash."""
    vaults, places, reserves = venues.share_vaults, venues.places, venues.reserves
    for v in range(vaults.shape[0]):
        vault = vaults[v]
        vault.liquid = vault.idle
        for place in range(vault.first_place, vault.first_place + vault.n_places):
            row = places[place].row
            owed = claim(ledger, vaults, places, reserves, v, place, now_seconds)
            if places[place].is_vault == 0:
                vault.liquid = vault.liquid + min(owed, reserves[row].cash)
            elif row < v and vaults[row].has_queue == 0:
                vault.liquid = vault.liquid + min(owed, vaults[row].liquid)


@kernel
def _plan(ledger, venues, top, amount, now_seconds):
    """Who has to give back how much, from the vault that pays down to those it has placed its money with."""
    vaults, places, reserves = venues.share_vaults, venues.places, venues.reserves
    for v in range(top + 1):
        vaults[v].needed = 0.0
    vaults[top].needed = amount
    for v in range(top, -1, -1):
        vault = vaults[v]
        short = vault.needed - vault.idle
        for k in range(vault.n_places):
            place = vault.first_place + places[vault.first_place + k].out
            places[place].planned = 0.0
            row, is_vault = places[place].row, places[place].is_vault == 1
            if not short > 0.0 or (is_vault and (row > v or vaults[row].has_queue == 1)):
                continue  # a vault with a line pays nobody out of turn, not even another vault
            owed = claim(ledger, vaults, places, reserves, v, place, now_seconds)
            part = min(short, owed, vaults[row].liquid if is_vault else reserves[row].cash)
            places[place].planned = part
            if is_vault:
                vaults[row].needed = vaults[row].needed + part
            short -= part
        if short > ENOUGH * vault.total_assets:
            return status.NO_LIQUIDITY
    return status.OK


@kernel
def gather(ledger, venues, top, amount, now_seconds, receipt):
    """Make ``amount`` idle in a vault, or say why that cannot be done."""
    vaults, places = venues.share_vaults, venues.places
    find_liquid(ledger, venues, now_seconds)
    code = _plan(ledger, venues, top, amount, now_seconds)
    for v in range(top + 1):
        vault = vaults[v]
        for place in range(vault.first_place, vault.first_place + vault.n_places):
            part = places[place].planned
            if code != status.OK or not part > 0.0:
                continue
            row = places[place].row
            if places[place].is_vault == 0:
                code = _ask_market(ledger, venues, vault, WITHDRAW, row, part, now_seconds, receipt)
            else:
                below = vaults[row]
                held = balance(ledger, below.share_token, vault.account)
                shares = min(shares_for(part, below.before, below.supply), held)
                part = min(part, below.idle)
                code = transfer(
                    ledger, vault.token, below.account, vault.account, part, causes.REDEMPTION
                )
                if code == status.OK:
                    code = retire(ledger, below, vault.account, shares)
                below.idle = below.idle - part
                below.withdrawn = below.withdrawn + part
                below.total_assets = below.total_assets - part
                below.before = below.total_assets
            vault.idle = vault.idle + part
    return code
