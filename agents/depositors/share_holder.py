"""Depositors of a share vault: they stay until it pays to be early, and come (back) when it pays to be in.

The rates at which they leave and deposit are :mod:`sim.formulas.depositors`; one draw a slot decides, so
that nobody does both. Who leaves takes all, or with ``takes_part`` what there is; who comes brings all the
cash he has: what he was paid when he left, or what he held outside at birth (``outside_fraction``). Fast,
slow and locked depositors, and newcomers, are cohorts with other numbers.
"""

from __future__ import annotations

import dataclasses

from agents.attention import CHOICE, is_attentive
from agents.parameters import shared
from sim.compile import boundary, kernel
from sim.fields import BIRTH, BUSY, N_COMMON, field
from sim.fields import shared as shared_value
from sim.formulas.depositors import (
    chance_within,
    coming_per_day,
    fear,
    first_mover_gain,
    leaving_per_day,
)
from sim.orders import add_leg, gas_units, open_transaction, seal
from sim.transaction import (
    CLAIM_REDEMPTIONS,
    DEPOSIT,
    REDEEM,
    REQUEST_REDEEM,
    WITHDRAW_ASSETS,
)
from sim.units import ETH_PER_GWEI
from sim.view import chance, gas_price_gwei, own, seen_row

(
    HAZARD, QUEUE_WEIGHT, ILLIQUIDITY_WEIGHT, LOCKED, TAKES_PART, DEPOSIT_HAZARD, REQUIRED_YIELD,
) = (N_COMMON + k for k in range(7))  # fmt: skip
TOO_LITTLE = 1e-3  # of what a row had at birth: not worth a deposit


@dataclasses.dataclass(frozen=True)
class ShareHolder:
    """Leaves at ``hazard_per_day`` times what is believed lost, deposits at ``deposit_hazard_per_day``
    times the yield in excess of what is required; the line and illiquidity speed the one, slow the other.
    """

    hazard_per_day: float = shared(200.0, 0.0, 1e9)
    queue_weight: float = shared(1.0, 0.0, 1e6)
    illiquidity_weight: float = shared(1.0, 0.0, 1e6)
    locked_seconds: float = shared(0.0, 0.0, 1e10)  # from the recorded start
    takes_part: bool = shared(False)  # where all cannot be paid at once: withdraw what can be
    deposit_hazard_per_day: float = shared(0.0, 0.0, 1e9)
    required_yield_per_year: float = shared(0.0, -1.0, 100.0)
    outside_fraction: float = shared(0.0, 0.0, 1.0)  # of the money of each, at birth


@kernel
def _ask(view, c, cohort, kind, account, amount):
    """Send one transaction to the vault."""
    first = open_transaction(view.chains, 0)
    vault = view.venues.share_vaults[cohort.share_vault]
    token = vault.token if kind == DEPOSIT else vault.share_token
    add_leg(view.chains, 0, kind, account, cohort.share_vault, token, amount, 0.0)
    return seal(
        view, 0, first, 1, c, cohort.positions_per_row, cohort.tip_gwei,
        gas_price_gwei(view, seen_row(view, cohort), 0),
        cohort.max_fee_multiple, cohort.patience_blocks,
    )  # fmt: skip


@kernel
def _gas_money(view, cohort, token):
    """What a row has to keep of the token it deposits, because it pays gas in it."""
    if token != cohort.native_token:
        return 0.0
    most_gwei = gas_price_gwei(view, seen_row(view, cohort), 0) * cohort.max_fee_multiple
    gas = gas_units(view.chains, 0, DEPOSIT) * cohort.positions_per_row
    return gas * (most_gwei + cohort.tip_gwei) * ETH_PER_GWEI


@kernel
def _serve_line(view, c, cohort, vault, busy):
    """The first in line asks to be paid, once he can be."""
    if vault.n_tickets == 0:
        return
    ticket = view.venues.tickets[vault.queue + vault.first_ticket]
    i = ticket.account - cohort.first_account
    due = ticket.shares * (vault.total_assets / vault.supply)
    if 0 <= i < cohort.n_rows and busy[i] == 0.0 and due <= vault.liquid:
        _ask(view, c, cohort, CLAIM_REDEMPTIONS, ticket.account, 0.0)


@kernel
def _leave(view, c, cohort, vault, account, shares):
    """Stand in line, redeem all, or take what there is."""
    due = shares * (vault.total_assets / vault.supply)
    if vault.has_queue == 1:
        _ask(view, c, cohort, REQUEST_REDEEM, account, shares)
    elif shared_value(view.cohorts, c, TAKES_PART) > 0.5 and 0.0 < vault.liquid < due:
        _ask(view, c, cohort, WITHDRAW_ASSETS, account, vault.liquid)
    else:
        _ask(view, c, cohort, REDEEM, account, shares)


@kernel
def hazards_per_day(view, c, vault):
    """At what rates a depositor leaves, and somebody with cash deposits, now."""
    cohorts = view.cohorts
    believed = first_mover_gain(vault.total_assets, vault.unbooked_loss + vault.deficit_behind)
    believed += vault.rumour
    fear_multiple = 1.0
    if vault.supply > 0.0 and vault.total_assets > 0.0:
        fear_multiple = fear(
            vault.waiting_shares / vault.supply, vault.liquid / vault.total_assets,
            shared_value(cohorts, c, QUEUE_WEIGHT), shared_value(cohorts, c, ILLIQUIDITY_WEIGHT),
        )  # fmt: skip
    leaving = leaving_per_day(shared_value(cohorts, c, HAZARD), believed, fear_multiple)
    if view.now[0].seconds < shared_value(cohorts, c, LOCKED):
        leaving = 0.0
    coming = coming_per_day(
        shared_value(cohorts, c, DEPOSIT_HAZARD), vault.yield_per_year,
        shared_value(cohorts, c, REQUIRED_YIELD), believed, fear_multiple,
    )  # fmt: skip
    return leaving, coming


@boundary(None)
def decide(view, c):
    """Each row leaves, or deposits, with the chance of this slot; the first in line asks to be paid."""
    cohort = view.cohorts.table[c]
    vault = view.venues.share_vaults[cohort.share_vault]
    held = own(view, vault.share_token, cohort.group)
    cash = own(view, vault.token, cohort.group)
    birth = field(view.cohorts, c, BIRTH)
    busy = field(view.cohorts, c, BUSY)
    _serve_line(view, c, cohort, vault, busy)
    leaving, coming = hazards_per_day(view, c, vault)
    if leaving <= 0.0 and coming <= 0.0:
        return
    leaves = chance_within(leaving, view.now[0].slot_seconds)
    moves = chance_within(leaving + coming, view.now[0].slot_seconds)
    kept = _gas_money(view, cohort, vault.token)
    for i in range(cohort.n_rows):
        account = cohort.first_account + i
        if busy[i] > 0.0 or not is_attentive(view, cohort, account):
            continue
        drawn = chance(view, cohort.stream + CHOICE, account)
        if drawn < leaves and held[i] > 0.0:
            _leave(view, c, cohort, vault, account, held[i])
        elif leaves <= drawn < moves and cash[i] - kept > TOO_LITTLE * birth[i]:
            _ask(view, c, cohort, DEPOSIT, account, cash[i] - kept)
