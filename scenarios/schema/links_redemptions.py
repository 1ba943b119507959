"""What cohorts that deal with redemption modules say: a module, and a pool to trade against it.

Each is refused where the mechanism that it is there for could not happen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.schema.redemptions import reserve_asset_of
from sim.errors import InputError

if TYPE_CHECKING:
    from scenarios.schema.cohorts import Cohort
    from scenarios.schema.scenario import Scenario


def check_holder(scenario: Scenario, cohort: Cohort, key: str) -> None:
    """A coin that this module redeems, and a pool in which to sell it."""
    module = next(row for row in scenario.redemptions if row.name == cohort.redemption)
    if cohort.asset != module.coin:
        problem = f"redeems {module.coin}, not {cohort.asset}"
        raise InputError(None, f"{key}.redemption", cohort.redemption, problem)
    if module.kind == "staked_token":
        problem = "is a staked token, which is worth its rate: a coin_holder holds a coin at par"
        raise InputError(None, f"{key}.redemption", cohort.redemption, problem)
    cash = scenario.cash.name
    if cohort.asset == cash or not any({cohort.asset, cash} <= {*p.tokens} for p in scenario.pools):
        problem = f"cannot be sold for the cash, {cash}: no pool trades the two"
        raise InputError(None, f"{key}.asset", cohort.asset, problem)


def check_peg_arbitrageur(scenario: Scenario, cohort: Cohort, key: str) -> None:
    """A pool that trades what a module converts: elsewhere it would do nothing."""
    pairs = [{row.coin, reserve_asset_of(scenario, row)} for row in scenario.redemptions]
    looks = [pool for pool in scenario.pools if not cohort.pools or pool.name in cohort.pools]
    if not any(pair <= {*pool.tokens} for pair in pairs for pool in looks):
        problem = "no redemption module converts what one of them trades"
        raise InputError(None, f"{key}.pools", list(cohort.pools), problem)


def check_patient(scenario: Scenario, cohort: Cohort, key: str) -> None:
    """Capital in what is staked for some token, and a pool in which that is sold for it."""
    coins = [
        module.coin
        for module in scenario.redemptions
        if module.kind == "staked_token" and reserve_asset_of(scenario, module) == cohort.asset
    ]
    if not coins:
        problem = "is staked for no token: no redemption module of kind 'staked_token' takes it"
        raise InputError(None, f"{key}.asset", cohort.asset, problem)
    looks = [pool for pool in scenario.pools if not cohort.pools or pool.name in cohort.pools]
    if not any({coin, cohort.asset} <= {*pool.tokens} for coin in coins for pool in looks):
        problem = f"finds no pool of {cohort.asset} and {' or '.join(coins)}"
        raise InputError(None, f"{key}.pools", list(cohort.pools), problem)
