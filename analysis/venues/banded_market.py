"""A market of soft liquidation at the prompt: bands, loans in them, and whoever trades with the bands."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.venues.venue import ANYONE, Reverted, Venue
from scenarios.alone import N_USERS, USERS, Claim, world_alone
from scenarios.bands import open_bands
from sim import accounts
from sim.errors import InputError
from sim.formulas import llamma
from sim.status import NO_LOAN, REASONS
from sim.tables import BAND_POOL, BANDS, DEBT_TOKEN, RECEIPT_TOKEN
from sim.transaction import BORROW, LIQUIDATE, REPAY, SUPPLY, SWAP, SWAP_EXACT_OUT, WITHDRAW
from sim.venues import band_pool, band_terms
from sim.venues.bands import covered, edge_of, loan_of, owned
from sim.venues.lending import debt_of, set_rates
from sim.venues.lending_standing import NONE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLLATERAL, COIN = 0, 1  # tokens, reserves and feeds
LIQUIDATOR = "liquidator"
N_BANDS = 4096  # that there is room for, half of them above the base price


class Trade(NamedTuple):
    """What went into the bands with its fee, and what came out."""

    paid: float
    received: float


class Band(NamedTuple):
    """One band: between which oracle prices it is converted, and what lies in it."""

    upper_price: float
    lower_price: float
    coin: float
    collateral: float


class BandedMarket(Venue):
    """Loans whose collateral lies in bands that are sold and bought back as the price moves (Egorov 2022).

    ``price`` is what the oracle says a unit of collateral is worth in coin::

        market = af.venues.BandedMarket(3000)
        market.open("alice", collateral=10, debt=20_000, n_bands=10)
        market.set_price(2300)
        market.swap("crvUSD", 1000.0)    # an arbitrageur buys collateral below the oracle's price
        market.loan("alice")

    The bands are ``1 / amplification`` wide; ``base_price`` is the upper edge of band 0.
    ``loan_discount_fraction`` says how much can be borrowed, ``liquidation_discount_fraction`` when a loan is
    taken over for its debt.
    """

    def __init__(
        self,
        price: float,
        *,
        collateral: str = "ETH",
        coin: str = "crvUSD",
        amplification: int = 100,
        base_price: float | None = None,
        fee_fraction: float = 0.006,
        loan_discount_fraction: float = 0.09,
        liquidation_discount_fraction: float = 0.06,
        rate_per_year: float = 0.0,
        decimals: Mapping[str, int] | None = None,
    ) -> None:
        said = dict(locals())
        _check(said)
        every = {symbol: (decimals or {}).get(symbol, 18) for symbol in (collateral, coin)}
        claims = []
        for row, symbol in enumerate(every):
            claims.append(Claim(f"{symbol} aside", RECEIPT_TOKEN, row, "markets", row))
            claims.append(Claim(f"{symbol} owed", DEBT_TOKEN, row, "markets", row))
        groups = {
            "markets": (accounts.MARKET, ("market",)),
            "pools": (accounts.POOL, ("bands",)),
        }
        n_rows = {
            "markets": 1, "reserves": 2, "feeds": 2, "pools": 1, "banded": 1, "bands": N_BANDS,
            "loans": N_USERS, "band_shares": N_USERS * llamma.MAX_BANDS,
        }  # fmt: skip
        self._open(*world_alone(every, claims, n_rows, groups))
        venues = self._world.venues
        row, pool, market = venues.markets[0], venues.pools[0], venues.banded[0]
        row.kind, row.n_reserves, row.standing_token = BANDS, 2, NONE
        row.account = self._layout.first[self._group("markets")]
        self._world.tokens[COIN].issuer = row.account
        for k in (COLLATERAL, COIN):
            reserve, feed = venues.reserves[k], venues.feeds[k]
            reserve.account, reserve.feed, reserve.kind = row.account, k, BANDS
            reserve.token = reserve.asset = feed.asset = k
            reserve.receipt_token, reserve.debt_token = 2 + 2 * k, 3 + 2 * k
            reserve.unit = 10.0 ** -list(every.values())[k]
            reserve.liquidity_index = reserve.borrow_index = reserve.optimal_utilisation = 1.0
            feed.price_usd = 1.0
        venues.reserves[COIN].base_rate_per_year = rate_per_year
        set_rates(venues.reserves[COIN])
        pool.kind, pool.fee_fraction, pool.lp_token = BAND_POOL, fee_fraction, -1
        pool.account = self._layout.first[self._group("pools")]
        pool.token0, pool.token1, pool.asset0, pool.asset1 = COLLATERAL, COIN, COLLATERAL, COIN
        for name in ("amplification", "loan_discount_fraction", "liquidation_discount_fraction"):
            market[name] = said[name]
        market.base_price = price if base_price is None else base_price
        market.collateral_reserve, market.debt_reserve = COLLATERAL, COIN
        market.n_loans, market.bands_per_loan = N_USERS, 10
        market.first_account = self._layout.first[self._group(USERS)]
        market.lowest_band, market.n_rows = -N_BANDS // 2, N_BANDS
        self.set_price(price)
        open_bands(self._world, 0)

    # ------------------------------------------------------------------ prices

    @property
    def oracle_price(self) -> float:
        """The price that the bands go by: the oracle's, held back after a jump."""
        return float(band_pool.oracle(self._world.venues, 0, self.seconds)[0])

    @property
    def price(self) -> float:
        """Coin for the next bit of collateral in the active band, before the fee."""
        return float(band_pool.spot_price(self._world.venues, 0, self.seconds))

    @property
    def fee_fraction(self) -> float:
        """The fee of the next trade near the oracle's price: more than usual for two minutes after a jump."""
        least = band_pool.oracle(self._world.venues, 0, self.seconds)[1]
        return float(max(least, self._world.venues.pools[0].fee_fraction))

    def set_price(self, price: float) -> None:
        """Let the oracle say that a unit of collateral is worth so much coin."""
        if not 0.0 < price < math.inf:
            raise InputError(None, "price", price, "must be above 0 and finite")
        exchange = self._world.venues.exchanges[COLLATERAL]
        exchange.fundamental_price_usd = exchange.market_price_usd = price
        self._world.venues.feeds[COLLATERAL].price_usd = price

    @property
    def index(self) -> float:
        """What a unit of the first debt amounts to now; the grid of bands has risen as much."""
        return float(band_pool.index_now(self._world.venues, 0, self.seconds))

    # ------------------------------------------------------------------ trades

    def _leg(self, symbol: str, amount: float, limit: float) -> dict[str, float]:
        token = self._token(symbol)
        return {
            "row": 0,
            "token_in": token,
            "token_out": 1 - token,
            "amount": amount,
            "limit": limit,
        }

    def quote(self, symbol: str, amount: float) -> float:
        """What a sale of ``amount`` of ``symbol`` to the bands would bring now; nothing changes."""
        return float(self._trial(SWAP, ANYONE, **self._leg(symbol, amount, 0.0))["amount_out"])

    def swap(
        self,
        symbol: str,
        amount: float,
        at_least: float = 0.0,
        exact: str = "in",
        account: str = ANYONE,
    ) -> Trade:
        """Sell ``amount`` of ``symbol``, or (``exact="out"``) as much of it as buys ``amount`` of the other.

        The bands take no more than they can fill. ``at_least`` is the least to receive; where the amount
        bought is exact, the most to pay.
        """
        if exact not in ("in", "out"):
            raise InputError(None, "exact", exact, "must be 'in' or 'out'")
        kind = SWAP if exact == "in" else SWAP_EXACT_OUT
        done = self._call(kind, account, **self._leg(symbol, amount, at_least))
        return Trade(float(done.amount_in), float(done.amount_out))

    def amount_to(self, price: float) -> tuple[str, float]:
        """What an arbitrageur sells, and how much, until the next bit trades at ``price``, fee included."""
        world, found = self._world, 0.0
        for symbol, is_up in zip(reversed(self._layout.assets), (True, False), strict=True):
            _, found, received, _ = band_pool.trade(
                world.ledger, world.venues, 0, self.seconds, is_up, True, math.inf, price, False
            )
            if received > 0.0:
                return symbol, float(found)
        return self._layout.assets[COIN], 0.0

    # ------------------------------------------------------------------ loans

    def open(self, account: str, collateral: float, debt: float, n_bands: int = 10) -> None:
        """Give an account its collateral and let it borrow against it: a loan."""
        self.give(account, self._layout.assets[COLLATERAL], collateral)
        self.create_loan(account, collateral, debt, n_bands)

    def create_loan(self, account: str, collateral: float, debt: float, n_bands: int = 10) -> None:
        """Put collateral into ``n_bands`` bands (4 to 50), as far down as the debt demands."""
        self._call_all(
            account,
            {"kind": SUPPLY, "row": COLLATERAL, "amount": collateral},
            {"kind": BORROW, "row": COIN, "amount": debt, "amount1": float(n_bands)},
        )

    def _call_with_loan(self, kind: int, account: str, **said: Any) -> None:
        """Change a loan, not what is set aside for one."""
        venues = self._world.venues
        if not venues.loans[loan_of(venues.banded[0], self.account(account))].is_open:
            raise Reverted(NO_LOAN, REASONS[NO_LOAN])
        self._call(kind, account, **said)

    def add_collateral(self, account: str, amount: float) -> None:
        """More collateral: the loan moves further down."""
        self._call_with_loan(SUPPLY, account, row=COLLATERAL, amount=amount)

    def remove_collateral(self, account: str, amount: float) -> None:
        """Less collateral: the loan moves up."""
        self._call_with_loan(WITHDRAW, account, row=COLLATERAL, amount=amount)

    def borrow_more(self, account: str, amount: float) -> None:
        """More debt: the loan moves up."""
        self._call_with_loan(BORROW, account, row=COIN, amount=amount)

    def repay(self, account: str, amount: float = math.inf) -> float:
        """Repay up to ``amount``; with all of it, what is in the bands comes back. Returns what was paid."""
        return float(self._call(REPAY, account, row=COIN, amount=amount).amount_in)

    def liquidate(
        self, account: str, fraction: float = 1.0, by: str = LIQUIDATOR
    ) -> tuple[float, float]:
        """Take over a share of a loan for as much of its debt: coin paid, collateral received."""
        owed = self.loan(account)["debt"]
        done = self._call(
            LIQUIDATE, by, row=COIN, token_out=COLLATERAL, amount=fraction * owed,
            counterparty=self.account(account),
        )  # fmt: skip
        return float(done.amount_in), float(done.amount_out)

    def loan(self, account: str) -> dict[str, float]:
        """What a loan holds and owes; it can be taken over once its health is below 0."""
        world, number = self._world, self.account(account)
        market, venues = world.venues.banded[0], world.venues
        row = int(loan_of(market, number))
        debt = float(debt_of(world.ledger, venues.reserves[COIN], number, self.seconds))
        coin, collateral = owned(venues, 0, row)
        one, price = venues.loans[row], self.oracle_price
        found = {
            "debt": debt,
            "coin": float(coin),
            "collateral": float(collateral),
            "first_band": int(one.first),
            "last_band": int(one.last),
            "coin_if_sold": float(covered(venues, 0, row, price, self.index, True)),
            "collateral_if_bought": float(covered(venues, 0, row, price, self.index, False)),
        }
        for name, is_full in (("health", False), ("full_health", True)):
            found[name] = math.inf
            if debt > 0.0:
                found[name] = float(
                    band_terms.health(
                        venues, 0, row, debt, price, self.index, one.discount_fraction, is_full
                    )
                )
        return found

    @property
    def active_band(self) -> int:
        """The band that is being converted."""
        return int(self._world.venues.banded[0].active)

    def band(self, number: int) -> Band:
        """One band."""
        market = self._world.venues.banded[0]
        row = self._world.venues.bands[number - int(market.lowest_band)]
        upper, lower = (float(edge_of(market, self.index, number + k)) for k in (0, 1))
        return Band(upper, lower, float(row.coin), float(row.collateral))

    @property
    def bands(self) -> dict[int, Band]:
        """All bands that hold anything."""
        market, table = self._world.venues.banded[0], self._world.venues.bands
        used = range(int(market.lowest_used), int(market.highest_used) + 1)
        rows = {n: table[n - int(market.lowest_band)] for n in used}
        return {
            n: self.band(n) for n, row in rows.items() if row.coin > 0.0 or row.collateral > 0.0
        }

    def _repr_html_(self) -> str:
        held = self.bands.values()
        rows = {
            "oracle price": self.oracle_price,
            "price in the bands": self.price,
            "active band": self.active_band,
            self._layout.assets[COLLATERAL]: math.fsum(band.collateral for band in held),
            self._layout.assets[COIN]: math.fsum(band.coin for band in held),
        }
        told = "".join(f"<tr><td>{k}</td><td>{v:,.6g}</td></tr>" for k, v in rows.items())
        return f"<b>{type(self).__name__}</b><table>{told}</table>"

    def plot(self) -> Figure:
        """What lies in each band, valued in coin, over the oracle prices between which it is converted."""
        from analysis.venues.pictures import bands_of

        return bands_of(self)


def _check(said: dict[str, Any]) -> None:
    """Refuse what no market can be run by, by name and range."""
    for name in ("price", "base_price"):
        if said[name] is not None and not 0.0 < said[name] < math.inf:
            raise InputError(None, name, said[name], "must be above 0 and finite")
    if not 2 <= said["amplification"] <= 10_000:
        raise InputError(None, "amplification", said["amplification"], "must be from 2 to 10000")
    most = min(llamma.MIN_BANDS / said["amplification"], 0.1)
    if not 0.0 < said["fee_fraction"] <= most:
        problem = f"must be above 0 and at most {most:g}: the width of four bands, and a tenth"
        raise InputError(None, "fee_fraction", said["fee_fraction"], problem)
    loan, last = said["loan_discount_fraction"], said["liquidation_discount_fraction"]
    if not 0.01 <= last < 1.0:
        problem = "must be at least 0.01 and below 1"
        raise InputError(None, "liquidation_discount_fraction", last, problem)
    if not last < loan <= 0.5:
        problem = f"must be above liquidation_discount_fraction ({last:g}) and at most 0.5"
        raise InputError(None, "loan_discount_fraction", loan, problem)
    if not said["rate_per_year"] >= 0.0:
        raise InputError(None, "rate_per_year", said["rate_per_year"], "must be at least 0")
