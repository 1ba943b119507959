"""A borrower in bands: keeps his leverage while all of his loan is collateral, then leaves it to the bands.

The rule is that of a leveraged loop (``leveraged_loop.py``) on collateral over debt: off by more than
``ratio_band`` he withdraws, sells and repays, or borrows, buys and adds. Once his bands have begun to sell
the market lets him do nothing but repay, and what he has to repay with lies in the bands. So a fall that is
faster than he is turns a sale of his own into one bit by bit, which costs him what arbitrageurs earn. When
the price has come back he goes on as before. If his bands no longer cover the debt, somebody takes them over.
Source: Egorov (2022), crvUSD white paper, for the loan; Heimbach and Huang (2024), for the trade.
"""

from __future__ import annotations

import dataclasses
import math

from agents.execution import trade_to_target
from agents.parameters import per_vault, uniform
from agents.vaults.leveraged_loop import is_outside_band, leveraged_loop
from sim.compile import boundary
from sim.fields import N_COMMON, field
from sim.venues.band_standing import standing
from sim.view import market_price, oracle_impact, oracle_price, seen_row

LEVERAGE, BAND = N_COMMON, N_COMMON + 1


@dataclasses.dataclass(frozen=True)
class BandBorrower:
    """``leverage``: collateral over equity, at birth and as a target; he owes ``1 - 1 / leverage`` of it.

    ``ratio_band``: by how much collateral over debt may be off.
    """

    leverage: float = per_vault(uniform(2.0, 4.0), 1.01, 20.0)
    ratio_band: float = per_vault(0.1, 0.001, 100.0)


@boundary(None)
def decide(view, c):
    """Every borrower of whose loan nothing is sold, and who is off his target, asks for it."""
    cohort = view.cohorts.table[c]
    row = seen_row(view, cohort)
    reserve = view.reserves[cohort.debt_reserve]
    feed = view.reserves[cohort.collateral_reserve].feed
    price = oracle_price(view, row, feed)
    oracle_over_market = price / market_price(view, row, cohort.asset)
    clean_share = math.exp(-oracle_impact(view, row, feed))
    owed = oracle_price(view, row, reserve.feed)
    leverage = field(view.cohorts, c, LEVERAGE)
    band = field(view.cohorts, c, BAND)
    for i in range(cohort.n_rows):
        coin, collateral, debt, _ = standing(
            view.ledger, view.venues, cohort.market, cohort.first_account + i, view.now[0].seconds
        )
        if coin >= reserve.unit or not debt > 0.0:
            continue
        exposure_usd = collateral * price
        debt_usd = debt * owed
        ratio = leverage[i] / (leverage[i] - 1.0)  # of collateral to debt
        if is_outside_band(exposure_usd, debt_usd, ratio, band[i]):
            target_usd, per_nav = leveraged_loop(
                exposure_usd, debt_usd, ratio, 1.0, oracle_over_market
            )
            anyway = is_outside_band(clean_share * exposure_usd, debt_usd, ratio, band[i])
            nav_usd = exposure_usd - debt_usd
            trade_to_target(view, c, i, nav_usd, exposure_usd, target_usd, per_nav, not anyway)
