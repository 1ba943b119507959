"""Push oracles: what a protocol believes a price to be, and when it learns better.

An operator sends an update when the market has moved by ``deviation_fraction`` or the last one is older
than the heartbeat. The update is a transaction: it pays gas and waits for block space like any other.
One that has waited for its patience expires; the next is sent at the then going price of gas, and with the
price of that moment.
With a delay, the value published becomes the price only later, and meanwhile none other is taken.
A feed of mode ``delayed`` is Maker's Oracle Security Module: one update in each whole ``delay`` makes the
value that waited the price, and lets the market's of now wait. So the price is between one and two delays
old, and older where the update finds no block space. Source: Maker's contracts, OSM (2018).
A feed of mode ``rate`` is a view and no operator's: the rate of a staked token, as its own contract says it,
times the price of another feed. No sale of the token can move it, so nobody is liquidated for a discount in a
pool, and lenders find out last. Lending markets did so with staked ether after June 2022. It also tells the
rate of claims that are pledged: ``sim/venues/rate_feeds.py``.
One of mode ``fair`` is a view too, of a share of a pool: ``sim/venues/pool_feeds.py``.
"""

from __future__ import annotations

import math

from sim import status
from sim.compile import formula, kernel
from sim.journal import has_room, remember
from sim.records import n_words, record

PUSH, FIXED, DELAYED, RATE, FAIR = 0, 1, 2, 3, 4
NOTHING_WAITS = -math.inf  # seconds; time is negative during the burn-in

FEED = record(
    "price_usd waiting_price_usd waiting_until_seconds updated_seconds "
    "impact waiting_impact observed_slot waiting_observed_slot "  # in the price, and when it was taken
    "deviation_fraction heartbeat_seconds delay_seconds tip_gwei max_fee_multiple in_flight rate",
    "asset mode operator patience_blocks base_feed",
)
FEED_WORDS = n_words(FEED)


@formula
def is_published(feed):
    """Whether an operator has anything to say to it."""
    return feed.mode == PUSH or feed.mode == DELAYED


@formula
def wants_update(feed, market_price_usd, now_seconds):
    """Whether the operator should publish: deviation or heartbeat, and nothing waiting or in flight."""
    if not is_published(feed):
        return False
    if feed.in_flight > 0.0 or feed.waiting_until_seconds > NOTHING_WAITS:
        return False
    if feed.mode == DELAYED:
        return now_seconds - feed.updated_seconds >= feed.delay_seconds
    is_stale = now_seconds - feed.updated_seconds >= feed.heartbeat_seconds
    is_off = abs(market_price_usd - feed.price_usd) >= feed.deviation_fraction * feed.price_usd
    return is_stale or is_off


@formula
def follow(feed, market_price_usd, impact, slot, now_seconds):
    """An oracle without lag: it equals the market in each block, and nothing need be sent."""
    if is_published(feed):
        feed.price_usd = market_price_usd
        feed.impact = impact
        feed.observed_slot = slot
        feed.updated_seconds = now_seconds


@formula
def derive(feed, base):
    """The price of a feed of mode ``rate``, from that of its base."""
    feed.price_usd = feed.rate * base.price_usd
    feed.impact = base.impact
    feed.observed_slot = base.observed_slot
    feed.updated_seconds = base.updated_seconds


@kernel
def read_rates(feeds):
    """Let every feed of mode ``rate`` say what its base and its rate say now."""
    for row in range(feeds.shape[0]):
        if feeds[row].mode == RATE:
            derive(feeds[row], feeds[feeds[row].base_feed])


@kernel
def _pass_on(ledger, feeds, base):
    """The same within a transaction, for the feeds that stand on this one."""
    for row in range(feeds.shape[0]):
        if feeds[row].mode == RATE and feeds[row].base_feed == base:
            remember(ledger.journal, ledger.memory, feeds[row].address, FEED_WORDS)
            derive(feeds[row], feeds[base])


@kernel
def publish_price(ledger, feeds, row, tx, amount, now_seconds, receipt):
    """Take ``amount`` as the new price, now or after the delay."""
    feed = feeds[row]
    if not has_room(ledger.journal, FEED_WORDS * feeds.shape[0], 0):
        return status.JOURNAL_FULL
    if not 0.0 < amount < math.inf:
        return status.BAD_AMOUNT
    is_early = feed.mode == DELAYED and now_seconds - feed.updated_seconds < feed.delay_seconds
    if is_early or feed.waiting_until_seconds > NOTHING_WAITS:
        return status.TOO_SOON
    remember(ledger.journal, ledger.memory, feed.address, FEED_WORDS)
    receipt.venue = feed.operator
    receipt.oracle_price_usd = feed.price_usd
    receipt.amount_in = amount
    feed.updated_seconds = now_seconds
    if feed.mode == DELAYED:
        feed.updated_seconds = math.floor(now_seconds / feed.delay_seconds) * feed.delay_seconds
        receipt.impact = math.log(feed.waiting_price_usd / feed.price_usd)
        feed.price_usd = feed.waiting_price_usd
        feed.impact = feed.waiting_impact
        feed.observed_slot = feed.waiting_observed_slot
        feed.waiting_price_usd = amount
        feed.waiting_impact = tx.trigger_impact
        feed.waiting_observed_slot = tx.trigger_slot
    elif feed.delay_seconds > 0.0:
        feed.waiting_price_usd = amount
        feed.waiting_impact = tx.trigger_impact
        feed.waiting_observed_slot = tx.trigger_slot
        feed.waiting_until_seconds = now_seconds + feed.delay_seconds
    else:
        receipt.impact = math.log(amount / feed.price_usd)
        feed.price_usd = amount
        feed.impact = tx.trigger_impact
        feed.observed_slot = tx.trigger_slot
    _pass_on(ledger, feeds, row)
    return status.OK


@kernel
def release(feeds, now_seconds):
    """Let values whose delay is over become the price."""
    for row in range(feeds.shape[0]):
        feed = feeds[row]
        if NOTHING_WAITS < feed.waiting_until_seconds <= now_seconds:
            feed.price_usd = feed.waiting_price_usd
            feed.impact = feed.waiting_impact
            feed.observed_slot = feed.waiting_observed_slot
            feed.waiting_until_seconds = NOTHING_WAITS
