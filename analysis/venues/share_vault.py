"""A curated vault at the prompt: shares of one asset, lent to isolated markets in the order of its queues."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from analysis.venues.vault_markets import CURATOR, SHARES, VAULTS, VaultMarkets
from analysis.venues.venue import ANYONE
from sim import transaction
from sim.errors import InputError
from sim.formulas.vault_shares import assets_for, shares_for
from sim.venues.share_vault import clear
from sim.venues.share_vault_places import find_liquid

QUEUE_LENGTH = 1_000


class ShareVault(VaultMarkets):
    """Depositors own a vault in shares; it lends to markets, each up to its cap (ERC-4626; MetaMorpho v1.0).

    ``markets`` are caps in whole tokens by name, in the order of both queues. Somebody may :meth:`borrow`
    from a market and :meth:`default` on it: then its loss is booked at once, and shares are worth less. A
    vault with ``in_line`` pays redemptions by request, strictly in their order::

        vault = af.venues.ShareVault("USDC", {"safe": 1e6, "risky": 5e5}, idle_fraction=0.05)
        vault.deposit(1e6, account="alice")
        vault.borrow("risky", 4e5)
        vault.default("risky")
        vault.redeem(account="alice")
    """

    def __init__(
        self,
        asset: str,
        markets: Mapping[str, float],
        idle_fraction: float = 0.0,
        management_fee_per_year: float = 0.0,
        performance_fee_fraction: float = 0.0,
        in_line: bool = False,
    ) -> None:
        for name, value, top in (
            ("idle_fraction", idle_fraction, 1.0),
            ("management_fee_per_year", management_fee_per_year, 1.0),
            ("performance_fee_fraction", performance_fee_fraction, 1.0),
        ):
            if not 0.0 <= value < top:
                raise InputError(None, name, value, "must be at least 0 and below 1")
        for name, cap in markets.items():
            if not cap >= 0.0:
                raise InputError(None, f"markets.{name}", cap, "a cap must be at least 0")
        self._lay(asset, markets, QUEUE_LENGTH if in_line else 0)
        row = self._row
        row.account = self._layout.first[self._group(VAULTS)]
        row.curator = self.account(CURATOR)
        row.asset = row.token = 1
        row.share_token = self._token(SHARES)
        row.n_places, row.idle_fraction = len(markets), idle_fraction
        row.management_fee_per_year = management_fee_per_year
        row.performance_fee_fraction = performance_fee_fraction
        row.has_queue, row.queue_length = int(in_line), QUEUE_LENGTH if in_line else 0

    @property
    def _row(self) -> Any:
        return self._world.venues.share_vaults[0]

    # ------------------------------------------------------------------ the vault

    def _act(self, kind: int, amount: float, account: str) -> Any:
        return self._call(kind, account, row=0, token_in=self._row.token, amount=amount)

    def deposit(self, assets: float, account: str = ANYONE) -> float:
        """Bring assets; returns the shares. Whoever is named first brings his own money."""
        self._endow(account, assets)
        return float(self._act(transaction.DEPOSIT, assets, account).amount_out)

    def mint(self, shares: float, account: str = ANYONE) -> float:
        """Ask for so many shares; returns the assets they cost."""
        self._endow(account, self.preview_mint(shares))
        return float(self._act(transaction.MINT_VAULT_SHARES, shares, account).amount_in)

    def withdraw(self, assets: float, account: str = ANYONE) -> float:
        """Take so many assets out; returns the shares burned."""
        return float(self._act(transaction.WITHDRAW_ASSETS, assets, account).amount_in)

    def redeem(self, shares: float = math.inf, account: str = ANYONE) -> float:
        """Hand in shares, all of them unless said otherwise; returns the assets paid."""
        shares = min(shares, self.balance(SHARES, account))
        return float(self._act(transaction.REDEEM, shares, account).amount_out)

    def request_redeem(self, shares: float = math.inf, account: str = ANYONE) -> float:
        """Hand in shares and stand in line; returns how many."""
        shares = min(shares, self.balance(SHARES, account))
        return float(self._act(transaction.REQUEST_REDEEM, shares, account).amount_in)

    def pay_next(self) -> float:
        """Pay the first in line, in full or not at all; returns the assets paid."""
        return float(self._act(transaction.CLAIM_REDEMPTIONS, 0.0, ANYONE).amount_out)

    def _endow(self, account: str, assets: float) -> None:
        short = assets - self.balance(self.asset, account)
        if short > 0.0:
            self.give(account, self.asset, short)

    # ------------------------------------------------------------------ views

    def _clear(self) -> None:
        venues, ledger = self._world.venues, self._world.ledger
        clear(ledger, venues.share_vaults, venues.places, venues.reserves, self.seconds)
        find_liquid(ledger, venues, self.seconds)

    @property
    def total_assets(self) -> float:
        """What the books say the vault owns now."""
        self._clear()
        return float(self._row.total_assets)

    @property
    def supply(self) -> float:
        """Shares in issue."""
        return float(self._row.supply)

    @property
    def idle(self) -> float:
        """Assets that are not lent."""
        return float(self._row.idle)

    @property
    def liquid(self) -> float:
        """What the vault could pay now: idle assets, and its claims as far as the markets have cash."""
        self._clear()
        return float(self._row.liquid)

    @property
    def line(self) -> int:
        """Requests that wait."""
        return int(self._row.n_tickets)

    def convert_to_assets(self, shares: float) -> float:
        """What so many shares are worth by the books."""
        return float(assets_for(shares, self.total_assets, self.supply))

    def convert_to_shares(self, assets: float) -> float:
        """How many shares so many assets are worth by the books."""
        return float(shares_for(assets, self.total_assets, self.supply))

    def preview_deposit(self, assets: float) -> float:
        """Shares that a deposit would bring now, after fees are taken; nothing changes."""
        leg = {"row": 0, "amount": assets}
        return float(self._trial(transaction.DEPOSIT, ANYONE, **leg)["amount_out"])

    def preview_mint(self, shares: float) -> float:
        """Assets that so many shares would cost now; nothing changes."""
        leg = {"row": 0, "amount": shares}
        return float(self._trial(transaction.MINT_VAULT_SHARES, ANYONE, **leg)["amount_in"])

    def _repr_html_(self) -> str:
        told = {"total assets": self.total_assets, "idle": self.idle, "liquid now": self.liquid}
        told |= {f"lent to {name}": amount for name, amount in self.placed.items()}
        rows = "".join(f"<tr><td>{name}</td><td>{x:,.6g}</td></tr>" for name, x in told.items())
        worth = self.total_assets / self.supply if self.supply > 0.0 else 1.0
        return f"<b>ShareVault</b><table>{rows}</table><p>1 share = {worth:,.9g} {self.asset}</p>"

    def plot(self) -> Any:
        """What leaving brings by one's place in line: in full while there is liquidity, then nothing."""
        from analysis.venues.vault_picture import paid_in_order

        return paid_in_order(self)
