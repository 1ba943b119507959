"""Collateralised debt positions at the prompt: a stablecoin borrowed against collateral, and its auctions."""

from __future__ import annotations

import math
from typing import Any

from analysis.venues.venue import Reverted, Venue
from scenarios.alone import Claim, world_alone
from sim import accounts
from sim.errors import InputError
from sim.ledger import balance
from sim.status import NO_AUCTION, REASONS
from sim.tables import CDP, DEBT_TOKEN, RECEIPT_TOKEN
from sim.transaction import (
    BID,
    BORROW,
    DEAL,
    LIQUIDATE,
    PUBLISH_PRICE,
    REDO,
    REPAY,
    SUPPLY,
    TAKE,
    WITHDRAW,
)
from sim.venues import auctions as house
from sim.venues.lending import accrue, collateral_of, debt_of, set_rates
from sim.venues.lending_standing import NONE
from sim.venues.oracle import DELAYED, FIXED, PUSH

COLLATERAL, COIN = (
    0,
    1,
)  # tokens, reserves and feeds; the claims on a reserve come behind them, two each
KEEPER, OPERATOR, WINNER = "keeper", "operator", "anyone"
N_AUCTIONS = 256
FRACTIONS = ("chop_fraction", "chip_fraction", "beg_fraction", "cusp_fraction")


class CollateralizedDebt(Venue):
    """One kind of collateral of a stablecoin that is issued against it, in the manner of Maker.

    ``auction`` is ``"dutch"`` (Liquidations 2.0 of 2021: buf, cut, step, tail, cusp, hole, tip, chip) or
    ``"english"`` (2019 to 2021: lump, beg, ttl, tau); ``chop_fraction`` is the penalty of both. The price is
    what :meth:`set_price` says, or with a ``delay_seconds`` what the oracle security module has let through:
    then :meth:`poke` moves it on, once in each whole delay.
    """

    def __init__(
        self,
        price: float,
        *,
        collateral: str = "ETH",
        coin: str = "DAI",
        auction: str = "dutch",
        liquidation_ratio: float = 1.5,
        fee_per_year: float = 0.0,
        chop_fraction: float = 0.13,
        dust: float = 0.0,
        debt_limit: float = math.inf,
        delay_seconds: float = 0.0,
        hole: float = math.inf,
        tip: float = 0.0,
        chip_fraction: float = 0.0,
        buf_multiple: float = 1.2,
        cut_fraction: float = 0.99,
        step_seconds: float = 90.0,
        tail_seconds: float = 8400.0,
        cusp_fraction: float = 0.4,
        lump: float = 50.0,
        beg_fraction: float = 0.03,
        ttl_seconds: float = 600.0,
        tau_seconds: float = 259_200.0,
    ) -> None:
        said = dict(locals())
        _check(said)
        claims = []
        for row, symbol in enumerate((collateral, coin)):
            claims.append(Claim(f"{symbol} locked", RECEIPT_TOKEN, row, "markets", row))
            claims.append(Claim(f"{symbol} owed", DEBT_TOKEN, row, "markets", row))
        groups = {"markets": (accounts.MARKET, ("market",))}
        n_rows = {"markets": 1, "reserves": 2, "feeds": 2, "cdps": 1, "auctions": N_AUCTIONS}
        self._open(*world_alone({collateral: 18, coin: 18}, claims, n_rows, groups))
        venues = self._world.venues
        market = venues.markets[0]
        market.kind, market.n_reserves, market.standing_token = CDP, 2, NONE
        market.account = self._layout.first[self._group("markets")]
        self._world.tokens[COIN].issuer = market.account
        for row in (COLLATERAL, COIN):
            reserve, feed = venues.reserves[row], venues.feeds[row]
            reserve.account, reserve.feed = market.account, row
            reserve.token = reserve.asset = feed.asset = row
            reserve.receipt_token, reserve.debt_token = 2 + 2 * row, 3 + 2 * row
            reserve.liquidity_index = reserve.borrow_index = reserve.optimal_utilisation = 1.0
            reserve.supply_cap, reserve.borrow_cap = math.inf, debt_limit
            feed.price_usd = 1.0
            feed.waiting_until_seconds = -math.inf
        venues.reserves[COLLATERAL].threshold_fraction = 1.0 / liquidation_ratio
        venues.reserves[COLLATERAL].ltv_fraction = 1.0 / liquidation_ratio
        venues.reserves[COIN].base_rate_per_year = fee_per_year
        set_rates(venues.reserves[COIN])
        venues.feeds[COIN].mode = FIXED
        feed = venues.feeds[COLLATERAL]
        feed.mode, feed.delay_seconds = DELAYED if delay_seconds else PUSH, delay_seconds
        feed.price_usd = feed.waiting_price_usd = price
        feed.operator = self.account(OPERATOR)
        row = venues.cdps[0]
        for name in row.dtype.names:
            if name in said:
                row[name] = said[name]
        row.auction_kind = house.DUTCH if auction == "dutch" else house.ENGLISH
        row.collateral_reserve, row.debt_reserve = COLLATERAL, COIN
        row.n_auctions = N_AUCTIONS
        self._set_market_price(price)

    # ------------------------------------------------------------------ prices

    def _set_market_price(self, price: float) -> None:
        exchange = self._world.venues.exchanges[COLLATERAL]
        exchange.fundamental_price_usd = exchange.market_price_usd = price

    @property
    def price(self) -> float:
        """What the protocol believes that a unit of collateral is worth in coin."""
        return float(self._world.venues.feeds[COLLATERAL].price_usd)

    def set_price(self, price: float) -> None:
        """Let the market's price be this; without a delay the protocol believes it at once."""
        if not 0.0 < price < math.inf:
            raise InputError(None, "price", price, "must be above 0 and finite")
        self._set_market_price(price)
        if self._world.venues.feeds[COLLATERAL].mode == PUSH:
            self.poke()

    def poke(self) -> None:
        """Publish the market's price; with a delay it becomes the price at the next poke."""
        now = float(self._world.venues.exchanges[COLLATERAL].market_price_usd)
        self._call(PUBLISH_PRICE, OPERATOR, row=COLLATERAL, amount=now)

    # ------------------------------------------------------------------ positions

    def lock(self, amount: float, account: str = "anyone") -> None:
        """Deposit collateral."""
        self._call(SUPPLY, account, row=COLLATERAL, amount=amount)

    def free(self, amount: float, account: str = "anyone") -> None:
        """Take collateral out again, as far as the debt allows."""
        self._call(WITHDRAW, account, row=COLLATERAL, amount=amount)

    def borrow(self, amount: float, account: str = "anyone") -> None:
        """Have coin issued against the collateral."""
        self._call(BORROW, account, row=COIN, amount=amount)

    def repay(self, amount: float, account: str = "anyone") -> float:
        """Retire up to so much of the coin; returns how much it was."""
        return float(self._call(REPAY, account, row=COIN, amount=amount).amount_in)

    def open(self, account: str, collateral: float, debt: float) -> None:
        """Give an account its collateral, lock it and borrow: a position."""
        self.give(account, self._layout.assets[COLLATERAL], collateral)
        self.lock(collateral, account)
        self.borrow(debt, account)

    def position(self, account: str) -> dict[str, float]:
        """Collateral, debt with its fee, and health: below 1 anybody may bark."""
        reserves, ledger = self._world.venues.reserves, self._world.ledger
        number = self.account(account)
        held = float(collateral_of(ledger, reserves[COLLATERAL], number, self.seconds))
        owed = float(debt_of(ledger, reserves[COIN], number, self.seconds))
        weighted = held * self.price * float(reserves[COLLATERAL].threshold_fraction)
        return {
            "collateral": held,
            "debt": owed,
            "health": weighted / owed if owed > 0.0 else math.inf,
        }

    # ------------------------------------------------------------------ auctions

    def bark(self, account: str, keeper: str = KEEPER) -> int:
        """Put an unsafe position up for auction; returns the number of the auction."""
        number = int(self._world.venues.cdps[0].kicks)
        self._call(
            LIQUIDATE, keeper, row=COIN, token_out=COLLATERAL, counterparty=self.account(account)
        )
        return number

    @property
    def auctions(self) -> list[dict[str, Any]]:
        """The auctions under way, in order of their numbers."""
        row, now = self._world.venues.cdps[0], self.seconds
        told = []
        for auction in self._world.venues.auctions:
            if auction.kind == house.FREE:
                continue
            one = {
                "number": int(auction.number),
                "owner": self._name(auction.owner),
                "lot": float(auction.lot),
                "tab": float(auction.tab),
                "needs_reset": bool(house.is_stale(row, auction, now)),
            }
            if auction.kind == house.DUTCH:
                one["price"] = float(house.dutch_price(row, auction, now))
            else:
                one["bid"] = float(auction.bid)
                one["bidder"] = self._name(auction.bidder)
                one["is_over"] = bool(house.is_over(auction, now))
            told.append(one)
        return sorted(told, key=lambda one: one["number"])

    def take(
        self, number: int, amount: float, at_most: float = 0.0, account: str = "anyone"
    ) -> tuple[float, float]:
        """Buy collateral from a Dutch auction, at most at a price; returns coin paid, collateral received."""
        row = self._auction(number)
        receipt = self._call(TAKE, account, row=row, amount=amount, limit=at_most)
        return float(receipt.amount_in), float(receipt.amount_out)

    def bid(
        self, number: int, amount: float, lot: float | None = None, account: str = "anyone"
    ) -> None:
        """Bid coin for the lot of an English auction, or once it covers the tab, for less of the lot."""
        self._call(BID, account, row=self._auction(number), amount=amount, limit=lot or 0.0)

    def deal(self, number: int, account: str = "anyone") -> None:
        """End an English auction whose best bid has stood long enough."""
        self._call(DEAL, account, row=self._auction(number))

    def redo(self, number: int, keeper: str = KEEPER) -> None:
        """Restart an auction that nobody can bid in any more."""
        self._call(REDO, keeper, row=self._auction(number))

    # ------------------------------------------------------------------ the protocol

    @property
    def deficit(self) -> float:
        """Debt that ended auctions have not covered: the hole."""
        return float(self._world.venues.reserves[COIN].deficit)

    @property
    def surplus(self) -> float:
        """Coin that the protocol holds: penalties that were not needed to cover debt."""
        return float(self._world.venues.reserves[COIN].cash)

    @property
    def issued(self) -> float:
        """Coin issued and not retired."""
        return float(self._world.venues.reserves[COIN].issued)

    @property
    def debt(self) -> float:
        """All that positions owe now, fees included."""
        reserve = self._world.venues.reserves[COIN].copy()
        accrue(reserve, self.seconds)
        return float(reserve.scaled_debt * reserve.borrow_index)

    def collateral_held(self) -> float:
        """Collateral in the protocol's account: locked in positions, and in auctions."""
        market = int(self._world.venues.markets[0].account)
        return float(balance(self._world.ledger, COLLATERAL, market))

    def _auction(self, number: int) -> int:
        for row, auction in enumerate(self._world.venues.auctions):
            if auction.kind != house.FREE and auction.number == number:
                return row
        raise Reverted(NO_AUCTION, REASONS[NO_AUCTION])

    def _name(self, account: int) -> str | None:
        return next((name for name, number in self._users.items() if number == account), None)

    def _repr_html_(self) -> str:
        collateral, coin = self._layout.assets
        rows = {
            f"oracle price ({coin})": self.price,
            f"{collateral} held": self.collateral_held(),
            f"debt ({coin})": self.debt,
            "auctions under way": len(self.auctions),
            f"surplus ({coin})": self.surplus,
            f"deficit ({coin})": self.deficit,
        }
        told = "".join(f"<tr><td>{k}</td><td>{v:,.6g}</td></tr>" for k, v in rows.items())
        return f"<b>{type(self).__name__}</b><table>{told}</table>"

    def plot(self) -> Any:
        """The price of each Dutch auction over time from now, or the bids of the English ones."""
        from analysis.venues.pictures import auctions_of

        return auctions_of(self)


def _check(said: dict[str, Any]) -> None:
    """Refuse what no auction can be run by, by name and range."""
    for name in FRACTIONS:
        if not 0.0 <= said[name] < 1.0:
            raise InputError(None, name, said[name], "must be at least 0 and below 1")
    if said["auction"] not in ("dutch", "english"):
        raise InputError(None, "auction", said["auction"], "expected one of: dutch, english")
    if not said["liquidation_ratio"] >= 1.0:
        problem = "must be at least 1: a debt above its collateral is no position"
        raise InputError(None, "liquidation_ratio", said["liquidation_ratio"], problem)
    if not 0.0 < said["cut_fraction"] < 1.0:
        raise InputError(None, "cut_fraction", said["cut_fraction"], "must be above 0 and below 1")
    for name in ("price", "buf_multiple", "step_seconds", "tail_seconds", "lump", "ttl_seconds"):
        if not 0.0 < said[name] < math.inf:
            raise InputError(None, name, said[name], "must be above 0 and finite")
    for name in ("fee_per_year", "dust", "debt_limit", "delay_seconds", "hole", "tip"):
        if not said[name] >= 0.0:
            raise InputError(None, name, said[name], "must be at least 0")
