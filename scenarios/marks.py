"""The three marks of every row, and of every cohort and treasury, between two blocks.

``nav_usd`` at the outside market, ``nav_protocol_usd`` at the price protocols believe, ``nav_exit_usd``
if this row alone left now. The engine writes the first two for each cohort and block; here they are
added up a second time from the ledger, row by row, beside the third.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from scenarios.exits import exit_of, in_bands, treasury_exit
from scenarios.moments import each
from scenarios.sums import exact_sums
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
                market = market + held * token.value_usd
                protocol = protocol + held * token.protocol_value_usd
    if cohort.market >= 0 and world.venues.markets[cohort.market].kind == BANDS:
        owned = in_bands(world, c)
        for amount, number in ((owned[0], cohort.cash_token), (owned[1], cohort.token)):
            market = market + amount * world.tokens[number].value_usd
            protocol = protocol + amount * world.tokens[number].protocol_value_usd
    left = exit_of(world, c)
    return Marks(market, protocol, left.usd, left.locked_usd)


def marks_of_all(world: World) -> list[Marks]:
    """The marks of every cohort, in order of declaration."""
    return [marks_of(world, c) for c in range(len(world.cohorts.table))]


def sums_of(rows: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Sums of marks over rows, and how many are insolvent, a number a moment (n_moments,) each.

    A row is insolvent if leaving, with what is locked counted in full, would not pay its debt.
    """
    sums = {name: exact_sums(rows[name]) for name in Marks._fields}
    worth_usd = rows["nav_exit_usd"] + rows["exit_locked_usd"]
    return {**sums, "n_insolvent": (worth_usd < 0.0).sum(axis=1)}


def treasury_marks(world: World, r: int) -> Marks:
    """The marks of the treasury of a reserve."""
    reserve = world.venues.reserves[r]
    owned = each(left_to_treasury, reserve, world.clock.now[0].seconds)
    market_usd = owned * world.venues.exchanges[reserve.asset].market_price_usd
    protocol_usd = owned * world.venues.feeds[reserve.feed].price_usd
    return Marks(market_usd, protocol_usd, *treasury_exit(world, r))
