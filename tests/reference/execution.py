"""Execution: a transaction wholly or not at all; gas is paid either way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.units import ETH_PER_GWEI
from tests.reference import exchange
from tests.reference.bottomless_pool import swap_frictionlessly
from tests.reference.events import log
from tests.reference.ledger import Move, Revert, burn, transfer
from tests.reference.lending_verbs import VERBS
from tests.reference.liquidation import liquidate
from tests.reference.photograph import Photograph
from tests.reference.transaction import PROCEEDS, REVERT_GAS_SHARE, Leg, Receipt, Transaction
from tests.reference.wealth import book

if TYPE_CHECKING:
    from tests.reference.model import ReferenceModel

LENDING = (*VERBS, "liquidation")


def execute(model: ReferenceModel, tx: Transaction) -> None:
    """All legs in turn; if one of them reverts the world is as before, but for the gas."""
    price_gwei = tx.price_gwei
    first_event = len(model.events)
    if not _can_pay_gas(model, tx, price_gwei):
        log(model, tx, tx.legs[0], Receipt(), "cannot pay gas", 0.0)
        _count(tx, model, is_ok=False)
        return
    before = Photograph(model, tx)
    leg, receipt = tx.legs[0], Receipt()
    done: list[tuple[Leg, Receipt]] = []
    moves: list[Move] = []
    try:
        proceeds = 0.0
        for leg in tx.legs:
            receipt = Receipt()
            apply(model, tx, leg, proceeds if leg.amount is PROCEEDS else leg.amount, receipt)
            if leg.kind in ("swap", "liquidation"):
                proceeds += receipt.amount_out
            _value(model, leg, receipt)
            log(model, tx, leg, receipt, "ok", 0.0)
            done.append((leg, receipt))
        if not _can_pay_gas(model, tx, price_gwei):
            raise Revert("cannot pay gas")  # it has spent what the gas would have cost
    except Revert as reason:
        before.restore()
        del model.events[first_event:]
        _value(model, leg, receipt)
        log(model, tx, leg, receipt, str(reason), 0.0)
        gas_eth = _charge_gas(model, tx, price_gwei, REVERT_GAS_SHARE, moves)
        _count(tx, model, is_ok=False)
    else:
        for leg, receipt in done:
            moves += receipt.moves
            _tally(model, tx, leg, receipt)
        gas_eth = _charge_gas(model, tx, price_gwei, 1.0, moves)
        _count(tx, model, is_ok=True)
    book(model, moves)
    if len(model.events) > first_event:
        model.events[first_event].gas_eth = gas_eth


def apply(
    model: ReferenceModel, tx: Transaction, leg: Leg, amount: float, receipt: Receipt
) -> None:
    """Hand a leg to its venue."""
    now = model.seconds
    if leg.kind in LENDING:
        reserve = leg.venue
        reserve.accrue(now)
        receipt.venue = reserve.account.name
        receipt.token = reserve.token
        receipt.oracle_price_usd = reserve.feed.price_usd
        if leg.kind == "liquidation":
            liquidate(leg, tx.sender, tx.positions, amount, now, receipt)
        else:
            VERBS[leg.kind](reserve, tx.sender, amount, now, receipt)
    elif leg.kind == "publish_price":
        leg.venue.apply(leg, amount, now, receipt)
    elif leg.kind in ("outside_loan", "outside_return"):
        exchange.lend(leg, tx.sender, amount, receipt)
    elif leg.kind == "outside_trade":
        custody = tx.agent.custody if tx.agent is not None else None
        exchange.trade(leg, tx.sender, custody or tx.sender, amount, receipt)
    elif leg.kind == "swap" and not model.has_pool_depth:
        swap_frictionlessly(leg, tx.sender, amount, receipt)
    else:
        leg.venue.apply(leg, tx.sender, amount, receipt)


def _can_pay_gas(model: ReferenceModel, tx: Transaction, price_gwei: float) -> bool:
    """Whether the sender holds what the whole transaction would cost."""
    if tx.gas == 0.0:
        return True
    chain = model.chain
    cost_eth = tx.gas * max(price_gwei, chain.burned_gwei) * ETH_PER_GWEI
    return tx.sender.holding(chain.native_token) >= cost_eth


def _charge_gas(
    model: ReferenceModel, tx: Transaction, price_gwei: float, share: float, moves: list[Move]
) -> float:
    """Pay for the share of the gas that was used: the base fee is burned, the rest is the builder's."""
    if tx.gas == 0.0:
        return 0.0
    chain = model.chain
    used = share * tx.gas
    burned_eth = used * chain.burned_gwei * ETH_PER_GWEI
    tip_eth = used * max(price_gwei - chain.burned_gwei, 0.0) * ETH_PER_GWEI
    held = tx.sender.holding(chain.native_token)
    burned_eth = min(burned_eth, held)
    tip_eth = min(tip_eth, held - burned_eth)  # equal but for rounding
    burn(chain.native_token, tx.sender, burned_eth, "gas", moves)
    transfer(chain.native_token, tx.sender, chain.builder, tip_eth, "tip", moves)
    chain.fees_burned += burned_eth
    chain.tips_paid += tip_eth
    chain.gas_used += used
    return burned_eth + tip_eth


def _value(model: ReferenceModel, leg: Leg, receipt: Receipt) -> None:
    """What the market price was, and what the leg was worth at it."""
    traded = model.exchange_of.get(receipt.token)
    if traded is not None:
        if receipt.market_price_usd == 0.0:
            receipt.market_price_usd = traded.market_price_usd
        if receipt.usd == 0.0 and leg.kind != "publish_price":
            # What goes in is scaled by an index there, what comes out is not.
            is_paid_out = leg.kind in ("withdraw", "borrow")
            amount = receipt.amount_out if is_paid_out else receipt.amount_in
            receipt.usd = amount * traded.market_price_usd


def _tally(model: ReferenceModel, tx: Transaction, leg: Leg, receipt: Receipt) -> None:
    """What the cohorts' tables say of a transaction that stands."""
    if tx.agent is None:
        return
    cohort = tx.agent.cohort
    if leg.kind in ("swap", "outside_trade"):
        cohort.counts["volume_usd"] += receipt.usd
    if leg.kind == "outside_trade" and cohort.settlement_slots > 0 and tx.agent.settles_at == 0:
        # Paid in batches: what is sold while one is open is paid with it.
        tx.agent.settles_at = model.slot + cohort.settlement_slots
    if leg.kind == "liquidation":
        assert leg.counterparty is not None
        victims = model.vault_of[leg.counterparty.name].cohort
        victims.counts["liquidated"] += 1
        victims.counts["debt_repaid_usd"] += receipt.usd
        victims.counts["deficit_usd"] += receipt.deficit_usd


def _count(tx: Transaction, model: ReferenceModel, is_ok: bool) -> None:
    """Executed or reverted; a keeper remembers whether it won."""
    fate = "executed" if is_ok else "reverted"
    model.chain.counts[fate] += 1
    if tx.agent is not None:
        tx.agent.cohort.counts[fate] += 1
        if not is_ok:
            tx.agent.retries_at = model.slot + 1
        if tx.is_bid:
            tx.agent.remember_race(is_ok)
