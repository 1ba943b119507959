"""The small world with a coin, a pool of it, a peg module and an issuer of it."""

from __future__ import annotations

from tests.sim.worlds import SCENARIO, SmallWorld

REDEMPTIONS = """
[[assets]]
name = "DAI"
price_usd = 1
depth_usd = 1e8
outside_inventory_usd = 20e6

[[pools]]
name = "dai_usdc"
kind = "stable_swap"
tokens = ["DAI", "USDC"]
fee_fraction = 0.0001
amplification = 200

[[redemptions]]
name = "peg"
kind = "peg_module"
coin = "DAI"
reserve_usd = 1e6
cap_usd = 1.5e6
fee_in_fraction = 0.01
fee_out_fraction = 0.02

[[redemptions]]
name = "bank"
kind = "issuer"
coin = "DAI"
reserve_usd = 2e6
cap_usd = 3e6
fee_in_fraction = 0.01
fee_out_fraction = 0.02
minimum_usd = 1000
daily_cap_usd = 1e6
opens = "9 h"
closes = "17 h"

[[cohorts]]
name = "dai_providers"
strategy = "liquidity_provider"
n_rows = 1
tvl_usd = 2e6
size = 1
pool = "dai_usdc"
gas_tank_usd = 100e3
"""

PEG, BANK = 0, 1
NINE = 9 * 3600.0  # recorded time begins on a Monday at midnight


def redemption_world(**changes: object) -> SmallWorld:
    """A world with both modules, everybody quiet, on a Monday at nine."""
    small = SmallWorld(changes or None, SCENARIO + REDEMPTIONS)
    small.world.clock.now[0].seconds = NINE
    return small
