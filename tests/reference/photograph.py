"""What a transaction can reach, as it stood before: how a revert leaves everything untouched."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.reference.model import ReferenceModel
    from tests.reference.transaction import Transaction


class Photograph:
    """Copies of all venues, their accounts, and the accounts of those who take part."""

    def __init__(self, model: ReferenceModel, tx: Transaction) -> None:
        self.venues = [*model.pools, *model.reserves, *model.feeds, *model.exchanges]
        self.states = [dict(vars(venue)) for venue in self.venues]
        self.accounts = [tx.sender, *model.venue_accounts]
        self.accounts += [leg.counterparty for leg in tx.legs if leg.counterparty is not None]
        if tx.agent is not None and tx.agent.custody is not None:
            self.accounts.append(tx.agent.custody)
        self.balances = [dict(account.balances) for account in self.accounts]

    def restore(self) -> None:
        """Put everything back."""
        for venue, state in zip(self.venues, self.states, strict=True):
            vars(venue).update(state)
        for account, balances in zip(self.accounts, self.balances, strict=True):
            account.balances.update(balances)
