"""What a keeper does with what it has won: sells where that pays most, and buys back the gas it has used."""

from __future__ import annotations

import math
from typing import Any

from sim.units import ETH_PER_GWEI
from tests.reference.exchange import Exchange
from tests.reference.participant import Participant
from tests.reference.pool import Pool
from tests.reference.quotes import pool_pays, pool_takes
from tests.reference.transaction import Leg

DUST_USD = 10.0


class Dealer(Participant):
    """Somebody with an inventory, and perhaps with access to the outside exchange."""

    def __init__(self, *who: Any, gas_reserve_eth: float, outside_access: float) -> None:
        super().__init__(*who)
        self.gas_reserve_eth = gas_reserve_eth
        self.has_outside_access = outside_access > 0.5

    def best_pool(self, token: str, amount: float) -> tuple[Pool | None, float]:
        """The pool that pays most cash for a sale, and what it pays."""
        found, most = None, 0.0
        for pool in self.cohort.route:
            if {token, self.model.cash.token} == {pool.token0, pool.token1}:
                paid = pool_pays(self.seen, pool, token, amount)
                if paid > most:
                    found, most = pool, paid
        return found, most

    def best_sale_usd(self, asset: Exchange, amount: float) -> float:
        """What a sale would bring: a pool or the outside exchange, after impact."""
        _, paid = self.best_pool(asset.token, amount)
        pool_usd = paid * self.seen.price_of(self.model.cash)
        if not self.has_outside_access:
            return pool_usd
        return max(pool_usd, asset.sale_usd(amount, self.seen.price_of(asset)))

    def sell_inventory(self) -> None:
        """Sell every holding beyond the gas reserve."""
        for asset in self.model.exchanges:
            held = self.account.holding(asset.token)
            if asset.token == self.model.chain.native_token:
                held -= self.gas_reserve_eth
            price = self.seen.price_of(asset)
            if asset is not self.model.cash and held * price > DUST_USD:
                self.sell(asset, held, price)

    def sell(self, asset: Exchange, held: float, price: float) -> None:
        """One order of at most the keeper's slippage, in the pool or outside."""
        model, cohort, seen = self.model, self.cohort, self.seen
        slippage = cohort.max_slippage_fraction
        pool, paid = self.best_pool(asset.token, held)
        native_usd = seen.price_of(model.chain.native_asset)
        price_gwei = seen.gas_price_gwei + cohort.tip_gwei
        gas_usd = model.chain.gas_units("swap") * price_gwei * ETH_PER_GWEI * native_usd
        pool_usd = paid * seen.price_of(model.cash) - gas_usd
        if self.has_outside_access and asset.sale_usd(held, price) > pool_usd:
            # The average fill is half the move, so twice the slippage is the move of one order.
            depth_usd = asset.depth_now_usd()
            amount = (
                held if depth_usd == math.inf else min(held, 2.0 * slippage * depth_usd / price)
            )
            self.send([Leg("outside_trade", asset, asset.token, amount, 0.0, model.cash)], 1.0)
        elif pool is not None:
            amount = min(held, pool_takes(seen, pool, asset.token, slippage))
            if amount * price * slippage >= gas_usd:
                limit = pool_pays(seen, pool, asset.token, amount) * (1.0 - slippage)
                self.send([Leg("swap", pool, asset.token, amount, limit)], 1.0)

    def refill_gas(self, has_outside_access: bool) -> None:
        """Buy native tokens with cash once half the reserve for gas has been used."""
        model, cohort = self.model, self.cohort
        native, cash = model.chain.native_asset, model.cash
        missing = self.gas_reserve_eth - self.account.holding(native.token)
        if missing <= 0.5 * self.gas_reserve_eth:
            return
        # A little more cash than the price as seen asks for: the fill comes after impact and fee.
        margin = 1.0 + cohort.max_slippage_fraction
        price = self.seen.price_of(native) / self.seen.price_of(cash)
        spent = min(missing * price * margin, self.account.holding(cash.token))
        if not spent > 0.0:
            return
        if has_outside_access:
            self.send([Leg("outside_trade", cash, cash.token, spent, 0.0, native)], 1.0)
            return
        for pool in cohort.route:
            if {native.token, cash.token} == {pool.token0, pool.token1}:
                limit = spent / price / margin * (1.0 - cohort.max_slippage_fraction)
                self.send([Leg("swap", pool, cash.token, spent, limit)], 1.0)
                return
