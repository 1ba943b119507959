"""A curated vault at the prompt: shares of one asset, lent to isolated markets in the order of its queues."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from analysis.venues.venue import ANYONE, Venue
from scenarios.alone import Claim, world_alone
from scenarios.names import listed, nearest
from sim import accounts, transaction
from sim.errors import InputError
from sim.formulas import isolated
from sim.formulas.vault_shares import assets_for, shares_for
from sim.ledger import balance
from sim.tables import DEBT_TOKEN, ISOLATED, RECEIPT_TOKEN, SHARE_TOKEN
from sim.venues.lending import set_rates
from sim.venues.lending_standing import NONE
from sim.venues.share_vault import clear
from sim.venues.share_vault_places import find_liquid

SHARES, PLEDGE, VAULT, CURATOR = "shares", "PLEDGE", "vault", "curator"
LLTV = 0.86  # of every market here
BORROWER = "borrower"
QUEUE_LENGTH = 1_000


class ShareVault(Venue):
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
        self.asset, self._markets = asset, tuple(markets)
        claims = [
            Claim(f"{kind} {name}", number, reserve % 2, "markets", reserve)
            for place, name in enumerate(markets)
            for reserve in (2 * place, 2 * place + 1)
            for kind, number in ((f"receipt{reserve % 2}", RECEIPT_TOKEN), (f"debt{reserve % 2}", DEBT_TOKEN))
        ]  # fmt: skip
        n = len(markets)
        rows = {
            "markets": n, "reserves": 2 * n, "feeds": 2 * n, "share_vaults": 1, "places": n,
            "tickets": QUEUE_LENGTH if in_line else 0, "calls": 1,
        }  # fmt: skip
        groups = {
            "markets": (accounts.MARKET, tuple(markets)),
            "vaults": (accounts.SHARE_VAULT, (VAULT,)),
        }
        shares = Claim(SHARES, SHARE_TOKEN, -1, "vaults", 0)
        self._open(*world_alone({PLEDGE: 18, asset: 18}, [*claims, shares], rows, groups))
        for place, cap in enumerate(markets.values()):
            self._open_market(place, cap)
        row = self._row
        row.account = self._layout.first[self._group("vaults")]
        row.curator = self.account(CURATOR)
        row.asset = row.token = 1
        row.share_token = self._token(SHARES)
        row.n_places, row.idle_fraction = n, idle_fraction
        row.management_fee_per_year = management_fee_per_year
        row.performance_fee_fraction = performance_fee_fraction
        row.has_queue, row.queue_length = int(in_line), QUEUE_LENGTH if in_line else 0

    @property
    def _row(self) -> Any:
        return self._world.venues.share_vaults[0]

    def _open_market(self, place: int, cap: float) -> None:
        """An isolated market of a pledge against the asset, and the vault's place in it."""
        venues = self._world.venues
        market = venues.markets[place]
        market.kind, market.n_reserves, market.first_reserve = ISOLATED, 2, 2 * place
        market.account = self._layout.first[self._group("markets")] + place
        market.standing_token = NONE
        for side in (0, 1):
            row = 2 * place + side
            reserve = venues.reserves[row]
            reserve.market, reserve.account, reserve.kind = place, market.account, ISOLATED
            reserve.token = reserve.asset = venues.feeds[row].asset = side
            reserve.feed = row
            reserve.receipt_token, reserve.debt_token = 2 + 2 * row, 3 + 2 * row
            reserve.liquidity_index = reserve.borrow_index = 1.0
            reserve.supply_cap = reserve.borrow_cap = math.inf
            reserve.unit = 1e-18
            venues.feeds[row].price_usd = 1.0
        pledged, lent = venues.reserves[2 * place], venues.reserves[2 * place + 1]
        pledged.ltv_fraction = pledged.threshold_fraction = LLTV
        pledged.bonus_fraction = isolated.liquidation_incentive_factor(LLTV) - 1.0
        lent.is_borrowable = 1
        lent.rate_at_target_per_year = isolated.INITIAL_RATE_PER_YEAR
        set_rates(lent)
        to = venues.places[place]
        to.row, to.cap, to.out = 2 * place + 1, cap, place

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

    @property
    def placed(self) -> dict[str, float]:
        """What each market owes the vault."""
        reserves = self._world.venues.reserves
        account, ledger = int(self._row.account), self._world.ledger
        found = {}
        for place, name in enumerate(self._markets):
            reserve = reserves[2 * place + 1]
            held = balance(ledger, reserve.receipt_token, account)
            found[name] = float(held * reserve.liquidity_index)
        return found

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

    # ------------------------------------------------------------------ the markets

    def _place(self, market: str) -> int:
        if market not in self._markets:
            problem = f"no such market here (there are: {listed(self._markets)})"
            raise InputError(None, "market", market, problem, nearest(market, self._markets))
        return self._markets.index(market)

    def borrow(self, market: str, amount: float) -> float:
        """Let somebody borrow from a market, against a pledge just large enough; returns the amount."""
        place = self._place(market)
        name = f"{BORROWER} of {market}"
        pledge = amount / LLTV * (1.0 + 1e-9)
        self.give(name, PLEDGE, pledge)
        self._call(transaction.SUPPLY, name, row=2 * place, token_in=0, amount=pledge)
        leg = {"row": 2 * place + 1, "token_in": 1, "amount": amount}
        return float(self._call(transaction.BORROW, name, **leg).amount_out)

    def default(self, market: str, recovery_fraction: float = 0.0) -> float:
        """Let the pledge fall to this share of its price and be liquidated; returns what is lost.

        The market books the loss at once, on all its lenders alike.
        """
        place = self._place(market)
        feed = self._world.venues.feeds[2 * place]
        feed.price_usd = max(recovery_fraction, 1e-12)
        leg = {
            "row": 2 * place + 1, "token_in": 1, "token_out": 2 * place, "amount": math.inf,
            "counterparty": self.account(f"{BORROWER} of {market}"),
        }  # fmt: skip
        lost = float(self._call(transaction.LIQUIDATE, ANYONE, **leg).deficit)
        feed.price_usd = 1.0
        return lost

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
