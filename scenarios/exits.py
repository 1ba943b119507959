"""What a holder would get who left now, alone: the mark that decides whether he is solvent, and who runs.

A vault sells all it holds along its own route, after fee and slippage, and pays gas; with a loan it
withdraws, sells and repays, and what is left may be negative. A provider takes out his share and sells
the asset into the pool that remains; so does who has pledged such shares. A lender gets at most his part of
the cash that is there; the rest is counted apart, as locked. A depositor of a share vault gets what its books
say, as far as it is liquid; the holder of a coin what a pool or its module pays. Keepers and traders sell
where they may. Gas tanks count at the outside price.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from agents.keepers.liquidator import OUTSIDE
from agents.strategies import STRATEGIES
from scenarios import sales
from scenarios.basket_exits import sold_usd
from scenarios.claim_exits import Redeemed, from_vault, redeemed
from scenarios.layout import PATIENT
from scenarios.moments import each, of_one
from scenarios.pool_exits import paid_by_the_rest
from scenarios.sides import ConcentratedSide
from sim import accounts
from sim.fields import field
from sim.ledger import column
from sim.tables import BANDS, CONCENTRATED, FIRST_PRICE, FIRST_PRICE_MARGIN
from sim.transaction import CONVERT, GAS_UNITS, REDEEM, REMOVE_LIQUIDITY, REPAY, SWAP, WITHDRAW
from sim.units import ETH_PER_GWEI
from sim.venues import any_pool, redemptions
from sim.venues.any_pool import is_basket, n_coins, token_of
from sim.venues.band_standing import standing
from sim.venues.lending import left_to_treasury, liquidity_index_now
from sim.world import World


class Exit(NamedTuple):
    """What each row would get, and what it could not take out; both at market prices."""

    usd: np.ndarray  # (n_rows,) float64
    locked_usd: np.ndarray  # (n_rows,) float64


def exit_of(world: World, c: int) -> Exit:
    """The exit of each row of a cohort, each as if it alone left."""
    cohort = world.cohorts.table[c]
    if cohort.role == accounts.VAULT:
        return _vaults(world, c)
    if cohort.strategy == STRATEGIES["lender"].code:
        return _lenders(world, c)
    if cohort.strategy == STRATEGIES["share_holder"].code:
        return _share_holders(world, c)
    if cohort.strategy == STRATEGIES["coin_holder"].code:
        return _coin_holders(world, c)
    if cohort.strategy == STRATEGIES["liquidity_provider"].code:
        return _providers(world, c)
    return _traders(world, c)


def treasury_exit(world: World, r: int) -> tuple[Any, Any]:
    """The same for the treasury of a reserve: a lender among others."""
    reserve = world.venues.reserves[r]
    price_usd = world.venues.exchanges[reserve.asset].market_price_usd
    owned = each(left_to_treasury, reserve, world.clock.now[0].seconds)
    claims = reserve.scaled_supply + reserve.treasury_scaled
    share = reserve.treasury_scaled / claims if claims > 0.0 else 0.0
    taken = np.minimum(owned, reserve.cash * share)
    return taken * price_usd, (owned - taken) * price_usd


def _gas_usd(world: World, c: int, units: np.ndarray | float) -> np.ndarray | float:
    """What so many gas units a position cost a row at the going price; nothing where nobody acts."""
    cohort, chain = world.cohorts.table[c], world.chains.table[0]
    if chain.has_gas == 0 or world.clock.now[0].is_trading == 0:
        return 0.0
    going_gwei = chain.base_fee_gwei
    if chain.fee_market == FIRST_PRICE:
        going_gwei = FIRST_PRICE_MARGIN * going_gwei
    native_usd = world.tokens[chain.native_token].value_usd
    price_usd = (going_gwei + cohort.tip_gwei) * ETH_PER_GWEI * native_usd
    return units * cohort.positions_per_row * price_usd


def _held(world: World, c: int, token: int) -> np.ndarray:
    """Balances of a cohort's rows; nothing where it may not hold the token."""
    cohort = world.cohorts.table[c]
    held = column(world.ledger, token, cohort.group)
    return held if held.shape[-1] else np.zeros(int(cohort.n_rows))


def _idle_usd(world: World, c: int, sold: int) -> np.ndarray:
    """Cash and the gas tank, without the token that is sold."""
    cohort = world.cohorts.table[c]
    idle = {int(cohort.cash_token), int(cohort.native_token)} - {sold}
    nothing = np.zeros(int(cohort.n_rows))
    return sum((_held(world, c, k) * world.tokens[k].value_usd for k in sorted(idle)), nothing)


def _route(world: World, c: int) -> list[int]:
    n_pools = world.cohorts.table[c].n_pools
    return [int(pool) for pool in world.cohorts.route[c, :n_pools]]


def _vaults(world: World, c: int) -> Exit:
    cohort = world.cohorts.table[c]
    amount = _held(world, c, cohort.token)
    idle_usd = _idle_usd(world, c, int(cohort.token))
    nothing = np.zeros(amount.shape)
    if cohort.market < 0:
        sale = sales.over_pools(world, _route(world, c), cohort.token, amount)
        gas_usd = _gas_usd(world, c, GAS_UNITS[SWAP] * sale.n_legs)
        # Nobody pays more gas than the sale brings.
        return Exit(idle_usd + np.maximum(sale.proceeds_usd - gas_usd, 0.0), nothing)
    if world.venues.markets[cohort.market].kind == BANDS:
        return _band_borrowers(world, c)
    reserve = world.venues.reserves[cohort.collateral_reserve]
    receipts = _held(world, c, reserve.receipt_token)
    claim = receipts * each(liquidity_index_now, reserve, world.clock.now[0].seconds)
    withdrawn = np.minimum(claim, reserve.cash)
    debts = _held(world, c, world.venues.reserves[cohort.debt_reserve].debt_token)
    owed_usd = (
        debts * -world.tokens[world.venues.reserves[cohort.debt_reserve].debt_token].value_usd
    )
    brought = redeemed(world, int(cohort.token), amount + withdrawn)
    if brought is None:
        sale = sales.over_pools(world, _route(world, c), cohort.token, amount + withdrawn)
        brought = Redeemed(sale.proceeds_usd, GAS_UNITS[SWAP] * sale.n_legs, nothing)
    units = brought.gas_units + GAS_UNITS[WITHDRAW] * (withdrawn > 0.0)
    gas_usd = _gas_usd(world, c, units + GAS_UNITS[REPAY] * (debts > 0.0))
    worth_usd = receipts * world.tokens[reserve.receipt_token].value_usd
    locked_usd = np.maximum(worth_usd - withdrawn * world.tokens[cohort.token].value_usd, 0.0)
    return Exit(
        idle_usd + brought.usd - gas_usd - owed_usd,
        np.where(withdrawn < claim, locked_usd, 0.0) + brought.locked_usd,
    )


def _band_borrowers(world: World, c: int) -> Exit:
    """The loan repaid with what the bands hold of coin and what their collateral brings."""
    cohort = world.cohorts.table[c]
    coin, collateral, debt = in_bands(world, c)[:3]
    amount = _held(world, c, cohort.token) + collateral
    sale = sales.over_pools(world, _route(world, c), cohort.token, amount)
    gas_usd = _gas_usd(world, c, GAS_UNITS[SWAP] * sale.n_legs + GAS_UNITS[REPAY] * (debt > 0.0))
    cash_usd = world.tokens[cohort.cash_token].value_usd
    idle_usd = _idle_usd(world, c, int(cohort.token))
    usd = idle_usd + (coin - debt) * cash_usd + sale.proceeds_usd - gas_usd
    return Exit(usd, np.zeros(amount.shape))


def in_bands(world: World, c: int) -> np.ndarray:
    """Coin, collateral, debt and risk of each row of a cohort with loans in bands (4, n_rows)."""
    of_one(_held(world, c, int(world.cohorts.table[c].token)))
    cohort, seconds = world.cohorts.table[c], float(world.clock.now[0].seconds)
    first, market = int(cohort.first_account), int(cohort.market)
    rows = [
        standing(world.ledger, world.venues, market, first + row, seconds)
        for row in range(int(cohort.n_rows))
    ]
    return np.array(rows, dtype=np.float64).T


def _share_holders(world: World, c: int) -> Exit:
    """By the books of the vault, as far as it is liquid; the rest, less unbooked losses, is locked."""
    row = world.cohorts.table[c]
    vault = world.venues.share_vaults[row.share_vault]
    price_usd = world.venues.exchanges[vault.asset].market_price_usd
    shares = _held(world, c, vault.share_token)
    taken_usd = from_vault(world, int(row.share_vault), shares).usd
    worth_usd = shares * world.tokens[vault.share_token].value_usd
    if vault.supply > 0.0:
        worth_usd = worth_usd - shares * (vault.unbooked_loss / vault.supply) * price_usd
    left_usd = np.maximum(worth_usd - taken_usd, 0.0)
    gas_usd = _gas_usd(world, c, GAS_UNITS[REDEEM])
    others = sorted({int(vault.token), int(row.native_token)})
    usd = sum((_held(world, c, k) * world.tokens[k].value_usd for k in others), 0.0 * shares)
    return Exit(usd + np.maximum(taken_usd - gas_usd, 0.0), left_usd)


def _coin_holders(world: World, c: int) -> Exit:
    """Sold in pools or redeemed as a whole at the module, whichever brings more."""
    row = world.cohorts.table[c]
    m = int(row.redemption)
    reserve_usd = world.tokens[world.venues.redemptions[m].reserve_token].value_usd
    coin = _held(world, c, row.token)
    sale = sales.over_pools(world, _route(world, c), row.token, coin)
    sold_usd = sale.proceeds_usd - _gas_usd(world, c, GAS_UNITS[SWAP] * sale.n_legs)
    seconds = world.clock.now[0].seconds
    room = redemptions.most(world.venues, m, row.token, seconds)
    is_taken = (coin > 0.0) & (coin <= room) & (coin >= redemptions.least(world.venues, m))
    paid = np.array(
        [redemptions.pays(world.venues, m, row.token, own) for own in of_one(coin).tolist()]
    )
    paid_usd = np.where(is_taken, paid * reserve_usd - _gas_usd(world, c, GAS_UNITS[CONVERT]), 0.0)
    left_usd = np.maximum(np.maximum(sold_usd, paid_usd), 0.0)
    return Exit(_idle_usd(world, c, int(row.token)) + left_usd, np.zeros(coin.shape))


def _lenders(world: World, c: int) -> Exit:
    usd, locked_usd = np.zeros(world.cohorts.table[c].n_rows), np.zeros(1)
    for reserve in world.venues.reserves:
        receipts = _held(world, c, reserve.receipt_token)
        claims = reserve.scaled_supply + reserve.treasury_scaled
        if claims <= 0.0 or not receipts.any():
            continue
        price_usd = world.venues.exchanges[reserve.asset].market_price_usd
        worth_usd = receipts * world.tokens[reserve.receipt_token].value_usd
        taken_usd = np.minimum(worth_usd, reserve.cash * (receipts / claims) * price_usd)
        usd = usd + taken_usd
        locked_usd = locked_usd + (worth_usd - taken_usd)
    for exchange in world.venues.exchanges:
        usd = usd + _held(world, c, exchange.token) * exchange.market_price_usd
    return Exit(usd, locked_usd + np.zeros(usd.shape))


def _providers(world: World, c: int) -> Exit:
    p = int(world.cohorts.route[c, 0])
    pool = world.venues.pools[p]
    if is_basket(pool):
        return _basket_providers(world, c, p)
    token = int(world.cohorts.table[c].share_token)
    shares = _held(world, c, token)
    supply = any_pool.supply(world.tokens, world.venues, token)
    part = shares / supply if supply > 0.0 else np.zeros(shares.shape)
    backing = [any_pool.behind(world.tokens, world.venues, token, k) for k in (0, 1)]
    sold = part * backing[0] + _held(world, c, pool.token0)
    if pool.kind == CONCENTRATED:
        position = int(world.tokens[token].venue_row)
        bought = _paid_by_the_rest(world, p, position, of_one(shares), of_one(sold))
    else:
        bought = paid_by_the_rest(world, p, part, sold)
    if world.clock.now[0].has_pool_depth == 0:
        price = world.tokens[pool.token0].value_usd / world.tokens[pool.token1].value_usd
        bought = sold * (1.0 - pool.fee_fraction) * price
    kept = part * backing[1] + _held(world, c, pool.token1) + bought
    units = GAS_UNITS[REMOVE_LIQUIDITY] * (shares > 0.0) + GAS_UNITS[SWAP] * (sold > 0.0)
    native = int(world.cohorts.table[c].native_token)
    tank_usd: np.ndarray | float = 0.0
    if native not in (int(pool.token0), int(pool.token1)):
        tank_usd = _held(world, c, native) * world.tokens[native].value_usd
    usd = kept * world.tokens[pool.token1].value_usd + tank_usd - _gas_usd(world, c, units)
    return Exit(usd, np.zeros(shares.shape))


def _paid_by_the_rest(
    world: World, p: int, position: int, shares: np.ndarray, sold: np.ndarray
) -> np.ndarray:
    """What a concentrated pool pays each provider once his own liquidity has left it."""
    row = world.venues.positions[position]
    range_ = int(row.lower), int(row.upper)
    sides = (ConcentratedSide(world, p, True, *range_, without=float(own)) for own in shares)
    paid = [side.pays(sold[i : i + 1])[0] for i, side in enumerate(sides)]
    return np.array(paid)


def _basket_providers(world: World, c: int, p: int) -> Exit:
    pool = world.venues.pools[p]
    shares = of_one(_held(world, c, pool.lp_token))
    tokens = [token_of(world.venues, p, k) for k in range(n_coins(world.venues, p))]
    held = np.array([of_one(_held(world, c, token)) for token in tokens])
    supply = max(float(pool.lp_supply), 1e-300)
    sold = [sold_usd(world, p, s / supply, held[:, i]) for i, s in enumerate(shares.tolist())]
    usd = np.array([one for one, _ in sold])
    units = GAS_UNITS[REMOVE_LIQUIDITY] * (shares > 0.0)
    units = units + GAS_UNITS[SWAP] * np.array([n_sales for _, n_sales in sold])
    native = int(world.cohorts.table[c].native_token)
    if native not in tokens:
        usd = usd + _held(world, c, native) * world.tokens[native].value_usd
    return Exit(usd - _gas_usd(world, c, units), np.zeros(shares.shape))


def _traders(world: World, c: int) -> Exit:
    cohort = world.cohorts.table[c]
    always = ("arbitrageur", PATIENT, "auction_bidder", "auction_taker")
    is_outside = cohort.strategy in [STRATEGIES[name].code for name in always]
    if cohort.strategy == STRATEGIES["liquidator"].code:
        is_outside = field(world.cohorts, c, OUTSIDE)[0] > 0.5
    is_in_line = cohort.strategy == STRATEGIES[PATIENT].code
    usd, locked_usd = np.zeros(int(cohort.n_rows)), np.zeros(int(cohort.n_rows))
    for asset, exchange in enumerate(world.venues.exchanges):
        amount = _held(world, c, exchange.token)
        if cohort.first_custody >= 0:
            group = world.ledger.group[cohort.first_custody]
            waiting = column(world.ledger, exchange.token, group)
            if is_in_line:
                locked_usd = locked_usd + waiting * exchange.market_price_usd
            else:
                amount = amount + waiting
        brought = redeemed(world, int(exchange.token), amount)
        if exchange.token == cohort.cash_token:
            usd = usd + amount * exchange.market_price_usd
        elif brought is not None:
            usd = usd + np.maximum(brought.usd - _gas_usd(world, c, brought.gas_units), 0.0)
            locked_usd = locked_usd + brought.locked_usd
        elif is_outside:
            usd = usd + sales.outside(world, asset, amount)
        else:
            sale = sales.over_pools(world, _route(world, c), exchange.token, amount)
            gas_usd = _gas_usd(world, c, GAS_UNITS[SWAP] * sale.n_legs)
            usd = usd + np.maximum(sale.proceeds_usd - gas_usd, 0.0)
    return Exit(usd, locked_usd)
