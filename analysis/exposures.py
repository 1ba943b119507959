"""Who holds whose claims: the exposure network, read off the ledger.

A receipt is a claim on a lending market, an LP share one on a pool. A debt token is held by the one who
owes, so that in rows of kind ``debt`` the holder is the debtor and the issuer the creditor. Rows of kind
``underlying`` have no issuer: they are what common holdings of one asset are read off.
Source: Eisenberg and Noe (2001), Systemic Risk in Financial Systems, for claims as a network; Braverman
and Minca (2018), Networks of Common Asset Holdings, for the two-mode one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scenarios.claims import claim_usd
from scenarios.still import still
from scenarios.sums import exact_sum
from sim import accounts
from sim.ledger import column
from sim.tables import (
    DEBT_TOKEN,
    LP_TOKEN,
    POSITION_TOKEN,
    SHARE_TOKEN,
    TOKEN_KINDS,
    UNDERLYING,
)
from sim.venues.any_pool import asset_of, in_pool, n_coins
from sim.venues.lending import borrow_index_now, liquidity_index_now

if TYPE_CHECKING:
    import polars as pl

    from scenarios.simulation import Simulation
    from sim.world import World

SINGLE = (
    accounts.POOL,
    accounts.MARKET,
    accounts.SHARE_VAULT,
    accounts.REDEMPTION,
)  # kinds whose accounts are told apart; others go by group


# Block, class of the holder, holder, issuer, token, kind of token, amount, USD.
Claim = tuple[int, str, str, str | None, str, str, float, float]


def exposures(sim: Simulation) -> pl.DataFrame:
    """Holder class x holder x issuer x token, in whole tokens and USD at market prices, now."""
    return table(sim, claims(sim))


def claims(sim: Simulation) -> list[Claim]:
    """The rows of :func:`exposures`, one a holder and token."""
    ledger, names, block = sim.world.ledger, sim.names, sim.block
    world = still(sim.world)
    prices = [unit_price_usd(world, token) for token in range(len(names.tokens))]
    issuers = [
        None if told.kind == UNDERLYING else names.account(int(told.issuer))
        for told in world.tokens
    ]
    rows: list[Claim] = []
    for g, group in enumerate(names.groups):
        holder_class = accounts.NAMES[group.kind]
        for token in group.tokens:
            held = column(ledger, token, g)
            if isinstance(group.members, tuple) and group.kind in SINGLE:
                holders = list(zip(group.members, held.tolist(), strict=True))
            else:
                holders = [(group.name, exact_sum(held))]
            kind, issuer = TOKEN_KINDS[world.tokens[token].kind], issuers[token]
            for holder, amount in holders:
                if amount > 0.0:
                    usd = amount * prices[token]
                    told = (holder_class, holder, issuer, names.tokens[token], kind, amount, usd)
                    rows.append((block, *told))
    return rows


def table(sim: Simulation, rows: Sequence[Claim]) -> pl.DataFrame:
    """Rows of :func:`claims`, of one moment or of several."""
    import polars as pl

    schema = _schema(sim)
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    series = zip(schema.items(), columns, strict=True)
    return pl.DataFrame([pl.Series(name, values, dtype) for (name, dtype), values in series])


def _schema(sim: Simulation) -> dict[str, Any]:
    import polars as pl

    return {
        "block": pl.Int64,
        "holder_class": pl.Enum(accounts.NAMES),
        "holder": pl.String,
        "issuer": pl.String,
        "token": pl.Enum(sim.names.tokens),
        "kind": pl.Enum(TOKEN_KINDS),
        "amount": pl.Float64,
        "usd": pl.Float64,
    }


def unit_price_usd(world: World, token: int) -> float:
    """What one token is worth at outside market prices: a pool share, a scaled receipt, a scaled debt."""
    kind = world.tokens[token].kind
    exchanges, seconds = world.venues.exchanges, float(world.clock.now[0].seconds)
    if kind == UNDERLYING:
        return float(exchanges[world.tokens[token].asset].market_price_usd)
    if kind in (LP_TOKEN, POSITION_TOKEN):
        price_usd = {int(row.token): float(row.market_price_usd) for row in exchanges}
        return claim_usd(world, token, price_usd)
    if kind == SHARE_TOKEN:
        return float(world.tokens[token].value_usd)
    is_debt = kind == DEBT_TOKEN
    for reserve in world.venues.reserves:
        if token == (reserve.debt_token if is_debt else reserve.receipt_token):
            index = borrow_index_now if is_debt else liquidity_index_now
            return float(index(reserve, seconds) * exchanges[reserve.asset].market_price_usd)
    raise ValueError(f"token {token} has no issuer")


def _in_pool_usd(world: World, p: int) -> float:
    """What stands on the books of a pool, at outside market prices."""
    venues, value_usd = world.venues, 0.0
    for k in range(n_coins(venues, p)):
        price_usd = venues.exchanges[asset_of(venues, p, k)].market_price_usd
        value_usd += in_pool(venues, p, k) * price_usd
    return float(value_usd)
