"""A redemption module at the prompt: what all kinds have in common.

Each is a World with one module that is sent the engine's own transactions.
"""

from __future__ import annotations

from typing import Any

from analysis.venues.venue import ANYONE, Venue
from scenarios.alone import world_alone
from sim import accounts
from sim.errors import InputError
from sim.transaction import CONVERT
from sim.venues import redemptions

MODULE = "module"


class Module(Venue):
    """A coin for another token and back, by the rules of its kind."""

    _kind: int

    def _open_module(self, coin: str, reserve_asset: str, cap: float, rows: dict[str, int]) -> None:
        if coin == reserve_asset:
            problem = "is the token that it is converted into"
            raise InputError(None, "coin", coin, problem)
        self.coin, self.reserve_asset = coin, reserve_asset
        groups = {MODULE: (accounts.REDEMPTION, (MODULE,))}
        decimals = {coin: 18, reserve_asset: 18}
        self._open(*world_alone(decimals, (), {"redemptions": 1, **rows}, groups))
        row = self._row
        row.kind, row.account = self._kind, self._layout.first[self._group(MODULE)]
        row.coin, row.reserve_token, row.coin_asset, row.reserve_asset = 0, 1, 0, 1
        row.cap = cap
        self.account()  # whoever asks has all the money in the world

    @property
    def _row(self) -> Any:
        return self._world.venues.redemptions[0]

    @property
    def reserve(self) -> float:
        """Reserve tokens that the module holds."""
        return float(self._row.reserve)

    @property
    def issued(self) -> float:
        """Coin in issue."""
        return float(self._row.issued)

    def halt(self, halted: bool = True) -> None:
        """Pay nothing out, or begin to pay again."""
        self._row.is_halted = float(halted)

    def most(self, symbol: str) -> float:
        """How much of one of its tokens the module takes now."""
        token = self._token(symbol)
        return float(redemptions.most(self._world.venues, 0, token, self.seconds))

    def _leg(self, symbol: str, amount: float, at_least: float) -> dict[str, float]:
        return {"row": 0, "token_in": self._token(symbol), "amount": amount, "limit": at_least}

    def quote(self, symbol: str, amount: float) -> float:
        """What ``amount`` of ``symbol`` would be converted into now; nothing changes."""
        return float(self._trial(CONVERT, ANYONE, **self._leg(symbol, amount, 0.0))["amount_out"])

    def convert(
        self, symbol: str, amount: float, at_least: float = 0.0, account: str = ANYONE
    ) -> float:
        """Hand in ``amount`` of ``symbol``; returns what comes out, in whole tokens."""
        leg = self._leg(symbol, amount, at_least)
        return float(self._call(CONVERT, account, **leg).amount_out)

    def _told(self) -> dict[str, str]:
        return {}

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td>{what}</td><td>{x}</td></tr>" for what, x in self._told().items())
        return f"<b>{type(self).__name__}</b><table>{rows}</table>"
