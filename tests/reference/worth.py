"""What one token of each kind is worth: at the outside market, and at the prices that protocols believe.

A claim is worth what stands behind it: a pool share its part of both sides, a receipt its underlying less
its part of the deficit, a debt its amount against its holder. Everybody's wealth is then one sum.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from tests.reference.exchange import Exchange

if TYPE_CHECKING:
    from tests.reference.model import ReferenceModel


class Worth(NamedTuple):
    """USD for one whole token."""

    market_usd: float
    protocol_usd: float


def total(amounts: Iterable[float]) -> float:
    """One after the other; from Python 3.12 on ``sum`` compensates for rounding, and the rules do not."""
    added = 0.0
    for amount in amounts:
        added += amount
    return added


def worths(model: ReferenceModel) -> dict[str, Worth]:
    """Of every token, as things stand now."""
    now = model.seconds
    found = {
        exchange.token: Worth(exchange.market_price_usd, believed_price_usd(model, exchange))
        for exchange in model.exchanges
    }
    for pool in model.pools:
        found[pool.lp_token] = Worth(0.0, 0.0)
        if pool.lp_supply > 0.0:
            part0, part1 = pool.reserve0 / pool.lp_supply, pool.reserve1 / pool.lp_supply
            one0, one1 = found[pool.token0], found[pool.token1]
            found[pool.lp_token] = Worth(
                part0 * one0.market_usd + part1 * one1.market_usd,
                part0 * one0.protocol_usd + part1 * one1.protocol_usd,
            )
    for reserve in model.reserves:
        market_usd, oracle_usd = reserve.asset.market_price_usd, reserve.feed.price_usd
        claim = reserve.liquidity_index_now(now) * reserve.paid_fraction(now)
        found[reserve.receipt_token] = Worth(claim * market_usd, claim * oracle_usd)
        owed = reserve.borrow_index_now(now)
        found[reserve.debt_token] = Worth(-owed * market_usd, -owed * oracle_usd)
    return found


def believed_price_usd(model: ReferenceModel, exchange: Exchange) -> float:
    """The price of an asset's first feed; without a feed protocols too look at the market."""
    for feed in model.feeds:
        if feed.asset is exchange:
            return feed.price_usd
    return exchange.market_price_usd
