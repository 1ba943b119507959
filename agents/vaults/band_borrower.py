"""A borrower in bands: he takes one loan, and leaves it to the bands to sell and buy back his collateral.

He neither adds nor repays. What a turn of the price costs him goes to arbitrageurs, bit by bit; if his
bands no longer cover the debt, somebody takes them over for it.
Source: Egorov (2022), crvUSD white paper, for the loan.
"""

from __future__ import annotations

import dataclasses

from agents.parameters import per_vault, uniform


@dataclasses.dataclass(frozen=True)
class BandBorrower:
    """``leverage``: collateral over equity at birth, so that he owes ``1 - 1 / leverage`` of it."""

    leverage: float = per_vault(uniform(2.0, 4.0), 1.01, 20.0)
