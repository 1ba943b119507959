"""Who paid whom, in USD at fundamental prices, and what the inside holds: the two tables behind the loss.

A claim is worth what stands behind it. Minting a receipt is a payment by its issuer to the holder, minting a
debt one by the holder; what is burned of a gas fee counts as paid to the block builder.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from tests.reference.exchange import Exchange
from tests.reference.ledger import Account, Move

if TYPE_CHECKING:
    from tests.reference.model import ReferenceModel


@dataclasses.dataclass
class Wealth:
    """What the inside holds of one asset, and what its price has done to that."""

    inside: float  # whole tokens, claims apart
    last_price_usd: float  # fundamental
    inside_at_start: float = 0.0
    price_at_start_usd: float = 0.0
    market_price_at_start_usd: float = 0.0
    timing_usd: float = (
        0.0  # the loss on what was bought or sold since the start, as prices moved on
    )


@dataclasses.dataclass(frozen=True)
class Token:
    """What a token is: ``stands_for`` is its Exchange, Pool or Reserve."""

    kind: str  # underlying, lp, receipt, debt
    stands_for: Any
    issuer: str  # group of accounts; of an underlying token, where its burns count as paid to

    @property
    def unit_value_usd(self) -> float:
        """What one is worth at the fundamental prices of now, at the indices last written."""
        if self.kind == "underlying":
            exchange: Exchange = self.stands_for
            return exchange.fundamental_price_usd
        if self.kind == "lp":
            pool = self.stands_for
            if pool.lp_supply <= 0.0:
                return 0.0
            value_usd = pool.reserve0 * pool.asset0.fundamental_price_usd
            value_usd += pool.reserve1 * pool.asset1.fundamental_price_usd
            return value_usd / pool.lp_supply
        reserve = self.stands_for
        index = reserve.borrow_index if self.kind == "debt" else reserve.liquidity_index
        return index * reserve.asset.fundamental_price_usd


def book(model: ReferenceModel, moves: list[Move]) -> None:
    """A transaction stands: add up who paid whom."""
    for move in moves:
        token = model.tokens[move.token]
        giver, taker = _group(move.payer, token), _group(move.receiver, token)
        value_usd = move.amount * token.unit_value_usd
        # Whoever holds a debt owes it.
        sides = (taker, giver) if token.kind == "debt" else (giver, taker)
        key = (move.cause, *sides)
        model.paid_usd[key] = model.paid_usd.get(key, 0.0) + value_usd
        if token.kind == "underlying":
            net = (taker in model.inside) - (giver in model.inside)
            model.wealth[token.stands_for.name].inside += net * move.amount


def _group(side: Account | None, token: Token) -> str:
    return token.issuer if side is None else side.group


def revalue(model: ReferenceModel, is_start: bool) -> None:
    """Take the new fundamental prices; the recorded part begins with empty tables."""
    if is_start:
        model.paid_usd = {}
    for exchange in model.exchanges:
        wealth = model.wealth[exchange.name]
        if is_start:
            wealth.inside_at_start = wealth.inside
            wealth.price_at_start_usd = wealth.last_price_usd
            wealth.market_price_at_start_usd = exchange.market_price_usd
            wealth.timing_usd = 0.0
        moved_usd = exchange.fundamental_price_usd - wealth.last_price_usd
        wealth.timing_usd -= (wealth.inside - wealth.inside_at_start) * moved_usd
        wealth.last_price_usd = exchange.fundamental_price_usd
