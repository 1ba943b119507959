"""Depositors of a share vault: they stay until it pays to be early, or others seem to know something.

What a vault pays today is what its books say; where the books are behind the market, whoever leaves first is
paid in full and whoever stays bears it. The hazard of leaving rises with that first-mover gain and with
rumours, and both are felt the more the longer the line and the less is liquid. With no gain and no rumour
nobody leaves. Fast, slow and locked depositors are cohorts with other numbers.
Source: Diamond and Dybvig (1983), Bank Runs, Deposit Insurance, and Liquidity; Chen, Goldstein and Jiang
(2010), Payoff Complementarities and Financial Fragility, for runs on funds with illiquid assets.
"""

from __future__ import annotations

import dataclasses
import math

from agents.attention import CHOICE, is_attentive
from agents.parameters import shared
from sim.compile import boundary, formula, kernel
from sim.fields import BUSY, N_COMMON, field
from sim.fields import shared as shared_value
from sim.orders import add_leg, open_transaction, seal
from sim.transaction import CLAIM_REDEMPTIONS, REDEEM, REQUEST_REDEEM
from sim.units import SECONDS_PER_DAY
from sim.view import chance, gas_price_gwei, own, seen_row

HAZARD, QUEUE_WEIGHT, ILLIQUIDITY_WEIGHT, LOCKED = (N_COMMON + k for k in range(4))


@dataclasses.dataclass(frozen=True)
class ShareHolder:
    """Leaves at ``hazard_per_day`` times gain and rumour, times what the line and illiquidity add."""

    hazard_per_day: float = shared(200.0, 0.0, 1e9)
    queue_weight: float = shared(1.0, 0.0, 1e6)
    illiquidity_weight: float = shared(1.0, 0.0, 1e6)
    locked_seconds: float = shared(0.0, 0.0, 1e10)  # from the recorded start


@formula
def first_mover_gain(vault):
    """What whoever leaves now gets beyond the worth of his share, as a share of what the books say."""
    if vault.total_assets <= 0.0:
        return 0.0
    return max(vault.unbooked_loss, 0.0) / vault.total_assets


@kernel
def hazard_per_day(view, c, vault):
    """At what rate a depositor leaves now."""
    cohorts = view.cohorts
    drive = first_mover_gain(vault) + vault.rumour
    if drive <= 0.0 or vault.supply <= 0.0:
        return 0.0
    in_line = vault.waiting_shares / vault.supply
    illiquid = (
        1.0 - min(vault.liquid / vault.total_assets, 1.0) if vault.total_assets > 0.0 else 0.0
    )
    fear = 1.0 + shared_value(cohorts, c, QUEUE_WEIGHT) * in_line
    fear += shared_value(cohorts, c, ILLIQUIDITY_WEIGHT) * illiquid
    return shared_value(cohorts, c, HAZARD) * drive * fear


@kernel
def _ask(view, c, cohort, kind, account, shares):
    """Send one transaction to the vault."""
    first = open_transaction(view.chains, 0)
    vault = view.venues.share_vaults[cohort.share_vault]
    add_leg(view.chains, 0, kind, account, cohort.share_vault, vault.share_token, shares, 0.0)
    return seal(
        view, 0, first, 1, c, cohort.positions_per_row, cohort.tip_gwei,
        gas_price_gwei(view, seen_row(view, cohort), 0),
        cohort.max_fee_multiple, cohort.patience_blocks,
    )  # fmt: skip


@boundary(None)
def decide(view, c):
    """Each depositor leaves with the chance of this slot; the first in line asks to be paid."""
    cohort = view.cohorts.table[c]
    vault = view.venues.share_vaults[cohort.share_vault]
    now = view.now[0]
    held = own(view, vault.share_token, cohort.group)
    busy = field(view.cohorts, c, BUSY)
    if vault.n_tickets > 0:
        ticket = view.venues.tickets[vault.queue + vault.first_ticket]
        i = ticket.account - cohort.first_account
        due = ticket.shares * (vault.total_assets / vault.supply)
        if 0 <= i < cohort.n_rows and busy[i] == 0.0 and due <= vault.liquid:
            _ask(view, c, cohort, CLAIM_REDEMPTIONS, ticket.account, 0.0)
    rate = hazard_per_day(view, c, vault)
    is_locked = now.seconds < shared_value(view.cohorts, c, LOCKED)
    if rate <= 0.0 or is_locked:
        return
    leaves = 1.0 - math.exp(-rate * now.slot_seconds / SECONDS_PER_DAY)
    kind = REQUEST_REDEEM if vault.has_queue == 1 else REDEEM
    for i in range(cohort.n_rows):
        account = cohort.first_account + i
        if held[i] > 0.0 and busy[i] == 0.0 and is_attentive(view, cohort, account):
            if chance(view, cohort.stream + CHOICE, account) < leaves:
                _ask(view, c, cohort, kind, account, held[i])
