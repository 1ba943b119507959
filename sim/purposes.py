"""Why somebody sent a transaction: the ``cause`` column of the event table.

A cohort has one ordinary purpose; a few kinds of transaction say more than that.
"""

from __future__ import annotations

from sim.compile import kernel
from sim.transaction import BORROW, FLASH_BORROW, LIQUIDATE, OUTSIDE_LOAN, WITHDRAW

ORACLE_UPDATE = 0
REBALANCE = 1
REPAIR = 2  # collateral withdrawn and sold to repay: the first duty of a vault with a loan
LEVERAGE_UP = 3
LIQUIDATION = 4
INVENTORY = 5  # what a keeper does with what it has won, and its gas
ARBITRAGE = 6
NOISE = 7
LIQUIDITY = 8

NAMES = (
    "oracle_update",
    "rebalance",
    "repair",
    "leverage_up",
    "liquidation",
    "inventory",
    "arbitrage",
    "noise",
    "liquidity",
)


@kernel
def purpose_of(world, head):
    """The purpose of a transaction, by its first leg and its sender's cohort."""
    if head.kind == WITHDRAW:
        return REPAIR
    if head.kind == BORROW:
        return LEVERAGE_UP
    if head.kind == LIQUIDATE or head.kind == OUTSIDE_LOAN or head.kind == FLASH_BORROW:
        return LIQUIDATION
    if head.cohort < 0:
        return ORACLE_UPDATE
    return world.cohorts.table[head.cohort].purpose
