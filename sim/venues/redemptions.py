"""Redemption modules of every kind: hand a transaction to the rules of its module, and say what it would do.

Whoever trades between a pool and a module knows no kind: he asks :func:`pays`, :func:`most`, :func:`least`.
To add a kind: a branch in each function here, its own file, and its row in ``scenarios/redemptions.py``.
"""

from __future__ import annotations

from sim import status
from sim.compile import boundary, formula, kernel
from sim.journal import has_room, remember
from sim.tables import ISSUER, MINT_AND_BURN, PEG_MODULE, STAKED_TOKEN
from sim.transaction import CONVERT
from sim.venues import issuer, mint_and_burn, peg_module, staked_token
from sim.venues.issuer import TERM_WORDS
from sim.venues.mint_and_burn import POOL_WORDS
from sim.venues.redemption import BOOKS, MOVES, N_BOOKS, NEARLY, payable


@formula
def converts(module, token_in):
    """Whether a module takes this token."""
    return token_in == module.coin or token_in == module.reserve_token


@kernel
def pays(venues, m, token_in, amount):
    """What comes out of a module for ``amount`` of one of its tokens, as long as it can pay."""
    module = venues.redemptions[m]
    is_redemption = token_in == module.coin
    if module.kind == PEG_MODULE:
        return peg_module.pays(module, is_redemption, amount)
    if module.kind == ISSUER:
        return issuer.pays(module, is_redemption, amount)
    if module.kind == MINT_AND_BURN:
        pools = venues.virtual_pools[module.state]
        volatile_usd = venues.feeds[pools.feed].price_usd
        return mint_and_burn.pays(pools, volatile_usd, is_redemption, amount)
    if is_redemption:
        return 0.0  # a staked token comes back through the line only
    return amount / venues.staked[module.state].rate


@kernel
def most(venues, m, token_in, now_seconds):
    """How much of one of its tokens a module takes now."""
    module = venues.redemptions[m]
    is_redemption = token_in == module.coin
    if is_redemption and module.is_halted > 0.5:
        return 0.0
    if module.kind == PEG_MODULE:
        return peg_module.most(module, is_redemption)
    if module.kind == ISSUER:
        return issuer.most(module, venues.issuers[module.state], is_redemption, now_seconds)
    if module.kind == MINT_AND_BURN:
        pools = venues.virtual_pools[module.state]
        return mint_and_burn.most(pools, venues.feeds[pools.feed].price_usd, is_redemption)
    if is_redemption:
        return 0.0
    return NEARLY * max(module.cap - module.issued, 0.0) * venues.staked[module.state].rate


@formula
def least(venues, m):
    """The least amount that a module converts."""
    module = venues.redemptions[m]
    return venues.issuers[module.state].minimum if module.kind == ISSUER else 0.0


@boundary(float)
def pays_now(venues, m, now_seconds):
    """Reserve tokens that a module would pay out at once to whoever redeems all he can."""
    coin = venues.redemptions[m].coin
    return min(
        pays(venues, m, coin, most(venues, m, coin, now_seconds)), payable(venues.redemptions[m])
    )


@formula
def rate(venues, m):
    """Reserve tokens for one coin by the rule of a module, before tolls, spread and line."""
    module = venues.redemptions[m]
    if module.kind == STAKED_TOKEN:
        return venues.staked[module.state].rate
    if module.kind == MINT_AND_BURN:
        return 1.0 / venues.feeds[venues.virtual_pools[module.state].feed].price_usd
    return 1.0


@formula
def wait_seconds(venues, m, now_seconds):
    """How long whoever hands in coin now waits for what it pays, if it is open."""
    module = venues.redemptions[m]
    if module.kind == STAKED_TOKEN:
        return staked_token.wait_seconds(venues.staked[module.state], now_seconds)
    return 0.0


@boundary(int)
def apply(ledger, venues, tx, amount, custody, now_seconds, receipt):
    """Remember what the transaction will write, then do what it asks of its module (``row``)."""
    module = venues.redemptions[tx.row]
    receipt.venue = module.account
    receipt.token = tx.token_in
    receipt.amount_in = amount
    if module.kind == STAKED_TOKEN:
        return staked_token.apply(
            ledger, venues, module, tx, amount, custody, now_seconds, receipt
        )  # fmt: skip
    if tx.kind != CONVERT:
        return status.NOTHING_TO_DO  # a module that pays at once has no queue
    if not amount > 0.0 or not converts(module, tx.token_in):
        return status.BAD_AMOUNT
    is_redemption = tx.token_in == module.coin
    if is_redemption and module.is_halted > 0.5:
        return status.CLOSED
    if not has_room(ledger.journal, N_BOOKS + TERM_WORDS + POOL_WORDS, MOVES):
        return status.JOURNAL_FULL
    remember(ledger.journal, ledger.memory, module.address + BOOKS, N_BOOKS)
    if module.kind == PEG_MODULE:
        return peg_module.convert(ledger, module, tx, amount, is_redemption, receipt)
    if module.kind == ISSUER:
        return issuer.convert(
            ledger, module, venues.issuers[module.state],
            tx, amount, is_redemption, now_seconds, receipt,
        )  # fmt: skip
    return mint_and_burn.convert(
        ledger, module, venues.virtual_pools[module.state], venues.feeds,
        tx, amount, is_redemption, receipt,
    )  # fmt: skip


@boundary(None)
def pass_time(ledger, venues, now_seconds, seconds):
    """What time does to modules by itself: stakes earn, lines are served, virtual pools recover."""
    for m in range(venues.redemptions.shape[0]):
        module = venues.redemptions[m]
        if module.kind == STAKED_TOKEN:
            staked_token.advance(ledger, venues, m, now_seconds)
        elif module.kind == MINT_AND_BURN:
            mint_and_burn.recover(venues.virtual_pools[module.state], seconds)
