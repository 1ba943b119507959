"""What all pools at the prompt have in common: quotes, swaps, reserves, and a picture of their depth."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.venues.venue import ANYONE, Venue
from sim.errors import InputError
from sim.ledger import balance
from sim.transaction import SWAP

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Pool(Venue, abc.ABC):
    """A pool of two tokens or more."""

    @staticmethod
    def _check(reserves: Mapping[str, float], fee_fraction: float, n_tokens: int | None) -> None:
        if n_tokens is not None and len(reserves) != n_tokens:
            raise InputError(None, "reserves", dict(reserves), f"needs {n_tokens} tokens")
        for symbol, amount in reserves.items():
            if not 0.0 < amount < float("inf"):
                raise InputError(None, f"reserves.{symbol}", amount, "must be above 0 and finite")
        if not 0.0 <= fee_fraction < 1.0:
            raise InputError(None, "fee_fraction", fee_fraction, "must be at least 0 and below 1")

    @property
    def symbols(self) -> tuple[str, ...]:
        """The tokens that the pool holds."""
        return self._layout.assets

    @property
    def reserves(self) -> dict[str, float]:
        """Tokens in the pool."""
        account = int(self._world.venues.pools[0].account)
        ledger = self._world.ledger
        return {s: float(balance(ledger, t, account)) for t, s in enumerate(self.symbols)}

    @abc.abstractmethod
    def spot_price(self, symbol: str) -> float:
        """What the next token of ``symbol`` is worth in the other, before the fee."""

    def _pair(self, symbol: str, other: str | None) -> tuple[int, int]:
        """Both tokens of a trade; where the other is not named, the first that is left."""
        token = self._token(symbol)
        others = [t for t in range(len(self.symbols)) if t != token]
        return token, others[0] if other is None else self._token(other)

    def _swap_leg(self, symbol: str, amount: float, at_least: float, into: str | None) -> dict:
        token_in, token_out = self._pair(symbol, into)
        return {
            "row": 0, "token_in": token_in, "token_out": token_out,
            "amount": amount, "limit": at_least,
        }  # fmt: skip

    def quote(self, symbol: str, amount: float, into: str | None = None) -> float:
        """What a sale of ``amount`` of ``symbol`` would bring now; nothing changes."""
        leg = self._swap_leg(symbol, amount, 0.0, into)
        return float(self._trial(SWAP, ANYONE, **leg)["amount_out"])

    def swap(
        self,
        symbol: str,
        amount: float,
        at_least: float = 0.0,
        into: str | None = None,
        account: str = ANYONE,
    ) -> float:
        """Sell ``amount`` of ``symbol``; returns what comes out, in whole tokens."""
        leg = self._swap_leg(symbol, amount, at_least, into)
        return float(self._call(SWAP, account, **leg).amount_out)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{symbol}</td><td>{amount:,.6g}</td></tr>"
            for symbol, amount in self.reserves.items()
        )
        first, second, *_ = self.symbols
        price = f"1 {first} = {self.spot_price(first):,.6g} {second}"
        return f"<b>{type(self).__name__}</b><table>{rows}</table><p>{price}</p>"

    def plot(self) -> Figure:
        """Average price of a sale by its size, both ways: how deep the pool is."""
        from analysis.venues.pictures import depth_of

        return depth_of(self)
