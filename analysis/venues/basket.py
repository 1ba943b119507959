"""What pools of several coins have in common at the prompt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from analysis.venues.pool import Pool
from analysis.venues.venue import ANYONE
from scenarios.alone import Claim, give, world_alone
from scenarios.names import listed, nearest
from sim.errors import InputError
from sim.tables import LP_TOKEN
from sim.transaction import ADD_LIQUIDITY, MOST_COINS, REMOVE_AMOUNTS, REMOVE_LIQUIDITY

SHARES = "LP"


class Basket(Pool):
    """A pool of two coins or more; ``"anyone"`` holds the shares of the first deposit."""

    def _lay_out(
        self,
        kind: int,
        reserves: Mapping[str, float],
        fee_fraction: float,
        protocol_fee_fraction: float,
        decimals: Mapping[str, int] | None,
        **columns: Sequence[float],
    ) -> None:
        """Open the pool without shares; ``columns`` are the coins' rates or weights."""
        self._check(reserves, fee_fraction, None)
        if not 2 <= len(reserves) <= MOST_COINS:
            problem = f"needs 2 to {MOST_COINS} tokens"
            raise InputError(None, "reserves", dict(reserves), problem)
        every = {symbol: (decimals or {}).get(symbol, 18) for symbol in reserves}
        n_rows = {"pools": 1, "baskets": 1, "coins": len(reserves)}
        self._open(*world_alone(every, [Claim(SHARES, LP_TOKEN)], n_rows))
        pool, basket = self._row, self._basket
        pool.kind, pool.fee_fraction = kind, fee_fraction
        pool.account = self._layout.first[self._group("pools")]
        pool.token0, pool.token1, pool.asset0, pool.asset1 = 0, 1, 0, 1
        pool.lp_token = len(reserves)
        basket.n_coins, basket.protocol_fee_fraction = len(reserves), protocol_fee_fraction
        for k, amount in enumerate(reserves.values()):
            coin = self._coins[k]
            coin.token = coin.asset = k
            coin.balance, coin.rate = amount, 1.0
            for name, values in columns.items():
                setattr(coin, name, values[k])
            give(self._world, k, pool.account, amount)

    def _issue(self, shares: float) -> None:
        """The shares of the first deposit."""
        self._row.lp_supply = shares
        give(self._world, self._row.lp_token, self.account(), shares)

    def _each(self, key: str, values: Mapping[str, float], symbols: Sequence[str]) -> list[float]:
        """One number a coin, in order, each named."""
        for symbol in values:
            if symbol not in symbols:
                problem = f"no such coin here (there are: {listed(symbols)})"
                raise InputError(None, key, symbol, problem, nearest(symbol, symbols))
        missing = [symbol for symbol in symbols if symbol not in values]
        if missing:
            raise InputError(None, f"{key}.{missing[0]}", None, "is required")
        return [float(values[symbol]) for symbol in symbols]

    @property
    def _row(self) -> Any:
        return self._world.venues.pools[0]

    @property
    def _basket(self) -> Any:
        return self._world.venues.baskets[0]

    @property
    def _coins(self) -> Any:
        return self._world.venues.coins

    @property
    def reserves(self) -> dict[str, float]:
        """Coins that the holders of shares own, in whole tokens."""
        return {s: float(self._coins[k].balance) for k, s in enumerate(self.symbols)}

    @property
    def protocol_fees(self) -> dict[str, float]:
        """Coins in the pool's account that are the protocol's."""
        return {s: float(self._coins[k].protocol_fee) for k, s in enumerate(self.symbols)}

    @property
    def price_sums(self) -> dict[str, float]:
        """Price of each coin in the first times seconds, as written at the last interaction."""
        return {s: float(self._coins[k].price_seconds) for k, s in enumerate(self.symbols) if k > 0}

    @property
    def lp_supply(self) -> float:
        """Shares in issue."""
        return float(self._row.lp_supply)

    def _amounts(self, amounts: Mapping[str, float]) -> dict[str, float]:
        leg = {"amount": 0.0, **{f"amount{k}": 0.0 for k in range(1, MOST_COINS)}}
        for symbol, amount in amounts.items():
            number = self._token(symbol)
            if amount < 0.0:
                raise InputError(None, f"amounts.{symbol}", amount, "must not be negative")
            leg[f"amount{number}" if number else "amount"] = amount
        return leg

    def add_liquidity(
        self, amounts: Mapping[str, float], at_least: float = 0.0, account: str = ANYONE
    ) -> float:
        """Deposit so much of each coin named; returns the shares minted."""
        leg = self._amounts(amounts)
        return float(self._call(ADD_LIQUIDITY, account, row=0, limit=at_least, **leg).amount_out)

    def remove_amounts(
        self, amounts: Mapping[str, float], at_most: float = math.inf, account: str = ANYONE
    ) -> float:
        """Take out so much of each coin named; returns the shares burned."""
        leg = self._amounts(amounts)
        return float(self._call(REMOVE_AMOUNTS, account, row=0, limit=at_most, **leg).amount_in)

    def remove_liquidity(self, shares: float, account: str = ANYONE) -> dict[str, float]:
        """Redeem shares for their part of every coin; returns what is paid out."""
        self._call(REMOVE_LIQUIDITY, account, row=0, amount=shares)
        return {s: -float(self._world.ledger.journal.asked[k]) for k, s in enumerate(self.symbols)}

    def remove_one(
        self, symbol: str, shares: float, at_least: float = 0.0, account: str = ANYONE
    ) -> float:
        """Redeem shares for one coin alone; returns what is paid out."""
        token = self._token(symbol)
        receipt = self._call(
            REMOVE_LIQUIDITY, account, row=0, amount=shares, token_out=token, limit=at_least
        )
        return float(receipt.amount_out)
