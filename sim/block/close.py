"""Close: background demand fills what agents have left of the block, and the next price of gas is found.

Gas counts as it was used: what reverts has given the rest of its space back before the next was let in.
Source: EIP-1559 (2019); Roughgarden (2021), Transaction Fee Mechanism Design.
"""

from __future__ import annotations

from sim.compile import formula, kernel
from sim.formulas import fee_market
from sim.tables import EIP1559
from sim.transaction import DONE


@formula
def _reference_gas(table):
    """Gas that background demand wants at the price at birth."""
    return table.gas_target if table.fee_market == EIP1559 else table.gas_limit


@formula
def background_gas(table, price_gwei):
    """Gas of this block that is willing to pay more than ``price_gwei``, agents apart."""
    wanted = fee_market.background_gas(
        price_gwei, _reference_gas(table), table.reference_fee_gwei,
        table.demand_multiple, table.demand_elasticity,
    )  # fmt: skip
    return min(wanted, table.gas_limit)


@kernel
def close(world, chain):
    """Fill the block and find the next going price; what was served leaves the mempool.

    At first price that is the price at which background demand just fits beside the agents; what wallets
    suggest follows it by at most an eighth a block, for they look back over several.
    """
    table = world.chains.table[chain]
    room = max(table.gas_limit - table.gas_used, 0.0)
    going_gwei = table.paid_base_fee_gwei
    if table.fee_market == EIP1559:
        table.background_gas = min(background_gas(table, going_gwei), room)
        table.gas_used = table.gas_used + table.background_gas
        table.base_fee_gwei = fee_market.next_base_fee_gwei(
            going_gwei, min(table.gas_used, table.gas_limit), table.gas_target
        )
    else:
        table.background_gas = room
        table.gas_used = table.gas_used + room
        fitting_gwei = fee_market.background_price_gwei(
            room, _reference_gas(table), table.reference_fee_gwei,
            table.demand_multiple, table.demand_elasticity,
        )  # fmt: skip
        table.base_fee_gwei = fee_market.followed_price_gwei(going_gwei, fitting_gwei)
    _sweep(world, chain)


@kernel
def _sweep(world, chain):
    """Close the gaps that executed and expired transactions left, keeping the order."""
    table = world.chains.table[chain]
    mempool = world.chains.mempool
    kept = 0
    place = 0
    while place < table.pending:
        n_legs = mempool[chain, place].legs
        if mempool[chain, place].sequence != DONE:
            if kept != place:
                for k in range(n_legs):
                    mempool[chain, kept + k] = mempool[chain, place + k]
            kept += n_legs
        place += n_legs
    table.pending = kept
