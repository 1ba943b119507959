"""The stage of redemptions: a coin above par, then below it; a peg module, a bank with hours, a run."""

from __future__ import annotations

from scenarios.load import loads
from scenarios.schema import Scenario
from tests.sim.redemption_world import REDEMPTIONS
from tests.sim.worlds import SCENARIO

PEOPLE = """
[[pools]]
name = "dai_usdc_thin"
tokens = ["DAI", "USDC"]
fee_fraction = 0.0005

[[cohorts]]
name = "thin_providers"
strategy = "liquidity_provider"
n_rows = 1
tvl_usd = 2e6
size = 1
pool = "dai_usdc_thin"
gas_tank_usd = 100e3

[[cohorts]]
name = "peg_arbitrageurs"
strategy = "peg_arbitrageur"
n_rows = 3
tvl_usd = 4e6
pools = ["dai_usdc", "dai_usdc_thin"]
gas_reserve_eth = 5
max_fee_multiple = 1.0
tip_gwei = 0
patience_blocks = 2

[[cohorts]]
name = "dai_holders"
strategy = "coin_holder"
n_rows = 40
tvl_usd = 1e6
asset = "DAI"
redemption = "peg"
hazard_per_day = 1500
attention_fraction = 0.8
max_slippage_fraction = 0.0005
max_fee_multiple = 1.0
tip_gwei = 0
patience_blocks = 2

[[shocks]]
name = "dear"
shock = "price_gap"
asset = "DAI"
size_fraction = 0.03
start_seconds = 60
duration_seconds = 500

[[shocks]]
name = "cheap"
shock = "price_gap"
asset = "DAI"
size_fraction = -0.04
start_seconds = 600

[[shocks]]
name = "congestion"
shock = "gas_demand"
chain = "main"
multiple = 20
start_seconds = 540
ramp_seconds = 300
duration_seconds = 1200

[[shocks]]
name = "doubt"
shock = "rumour"
redemption = "peg"
loss_fraction = 0.1
start_seconds = 640
duration_seconds = 900

[[shocks]]
name = "loss"
shock = "reserve_loss"
redemption = "peg"
fraction = 0.3
start_seconds = 590
duration_seconds = 300

[[shocks]]
name = "halt"
shock = "redemption_halt"
redemption = "bank"
start_seconds = 700
duration_seconds = 150
"""
TERMS = {
    "time.horizon_blocks": 150,
    "time.burn_in_blocks": 5,
    "redemptions.peg.reserve_usd": 200e3,
    "redemptions.peg.cap_usd": 350e3,
    "redemptions.peg.fee_in_fraction": 0.001,
    "redemptions.peg.fee_out_fraction": 0.001,
    "redemptions.bank.reserve_usd": 300e3,
    "redemptions.bank.cap_usd": 500e3,
    "redemptions.bank.fee_in_fraction": 0.002,
    "redemptions.bank.fee_out_fraction": 0.002,
    "redemptions.bank.minimum_usd": 5e3,
    "redemptions.bank.daily_cap_usd": 150e3,
    "redemptions.bank.opens_seconds": 180.0,
    "redemptions.bank.closes_seconds": 1500.0,
    "redemptions.bank.weekdays": ["Mon"],
    # Whoever closes the gap to the outside market outbids the crowd; the others wait, and some in vain.
    "cohorts.arbitrageurs.attention_fraction": 1.0,
    "cohorts.arbitrageurs.max_fee_multiple": 20.0,
    "cohorts.arbitrageurs.tip_gwei": 100.0,
    "assets.DAI.depth_usd": 20e6,
}


def redemption_stage() -> Scenario:
    """Both modules issue up to their caps and redeem, one until it is dry, one within its hours."""
    return loads(SCENARIO + REDEMPTIONS + PEOPLE).with_(**TERMS)
