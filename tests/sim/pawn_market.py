"""A market of its own for claims that are pledged: one borrower, who owes 60 % of them, and one lender."""

from __future__ import annotations

from agents.keepers.inventory import best_sale_usd
from sim.view import seen_row
from tests.sim.worlds import SmallWorld

KEEN = {"cohorts.keepers.attention_fraction": 1.0, "cohorts.keepers.min_profit_usd": 0.0}
BONUS = 1.0 / (1.0 - 0.3 * (1.0 - 0.9))  # Morpho Blue's incentive factor at an LLTV of 90 %

_MARKET = """
[[markets]]
name = "pawn"
kind = "isolated"
lltv_fraction = 0.9

[[reserves]]
name = "pawn_claims"
market = "pawn"
asset = "{asset}"
feed = "{asset}_usd"

[[reserves]]
name = "pawn_usdc"
market = "pawn"
asset = "USDC"
feed = "usdc_usd"
reserve_factor_fraction = 0.0
utilisation_fraction = 0.75

[[cohorts]]
name = "pawners"
strategy = "leveraged_loop"
n_rows = 1
tvl_usd = 1e3
size = 1
asset = "{asset}"
market = "pawn"
target_health = 1.5
gas_tank_usd = 0
attention_fraction = 0

[[cohorts]]
name = "pawn_lenders"
strategy = "lender"
n_rows = 1
market = "pawn"
reserve_asset = "USDC"
"""


def pawn_market(asset: str) -> str:
    """The market where an asset is pledged at its feed; both stand before it in the file."""
    return _MARKET.format(asset=asset)


def brings_usd(small: SmallWorld, symbol: str, claims: float) -> float:
    """What so many claims would bring a keeper now."""
    cohort = small.world.cohorts.table[small.names.cohorts.index("keepers")]
    row, asset = seen_row(small.view, cohort), small.names.assets.index(symbol)
    return float(best_sale_usd(small.view, cohort, row, asset, small.token(symbol), claims, True))
