"""World: everything that outlives a block, in seven fields.

``memory`` of the ledger holds the balances first and the venue tables behind them; the other fields
have arrays of their own. Copy, save, state hash and equality all go through :func:`columns`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from sim.compile import state
from sim.ledger import Ledger
from sim.records import copy_of, words


@state
class Clock(NamedTuple):
    """Time, the seed, and what the outside imposes: fundamental prices and dials, a row a slot."""

    now: np.recarray  # (1,) CLOCK
    fundamental_price_usd: np.ndarray  # (n_slots + 1, n_assets) float64
    dials: np.ndarray  # (n_slots + 1, n_dials) float64


@state
class Chains(NamedTuple):
    """Block space: a table of chains, their mempools and the workspace that orders them."""

    table: np.recarray  # (n_chains,) CHAIN
    mempool: np.recarray  # (n_chains, capacity) TRANSACTION
    queue: np.ndarray  # (n_chains, capacity) int64, places of heads: who is in line
    price: np.ndarray  # (n_chains, capacity) float64, what each in line pays a unit of gas
    tie: np.ndarray  # (n_chains, capacity) float64, counter hash that breaks ties
    parted_at: np.ndarray  # (n_chains, MOST_PARTINGS) int64, where the line has been parted


@state
class Venues(NamedTuple):
    """All venue tables; each family is one record array."""

    pools: np.recarray  # (n_pools,) POOL
    baskets: np.recarray  # (n_baskets,) BASKET, pools of several coins
    coins: np.recarray  # (n_coins,) COIN, those of a pool together
    markets: np.recarray  # (n_markets,) MARKET
    emodes: np.recarray  # (n_emodes,) EMODE
    reserves: np.recarray  # (n_reserves,) RESERVE
    feeds: np.recarray  # (n_feeds,) FEED
    exchanges: np.recarray  # (n_assets,) EXCHANGE
    share_vaults: np.recarray  # (n_share_vaults,) SHARE_VAULT
    places: np.recarray  # (n_places,) PLACE
    tickets: np.recarray  # (n_tickets,) TICKET
    calls: np.recarray  # (1,) TRANSACTION, what one venue asks of another
    concentrated: np.recarray  # (n,) CONCENTRATED
    ticks: np.recarray  # (n,) TICK
    positions: np.recarray  # (n,) POSITION
    observations: np.recarray  # (n,) OBSERVATION
    cdps: np.recarray  # (n_cdps,) CDP, a row a market of debt positions
    auctions: np.recarray  # (capacity of all cdps,) AUCTION
    redemptions: np.recarray  # (n_redemptions,) REDEMPTION
    issuers: np.recarray  # (n,) ISSUER_TERMS, of modules with closing hours
    staked: np.recarray  # (n,) STAKED, of modules that stake
    waiting: np.recarray  # (n,) WAITING, requests in the lines of those
    virtual_pools: np.recarray  # (n,) VIRTUAL_POOLS, of modules that mint and burn
    banded: np.recarray  # (n,) BANDED, a row a market of soft liquidation
    bands: np.recarray  # (n,) BAND
    loans: np.recarray  # (n,) LOAN, a row an account that may borrow there
    band_shares: np.recarray  # (MAX_BANDS x n loans,) BAND_SHARE


@state
class Cohorts(NamedTuple):
    """Who decides: one table row a cohort, and one flat array behind all per-row columns."""

    table: np.recarray  # (n_cohorts,) COHORT
    of_group: np.ndarray  # (n_groups,) int64, cohort of an account group or -1
    column: np.ndarray  # (n_columns_total,) float64
    start: np.ndarray  # (n_cohorts, MAX_FIELDS) int64, first element of a field in `column`
    length: np.ndarray  # (n_cohorts, MAX_FIELDS) int64, n_rows, or 1 for a shared parameter
    route: np.ndarray  # (n_cohorts, n_pools) int64, pools a cohort trades on, first n_pools valid
    seen: np.ndarray  # (ring, n_seen) float64, what can be observed, a row a slot
    at_risk: np.ndarray  # (capacity,) int64, accounts with health below one
    risk_bins: np.ndarray  # (n_cohorts, N_RISK_BINS) int64, levered rows by 1 / health


@state
class Log(NamedTuple):
    """What a run leaves behind; nothing here is ever read by the model."""

    n: (
        np.ndarray
    )  # (6,) int64: rows of blocks, of events; a breach (2); events in this block; rows of vaults
    blocks: np.ndarray  # (capacity, n_block_columns) float64
    cohorts: np.ndarray  # (capacity, n_cohorts, n_cohort_columns) float64
    pools: np.ndarray  # (capacity, n_pools, n_pool_columns) float64
    reserves: np.ndarray  # (capacity, n_reserves, n_reserve_columns) float64
    redemptions: np.ndarray  # (capacity, n_redemptions, n_redemption_columns) float64
    share_vaults: np.ndarray  # (capacity, n_share_vaults, n_share_vault_columns) float64
    events: np.recarray  # (event_capacity,) EVENT
    vaults: (
        np.ndarray
    )  # (event_capacity, n_vault_columns) float64, a row a vault that something happened to
    receipt: np.recarray  # (1,) RECEIPT, of the leg being executed
    breach: np.ndarray  # (2,) float64, amounts on the two sides of a broken invariant
    paid_usd: np.ndarray  # (n_causes, n_groups, n_groups) float64: cause, payer, receiver
    is_inside: np.ndarray  # (n_groups,) int64, 1 where losses are counted
    wealth: np.recarray  # (n_assets,) WEALTH


@state
class World(NamedTuple):
    """The state of a simulation. Seven fields, no more."""

    clock: Clock
    chains: Chains
    tokens: np.recarray  # (n_tokens,) TOKEN
    ledger: Ledger
    venues: Venues
    cohorts: Cohorts
    log: Log


N_RISK_BINS = 64
MOST_PARTINGS = 64  # that are kept of a line
MAX_RISK = 1.28  # debt over threshold-weighted collateral at the upper end of the last bin


def columns(world: Any, name: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """Every array of the world with its dotted name; the tables inside ``memory`` come with it."""
    for field in world._fields:
        if field == "venues" or (field == "balance" and name.endswith("ledger.")):
            continue
        value = getattr(world, field)
        if isinstance(value, np.ndarray):
            yield name + field, value
        else:
            yield from columns(value, f"{name}{field}.")


def restore(world: World, saved: dict[str, np.ndarray]) -> None:
    """Write saved arrays into a world of the same shape."""
    for name, array in columns(world):
        words(array)[...] = words(saved[name])


def snapshot(world: World) -> dict[str, np.ndarray]:
    """A copy of every array by its dotted name."""
    return {name: copy_of(array) for name, array in columns(world)}


# The rows of the log leave with the drain; what the outside imposes never changes.
NOT_COPIED = tuple(
    f"log.{table}"
    for table in "blocks cohorts pools reserves redemptions share_vaults events vaults".split()
)
NOT_COPIED += ("clock.fundamental_price_usd", "clock.dials")
NOT_FROZEN = (
    *NOT_COPIED,
    "chains.queue",
    "chains.price",
    "chains.tie",
    "chains.parted_at",
)  # each block lines up anew


def aside(world: World) -> dict[str, np.ndarray]:
    """A copy of all that a block may change, but for the rows of the log."""
    return {name: copy_of(array) for name, array in columns(world) if name not in NOT_COPIED}


def freeze(world: World, into: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """A copy of all that the blocks to come depend on; over ``into`` if that is one.

    Of a mempool, which is most of a small world, only what waits in it.
    """
    n_waiting = int(world.chains.table.pending.max())
    for name, array in columns(world):
        if name not in NOT_FROZEN:
            live = array[:, :n_waiting] if name == "chains.mempool" else array
            if name in into and into[name].shape == live.shape:
                np.copyto(words(into[name]), words(live))
            else:
                into[name] = copy_of(live)
    return into


def thaw(world: World, frozen: dict[str, np.ndarray]) -> None:
    """Put a world back into a state that was frozen or set aside."""
    for name, array in columns(world):
        if name in frozen:
            np.copyto(words(array[..., : frozen[name].shape[-1]]), words(frozen[name]))


def state_hash(world: World) -> str:
    """SHA-256 over the names and bytes of all state but the log."""
    digest = hashlib.sha256()
    for name, array in columns(world):
        if not name.startswith("log."):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(array).view(np.uint8).data)
    return digest.hexdigest()
