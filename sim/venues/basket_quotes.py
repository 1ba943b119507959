"""What pools of several coins would pay, as they stand: questions only, nothing is written but scratch."""

from __future__ import annotations

from sim.compile import boundary, kernel
from sim.formulas import stable_swap, weighted
from sim.tables import STABLE_SWAP
from sim.venues.basket import coin_of
from sim.venues.stable_swap import ann_now, invariant_now


@kernel
def pull_now(ledger, basket, coins, seconds):
    """Lay out the levels of a StableSwap pool and return its pull; negative where it cannot trade."""
    levels = ledger.journal.levels
    ann = ann_now(basket, seconds)
    invariant = invariant_now(levels, basket, coins, ann)
    if invariant <= 0.0:
        return -1.0
    return stable_swap.product_term(levels, basket.n_coins, invariant) / ann


@boundary(float)
def pays(ledger, venues, p, token_in, token_out, amount, seconds):
    """What a sale of ``amount`` would bring, after fee and slippage; 0 if it would be refused."""
    pool = venues.pools[p]
    basket = venues.baskets[pool.state]
    i = coin_of(venues.coins, basket, token_in)
    j = coin_of(venues.coins, basket, token_out)
    if i < 0 or j < 0 or not amount > 0.0:
        return 0.0
    coin_in = venues.coins[i]
    coin_out = venues.coins[j]
    kept = 1.0 - pool.fee_fraction
    if pool.kind == STABLE_SWAP:
        pull = pull_now(ledger, basket, venues.coins, seconds)
        if pull < 0.0:
            return 0.0
        level_in = coin_in.balance * coin_in.rate
        level_out = coin_out.balance * coin_out.rate
        taken = stable_swap.level_out(level_in, level_out, pull, amount * coin_in.rate)
        return kept * taken / coin_out.rate
    if kept * amount > weighted.MOST_IN * coin_in.balance:
        return 0.0
    return weighted.amount_out(
        kept * amount, coin_in.balance, coin_in.weight, coin_out.balance, coin_out.weight
    )


@boundary((float, float))
def sale_to(ledger, venues, p, token_in, token_out, price, seconds):
    """The next price after the fee (first), and the sale after which it would be ``price``."""
    pool = venues.pools[p]
    basket = venues.baskets[pool.state]
    i = coin_of(venues.coins, basket, token_in)
    j = coin_of(venues.coins, basket, token_out)
    if i < 0 or j < 0:
        return 0.0, 0.0
    coin_in = venues.coins[i]
    coin_out = venues.coins[j]
    if coin_in.balance <= 0.0 or coin_out.balance <= 0.0:
        return 0.0, 0.0
    kept = 1.0 - pool.fee_fraction
    if pool.kind == STABLE_SWAP:
        pull = pull_now(ledger, basket, venues.coins, seconds)
        if pull < 0.0:
            return 0.0, 0.0
        level_in = coin_in.balance * coin_in.rate
        level_out = coin_out.balance * coin_out.rate
        unit = kept * coin_in.rate / coin_out.rate
        now = stable_swap.spot_price(level_in, level_out, pull) * unit
        if price <= 0.0 or now <= price:
            return now, 0.0
        return now, stable_swap.sale_to(level_in, level_out, pull, price / unit) / coin_in.rate
    now = kept * weighted.spot_price(
        coin_in.balance, coin_in.weight, coin_out.balance, coin_out.weight
    )
    if price <= 0.0:
        return now, 0.0
    return now, weighted.sale_to(
        coin_in.balance, coin_in.weight, coin_out.balance, coin_out.weight,
        pool.fee_fraction, price,
    )  # fmt: skip
