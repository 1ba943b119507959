"""A keeper without frictions: all the capital it needs, no latency, no race; still nothing that does not pay.

The outside world lends it the cash for one transaction: borrow, liquidate, sell outside, return.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.units import ETH_PER_GWEI
from tests.reference.claim import claim, liquidation_of
from tests.reference.ledger import Account
from tests.reference.transaction import PROCEEDS, Leg

if TYPE_CHECKING:
    from tests.reference.keepers import Liquidator


def liquidate_frictionlessly(keeper: Liquidator) -> None:
    """Liquidate all that is at risk."""
    keeper.refill_gas(has_outside_access=True)
    for borrower in keeper.model.at_risk:
        _liquidate(keeper, borrower)


def _liquidate(keeper: Liquidator, borrower: Account) -> None:
    model, cohort, seen = keeper.model, keeper.cohort, keeper.seen
    victims = model.vault_of[borrower.name].cohort
    assert victims.collateral is not None
    repaid, seized = claim(victims, borrower, math.inf, model.seconds)
    if not repaid > 0.0:
        return
    sold, cash = victims.collateral.asset, model.cash
    gas = model.chain.gas_units("liquidation") * victims.positions_per_row
    gas_gwei = model.chain.expected_gas_price_gwei(seen.gas_price_gwei) + cohort.tip_gwei
    native_usd = seen.price_of(model.chain.native_asset)
    cost_usd = repaid * seen.price_of(cash) + gas * gas_gwei * ETH_PER_GWEI * native_usd
    if sold.sale_usd(seized, seen.price_of(sold)) < cost_usd:
        keeper.tell("no_profit")
        return
    legs = [
        Leg("outside_loan", cash, cash.token, repaid),
        liquidation_of(victims, borrower, repaid, 0.0),
        Leg("outside_trade", sold, sold.token, PROCEEDS, 0.0, cash),
        Leg("outside_return", cash, cash.token, repaid),
    ]
    # Whatever does not fit into this block is sent anew in the next one, at the prices of then.
    if keeper.send(legs, victims.positions_per_row, patience=0):
        keeper.tell("bids")
