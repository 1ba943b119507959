"""Lenders, who wait, and liquidity providers, who keep in the pool what its dial asks for."""

from __future__ import annotations

from sim.units import ETH_PER_GWEI
from tests.reference.participant import Participant
from tests.reference.pool import Pool
from tests.reference.transaction import Leg

TOLERANCE = 1e-3  # of the shares at birth: smaller differences are left alone


class Lender(Participant):
    """Bears interest, deficits and illiquidity; has no rule."""


class LiquidityProvider(Participant):
    """Takes out, or brings back, a part of both sides of one pool."""

    def decide(self) -> None:
        pool = self.cohort.route[0]
        surplus = self.account.balances[pool.lp_token] - self.cohort.stay_fraction * self.birth
        if abs(surplus) > TOLERANCE * self.birth and self.in_mempool == 0:
            if surplus > 0.0:
                self.send([Leg("remove_liquidity", pool, pool.lp_token, surplus)])
            elif (shares := self.affordable(pool, -surplus)) > 0.0:
                amount = shares * pool.reserve0 / pool.lp_supply
                self.send([Leg("add_liquidity", pool, pool.token0, amount)])

    def affordable(self, pool: Pool, shares: float) -> float:
        """That many shares, as far as both balances reach."""
        if pool.lp_supply <= 0.0:
            return 0.0
        have0 = self.to_spare(pool.token0) / pool.reserve0 * pool.lp_supply
        have1 = self.to_spare(pool.token1) / pool.reserve1 * pool.lp_supply
        # A little is kept back: the pool moves before the order is executed.
        most = 0.99 * min(have0, have1)
        return min(shares, most) if most > TOLERANCE * shares else 0.0

    def to_spare(self, token: str) -> float:
        """What it holds of a token, without the gas money that bringing it in may cost."""
        held, chain = self.account.holding(token), self.model.chain
        if token != chain.native_token:
            return held
        most_gwei = self.seen.gas_price_gwei * self.cohort.max_fee_multiple
        most_gwei += self.cohort.tip_gwei
        gas = chain.gas_units("add_liquidity") * self.cohort.positions_per_row
        return max(held - gas * most_gwei * ETH_PER_GWEI, 0.0)
