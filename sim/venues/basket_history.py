"""What pools of several coins remember of their prices: sums over time, from which anybody reads an average.

The first interaction after some time adds to each coin's sum its price in the first coin, as the last
interaction left it, times the seconds that it has stood: an average that no trade within a block can move. A
StableSwap pool whose A is being moved counts at the A of the last interaction.
Source: Adams, Zinsmeister and Robinson (2020), Uniswap v2 Core, section 2.2, for the sums.
"""

from __future__ import annotations

from sim.compile import boundary
from sim.formulas import stable_swap, weighted
from sim.journal import has_room, remember
from sim.records import place_of
from sim.tables import STABLE_SWAP
from sim.venues.basket import COIN
from sim.venues.basket_quotes import pull_now
from sim.venues.constant_product import POOL

PRICE_SECONDS = place_of(COIN, "price_seconds")
UPDATED = place_of(POOL, "updated_seconds")


@boundary(bool)
def write_history(ledger, venues, p, seconds):
    """Carry the sums forward to now; False if the journal has no room for them."""
    pool = venues.pools[p]
    basket = venues.baskets[pool.state]
    if not has_room(ledger.journal, basket.n_coins, 0):
        return False
    last = pool.updated_seconds
    remember(ledger.journal, ledger.memory, pool.address + UPDATED, 1)
    pool.updated_seconds = seconds
    first = venues.coins[basket.first_coin]
    pull = 0.0
    if pool.kind == STABLE_SWAP:
        pull = pull_now(ledger, basket, venues.coins, last)
    for k in range(basket.first_coin + 1, basket.first_coin + basket.n_coins):
        coin = venues.coins[k]
        if pull < 0.0 or not (coin.balance > 0.0 and first.balance > 0.0):
            continue  # no price has stood
        if pool.kind == STABLE_SWAP:
            level, other = coin.balance * coin.rate, first.balance * first.rate
            price = stable_swap.spot_price(level, other, pull) * coin.rate / first.rate
        else:
            price = weighted.spot_price(coin.balance, coin.weight, first.balance, first.weight)
        remember(ledger.journal, ledger.memory, coin.address + PRICE_SECONDS, 1)
        coin.price_seconds = coin.price_seconds + price * (seconds - last)
    return True
