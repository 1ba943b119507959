"""A weighted pool at the prompt."""

from __future__ import annotations

import math
from collections.abc import Mapping

from analysis.venues.basket import Basket
from analysis.venues.venue import ANYONE
from sim.errors import InputError
from sim.formulas import weighted as curve
from sim.ledger import balance
from sim.tables import WEIGHTED
from sim.transaction import MINT_SHARES, SWAP_EXACT_OUT

LEAST_WEIGHT = 0.01
ROUNDING = 1e-9  # by so much the sum of the weights may miss 1


class WeightedPool(Basket):
    """Assets that keep their shares of the pool's value (Martinelli and Mushegian 2019, Balancer).

    ``reserves`` are whole tokens by symbol; ``weights`` sum to one. ``protocol_fee_fraction`` of the swap
    fees is paid to the protocol in shares. The first depositor, ``"anyone"``, holds n times the invariant
    in shares.
    """

    def __init__(
        self,
        reserves: Mapping[str, float],
        weights: Mapping[str, float],
        fee_fraction: float = 0.003,
        protocol_fee_fraction: float = 0.0,
        decimals: Mapping[str, int] | None = None,
    ) -> None:
        every = self._each("weights", weights, list(reserves))
        for symbol, weight in zip(reserves, every, strict=True):
            if not LEAST_WEIGHT <= weight <= 1.0:
                problem = f"must be between {LEAST_WEIGHT:g} and 1"
                raise InputError(None, f"weights.{symbol}", weight, problem)
        if abs(math.fsum(every) - 1.0) > ROUNDING:
            problem = f"must sum to 1, not {math.fsum(every):.12g}"
            raise InputError(None, "weights", dict(weights), problem)
        if not 0.0 <= protocol_fee_fraction <= 1.0:
            problem = "must be between 0 and 1"
            raise InputError(None, "protocol_fee_fraction", protocol_fee_fraction, problem)
        self._lay_out(
            WEIGHTED, reserves, fee_fraction, protocol_fee_fraction, decimals, weight=every
        )
        self._issue(len(reserves) * self.invariant)

    @property
    def weights(self) -> dict[str, float]:
        """Shares of the pool's value."""
        return {s: float(self._coins[k].weight) for k, s in enumerate(self.symbols)}

    @property
    def invariant(self) -> float:
        """The weighted geometric mean of the balances."""
        return float(curve.invariant_of(self._coins, 0, len(self.symbols)))

    @property
    def protocol_shares(self) -> float:
        """Shares that the protocol has been paid."""
        return float(balance(self._world.ledger, self._row.lp_token, self._row.account))

    @property
    def virtual_price(self) -> float:
        """Units of the invariant a share: it only ever rises, by fees."""
        return self.invariant / self.lp_supply

    def spot_price(self, symbol: str, into: str | None = None) -> float:
        """What the next token of ``symbol`` is worth in another, before the fee."""
        i, j = self._pair(symbol, into)
        coin_in, coin_out = self._coins[i], self._coins[j]
        return float(
            curve.spot_price(coin_in.balance, coin_in.weight, coin_out.balance, coin_out.weight)
        )

    def buy(
        self,
        symbol: str,
        amount: float,
        paying: str | None = None,
        at_most: float = math.inf,
        account: str = ANYONE,
    ) -> float:
        """Buy exactly so much of ``symbol``; returns what it costs."""
        token_out, token_in = self._pair(symbol, paying)
        receipt = self._call(
            SWAP_EXACT_OUT, account, row=0, token_in=token_in, token_out=token_out,
            amount=amount, limit=at_most,
        )  # fmt: skip
        return float(receipt.amount_in)

    def mint_shares(
        self,
        shares: float,
        symbol: str | None = None,
        at_most: float = math.inf,
        account: str = ANYONE,
    ) -> dict[str, float]:
        """Mint exactly so many shares, for one coin or in proportion; returns what was paid."""
        token = -1 if symbol is None else self._token(symbol)
        self._call(MINT_SHARES, account, row=0, token_in=token, amount=shares, limit=at_most)
        return {s: float(self._world.ledger.journal.asked[k]) for k, s in enumerate(self.symbols)}
