"""Arbitrageurs, who carry a pool's price to the outside and back, and noise traders, who make pools breathe.

Milionis, Moallemi, Roughgarden and Zhang (2022); Kyle (1985).
"""

from __future__ import annotations

import math
from typing import Any

from sim.formulas import constant_product
from sim.formulas.random import normal_quantile
from sim.units import ETH_PER_GWEI, SECONDS_PER_DAY
from tests.reference.participant import CHOICE, Cohort, Participant
from tests.reference.pool import Pool
from tests.reference.transaction import PROCEEDS, Leg


class Arbitrageur(Participant):
    """Trades until a pool's marginal price after fee meets the outside price after its own impact."""

    def __init__(
        self,
        *who: Any,
        gas_reserve_eth: float,
        min_profit_usd: float,
        settlement_delay_seconds: float,
    ) -> None:
        super().__init__(*who)
        self.gas_reserve_eth = gas_reserve_eth
        self.min_profit_usd = min_profit_usd

    @classmethod
    def decide_all(cls, cohort: Cohort) -> None:
        """For each pool one of them, drawn anew each slot, looks in both directions."""
        for pool in cohort.route:
            draw = cohort.members[0].chance(CHOICE, pool.number)
            chosen = cohort.members[int(draw * len(cohort.members))]
            assert isinstance(chosen, Arbitrageur)
            if chosen.in_mempool == 0 and chosen.is_attentive():
                if not chosen.close_gap(pool, sells_zero=True):
                    chosen.close_gap(pool, sells_zero=False)

    def close_gap(self, pool: Pool, sells_zero: bool) -> bool:
        """Sell one side into the pool if that pays, and buy it back outside with the proceeds."""
        seen, cohort, chain = self.seen, self.cohort, self.model.chain
        sold, bought = (pool.asset0, pool.asset1) if sells_zero else (pool.asset1, pool.asset0)
        reserve_in, reserve_out = seen.sides(pool, sold.token)
        price_in, price_out = seen.price_of(sold), seen.price_of(bought)
        # Only one of the two moves outside: whichever is not cash.
        depth_usd = min(sold.depth_now_usd(), bought.depth_now_usd())
        amount = constant_product.arbitrage_amount_in(
            reserve_in, reserve_out, pool.fee_fraction, price_in / price_out, depth_usd / price_out
        )
        held = self.account.holding(sold.token)
        if sold.token == chain.native_token:
            held -= self.gas_reserve_eth
        amount = min(amount, held)
        if not amount > 0.0:
            return False
        received = constant_product.amount_out(amount, reserve_in, reserve_out, pool.fee_fraction)
        gas_eth = chain.gas_units("swap") * (seen.gas_price_gwei + cohort.tip_gwei) * ETH_PER_GWEI
        gas_usd = gas_eth * seen.price_of(chain.native_asset)
        value_usd = amount * price_in
        half_impact_usd = 0.5 * value_usd * value_usd / depth_usd
        profit_usd = received * price_out - value_usd - half_impact_usd - gas_usd
        if profit_usd < self.min_profit_usd:
            return False
        breaks_even = (value_usd + half_impact_usd) / price_out
        swap = Leg("swap", pool, sold.token, amount, breaks_even)
        hedge = Leg("outside_trade", bought, bought.token, PROCEEDS, 0.0, sold)
        return self.send([swap, hedge])


class NoiseTrader(Participant):
    """Small orders in both directions, with lognormal sizes."""

    def __init__(
        self, *who: Any, volume_usd_per_day: float, median_order_usd: float, order_sigma: float
    ) -> None:
        super().__init__(*who)
        self.volume_usd_per_day = volume_usd_per_day
        self.median_usd = median_order_usd
        self.sigma = order_sigma

    def decide(self) -> None:
        route = self.cohort.route
        mean_usd = self.median_usd * math.exp(0.5 * self.sigma * self.sigma)
        volume_usd = self.volume_usd_per_day * self.model.slot_seconds / SECONDS_PER_DAY
        n_places = max(len(route), 1) * len(self.cohort.members)
        orders = volume_usd / mean_usd / n_places  # expected in this slot, from here, in one pool
        scale = max(orders, 1.0)  # more than one: fewer, larger ones of the same volume
        for pool in route:
            entity = 4 * (self.row * len(self.model.pools) + pool.number)
            if self.chance(CHOICE, entity) < orders and self.is_attentive():
                self.order(pool, entity, scale)

    def order(self, pool: Pool, entity: int, scale: float) -> None:
        """One order, in a direction and of a size that are drawn."""
        sells_zero = self.chance(CHOICE, entity + 1) < 0.5
        sold = pool.asset0 if sells_zero else pool.asset1
        shock = normal_quantile(self.chance(CHOICE, entity + 2))
        size_usd = self.median_usd * scale * math.exp(self.sigma * shock)
        reserve_in, _ = self.seen.sides(pool, sold.token)
        amount = size_usd / self.seen.price_of(sold)
        amount = min(amount, self.cohort.max_slippage_fraction * reserve_in)
        amount = min(amount, 0.5 * self.account.holding(sold.token))
        if amount > 0.0:
            self.send([Leg("swap", pool, sold.token, amount)])
