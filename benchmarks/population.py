"""A population of any size in one market that grows with it, in a quiet or in a falling market.

Depth, lending and block space are proportional to the number of vaults, so that a vault does the same at
every size and only the size of the state changes.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios.schema import Scenario

USD_PER_VAULT = 100_000
FALL_PER_BLOCK = 0.004  # of the price, in a crash
WARM_UP_BLOCKS = 20
CRASH_BLOCKS = 100

SHARES = {
    "buy_and_hold": 0.10,
    "fixed_weight": 0.25,
    "cppi": 0.25,
    "volatility_target": 0.15,
    "leveraged_loop": 0.25,
}


@dataclasses.dataclass(frozen=True)
class Market:
    """What the vaults live through."""

    name: str
    volatility: str
    fall_per_block: float
    n_blocks: int  # of the horizon


QUIET = Market("quiet", "40 % per year", 0.0, 20_000)
CRASH = Market("crash", "0 % per year", FALL_PER_BLOCK, CRASH_BLOCKS)


def rows(n_vaults: int) -> dict[str, int]:
    """Vaults of each strategy; the rounding goes to the first."""
    found = {name: int(share * n_vaults) for name, share in SHARES.items()}
    found["buy_and_hold"] += n_vaults - sum(found.values())
    return found


def scenario_text(n_vaults: int, market: Market) -> str:
    """The scenario file."""
    return "\n".join([_world(n_vaults, market), _vaults(n_vaults), _others(n_vaults)])


def scenario(n_vaults: int, market: Market) -> Scenario:
    """The scenario."""
    from scenarios.load import loads

    return loads(scenario_text(n_vaults, market), f"bench_{market.name}_{n_vaults}")


def _world(n: int, market: Market) -> str:
    tvl = n * USD_PER_VAULT
    text = f"""
schema = 1
title = "Benchmark"
question = "How long does a block take?"

[time]
start = "2024-02-01T00:00:00Z"
horizon = "{market.n_blocks} blocks"
burn_in = "{WARM_UP_BLOCKS} blocks"

[[assets]]
name = "ETH"
price_usd = 2000
volatility = "{market.volatility}"
depth = "{20 * tvl} USD"

[[assets]]
name = "USDC"
is_cash = true
price_usd = 1
decimals = 6

[[chains]]
name = "main"
gas_limit = {1e6 * max(n, 100)}
gas_target = {5e5 * max(n, 100)}
base_fee = "5 gwei"
mempool_capacity = {max(4_000, n // 2)}

[[feeds]]
name = "eth_usd"
asset = "ETH"

[[feeds]]
name = "usdc_usd"
asset = "USDC"

[[pools]]
name = "eth_usdc"
tokens = ["ETH", "USDC"]

[[markets]]
name = "core"
"""
    text += """
[[reserves]]
name = "core_eth"
market = "core"
asset = "ETH"
feed = "eth_usd"
ltv = "80.5 %"
threshold = "83 %"
bonus = "5 %"

[[reserves]]
name = "core_usdc"
market = "core"
asset = "USDC"
feed = "usdc_usd"
slope1 = "5 % per year"
slope2 = "60 % per year"
optimal_utilisation = "92 %"
reserve_factor = "10 %"
utilisation = "75 %"
"""
    if market.fall_per_block > 0.0:
        hours = market.n_blocks * 12.0 / 3600.0
        bottom = 2000.0 * (1.0 - market.fall_per_block) ** market.n_blocks
        text += f"""
[[shocks]]
name = "fall"
shock = "price_path"
asset = "ETH"
kind = "fundamental"
anchors = [[0, 2000], [{hours}, {bottom}]]
volatility = "0 % per year"
"""
    return text


def _vaults(n: int) -> str:
    text = ""
    for strategy, n_rows in rows(n).items():
        text += f"""
[[cohorts]]
name = "{strategy}"
strategy = "{strategy}"
n_rows = {n_rows}
tvl = "{n_rows * USD_PER_VAULT} USD"
asset = "ETH"
size = {{ distribution = "lognormal", median = 1, sigma = 0.5, low = 0.2, high = 5 }}
"""
        if strategy == "leveraged_loop":
            text += 'market = "core"\n'
    return text


def _others(n: int) -> str:
    return f"""
[[cohorts]]
name = "lenders"
strategy = "lender"
n_rows = 10
market = "core"
reserve_asset = "USDC"

[[cohorts]]
name = "providers"
strategy = "liquidity_provider"
n_rows = 10
tvl = "{2 * n * USD_PER_VAULT} USD"
pool = "eth_usdc"

[[cohorts]]
name = "liquidators"
strategy = "liquidator"
n_rows = 10
tvl = "{n * USD_PER_VAULT} USD"
market = "core"

[[cohorts]]
name = "arbitrageurs"
strategy = "arbitrageur"
n_rows = 5
tvl = "{2 * n * USD_PER_VAULT} USD"
"""
