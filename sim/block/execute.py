"""Execute: whoever is next in line, while there is room in the block, each wholly or not at all.

A block is built by executing: only then is it known what gas a transaction uses, and whether there is room
for the next. Gas is charged last, when what reverts has been walked back: it is paid either way.
"""

from __future__ import annotations

from sim import causes, status
from sim.block.book import book
from sim.block.close import background_gas
from sim.block.events import log_event
from sim.block.fetch import fetch
from sim.block.line import CALLED_AT_ONCE, call_next
from sim.block.submit import finish
from sim.compile import formula, kernel
from sim.fields import (
    LOSSES,
    RECENT_LOSSES,
    RECENT_WINS,
    SETTLES_AT,
    WINS,
    count,
    remember_failure,
)
from sim.journal import has_room, walk_back
from sim.ledger import balance, burn, transfer
from sim.tables import BAND_POOL, EIP1559, UNDERLYING
from sim.transaction import (
    BID,
    BORROW,
    CLAIM,
    CONVERT,
    DEAL,
    DEPOSIT,
    FLASH_BORROW,
    LIQUIDATE,
    OUTSIDE_LOAN,
    OUTSIDE_TRADE,
    PROCEEDS,
    PUBLISH_PRICE,
    REDO,
    REVERT_GAS_SHARE,
    SUPPLY,
    SWAP,
    TAKE,
    WITHDRAW,
)
from sim.units import ETH_PER_GWEI
from sim.venues import (
    bottomless_pool,
    markets,
    oracle,
    outside,
    outside_loan,
    pool_feeds,
    pools,
    redemptions,
    share_vault_verbs,
)

GAS_TRANSFERS = 2  # what is burned and what the builder gets


@formula
def _custody(world, head, is_request):
    """Where what its sender is owed waits, or -1: sales outside only if they take time to be paid."""
    if head.cohort < 0:
        return -1
    cohort = world.cohorts.table[head.cohort]
    if cohort.first_custody < 0 or not (is_request or cohort.settlement_slots > 0):
        return -1
    return cohort.first_custody + head.sender - cohort.first_account


@kernel
def apply_leg(world, head, leg, amount):
    """Hand a leg to the family of venue that knows its verb."""
    receipt = world.log.receipt[0]
    venues = world.venues
    now = world.clock.now[0]
    is_bottomless = now.has_pool_depth == 0 and leg.kind == SWAP
    if is_bottomless and venues.pools[leg.row].kind != BAND_POOL:  # bands are a loan, no depth
        return bottomless_pool.swap(world.ledger, venues, leg, amount, receipt)
    if leg.kind < SUPPLY:
        return pools.apply(world.ledger, venues, leg, amount, now.seconds, receipt)
    if leg.kind < PUBLISH_PRICE or TAKE <= leg.kind <= REDO:
        return markets.apply(world.ledger, venues, leg, amount, now.seconds, receipt)
    if leg.kind == PUBLISH_PRICE:
        code = oracle.publish_price(
            world.ledger, venues.feeds, leg.row, leg, amount, now.seconds, receipt
        )
        if code == status.OK:
            pool_feeds.pass_on(world.ledger, venues, now.seconds)
        return code
    if leg.kind >= CONVERT:
        return redemptions.apply(
            world.ledger, venues, leg, amount, _custody(world, head, True), now.seconds, receipt
        )  # fmt: skip
    if leg.kind >= DEPOSIT:
        return share_vault_verbs.apply(world.ledger, venues, leg, amount, now.seconds, receipt)
    if leg.kind >= OUTSIDE_LOAN:
        return outside_loan.apply(world.ledger, venues.exchanges, leg, amount, receipt)
    return outside.trade(
        world.ledger, venues.exchanges, leg.row, leg.token_out,
        leg, amount, _custody(world, head, False), receipt,
    )  # fmt: skip


@kernel
def _can_pay_gas(world, head, price_gwei):
    """Whether the sender holds what the whole transaction would cost."""
    if head.gas == 0.0:
        return True
    table = world.chains.table[head.chain]
    base_gwei = table.paid_base_fee_gwei if table.fee_market == EIP1559 else 0.0
    cost = head.gas * max(price_gwei, base_gwei) * ETH_PER_GWEI
    return balance(world.ledger, table.native_token, head.sender) >= cost


@kernel
def _charge_gas(world, head, price_gwei, share):
    """Pay for the share of the gas that was used; the base fee is burned. Returns ETH paid."""
    table = world.chains.table[head.chain]
    if head.gas == 0.0:
        return 0.0
    base_gwei = table.paid_base_fee_gwei if table.fee_market == EIP1559 else 0.0
    used = share * head.gas
    burned = used * base_gwei * ETH_PER_GWEI
    tip = used * max(price_gwei - base_gwei, 0.0) * ETH_PER_GWEI
    token = table.native_token
    held = balance(world.ledger, token, head.sender)
    burned = min(burned, held)
    tip = min(tip, held - burned)  # equal but for rounding: that it can pay has been checked
    if burned > 0.0:
        burn(world.ledger, token, head.sender, burned, causes.GAS)
    transfer(world.ledger, token, head.sender, table.builder, tip, causes.TIP)
    table.fees_burned = table.fees_burned + burned
    table.tips_paid = table.tips_paid + tip
    table.gas_used = table.gas_used + used
    return burned + tip


@kernel
def _value(world, leg):
    """Fill in what the prices were, for the event table."""
    receipt = world.log.receipt[0]
    token = world.tokens[receipt.token]
    if token.kind == UNDERLYING:
        price_usd = world.venues.exchanges[token.asset].market_price_usd
        if receipt.market_price_usd == 0.0:
            receipt.market_price_usd = price_usd
        if receipt.usd == 0.0 and leg.kind != PUBLISH_PRICE:
            # What goes in is scaled by an index there, what comes out is not.
            is_paid_out = leg.kind == WITHDRAW or leg.kind == BORROW
            amount = receipt.amount_out if is_paid_out else receipt.amount_in
            receipt.usd = amount * price_usd


@kernel
def _tally(world, head, leg):
    """Count what a leg did, once the whole transaction stands, for the cohort tables."""
    if head.cohort < 0:
        return
    cohort = world.cohorts.table[head.cohort]
    if leg.kind == SWAP or leg.kind == OUTSIDE_TRADE:
        cohort.volume_usd = cohort.volume_usd + leg.usd
    if leg.kind == OUTSIDE_TRADE and cohort.settlement_slots > 0:
        # Sales are paid in batches: what is sold while one is open is paid with it.
        place = world.cohorts.start[head.cohort, SETTLES_AT] + head.sender - cohort.first_account
        if world.cohorts.column[place] == 0.0:
            world.cohorts.column[place] = world.clock.now[0].slot + cohort.settlement_slots
    if leg.kind == LIQUIDATE or leg.kind == TAKE or leg.kind == DEAL:
        victim = world.cohorts.table[world.cohorts.of_group[world.ledger.group[leg.counterparty]]]
        victim.deficit_usd = victim.deficit_usd + leg.deficit_usd
        if leg.kind == LIQUIDATE:
            victim.liquidated = victim.liquidated + 1
            victim.debt_repaid_usd = victim.debt_repaid_usd + leg.usd
    if leg.kind == BID and leg.counterparty >= 0:
        rival = world.cohorts.of_group[world.ledger.group[leg.counterparty]]  # whose bid is beaten
        world.cohorts.table[rival].losses = world.cohorts.table[rival].losses + 1
        count(world.cohorts, rival, LOSSES, leg.counterparty)


@kernel
def _count(world, head, code):
    """Count the transaction as executed or reverted; a keeper remembers whether it won."""
    table = world.chains.table[head.chain]
    if code == status.OK:
        table.executed = table.executed + 1
    else:
        table.reverted = table.reverted + 1
    if head.cohort < 0:
        return
    cohort = world.cohorts.table[head.cohort]
    if code == status.OK:
        cohort.executed = cohort.executed + 1
    else:
        cohort.reverted = cohort.reverted + 1
        remember_failure(world.cohorts, head.cohort, head.sender, world.clock.now[0].slot)
    is_bid = head.kind == LIQUIDATE or head.kind == OUTSIDE_LOAN or head.kind == FLASH_BORROW
    is_bid = is_bid or head.kind == TAKE or head.kind == DEAL
    if is_bid and world.cohorts.start[head.cohort, WINS] > 0:
        if code == status.OK:
            cohort.wins = cohort.wins + 1
            count(world.cohorts, head.cohort, WINS, head.sender)
            count(world.cohorts, head.cohort, RECENT_WINS, head.sender)
        else:
            cohort.losses = cohort.losses + 1
            count(world.cohorts, head.cohort, LOSSES, head.sender)
            count(world.cohorts, head.cohort, RECENT_LOSSES, head.sender)


@formula
def _brings_in(kind):
    """Whether a later leg may spend what a leg of this kind has brought in."""
    is_won = kind == LIQUIDATE or kind == TAKE or kind == DEAL
    return kind == SWAP or is_won or kind == CONVERT or kind == CLAIM


@kernel
def _run_legs(world, head, place):
    """Every leg in turn until one fails; returns the status and the number of the last leg tried."""
    log = world.log
    proceeds = 0.0
    has_flash_loan = False
    last = 0
    for k in range(head.legs):
        last = k
        leg = world.chains.mempool[head.chain, place + k]
        log.receipt[0] = log.receipt[1]
        amount = proceeds if leg.amount == PROCEEDS else leg.amount
        code = apply_leg(world, head, leg, amount)
        if code != status.OK:
            return code, last
        if _brings_in(leg.kind):
            proceeds += log.receipt[0].amount_out
        _value(world, leg)
        leg.usd = log.receipt[0].usd
        leg.deficit_usd = log.receipt[0].deficit
        log_event(world, head, leg, status.OK, 0.0)
        if leg.kind == FLASH_BORROW:
            has_flash_loan = True
    if has_flash_loan:
        for k in range(head.legs):
            leg = world.chains.mempool[head.chain, place + k]
            if leg.kind == FLASH_BORROW and world.venues.reserves[leg.row].flash_lent > 0.0:
                return status.NOT_REPAID, k
    return status.OK, last


@kernel
def execute_one(world, chain, place, price_gwei):
    """All legs of one transaction, or none; a sender that cannot pay for the whole is passed over.

    Returns why it failed, or ``OK``.
    """
    head = world.chains.mempool[chain, place]
    log = world.log
    if not _can_pay_gas(world, head, price_gwei):
        log.receipt[0] = log.receipt[1]
        log_event(world, head, head, status.OUT_OF_GAS_MONEY, 0.0)
        _count(world, head, status.OUT_OF_GAS_MONEY)
        return status.OUT_OF_GAS_MONEY
    first_event = log.n[1]
    first_in_block = log.n[4]
    code, last = _run_legs(world, head, place)
    if code == status.OK and not has_room(world.ledger.journal, 0, GAS_TRANSFERS):
        code = status.JOURNAL_FULL
    if code == status.OK and not _can_pay_gas(world, head, price_gwei):
        code = status.OUT_OF_GAS_MONEY  # it has spent what the gas would have cost
    if code == status.OK:
        for k in range(head.legs):
            _tally(world, head, world.chains.mempool[chain, place + k])
        gas_eth = _charge_gas(world, head, price_gwei, 1.0)
    else:
        walk_back(world.ledger.journal, world.ledger.memory)
        log.n[1] = first_event
        log.n[4] = first_in_block
        leg = world.chains.mempool[chain, place + last]
        _value(world, leg)
        log_event(world, head, leg, code, 0.0)
        gas_eth = _charge_gas(world, head, price_gwei, REVERT_GAS_SHARE)
    book(world)
    if log.n[1] > first_event:
        log.events[first_event].gas_eth = gas_eth
    _count(world, head, code)
    return code


@kernel
def execute(world, chain, size):
    """Serve the line of ``size`` transactions until the next one does not fit beside what pays more.

    A row of many positions is many transactions: it goes in when there is room for the first of them,
    and what exceeds the block takes space in the blocks that follow.
    """
    chains = world.chains
    table = chains.table[chain]
    table.paid_base_fee_gwei = table.base_fee_gwei
    table.gas_used = max(table.gas_used - table.background_gas - table.gas_limit, 0.0)
    served = 0
    while served < size:
        if served % CALLED_AT_ONCE == 0:
            call_next(chains, chain, size - served)
            fetch(world, chain, size - served)
        spot = size - 1 - served
        place = chains.queue[chain, spot]
        price_gwei = chains.price[chain, spot]
        head = chains.mempool[chain, place]
        if head.gas > 0.0:
            room = table.gas_limit - table.gas_used - background_gas(table, price_gwei)
            if room < head.gas / head.positions:
                break
        execute_one(world, chain, place, price_gwei)
        finish(world, head)
        served += 1
    table.waiting = size - served
