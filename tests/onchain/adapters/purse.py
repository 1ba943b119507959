"""The trader's purse: filled before a call with what it may need, emptied after it.

So what a call took and gave is read from small balances of the ledger, exactly, and not as the
difference of two large ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim import causes, status
from sim.ledger import burn, commit, transfer
from sim.world import freeze, thaw

TRADER = "trader"


class Purse:
    def __init__(self, venue: Any) -> None:
        self.venue = venue

    def fill(self, amounts: Mapping[str, float]) -> None:
        for symbol, amount in amounts.items():
            if amount > 0.0:
                self.venue.give(TRADER, symbol, amount)

    def empty(self, *symbols: str) -> dict[str, float]:
        """What was in it, by symbol."""
        ledger = self.venue._world.ledger
        held = {symbol: self.venue.balance(symbol, TRADER) for symbol in symbols}
        for symbol, amount in held.items():
            token = self.venue._token(symbol)
            code = burn(ledger, token, self.venue.account(TRADER), amount, causes.BIRTH)
            assert code == status.OK, status.REASONS[code]
        commit(ledger)
        return held

    def take(self, symbol: str, payer: str) -> None:
        """All that another account has, as its heir."""
        ledger, token = self.venue._world.ledger, self.venue._token(symbol)
        accounts = self.venue.account(payer), self.venue.account(TRADER)
        code = transfer(ledger, token, *accounts, self.venue.balance(symbol, payer), causes.BIRTH)
        assert code == status.OK, status.REASONS[code]
        commit(ledger)

    def save(self) -> Any:
        return freeze(self.venue._world, {})

    def restore(self, saved: Any) -> None:
        thaw(self.venue._world, saved)
