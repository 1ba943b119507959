"""A constant-product pool at the prompt."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.venues.pool import Pool
from scenarios.alone import Claim, give, world_alone
from sim.errors import InputError
from sim.ledger import balance
from sim.tables import CONSTANT_PRODUCT, LP_TOKEN
from sim.transaction import ADD_LIQUIDITY, REMOVE_LIQUIDITY

SHARES = "LP"


class ConstantProductPool(Pool):
    """Two tokens whose reserves multiply to a constant (Adams, Zinsmeister and Robinson 2020, Uniswap v2).

    ``reserves`` are whole tokens by symbol, two of them; the first depositor, ``"anyone"``, holds
    sqrt(x y) shares. ``protocol_fee_fraction`` of the fees (1/6 in the contract, where it is on) is paid to
    the protocol in shares.
    """

    def __init__(
        self,
        reserves: Mapping[str, float],
        fee_fraction: float = 0.003,
        decimals: Mapping[str, int] | None = None,
        protocol_fee_fraction: float = 0.0,
    ) -> None:
        self._check(reserves, fee_fraction, 2)
        if not 0.0 <= protocol_fee_fraction <= 1.0:
            problem = "must be between 0 and 1"
            raise InputError(None, "protocol_fee_fraction", protocol_fee_fraction, problem)
        every = {symbol: (decimals or {}).get(symbol, 18) for symbol in reserves}
        self._open(*world_alone(every, [Claim(SHARES, LP_TOKEN)], {"pools": 1}))
        row = self._world.venues.pools[0]
        row.kind, row.fee_fraction = CONSTANT_PRODUCT, fee_fraction
        row.protocol_fee_fraction = protocol_fee_fraction
        row.account = self._layout.first[self._group("pools")]
        row.token0, row.token1, row.asset0, row.asset1, row.lp_token = 0, 1, 0, 1, 2
        row.reserve0, row.reserve1 = reserves.values()
        give(self._world, 0, row.account, row.reserve0)
        give(self._world, 1, row.account, row.reserve1)
        row.lp_supply = (row.reserve0 * row.reserve1) ** 0.5
        give(self._world, row.lp_token, self.account(), row.lp_supply)

    @property
    def lp_supply(self) -> float:
        """Shares in issue."""
        return float(self._world.venues.pools[0].lp_supply)

    @property
    def price_sums(self) -> dict[str, float]:
        """Price of each token in the other times seconds, as written at the last interaction."""
        row = self._world.venues.pools[0]
        sums = float(row.cumulative0), float(row.cumulative1)
        return dict(zip(self.symbols, sums, strict=True))

    @property
    def protocol_shares(self) -> float:
        """Shares that the protocol has been paid."""
        row = self._world.venues.pools[0]
        return float(balance(self._world.ledger, row.lp_token, row.account))

    def spot_price(self, symbol: str) -> float:
        """What the next token of ``symbol`` is worth in the other, before the fee."""
        row = self._world.venues.pools[0]
        price = row.reserve1 / row.reserve0
        return float(price if self._token(symbol) == row.token0 else 1.0 / price)

    def add_liquidity(self, symbol: str, amount: float, account: str = "anyone") -> float:
        """Deposit so much of one token and its proportion of the other; returns the shares minted."""
        row = self._world.venues.pools[0]
        if self._token(symbol) == row.token1:
            amount = amount * row.reserve0 / row.reserve1
        return float(self._call(ADD_LIQUIDITY, account, row=0, amount=amount).amount_out)

    def remove_liquidity(self, shares: float, account: str = "anyone") -> dict[str, float]:
        """Redeem shares for their part of both reserves; returns the tokens paid out."""
        before = self.reserves
        self._call(REMOVE_LIQUIDITY, account, row=0, amount=shares)
        # The difference is for the eye only: the engine pays the amounts, and never takes this difference.
        after = self.reserves
        return {symbol: before[symbol] - after[symbol] for symbol in before}
