"""Marking: what everybody is worth on two marks, and whose health at the oracle price is below one.

Wealth is linear in tokens, so what a cohort holds is added up once and valued twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.reference.ledger import Account
from tests.reference.vault import Vault
from tests.reference.worth import Worth, total, worths

if TYPE_CHECKING:
    from tests.reference.model import ReferenceModel
    from tests.reference.participant import Cohort

MAX_RISK = 1.28  # what is told of a debt without collateral
N_BINS = 64


def mark(model: ReferenceModel) -> list[Account]:
    """Mark every cohort; returns the accounts at risk, cohort by cohort and row by row."""
    worth = worths(model)
    at_risk: list[Account] = []
    for cohort in model.cohorts:
        if cohort.role != "vault":
            _mark_others(model, cohort, worth)
            continue
        tokens = [cohort.asset.token, model.cash.token]
        if model.chain.native_asset is not cohort.asset:  # else the gas tank is part of the holding
            tokens.append(model.chain.native_token)
        if cohort.market is None:
            _mark_unlevered(cohort, tokens, worth)
        else:
            found = _mark_levered(model, cohort, tokens, worth)
            cohort.counts["at_risk"] = len(found)
            at_risk += found
    return at_risk


def _mark_unlevered(cohort: Cohort, tokens: list[str], worth: dict[str, Worth]) -> None:
    """Vaults that hold tokens and owe nothing."""
    each_usd = [worth[token].market_usd for token in tokens]
    for vault in cohort.members:
        assert isinstance(vault, Vault)
        balances = vault.account.balances
        vault.nav_usd = total(
            balances[token] * usd for token, usd in zip(tokens, each_usd, strict=True)
        )
    held = _added_up(cohort, tokens)
    cohort.nav_usd, cohort.nav_protocol_usd = _valued(held, worth)
    cohort.collateral_usd = held[cohort.asset.token] * worth[cohort.asset.token].market_usd


def _mark_levered(
    model: ReferenceModel, cohort: Cohort, tokens: list[str], worth: dict[str, Worth]
) -> list[Account]:
    """Vaults with a loan; returns the accounts of those at risk."""
    pledged, lent, now = cohort.collateral, cohort.debt, model.seconds
    assert pledged is not None
    assert lent is not None
    receipt_token, debt_token = pledged.receipt_token, lent.debt_token
    receipt_usd, owed_market_usd = worth[receipt_token].market_usd, worth[debt_token].market_usd
    each_usd = [worth[token].market_usd for token in tokens]
    # What the lender believes: it looks at the whole claim, whatever stands behind it.
    receipt_index = pledged.liquidity_index_now(now)
    weight_usd = receipt_index * pledged.feed.price_usd * pledged.threshold_fraction
    owed_usd = lent.borrow_index_now(now) * lent.feed.price_usd
    cohort.risks = []
    at_risk = []
    for vault in cohort.members:
        assert isinstance(vault, Vault)
        balances = vault.account.balances
        receipts, debts = balances[receipt_token], balances[debt_token]
        idle_usd = total(balances[token] * usd for token, usd in zip(tokens, each_usd, strict=True))
        vault.nav_usd = receipts * receipt_usd + idle_usd + debts * owed_market_usd
        owed = debts * owed_usd
        if owed > 0.0:
            weighted = receipts * weight_usd
            risk = owed / weighted if weighted > 0.0 else MAX_RISK
            cohort.risks.append(risk)
            if risk > 1.0 and weighted > 0.0:
                at_risk.append(vault.account)
    held = _added_up(cohort, [receipt_token, *tokens, debt_token])
    cohort.nav_usd, cohort.nav_protocol_usd = _valued(held, worth)
    cohort.debt_usd = -held[debt_token] * owed_market_usd
    cohort.collateral_usd = held[receipt_token] * receipt_index * cohort.asset.market_price_usd
    return at_risk


def _mark_others(model: ReferenceModel, cohort: Cohort, worth: dict[str, Worth]) -> None:
    """Depositors, keepers and traders: all they hold, and what waits in custody."""
    cohort.nav_usd, cohort.nav_protocol_usd = _valued(_added_up(cohort, list(model.tokens)), worth)


def _added_up(cohort: Cohort, tokens: list[str]) -> dict[str, float]:
    """What a whole cohort holds, custody last."""
    accounts = [member.account for member in cohort.members]
    accounts += [member.custody for member in cohort.members if member.custody is not None]
    return {
        token: total(account.balances[token] for account in accounts if token in account.balances)
        for token in tokens
    }


def _valued(held: dict[str, float], worth: dict[str, Worth]) -> tuple[float, float]:
    """Both marks of so many tokens of each kind."""
    market_usd = total(amount * worth[token].market_usd for token, amount in held.items())
    protocol_usd = total(amount * worth[token].protocol_usd for token, amount in held.items())
    return market_usd, protocol_usd


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
