"""A constant-product pool: x times y never falls, for the fee stays inside.

Adams, Zinsmeister and Robinson (2020), Uniswap v2 Core.
"""

from __future__ import annotations

import dataclasses

from sim.formulas import constant_product
from tests.reference.exchange import Exchange
from tests.reference.ledger import Account, Revert, burn, mint, transfer
from tests.reference.transaction import Leg, Receipt


@dataclasses.dataclass(eq=False)
class Pool:
    """One pool of two tokens."""

    number: int
    name: str
    account: Account
    token0: str
    token1: str
    asset0: Exchange  # where token0 is traded outside
    asset1: Exchange
    lp_token: str
    fee_fraction: float
    reserve0: float
    reserve1: float
    lp_supply: float

    def apply(self, leg: Leg, sender: Account, amount: float, receipt: Receipt) -> None:
        """Do what a leg asks for."""
        receipt.venue = self.account.name
        verbs = {
            "swap": self.swap,
            "add_liquidity": self.add_liquidity,
            "remove_liquidity": self.remove_liquidity,
        }
        verbs[leg.kind](leg, sender, amount, receipt)

    def swap(self, leg: Leg, sender: Account, amount: float, receipt: Receipt) -> None:
        """Sell exactly ``amount``; revert if less than the limit comes out."""
        sells_zero = leg.token_in == self.token0
        token_out = self.token1 if sells_zero else self.token0
        reserve_in = self.reserve0 if sells_zero else self.reserve1
        reserve_out = self.reserve1 if sells_zero else self.reserve0
        if not amount > 0.0:
            raise Revert("bad amount")
        if reserve_in <= 0.0 or reserve_out <= 0.0:
            raise Revert("no liquidity")
        bought = constant_product.amount_out(amount, reserve_in, reserve_out, self.fee_fraction)
        if bought < leg.limit:
            raise Revert("slippage limit")
        if bought >= reserve_out:
            raise Revert("no liquidity")
        transfer(leg.token_in, sender, self.account, amount, "swap", receipt.moves)
        transfer(token_out, self.account, sender, bought, "swap", receipt.moves)
        if sells_zero:
            self.reserve0 += amount
            self.reserve1 -= bought
        else:
            self.reserve1 += amount
            self.reserve0 -= bought
        receipt.token = leg.token_in
        receipt.amount_in = amount
        receipt.amount_out = bought
        # Of the price of token0 in token1: selling token0 lowers it.
        move = constant_product.log_move(amount, bought, reserve_in, reserve_out)
        receipt.impact = -move if sells_zero else move

    def add_liquidity(self, leg: Leg, sender: Account, amount: float, receipt: Receipt) -> None:
        """Bring ``amount`` of token0 and token1 in proportion; get shares."""
        if not amount > 0.0:
            raise Revert("bad amount")
        if self.lp_supply <= 0.0:
            raise Revert("no liquidity")
        amount1 = amount * self.reserve1 / self.reserve0
        shares = constant_product.shares_for_deposit(amount, self.reserve0, self.lp_supply)
        if shares < leg.limit:
            raise Revert("slippage limit")
        transfer(self.token0, sender, self.account, amount, "liquidity", receipt.moves)
        transfer(self.token1, sender, self.account, amount1, "liquidity", receipt.moves)
        mint(self.lp_token, sender, shares, "liquidity", receipt.moves)
        self.reserve0 += amount
        self.reserve1 += amount1
        self.lp_supply += shares
        receipt.token = self.token0
        receipt.amount_in = amount
        receipt.amount_out = shares

    def remove_liquidity(self, leg: Leg, sender: Account, amount: float, receipt: Receipt) -> None:
        """Burn shares for their part of both sides."""
        shares = min(amount, sender.holding(self.lp_token))
        if not shares > 0.0:
            raise Revert("bad amount")
        amount0 = min(self.reserve0 * shares / self.lp_supply, self.reserve0)
        amount1 = min(self.reserve1 * shares / self.lp_supply, self.reserve1)
        if amount0 < leg.limit:
            raise Revert("slippage limit")
        burn(self.lp_token, sender, shares, "liquidity", receipt.moves)
        transfer(self.token0, self.account, sender, amount0, "liquidity", receipt.moves)
        transfer(self.token1, self.account, sender, amount1, "liquidity", receipt.moves)
        self.reserve0 -= amount0
        self.reserve1 -= amount1
        self.lp_supply -= shares
        receipt.token = self.lp_token
        receipt.amount_in = shares
        receipt.amount_out = amount0
