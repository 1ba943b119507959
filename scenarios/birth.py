"""Birth: everybody gets what the scenario says, consistently and quietly.

Vaults are born at their own target; each debt has its lender; pools, oracles and the outside exchange
start at one price. Balances are written here directly and booked as one mint a token, cause ``birth``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from agents.strategies import STRATEGIES
from scenarios import bands, concentrated, lending, pool_shares, redemptions, share_vaults
from scenarios.claims import held_by_all
from scenarios.layout import Layout, lender_reserve
from scenarios.population import Population, draw_population, gas_tanks_usd, mixed_tvl_usd
from sim import causes
from sim.errors import InputError
from sim.fields import BIRTH, N_COMMON, NAV_USD, field
from sim.formulas.liquidation import leverage_of_health
from sim.ledger import column
from sim.tables import BANDS, CDP, CONCENTRATED, RECEIPT_TOKEN
from sim.venues.any_pool import in_pool, n_coins, token_of
from sim.venues.lending import set_rates
from sim.world import World

if TYPE_CHECKING:
    from scenarios.schema import Scenario
    from scenarios.schema.cohorts import Cohort

OPERATOR_NATIVE = 10_000.0  # native tokens for the gas of an oracle operator
ROUNDING = 1e-9  # of what lenders supply: by so much it may seem to fall short of the debt


def endow(world: World, scenario: Scenario, layout: Layout, seed: int) -> None:
    """Give every account its holdings, then book all of it as minted."""
    tvl_usd = mixed_tvl_usd(scenario)
    for c, cohort in enumerate(scenario.cohorts):
        if cohort.role == "vault":
            _endow_vaults(world, scenario, c, cohort, tvl_usd[cohort.name], seed)
            lending.endow_standing(world, scenario, layout, c, cohort)
    # What is pledged somewhere counts as supplied where it was issued: those books come first.
    _endow_markets(world, scenario, of_receipts=True)
    share_vaults.endow(world, scenario, layout, seed)
    for c, cohort in enumerate(scenario.cohorts):
        if cohort.strategy == "lender":
            _endow_lenders(world, scenario, c, cohort, seed)
        elif cohort.strategy == "liquidity_provider":
            _endow_providers(world, scenario, layout, c, cohort, seed)
        elif cohort.strategy == "coin_holder":
            _endow_coin_holders(world, scenario, c, cohort, seed)
        elif cohort.role in ("keeper", "trader"):
            _endow_traders(world, scenario, c, cohort, seed)
    pool_shares.deposit_pledged(world)
    _endow_markets(world, scenario, of_receipts=False)
    _endow_outside(world, scenario, layout)
    redemptions.endow(world, scenario, layout)
    _book_birth(world)


def _price(world: World, asset: int) -> float:
    return float(world.venues.exchanges[asset].market_price_usd)


def _write_columns(world: World, c: int, cohort: Cohort, population: Population) -> None:
    """Parameters into their columns, in order of declaration; then the memory of the strategy."""
    for k, key in enumerate(cohort.parameters):
        field(world.cohorts, c, N_COMMON + k)[:] = population.values[key]
    strategy = STRATEGIES[cohort.strategy]
    if strategy.born is not None:
        asset = world.cohorts.table[c].asset
        volatility = _volatility(world, asset)
        strategy.born(
            lambda k: field(world.cohorts, c, k),
            float(world.clock.now[0].slot_seconds),
            volatility,
            _price(world, asset),
        )


def _volatility(world: World, asset: int) -> float:
    return float(world.venues.exchanges[asset].volatility_per_year)


def _endow_vaults(
    world: World, scenario: Scenario, c: int, cohort: Cohort, tvl_usd: float, seed: int
) -> None:
    """Holdings of a vault cohort at its own targets, and its gas tanks."""
    row = world.cohorts.table[c]
    is_levered = row.market >= 0
    collateral = world.venues.reserves[row.collateral_reserve] if is_levered else None
    is_banded = cohort.strategy == "band_borrower"
    targets_health = is_levered and not is_banded
    threshold = float(row.threshold_fraction) if targets_health else None
    population = draw_population(scenario, cohort, tvl_usd, seed, threshold)
    price = _price(world, row.asset)
    cash_price = _price(world, row.cash_asset)
    native_price = _price(world, world.chains.table[0].native_asset)
    equity_usd = population.equity_usd
    tank_usd = gas_tanks_usd(cohort, equity_usd)
    held = column(world.ledger, row.token, row.group)
    cash = column(world.ledger, row.cash_token, row.group)
    tank = column(world.ledger, row.native_token, row.group)
    # A tank in the asset itself is part of an unlevered vault's exposure; elsewhere it stands apart.
    invested_usd = equity_usd - (tank_usd if is_levered or not row.native_is_token else 0.0)
    if is_banded:
        leverage = population.values["leverage"]
        debts_usd = (leverage - 1.0) * invested_usd
        bands.endow(world, c, leverage * invested_usd / price, debts_usd / cash_price)
        tank[:] = tank_usd / native_price
    elif collateral is not None:
        debt = world.venues.reserves[row.debt_reserve]
        leverage = leverage_of_health(population.values["target_health"], threshold)
        receipts = column(world.ledger, collateral.receipt_token, row.group)
        debts = column(world.ledger, debt.debt_token, row.group)
        receipts[:] = leverage * invested_usd / price
        debts[:] = (leverage - 1.0) * invested_usd / cash_price
        tank[:] = tank_usd / native_price
    else:
        weigh = STRATEGIES[cohort.strategy].birth_weight
        assert weigh is not None
        weight = weigh(population.values, _volatility(world, row.asset))
        held[:] = weight * invested_usd / price
        cash[:] = (1.0 - weight) * invested_usd / cash_price
        if not row.native_is_token:
            tank[:] = tank_usd / native_price
    field(world.cohorts, c, NAV_USD)[:] = equity_usd
    field(world.cohorts, c, BIRTH)[:] = invested_usd
    _write_columns(world, c, cohort, population)


def _endow_lenders(world: World, scenario: Scenario, c: int, cohort: Cohort, seed: int) -> None:
    """Receipts of lenders: what their reserve lacks to its declared utilisation, or their own TVL."""
    row = world.cohorts.table[c]
    number = lender_reserve(scenario, cohort)
    reserve = world.venues.reserves[number]
    price = _price(world, reserve.asset)
    if cohort.tvl_usd is not None:
        supplied = cohort.tvl_usd / price
    else:
        debts, _ = held_by_all(world, reserve.debt_token)
        already, _ = held_by_all(world, reserve.receipt_token)
        declared = scenario.reserves[number].utilisation_fraction
        supplied = max(debts / declared - already, 0.0) if declared > 0.0 else 0.0
    population = draw_population(scenario, cohort, 1.0, seed, None)
    receipts = column(world.ledger, reserve.receipt_token, row.group)
    receipts[:] = supplied * population.equity_usd
    field(world.cohorts, c, BIRTH)[:] = receipts * price


def _endow_providers(
    world: World, scenario: Scenario, layout: Layout, c: int, cohort: Cohort, seed: int
) -> None:
    """All sides of a pool, at the outside price, and the shares of those who brought them."""
    row = world.cohorts.table[c]
    pool = world.venues.pools[layout.pools.index(str(cohort.pool))]
    tvl_usd = cohort.tvl_usd or 0.0
    if pool.kind == CONCENTRATED:
        minted = concentrated.liquidity_for(world, layout, cohort, tvl_usd)
    else:
        minted = pool_shares.deposit(world, layout.pools.index(str(cohort.pool)), tvl_usd)
    population = draw_population(scenario, cohort, 1.0, seed, None)
    shares = column(world.ledger, row.share_token, row.group)
    shares[:] = minted * population.equity_usd
    if pool.kind == CONCENTRATED:
        concentrated.endow(world, layout, cohort, math.fsum(shares))
    field(world.cohorts, c, BIRTH)[:] = shares
    native_price = _price(world, world.chains.table[0].native_asset)
    column(world.ledger, row.native_token, row.group)[:] = cohort.gas_tank_usd / native_price


def _endow_coin_holders(
    world: World, scenario: Scenario, c: int, cohort: Cohort, seed: int
) -> None:
    """Coin and a gas tank."""
    row = world.cohorts.table[c]
    population = draw_population(scenario, cohort, cohort.tvl_usd or 0.0, seed, None)
    coin = column(world.ledger, row.token, row.group)
    coin[:] = population.equity_usd / _price(world, row.asset)
    field(world.cohorts, c, BIRTH)[:] = population.equity_usd
    native_price = _price(world, world.chains.table[0].native_asset)
    column(world.ledger, row.native_token, row.group)[:] += cohort.gas_tank_usd / native_price
    _write_columns(world, c, cohort, population)


def _endow_traders(world: World, scenario: Scenario, c: int, cohort: Cohort, seed: int) -> None:
    """Keepers hold cash; traders half cash, half the risky assets alike, or all in the asset they name;
    everybody a reserve for gas."""
    row = world.cohorts.table[c]
    population = draw_population(scenario, cohort, cohort.tvl_usd or 0.0, seed, None)
    cash_asset = world.clock.now[0].cash_asset
    cash = column(world.ledger, row.cash_token, row.group)
    is_risky = [not (asset.is_cash or asset.is_share) for asset in scenario.assets]
    risky = [a for a, risky in enumerate(is_risky) if risky]
    share = 1.0 if cohort.role == "keeper" or not risky else 0.5
    if cohort.asset is not None:
        risky, share = [int(row.asset)], 0.0
    cash[:] = share * population.equity_usd / _price(world, cash_asset)
    for asset in risky if share < 1.0 else ():
        part_usd = (1.0 - share) * population.equity_usd / len(risky)
        column(world.ledger, asset, row.group)[:] = part_usd / _price(world, asset)
    reserve = population.values.get("gas_reserve_eth")
    native_price = _price(world, world.chains.table[0].native_asset)
    tank = float(reserve[0]) if reserve is not None else cohort.gas_tank_usd / native_price
    column(world.ledger, row.native_token, row.group)[:] += tank
    field(world.cohorts, c, BIRTH)[:] = population.equity_usd
    _write_columns(world, c, cohort, population)


def _endow_markets(world: World, scenario: Scenario, *, of_receipts: bool) -> None:
    """Books and cash of the reserves of receipts, or of all others: what was supplied less what was lent."""
    for k, reserve in enumerate(world.venues.reserves):
        if (world.tokens[reserve.token].kind == RECEIPT_TOKEN) != of_receipts:
            continue
        receipts, debts = reserve.receipt_token, reserve.debt_token
        reserve.scaled_supply, reserve.scaled_supply_rest = held_by_all(world, receipts)
        reserve.scaled_debt, reserve.scaled_debt_rest = held_by_all(world, debts)
        if world.venues.markets[reserve.market].kind in (CDP, BANDS):
            reserve.issued = reserve.scaled_debt  # whoever has spent it since
        elif reserve.scaled_debt > reserve.scaled_supply * (1.0 + ROUNDING):
            _refuse_insolvent(scenario, k, reserve.scaled_debt * _price(world, reserve.asset))
        reserve.cash = max(reserve.scaled_supply - (reserve.scaled_debt - reserve.issued), 0.0)
        market = column(world.ledger, reserve.token, world.ledger.group[reserve.account])
        market[reserve.account - world.ledger.first[world.ledger.group[reserve.account]]] += (
            reserve.cash
        )
        set_rates(reserve)


def _refuse_insolvent(scenario: Scenario, number: int, debt_usd: float) -> None:
    """Name the lenders who bring less than is borrowed from their reserve."""
    lenders = [
        cohort
        for cohort in scenario.cohorts
        if cohort.strategy == "lender" and lender_reserve(scenario, cohort) == number
    ]
    name = scenario.reserves[number].name
    problem = f"less than the {debt_usd:,.0f} USD that are borrowed from reserves.{name} at birth"
    raise InputError(None, f"cohorts.{lenders[0].name}.tvl_usd", lenders[0].tvl_usd, problem)


def _endow_outside(world: World, scenario: Scenario, layout: Layout) -> None:
    """The outside world's inventory, the pools' reserves, the operators' gas."""
    for a, asset in enumerate(scenario.assets):
        exchange = world.venues.exchanges[a]
        if not asset.is_share:
            exchange.inventory = asset.outside_inventory_usd / exchange.market_price_usd
        column(world.ledger, a, 0)[0] = exchange.inventory
    for p, pool in enumerate(world.venues.pools):
        for k in range(n_coins(world.venues, p)):
            held = in_pool(world.venues, p, k)
            column(world.ledger, token_of(world.venues, p, k), 2)[p] = held
        if pool.lp_token >= 0:
            pool.lp_supply, _ = held_by_all(world, pool.lp_token)
    column(world.ledger, world.chains.table[0].native_token, 4)[:] = OPERATOR_NATIVE


def _book_birth(world: World) -> None:
    """One mint a token, of exactly what exists."""
    for token in range(world.tokens.shape[0]):
        total, _ = held_by_all(world, token)
        world.ledger.minted[token, 0] = total
        world.ledger.flow[causes.BIRTH, token] = total
    for reserve in world.venues.reserves:
        world.ledger.flow[causes.ISSUE, reserve.token] += reserve.issued
    for module in world.venues.redemptions:
        world.ledger.flow[causes.ISSUE, module.coin] += module.issued
