"""Marking: what every vault is worth outside, and whose health at the oracle price is below one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.reference.ledger import Account
from tests.reference.vault import Vault

if TYPE_CHECKING:
    from tests.reference.model import ReferenceModel
    from tests.reference.participant import Cohort

MAX_RISK = 1.28  # what is told of a debt without collateral
N_BINS = 64


def mark(model: ReferenceModel) -> list[Account]:
    """Mark every vault; returns the accounts at risk, cohort by cohort and row by row."""
    at_risk: list[Account] = []
    for cohort in model.cohorts:
        if cohort.role == "vault":
            cohort.nav_usd = cohort.debt_usd = cohort.collateral_usd = 0.0
            cohort.risks = []
            before = len(at_risk)
            for vault in cohort.members:
                assert isinstance(vault, Vault)
                if cohort.market is None:
                    _mark_unlevered(model, cohort, vault)
                elif _mark_levered(model, cohort, vault):
                    at_risk.append(vault.account)
            cohort.counts["at_risk"] = len(at_risk) - before
    return at_risk


def _mark_unlevered(model: ReferenceModel, cohort: Cohort, vault: Vault) -> None:
    balances, native = vault.account.balances, model.chain.native_asset
    risky_usd = balances[cohort.asset.token] * cohort.asset.market_price_usd
    nav_usd = risky_usd + balances[model.cash.token] * model.cash.market_price_usd
    if native is not cohort.asset:  # else the gas tank is part of the risky holding
        nav_usd += balances[native.token] * native.market_price_usd
    vault.nav_usd = nav_usd
    cohort.nav_usd += nav_usd
    cohort.collateral_usd += risky_usd


def _mark_levered(model: ReferenceModel, cohort: Cohort, vault: Vault) -> bool:
    """Whether it is at risk."""
    pledged, lent, now = cohort.collateral, cohort.debt, model.seconds
    assert pledged is not None
    assert lent is not None
    balances, native = vault.account.balances, model.chain.native_asset
    receipts, debts = balances[pledged.receipt_token], balances[lent.debt_token]
    collateral_usd = receipts * pledged.liquidity_index_now(now) * cohort.asset.market_price_usd
    debt_usd = debts * lent.borrow_index_now(now) * model.cash.market_price_usd
    idle_usd = balances[cohort.asset.token] * cohort.asset.market_price_usd
    idle_usd += balances[model.cash.token] * model.cash.market_price_usd
    if native is not cohort.asset:
        idle_usd += balances[native.token] * native.market_price_usd
    vault.nav_usd = collateral_usd + idle_usd - debt_usd
    cohort.nav_usd += vault.nav_usd
    cohort.debt_usd += debt_usd
    cohort.collateral_usd += collateral_usd
    # What the lender believes.
    weight_usd = pledged.liquidity_index_now(now) * pledged.feed.price_usd
    weighted_usd = receipts * (weight_usd * pledged.threshold_fraction)
    owed_usd = debts * (lent.borrow_index_now(now) * lent.feed.price_usd)
    if not owed_usd > 0.0:
        return False
    risk = owed_usd / weighted_usd if weighted_usd > 0.0 else MAX_RISK
    cohort.risks.append(risk)
    return risk > 1.0 and weighted_usd > 0.0


def risk_quantile(risks: list[float], share: float) -> float:
    """Debt over weighted collateral of which a share of the borrowers has less, to 0.02."""
    bins = [0] * N_BINS
    for risk in risks:
        bins[min(int(risk * (N_BINS / MAX_RISK)), N_BINS - 1)] += 1
    if not risks:
        return 0.0
    below = 0
    for k, inside in enumerate(bins):
        if below + inside >= share * len(risks) and inside > 0:
            return (k + (share * len(risks) - below) / inside) * 0.02
        below += inside
    return MAX_RISK
