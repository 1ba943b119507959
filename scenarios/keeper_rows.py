"""Rows of keepers between two blocks: cash that is free, inventory and custody that are not; bids, what
became of them, and why others were not sent.

They are asked for often and are few, so that what a look costs is not the numbers but getting at them. Where
they stand never changes: a look copies them from there, and many looks are worked out together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim import accounts
from sim.fields import BIDS_SENT, LOSSES, NO_CASH, NO_GAS_MONEY, NO_PROFIT, WINS
from sim.world import World

COUNTED_SINCE_BIRTH = {
    "bids": BIDS_SENT,
    "wins": WINS,
    "losses": LOSSES,
    "no_profit": NO_PROFIT,
    "no_cash": NO_CASH,
    "no_gas_money": NO_GAS_MONEY,
}


class Look(NamedTuple):
    """The numbers of all keepers after ``block`` recorded blocks."""

    block: int
    held: np.ndarray  # whole tokens, one place behind the other
    counted: np.ndarray  # (n_counts, n_keepers)
    price_usd: np.ndarray  # (n_assets,)


class Keepers:
    """Where the numbers of all keepers stand in a world."""

    def __init__(self, world: World) -> None:
        self._held, self._column = world.ledger.balance, world.cohorts.column
        self._price_usd = np.asarray(world.venues.exchanges["market_price_usd"])
        tokens = world.venues.exchanges["token"].tolist()
        cohorts = np.flatnonzero(world.cohorts.table["role"] == accounts.KEEPER).tolist()
        places: list[np.ndarray] = [np.zeros(0, np.int64)]
        counts: list[np.ndarray] = [np.zeros((len(COUNTED_SINCE_BIRTH), 0), np.int64)]
        numbers: list[tuple[np.ndarray, ...]] = []
        # Of each cohort: how many rows, and of each column of tokens its asset and whether it is free cash.
        self._cohorts: list[tuple[int, list[tuple[int, bool]]]] = []
        for c in cohorts:
            row = world.cohorts.table[c]
            n, columns = int(row.n_rows), []
            groups = [int(row.group)]
            if row.first_custody >= 0:
                groups.append(int(world.ledger.group[row.first_custody]))
            for asset, token in enumerate(tokens):
                for k, group in enumerate(groups):
                    places.append(world.ledger.offset[token, group] + np.arange(n))
                    columns.append((asset, k == 0 and token == row.cash_token))
            start = world.cohorts.start[c, list(COUNTED_SINCE_BIRTH.values())]
            counts.append(start[:, None] + np.arange(n))
            numbers.append((row.first_account + np.arange(n), np.full(n, c, np.int64)))
            self._cohorts.append((n, columns))
        self._places, self._counts = np.concatenate(places), np.concatenate(counts, axis=1)
        self._numbers = [np.concatenate(one) for one in zip(*numbers, strict=True)]

    def look(self, block: int) -> Look:
        """Copy what is needed."""
        held, counted = self._held[self._places], self._column[self._counts]
        return Look(block, held, counted, self._price_usd.copy())

    def rows(self, looks: Sequence[Look]) -> dict[str, np.ndarray]:
        """One row a look and keeper; nothing where there are no keepers."""
        if not self._cohorts:
            return {}
        held = np.array([look.held for look in looks])
        price_usd = np.array([look.price_usd for look in looks])
        free, locked, place = [], [], 0
        for n, columns in self._cohorts:
            of_cohort = np.zeros((2, len(looks), n))
            for asset, is_free in columns:
                amount = held[:, place : place + n]
                of_cohort[0 if is_free else 1] += amount * price_usd[:, asset : asset + 1]
                place += n
            free.append(of_cohort[0])
            locked.append(of_cohort[1])
        account, cohort = self._numbers
        counted = np.concatenate([look.counted for look in looks], axis=1)
        return {
            "block": np.repeat([look.block for look in looks], len(account)),
            "account": np.tile(account, len(looks)),
            "cohort": np.tile(cohort, len(looks)),
            "capital_free_usd": np.concatenate(free, axis=1).ravel(),
            "capital_locked_usd": np.concatenate(locked, axis=1).ravel(),
            **dict(zip(COUNTED_SINCE_BIRTH, counted, strict=True)),
        }
