"""What claims that are traded nowhere would bring who left now: shares of a vault or a pool, receipts.

Whoever issued them pays as far as it has cash; what comes out, if not the cash, is sold over the pools. What
is due and cannot be paid now is locked, at the word of the issuer.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scenarios import sales
from scenarios.moments import each
from scenarios.pool_exits import taken_out
from sim.tables import LP_TOKEN, RECEIPT_TOKEN, SHARE_TOKEN
from sim.transaction import GAS_UNITS, REDEEM, REMOVE_LIQUIDITY, SWAP, WITHDRAW
from sim.venues.lending import liquidity_index_now
from sim.world import World


class Redeemed(NamedTuple):
    """What each holder gets before gas, the gas, and what he waits for."""

    usd: np.ndarray  # (n,) at market prices
    gas_units: np.ndarray  # (n,) a position
    locked_usd: np.ndarray  # (n,)


def redeemed(world: World, token: int, amount: np.ndarray) -> Redeemed | None:
    """So many claims given back, by each holder as if he were alone; None if the token is no claim."""
    kind, row = world.tokens[token].kind, int(world.tokens[token].venue_row)
    if kind == SHARE_TOKEN:
        return from_vault(world, row, amount)
    if kind == LP_TOKEN:
        sale = taken_out(world, token, amount)
        units = GAS_UNITS[REMOVE_LIQUIDITY] * (amount > 0.0) + GAS_UNITS[SWAP] * sale.n_legs
        return Redeemed(sale.proceeds_usd, units, 0.0 * amount)
    if kind == RECEIPT_TOKEN:
        return _from_reserve(world, row, amount)
    return None


def from_vault(world: World, v: int, shares: np.ndarray) -> Redeemed:
    """Shares given back to their vault, by its books and as far as it is liquid and nobody is in line."""
    vault = world.venues.share_vaults[v]
    price_usd = world.venues.exchanges[vault.asset].market_price_usd
    due = shares * (vault.total_assets / vault.supply) if vault.supply > 0.0 else 0.0 * shares
    taken = np.minimum(due, 0.0 if vault.n_tickets > 0 else vault.liquid)
    return Redeemed(taken * price_usd, GAS_UNITS[REDEEM] * (taken > 0.0), (due - taken) * price_usd)


def _from_reserve(world: World, r: int, receipts: np.ndarray) -> Redeemed:
    """Receipts given back to their market, as far as it has cash."""
    reserve, cash = world.venues.reserves[r], world.venues.exchanges[world.clock.now[0].cash_asset]
    price_usd = world.venues.exchanges[reserve.asset].market_price_usd
    due = receipts * each(liquidity_index_now, reserve, world.clock.now[0].seconds)
    taken = np.minimum(due, reserve.cash)
    sale = sales.Sale(taken * price_usd, 0.0 * taken)
    if reserve.token != cash.token:
        sale = sales.over_pools(world, range(len(world.venues.pools)), reserve.token, taken)
    units = GAS_UNITS[WITHDRAW] * (taken > 0.0) + GAS_UNITS[SWAP] * sale.n_legs
    return Redeemed(sale.proceeds_usd, units, (due - taken) * price_usd)
