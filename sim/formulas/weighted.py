"""Weighted pools: each asset keeps its share of the value, so the pool sells what rises and buys what falls.

The invariant is ``V = prod x_k^w_k`` with weights that sum to one; two equal weights are a constant
product. All amounts are relative changes taken through ``log1p`` and ``expm1``, never one balance less
another, so that dust is as exact as a large trade. A deposit or withdrawal out of proportion is a
proportional one followed by swaps: the part that would be swapped pays the fee.

Source: Martinelli and Mushegian (2019), Balancer: A non-custodial portfolio manager, liquidity provider, and
price sensor; the contract WeightedMath.sol of balancer-v2-monorepo, with its limits.
"""

from __future__ import annotations

import math

from sim.compile import formula

MOST_IN, MOST_OUT = 0.3, 0.3  # of a balance, in one swap
MOST_GROWTH, LEAST_LEFT = 3.0, 0.7  # of the invariant, by a deposit or withdrawal of one asset


@formula
def invariant_of(coins, first, n):
    """The weighted geometric mean of the balances."""
    total = 0.0
    for k in range(first, first + n):
        total += coins[k].weight * math.log(coins[k].balance)
    return math.exp(total)


@formula
def amount_out(amount, balance_in, weight_in, balance_out, weight_out):
    """What ``amount`` buys, the fee having been taken off before."""
    return -balance_out * math.expm1(-weight_in / weight_out * math.log1p(amount / balance_in))


@formula
def amount_in(amount, balance_in, weight_in, balance_out, weight_out):
    """What ``amount`` costs, before the fee is put on top."""
    return balance_in * math.expm1(-weight_out / weight_in * math.log1p(-amount / balance_out))


@formula
def deposit_log_growth(coins, first, n, asked, fee_fraction):
    """By how much a deposit of ``asked`` of each asset lets the log invariant grow, after the fee."""
    common = 0.0  # what all have in common: the weighted mean of the relative changes
    for k in range(first, first + n):
        common += coins[k].weight * (asked[k - first] / coins[k].balance)
    grown = 0.0
    for k in range(first, first + n):
        swapped = asked[k - first] - common * coins[k].balance
        fee = fee_fraction * max(swapped, 0.0)
        grown += coins[k].weight * math.log1p((asked[k - first] - fee) / coins[k].balance)
    return grown


@formula
def withdrawal_log_growth(coins, first, n, asked, fee_fraction):
    """The same, negative, for a withdrawal of ``-asked`` of each asset; minus infinity if it takes all."""
    common = 0.0
    for k in range(first, first + n):
        common += coins[k].weight * (asked[k - first] / coins[k].balance)
    grown = 0.0
    for k in range(first, first + n):
        swapped = max(common * coins[k].balance - asked[k - first], 0.0)
        fee = swapped * (fee_fraction / (1.0 - fee_fraction))
        ratio = (asked[k - first] - fee) / coins[k].balance
        if not ratio > -1.0:
            return -math.inf
        grown += coins[k].weight * math.log1p(ratio)
    return grown


@formula
def one_in_for_shares(balance, weight, share, fee_fraction):
    """What of one asset buys new LP shares, ``share`` of those in issue."""
    amount = balance * math.expm1(math.log1p(share) / weight)
    swapped = amount * (1.0 - weight)
    return amount + swapped * (fee_fraction / (1.0 - fee_fraction))


@formula
def one_out_for_shares(balance, weight, share, fee_fraction):
    """What of one asset a share of all LP shares brings."""
    amount = -balance * math.expm1(math.log1p(-share) / weight)
    return amount - fee_fraction * (amount * (1.0 - weight))


@formula
def spot_price(balance_in, weight_in, balance_out, weight_out):
    """What the next token of one asset is worth in another, before the fee."""
    return (balance_out / weight_out) / (balance_in / weight_in)


@formula
def log_move(amount, bought, balance_in, balance_out):
    """By how much a trade raises the log price of what it buys."""
    return math.log1p(amount / balance_in) - math.log1p(-bought / balance_out)
