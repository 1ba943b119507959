"""A staked token: a claim on ether that works elsewhere, worth more each second, and slow to turn back.

Whoever wants out today has to sell it in a pool; whoever can wait asks the contract and stands in a line
that is served in order, so many ether a day, and not before a minimum delay. So its price in a pool may
fall below its rate by what waiting costs, and by more where the line is closed: loops that pledge the token
and owe ether then sell into their own discount.

A request is paid what it was worth when it was made, or what its tokens are worth when it is finalised if
that is less: who waits earns no more rewards, but bears the slashing of the time he waits.
Source: Lido's contracts: stETH for the rate, WithdrawalQueueBase.sol (2023) for order and payment. There a
report once a day sets the rate and finalises requests; here both are continuous.
"""

from __future__ import annotations

import math

from sim.compile import formula
from sim.units import SECONDS_PER_YEAR


@formula
def grown(rate, reward_per_year, fee_fraction, seconds):
    """The rate after so many seconds: the reward less the operators' fee, compounded all the time."""
    return rate * math.exp(reward_per_year * (1.0 - fee_fraction) * (seconds / SECONDS_PER_YEAR))


@formula
def ready_seconds(now_seconds, line_until_seconds, ether, ether_per_second, min_delay_seconds):
    """When a request is finalised that joins a line now: after all before it, and not before the delay."""
    served = max(now_seconds, line_until_seconds) + ether / ether_per_second
    return max(served, now_seconds + min_delay_seconds)


@formula
def paid(ether_asked, tokens, rate):
    """Ether for a request that is finalised at this rate."""
    return min(ether_asked, tokens * rate)


@formula
def patient_price(rate, required_return_per_year, wait_seconds):
    """The price of a token, in ether, at which waiting for its rate earns the required return."""
    years = wait_seconds / SECONDS_PER_YEAR
    return rate * math.exp(-math.log1p(required_return_per_year) * years)
