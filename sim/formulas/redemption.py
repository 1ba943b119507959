"""What a redemption at par pays, and when an issuer keeps its counter open.

A module that gives one coin for one token of its reserve pins the price of the coin between ``1 - fee`` and
``1 + fee`` for as long as it can pay, and not a block longer: the fee is the width of the peg.
Source: MIP29, Peg Stability Module (2021), for ``tin`` (of what comes in, taken from the coin issued) and
``tout`` (on top of what goes out). A fiat issuer keeps its fee from what it pays.
"""

from __future__ import annotations

import math

from sim.compile import formula
from sim.units import SECONDS_PER_DAY

THURSDAY = 3  # 1 January 1970, counted from Monday = 0


@formula
def toll_in(reserve, tin_fraction):
    """Coin kept of what is issued for so much of the reserve token."""
    return reserve * tin_fraction


@formula
def after_toll_out(coin, tout_fraction):
    """Reserve tokens that so much coin buys, the toll included."""
    return coin / (1.0 + tout_fraction)


@formula
def after_fee(amount, fee_fraction):
    """What is paid for an amount of which a fee is kept."""
    return amount * (1.0 - fee_fraction)


@formula
def payable(reserve, locked):
    """What can be paid of a reserve of which some cannot be reached."""
    return max(reserve - locked, 0.0)


@formula
def day_of(unix_seconds):
    """Whole days since 1 January 1970, UTC."""
    return math.floor(unix_seconds / SECONDS_PER_DAY)


@formula
def is_open(unix_seconds, opens_seconds, closes_seconds, weekdays):
    """Whether it is between two times of day, on a weekday whose bit is set (Monday 1, Sunday 64)."""
    day = day_of(unix_seconds)
    second = unix_seconds - day * SECONDS_PER_DAY
    weekday = (day + THURSDAY) % 7
    is_working_day = ((weekdays >> weekday) & 1) == 1
    return is_working_day and opens_seconds <= second < closes_seconds
