"""A World with one venue and nobody in it but whoever sits at the prompt: the same tables, the same verbs.

What is called here runs as plain Python, so nothing is compiled and every step can be looked at.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from scenarios import step
from scenarios.build import new_chains, new_log
from scenarios.layout import Group, Layout
from scenarios.memory import lay_memory
from sim import accounts, causes, status
from sim.ledger import commit, mint
from sim.records import new_table
from sim.tables import CLOCK, COHORT, TOKEN, UNDERLYING
from sim.transaction import MOST_COINS
from sim.world import N_RISK_BINS, Clock, Cohorts, World

CHAIN = "main"
N_USERS = 64
USERS = "users"
MOST_LEGS = 8  # of one transaction


@dataclasses.dataclass(frozen=True)
class Claim:
    """A token that a venue issues: its kind (``sim.tables``), what it is a claim on, and on which row."""

    name: str
    kind: int
    asset: int = -1
    issuer: str = "pools"  # group of accounts
    venue_row: int = 0


def world_alone(
    decimals: Mapping[str, int],
    claims: Sequence[Claim] = (),
    n_rows: Mapping[str, int] | None = None,
    groups: Mapping[str, tuple[int, tuple[str, ...]]] | None = None,
) -> tuple[World, Layout]:
    """A world of these assets (symbol -> decimals), claims and rows of venue tables.

    ``groups`` are the accounts of the venue: name -> (kind of account, names). Every account may hold
    every token. Prices are 1 until they are set; no gas is charged and time stands still.
    """
    assets = tuple(decimals)
    every = tuple(range(len(assets) + len(claims)))
    venues = groups or {"pools": (accounts.POOL, ("pool",))}
    laid = [Group("outside", accounts.OUTSIDE, ("outside",), every)]
    laid += [Group("builders", accounts.BUILDER, (f"{CHAIN}.builder",), every)]
    laid += [Group(name, kind, members, every) for name, (kind, members) in venues.items()]
    laid += [Group(USERS, accounts.TRADER, N_USERS, every)]
    names = tuple(f"{asset}@{CHAIN}" for asset in assets) + tuple(claim.name for claim in claims)
    layout = Layout(
        assets, (CHAIN,), (), (), (), (), (), names, tuple(laid), (), ()
    )  # fmt: skip
    ledger, tables = lay_memory(layout, {"exchanges": len(assets), **(n_rows or {})})
    world = World(
        Clock(new_table(CLOCK, 1), np.ones((1, len(assets))), np.zeros((1, 1))),
        new_chains(1, MOST_LEGS),
        new_table(TOKEN, len(names)),
        ledger,
        tables,
        Cohorts(
            new_table(COHORT, 1),
            np.full(len(laid), -1, np.int64),
            np.zeros(1),
            np.zeros((1, 1), np.int64),
            np.zeros((1, 1), np.int64),
            np.zeros((1, 1), np.int64),
            np.zeros((1, 1)),
            np.full(1, -1, np.int64),
            np.zeros((1, N_RISK_BINS), np.int64),
        ),
        new_log(layout, MOST_LEGS, [True] * len(laid)),
    )
    now = world.clock.now[0]
    now.n_assets, now.n_chains, now.slot_seconds = len(assets), 1, 12.0
    now.is_trading = now.has_pool_depth = now.has_oracle_lag = now.has_keeper_friction = 1
    now.first_recorded_slot = 1  # nothing is recorded in slot 0
    for a, symbol in enumerate(assets):
        token, exchange = world.tokens[a], world.venues.exchanges[a]
        token.kind, token.asset, token.decimals = UNDERLYING, a, decimals[symbol]
        exchange.token, exchange.account = a, 0
        exchange.fundamental_price_usd = exchange.market_price_usd = 1.0
        exchange.depth_usd = exchange.depth_multiple = 1.0
    for k, claim in enumerate(claims):
        token = world.tokens[len(assets) + k]
        group = [group.name for group in laid].index(claim.issuer)
        token.kind, token.asset, token.venue_row = claim.kind, claim.asset, claim.venue_row
        token.issuer, token.decimals = layout.first[group], 18
    return world, layout


def give(world: World, token: int, account: int, amount: float) -> None:
    """Bring tokens into the world."""
    code = mint(world.ledger, token, account, amount, causes.BIRTH)
    assert code == status.OK, status.REASONS[code]
    commit(world.ledger)


def send(world: World, sender: int, *legs: Mapping[str, float]) -> int:
    """Execute one transaction now; returns its status. The receipt of the last leg is ``log.receipt[0]``."""
    for place, fields in enumerate(legs):
        leg = world.chains.mempool[0, place]
        leg.chain, leg.sender, leg.positions = 0, sender, 1.0
        leg.row = leg.amount = leg.limit = leg.gas = leg.usd = leg.deficit_usd = leg.legs = 0
        for number in range(1, MOST_COINS):
            setattr(leg, f"amount{number}", 0.0)
        leg.sqrt_price_limit = leg.sqrt_price_limit_rest = leg.lower_tick = leg.upper_tick = 0
        leg.cohort = leg.counterparty = leg.token_in = leg.token_out = leg.trigger_slot = -1
        for name, value in fields.items():
            setattr(leg, name, value)
    world.chains.mempool[0, 0].legs = len(legs)
    with np.errstate(all="ignore"):
        return int(step.execute_one(world, 0, 0, 0.0))
