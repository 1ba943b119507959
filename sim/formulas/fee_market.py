"""Block space: who gets in, and at what price.

Background demand is a curve of willingness to pay, ``G(p) = reference_gas x dial x (p0 / p)^elasticity``:
it falls as the price rises, which keeps the base fee finite in a crash.
Source: Roughgarden (2021), Transaction Fee Mechanism Design; EIP-1559 (2019).
"""

from __future__ import annotations

import math

from sim.compile import formula

BASE_FEE_CHANGE_DENOMINATOR = 8.0  # EIP-1559
MIN_BASE_FEE_GWEI = 1e-9  # one wei


@formula
def background_gas(price_gwei, reference_gas, reference_price_gwei, demand_multiple, elasticity):
    """Gas that the rest of the chain wants at ``price_gwei`` or more, in one block."""
    ratio = reference_price_gwei / max(price_gwei, MIN_BASE_FEE_GWEI)
    return reference_gas * demand_multiple * math.exp(elasticity * math.log(ratio))


@formula
def background_price_gwei(gas, reference_gas, reference_price_gwei, demand_multiple, elasticity):
    """The price at which background demand is ``gas``: the inverse of :func:`background_gas`."""
    ratio = reference_gas * demand_multiple / max(gas, 1.0)
    return reference_price_gwei * math.exp(math.log(ratio) / elasticity)


@formula
def next_base_fee_gwei(base_fee_gwei, gas_used, gas_target):
    """EIP-1559: at most an eighth up or down, in proportion to how far the block was from its target."""
    change = base_fee_gwei * (gas_used - gas_target) / gas_target / BASE_FEE_CHANGE_DENOMINATOR
    return max(base_fee_gwei + change, MIN_BASE_FEE_GWEI)


@formula
def followed_price_gwei(going_gwei, fitting_gwei):
    """The going price after it has followed the clearing price by at most an eighth."""
    step = 1.0 + 1.0 / BASE_FEE_CHANGE_DENOMINATOR
    return min(max(fitting_gwei, going_gwei / step), going_gwei * step)


@formula
def effective_tip_gwei(max_fee_gwei, tip_gwei, base_fee_gwei):
    """What the builder receives a unit of gas; negative means that the transaction cannot be included."""
    return min(tip_gwei, max_fee_gwei - base_fee_gwei)
