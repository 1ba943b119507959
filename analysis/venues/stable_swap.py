"""A StableSwap pool at the prompt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.venues.basket import Basket
from analysis.venues.venue import Reverted
from sim.errors import InputError
from sim.formulas import stable_swap as curve
from sim.status import REASONS
from sim.tables import STABLE_SWAP
from sim.venues import stable_swap

MOST_COINS = 4


class StableSwapPool(Basket):
    """Two to four coins that should cost the same (Egorov 2019, Curve's StableSwap).

    ``reserves`` are whole tokens by symbol. ``amplification`` is A as the contract stores it, A n^(n-1) of
    the paper. ``admin_fee_fraction`` of each fee is the protocol's. ``rates`` are units of the invariant a
    token (1 unless given). The first depositor, ``"anyone"``, holds as many shares as the invariant.
    """

    def __init__(
        self,
        reserves: Mapping[str, float],
        amplification: float = 100.0,
        fee_fraction: float = 0.0004,
        admin_fee_fraction: float = 0.0,
        rates: Mapping[str, float] | None = None,
        decimals: Mapping[str, int] | None = None,
    ) -> None:
        most = stable_swap.MOST_AMPLIFICATION
        if not 0.0 < amplification < most:
            problem = f"must be above 0 and below {most:g}"
            raise InputError(None, "amplification", amplification, problem)
        if not 0.0 <= admin_fee_fraction <= 1.0:
            problem = "must be between 0 and 1"
            raise InputError(None, "admin_fee_fraction", admin_fee_fraction, problem)
        if fee_fraction > 0.5:
            raise InputError(None, "fee_fraction", fee_fraction, "must be at most 0.5")
        if not 2 <= len(reserves) <= MOST_COINS:
            problem = f"needs 2 to {MOST_COINS} tokens"
            raise InputError(None, "reserves", dict(reserves), problem)
        symbols = list(reserves)
        every = self._each("rates", {**dict.fromkeys(symbols, 1.0), **(rates or {})}, symbols)
        for symbol, rate in zip(symbols, every, strict=True):
            if not 0.0 < rate < float("inf"):
                raise InputError(None, f"rates.{symbol}", rate, "must be above 0 and finite")
        self._lay_out(STABLE_SWAP, reserves, fee_fraction, admin_fee_fraction, decimals, rate=every)
        self._basket.initial_amplification = self._basket.future_amplification = amplification
        self._basket.initial_seconds = -stable_swap.LEAST_RAMP_SECONDS
        self._issue(self.invariant)

    @property
    def amplification(self) -> float:
        """A of this moment, as the contract stores it."""
        return float(self._ann / self._basket.n_coins)

    @property
    def _levels(self) -> Any:
        return self._world.ledger.journal.levels

    @property
    def _ann(self) -> float:
        return float(stable_swap.ann_now(self._basket, self.seconds))

    @property
    def invariant(self) -> float:
        """D: what the coins would add up to, were they in balance."""
        return float(stable_swap.invariant_now(self._levels, self._basket, self._coins, self._ann))

    @property
    def virtual_price(self) -> float:
        """Units of the invariant a share: it only ever rises, by fees."""
        return self.invariant / self.lp_supply

    def ramp(self, amplification: float, seconds: float) -> None:
        """Begin to move A to a new value over so long, at least a day and at most tenfold."""
        end = self.seconds + seconds
        code = stable_swap.ramp(self._basket, amplification, end, self.seconds)
        if code:
            raise Reverted(code, REASONS[code])

    def spot_price(self, symbol: str, into: str | None = None) -> float:
        """What the next token of ``symbol`` is worth in another, before the fee."""
        i, j = self._pair(symbol, into)
        invariant, n = self.invariant, len(self.symbols)
        pull = curve.product_term(self._levels, n, invariant) / self._ann
        coin_in, coin_out = self._coins[i], self._coins[j]
        price = curve.spot_price(self._levels[i], self._levels[j], pull)
        return float(price * coin_in.rate / coin_out.rate)
