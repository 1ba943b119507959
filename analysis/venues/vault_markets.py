"""The isolated markets that a vault at the prompt lends to: opened with it, borrowed from, defaulted on.

A loan stands against a pledge just large enough, so that a fall of its price is a loss of the lenders from
the first cent on; liquidated at once, it is booked on all of them alike, and the vault is one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from analysis.venues.venue import ANYONE, Venue
from scenarios.alone import Claim, world_alone
from scenarios.names import listed, nearest
from sim import accounts, transaction
from sim.errors import InputError
from sim.formulas import isolated
from sim.ledger import balance
from sim.tables import DEBT_TOKEN, ISOLATED, RECEIPT_TOKEN, SHARE_TOKEN
from sim.venues.lending import set_rates
from sim.venues.lending_standing import NONE

SHARES, PLEDGE, CURATOR, VAULTS = "shares", "PLEDGE", "curator", "vaults"
LLTV = 0.86  # of every market here
BORROWER = "borrower"


class VaultMarkets(Venue):
    """A vault's world of one asset and its markets; what the vault itself does is said by ``ShareVault``."""

    def _lay(self, asset: str, markets: Mapping[str, float], queue_length: int) -> None:
        """Room for one vault and its markets, each with the cap it has in its place."""
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
            "tickets": queue_length, "calls": 1,
        }  # fmt: skip
        groups = {
            "markets": (accounts.MARKET, tuple(markets)),
            VAULTS: (accounts.SHARE_VAULT, ("vault",)),
        }
        shares = Claim(SHARES, SHARE_TOKEN, -1, VAULTS, 0)
        self._open(*world_alone({PLEDGE: 18, asset: 18}, [*claims, shares], rows, groups))
        for place, cap in enumerate(markets.values()):
            self._open_market(place, cap)

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

    @property
    def placed(self) -> dict[str, float]:
        """What each market owes the vault."""
        reserves = self._world.venues.reserves
        account, ledger = int(self._world.venues.share_vaults[0].account), self._world.ledger
        found = {}
        for place, name in enumerate(self._markets):
            reserve = reserves[2 * place + 1]
            held = balance(ledger, reserve.receipt_token, account)
            found[name] = float(held * reserve.liquidity_index)
        return found

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
