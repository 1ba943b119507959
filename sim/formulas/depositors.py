"""At what rate depositors of a share vault leave it, and at what rate others bring their money.

What a vault pays today is what its books say; where they are behind the market, whoever leaves first is paid
in full and whoever stays bears it. So the hazard of leaving rises with that first-mover gain and with
rumours, the more the longer the line and the less is liquid; with no gain and no rumour nobody leaves.
Money comes where the vault earns more than it is believed to lose, and the sooner the shorter the line and
the more is liquid: the same fear that speeds the one slows the other.
Source: Diamond and Dybvig (1983), Bank Runs, Deposit Insurance, and Liquidity; Chen, Goldstein and Jiang
(2010), Payoff Complementarities and Financial Fragility, for runs on funds with illiquid assets; Chevalier
and Ellison (1997), Risk Taking by Mutual Funds as a Response to Incentives, for flows that follow returns.
The functional forms are ours.
"""

from __future__ import annotations

import math

from sim.compile import formula
from sim.units import SECONDS_PER_DAY


@formula
def first_mover_gain(total_assets, unseen_loss):
    """What whoever leaves now gets beyond the worth of his share, as a fraction of what the books say."""
    if total_assets <= 0.0:
        return 0.0
    return max(unseen_loss, 0.0) / total_assets


@formula
def fear(in_line_fraction, liquid_fraction, queue_weight, illiquidity_weight):
    """How much a line of so many of the shares, and so little that is liquid, add to what is believed."""
    total = 1.0 + queue_weight * in_line_fraction
    total += illiquidity_weight * (1.0 - min(liquid_fraction, 1.0))
    return total


@formula
def leaving_per_day(hazard_per_day, believed_loss, fear_multiple):
    """Hazard of leaving, of a depositor who believes that this fraction is lost."""
    return hazard_per_day * max(believed_loss, 0.0) * fear_multiple


@formula
def coming_per_day(
    hazard_per_day, yield_per_year, required_yield_per_year, believed_loss, fear_multiple
):
    """Hazard of a deposit: by what the first year is expected to bring beyond what is required."""
    excess = yield_per_year - required_yield_per_year - max(believed_loss, 0.0)
    return hazard_per_day * max(excess, 0.0) / fear_multiple


@formula
def chance_within(hazard_per_day, seconds):
    """Chance that something of this hazard happens within a time."""
    return 1.0 - math.exp(-hazard_per_day * seconds / SECONDS_PER_DAY)
