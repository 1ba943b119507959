"""One block of memory: the balances of all accounts first, the tables of all venues behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from scenarios import bands, concentrated, redemptions, share_vaults
from scenarios.baskets import baskets
from scenarios.layout import Layout
from sim import causes
from sim.audit import BOOKS
from sim.journal import new_journal
from sim.ledger import Ledger
from sim.records import lay_table, n_words
from sim.transaction import MOST_COINS, TRANSACTION
from sim.venues.auctions import AUCTION, CDP
from sim.venues.bands import BAND, BAND_SHARE, BANDED, LOAN
from sim.venues.basket import BASKET, COIN
from sim.venues.concentrated import CONCENTRATED
from sim.venues.constant_product import POOL
from sim.venues.issuer import ISSUER_TERMS
from sim.venues.lending import MARKET, RESERVE
from sim.venues.lending_standing import EMODE
from sim.venues.mint_and_burn import VIRTUAL_POOLS
from sim.venues.observations import OBSERVATION
from sim.venues.oracle import FEED
from sim.venues.outside import EXCHANGE
from sim.venues.positions import POSITION
from sim.venues.redemption import REDEMPTION
from sim.venues.share_vault import PLACE, SHARE_VAULT, TICKET
from sim.venues.staked_token import STAKED, WAITING
from sim.venues.ticks import TICK
from sim.world import Venues

if TYPE_CHECKING:
    from scenarios.schema import Scenario

# The record type of each field of Venues.
TABLES = {
    "pools": POOL,
    "baskets": BASKET,
    "coins": COIN,
    "markets": MARKET,
    "emodes": EMODE,
    "reserves": RESERVE,
    "feeds": FEED,
    "exchanges": EXCHANGE,
    "share_vaults": SHARE_VAULT,
    "places": PLACE,
    "tickets": TICKET,
    "calls": TRANSACTION,
    "concentrated": CONCENTRATED,
    "ticks": TICK,
    "positions": POSITION,
    "observations": OBSERVATION,
    "cdps": CDP,
    "auctions": AUCTION,
    "redemptions": REDEMPTION,
    "issuers": ISSUER_TERMS,
    "staked": STAKED,
    "waiting": WAITING,
    "virtual_pools": VIRTUAL_POOLS,
    "banded": BANDED,
    "bands": BAND,
    "loans": LOAN,
    "band_shares": BAND_SHARE,
}


def n_rows_of(scenario: Scenario, layout: Layout) -> dict[str, int]:
    """Rows of each venue table that a scenario asks for."""
    return {
        "pools": len(layout.pools),
        "baskets": len(baskets(scenario)),
        "coins": sum(len(pool.tokens) for pool in baskets(scenario)),
        "markets": len(layout.markets),
        "emodes": len(scenario.emodes),
        "reserves": len(layout.reserves),
        "feeds": len(layout.feeds),
        "exchanges": len(layout.assets),
        "calls": 1,
        **share_vaults.n_rows(scenario),
        **concentrated.n_rows_of(scenario, layout),
        "cdps": len(scenario.cdps),
        "auctions": sum(market.auction_capacity for market in scenario.cdps),
        **redemptions.n_rows(scenario),
        **bands.n_rows(scenario, layout),
    }


def lay_memory(layout: Layout, n_rows: Mapping[str, int]) -> tuple[Ledger, Venues]:
    """The ledger of a layout, and its venue tables with so many rows each."""
    offset = np.full((len(layout.tokens), len(layout.groups)), -1, np.int64)
    n_slots = 0
    for g, group in enumerate(layout.groups):
        for token in group.tokens:
            offset[token, g] = n_slots
            n_slots += group.n
    size = {field: n_words(dtype) * n_rows.get(field, 0) for field, dtype in TABLES.items()}
    memory = np.zeros(n_slots + sum(size.values()), np.int64)
    tables = {}
    start = n_slots
    for field, dtype in TABLES.items():
        tables[field] = lay_table(memory, start, dtype, n_rows.get(field, 0))
        start += size[field]
    n_tokens = len(layout.tokens)
    ledger = Ledger(
        memory,
        memory[:n_slots].view(np.float64),
        offset,
        layout.first,
        np.repeat(np.arange(len(layout.groups)), np.diff(layout.first)).astype(np.int16),
        np.zeros((n_tokens, 2)),
        np.zeros((n_tokens, 2)),
        np.zeros((causes.N_CAUSES, n_tokens)),
        np.zeros(n_tokens),
        np.zeros(n_tokens, np.int64),
        np.zeros((len(BOOKS), MOST_COINS * n_tokens)),
        new_journal(),
    )
    return ledger, Venues(**tables)
