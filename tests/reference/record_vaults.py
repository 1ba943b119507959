"""A vault's row after each transaction of its own and each liquidation, as of the end of the block."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from tests.reference.vault import Vault
from tests.reference.worth import Worth, total, worths

if TYPE_CHECKING:
    from tests.reference.model import ReferenceModel


@dataclasses.dataclass
class VaultRow:
    """What is written down of one vault."""

    block: int  # recorded blocks done
    account: str
    nav_usd: float
    nav_protocol_usd: float
    collateral_usd: float  # all of its asset, pledged or not
    debt_usd: float
    health: float
    risky_amount: float
    cash_amount: float
    birth_nav_usd: float


def record_vaults(model: ReferenceModel) -> None:
    """One row for each vault that something happened to in this block; a transaction counts once."""
    worth = worths(model)
    last = None
    for event in model.events_of_block():
        name = event.counterparty if event.kind == "liquidation" else event.account
        vault = model.vault_of.get(name) if event.status == "ok" else None
        if vault is not None and vault is not last:
            assert isinstance(vault, Vault)
            model.vault_rows.append(_row(model, vault, worth))
            last = vault


def _row(model: ReferenceModel, vault: Vault, worth: dict[str, Worth]) -> VaultRow:
    cohort, account, now = vault.cohort, vault.account, model.seconds
    held = {token: account.holding(token) for token in model.tokens}
    risky, debt, health = held[cohort.asset.token], 0.0, math.nan
    if cohort.collateral is not None and cohort.debt is not None:
        collateral = cohort.collateral.collateral_of(account, now)
        debt = cohort.debt.debt_of(account, now)
        owed_usd = debt * cohort.debt.feed.price_usd
        if owed_usd > 0.0:
            weighted = collateral * cohort.collateral.threshold_fraction
            health = weighted * cohort.collateral.feed.price_usd / owed_usd
        risky += collateral
    return VaultRow(
        block=model.block + 1,
        account=account.name,
        nav_usd=total(held[token] * worth[token].market_usd for token in held),
        nav_protocol_usd=total(held[token] * worth[token].protocol_usd for token in held),
        collateral_usd=risky * worth[cohort.asset.token].market_usd,
        debt_usd=debt * worth[model.cash.token].market_usd,
        health=health,
        risky_amount=risky,
        cash_amount=held[model.cash.token],
        birth_nav_usd=vault.birth,
    )
