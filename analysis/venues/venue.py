"""What all venues at the prompt have in common: accounts with names, time, calls that stand or revert.

Each is a World with one venue, and calls the verbs that the engine calls; there is no second model.
"""

from __future__ import annotations

from typing import Any

from scenarios.alone import USERS, give, send
from scenarios.layout import Layout
from scenarios.names import listed, nearest
from sim.errors import AftershockError, InputError
from sim.ledger import balance
from sim.status import REASONS
from sim.world import World, freeze, thaw

ANYONE = "anyone"  # has all the money in the world
ALL_THE_MONEY = 1e30


class Reverted(AftershockError):
    """A call that the venue refused; nothing has changed. ``reason`` is why, ``status`` its number."""

    def __init__(self, status: int, message: str) -> None:
        self.status, self.reason = status, REASONS[status]
        super().__init__(message)


class Venue:
    """One venue by itself, in whole tokens."""

    _world: World
    _layout: Layout
    _users: dict[str, int]

    def _open(self, world: World, layout: Layout) -> None:
        self._world, self._layout, self._users = world, layout, {}

    def _group(self, name: str) -> int:
        return [group.name for group in self._layout.groups].index(name)

    def _token(self, symbol: str) -> int:
        """The number of a token, by its symbol with or without its chain."""
        names = [name.split("@")[0] for name in self._layout.tokens]
        short = symbol.split("@")[0]
        if short not in names:
            problem = f"no such token here (there are: {listed(names)})"
            raise InputError(None, "token", symbol, problem, nearest(short, names))
        return names.index(short)

    def account(self, name: str = ANYONE) -> int:
        """The number of an account, opened when it is first named; only ``"anyone"`` is born with money."""
        if name not in self._users:
            group = self._group(USERS)
            if len(self._users) == self._layout.groups[group].n:
                raise AftershockError(f"there is room for {len(self._users)} accounts")
            self._users[name] = int(self._layout.first[group]) + len(self._users)
            if name == ANYONE:
                for token in range(len(self._layout.assets)):
                    give(self._world, token, self._users[name], ALL_THE_MONEY)
        return self._users[name]

    @property
    def accounts(self) -> tuple[str, ...]:
        """Everybody who has been named so far."""
        return tuple(self._users)

    def give(self, account: str, symbol: str, amount: float) -> None:
        """Let an account have so many tokens."""
        give(self._world, self._token(symbol), self.account(account), amount)

    def balance(self, symbol: str, account: str = ANYONE) -> float:
        """Tokens held."""
        return float(balance(self._world.ledger, self._token(symbol), self.account(account)))

    @property
    def seconds(self) -> float:
        """Time since the venue was opened."""
        return float(self._world.clock.now[0].seconds)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        if not seconds >= 0.0:
            raise AftershockError(f"time does not run backwards: seconds = {seconds!r}")
        self._world.clock.now[0].seconds += seconds

    def _call(self, kind: int, account: str, **leg: float) -> Any:
        """One verb, now; the receipt of what it did."""
        return self._call_all(account, {"kind": kind, **leg})

    def _call_all(self, account: str, *legs: dict[str, float]) -> Any:
        """Several verbs that stand or fall together; the receipt of the last."""
        code = send(self._world, self.account(account), *legs)
        if code:
            raise Reverted(code, self._why(code, legs[-1]))
        return self._world.log.receipt[0]

    def _why(self, code: int, leg: dict[str, float]) -> str:
        return REASONS[code]

    def _trial(self, kind: int, account: str, **leg: float) -> Any:
        """The receipt of a transaction that is not kept."""
        self.account(account)  # opened here: what it is born with is no part of the trial
        before = freeze(self._world, {})
        try:
            return self._call(kind, account, **leg).copy()
        finally:
            thaw(self._world, before)
