"""What one liquidation would repay and seize, by the rules of the market and at its oracle prices."""

from __future__ import annotations

from sim.formulas import liquidation as rules
from tests.reference.ledger import Account
from tests.reference.participant import Cohort
from tests.reference.transaction import Leg

TOO_LITTLE_CAPITAL = -1.0  # told instead of a repayment


def claim(victims: Cohort, borrower: Account, capital: float, now: float) -> tuple[float, float]:
    """Cash repaid and collateral seized, in whole tokens, of the largest liquidation that is allowed.

    Nothing if the position is healthy; a negative repayment if ``capital`` is too little for a part that the
    market accepts.
    """
    lent, pledged = victims.debt, victims.collateral
    assert victims.market is not None
    assert lent is not None
    assert pledged is not None
    debt_usd = lent.debt_of(borrower, now) * lent.feed.price_usd
    collateral = pledged.collateral_of(borrower, now)
    collateral_usd = collateral * pledged.feed.price_usd
    position = victims.market.position(borrower, now)
    if position.health >= 1.0 or collateral_usd <= 0.0:
        return 0.0, 0.0
    positions = victims.positions_per_row
    most_usd = rules.max_repay_usd(
        debt_usd, position.debt_usd, collateral_usd, position.health, positions
    )
    repaid_usd = min(most_usd, collateral_usd / (1.0 + pledged.bonus_fraction))
    if repaid_usd > capital * lent.feed.price_usd:
        repaid_usd = capital * lent.feed.price_usd
        taken_usd = rules.seized_usd(repaid_usd, pledged.bonus_fraction)
        if rules.leaves_dust(debt_usd - repaid_usd, collateral_usd - taken_usd, positions):
            return TOO_LITTLE_CAPITAL, 0.0
    seized_usd = rules.seized_usd(repaid_usd, pledged.bonus_fraction)
    seized = min(seized_usd / pledged.feed.price_usd, collateral)
    return repaid_usd / lent.feed.price_usd, seized


def liquidation_of(victims: Cohort, borrower: Account, repaid: float, limit: float) -> Leg:
    """The leg that repays so much of a borrower's debt for at least ``limit`` of its collateral."""
    assert victims.debt is not None
    token = victims.debt.token
    return Leg("liquidation", victims.debt, token, repaid, limit, victims.collateral, borrower)
