"""The three marks of every row, and of every cohort and treasury, between two blocks.

``nav_usd`` at the outside market, ``nav_protocol_usd`` at the price protocols believe, ``nav_exit_usd``
if this row alone left now. The engine writes the first two for each cohort and block; here they are
added up a second time from the ledger, row by row, beside the third.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scenarios.exits import exit_of, in_bands, treasury_exit
from scenarios.sums import exact_sum
from sim.ledger import column
from sim.tables import BANDS
from sim.venues.lending import left_to_treasury
from sim.world import World


class Marks(NamedTuple):
    """One number a row of a cohort."""

    nav_usd: np.ndarray
    nav_protocol_usd: np.ndarray
    nav_exit_usd: np.ndarray
    exit_locked_usd: np.ndarray


def marks_of(world: World, c: int) -> Marks:
    """All marks of each row of a cohort (n_rows,); custody belongs to whoever waits for it."""
    cohort = world.cohorts.table[c]
    groups = [int(cohort.group)]
    if cohort.first_custody >= 0:
        groups.append(int(world.ledger.group[cohort.first_custody]))
    market, protocol = np.zeros(int(cohort.n_rows)), np.zeros(int(cohort.n_rows))
    for number, token in enumerate(world.tokens):
        for group in groups:
            if world.ledger.offset[number, group] >= 0:
                held = column(world.ledger, number, group)
                market += held * token.value_usd
                protocol += held * token.protocol_value_usd
    if cohort.market >= 0 and world.venues.markets[cohort.market].kind == BANDS:
        owned = in_bands(world, c)
        for amount, number in ((owned[0], cohort.cash_token), (owned[1], cohort.token)):
            market += amount * world.tokens[number].value_usd
            protocol += amount * world.tokens[number].protocol_value_usd
    left = exit_of(world, c)
    return Marks(market, protocol, left.usd, left.locked_usd)


def marks_of_all(world: World) -> list[Marks]:
    """The marks of every cohort, in order of declaration."""
    return [marks_of(world, c) for c in range(len(world.cohorts.table))]


def mark_rows(world: World, block: int, all_marks: Sequence[Marks]) -> dict[str, np.ndarray]:
    """One row a cohort, then one a reserve for its treasury: sums over rows, and how many are insolvent.

    A row is insolvent if leaving, with what is locked counted in full, would not pay its debt.
    """
    rows = []
    for c, marks in enumerate(all_marks):
        worth_usd = marks.nav_exit_usd + marks.exit_locked_usd
        sums = (exact_sum(mark) for mark in marks)
        rows.append((block, c, -1, *sums, int((worth_usd < 0.0).sum())))
    for r, reserve in enumerate(world.venues.reserves):
        owned = left_to_treasury(reserve, world.clock.now[0].seconds)
        market_usd = owned * world.venues.exchanges[reserve.asset].market_price_usd
        protocol_usd = owned * world.venues.feeds[reserve.feed].price_usd
        rows.append((block, -1, r, market_usd, protocol_usd, *treasury_exit(world, r), 0))
    names = ("block", "cohort", "reserve", *Marks._fields, "n_insolvent")
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return {name: np.array(column) for name, column in zip(names, columns, strict=True)}
