"""StableSwap: coins that should cost the same trade flat until one of them is nearly gone.

That is how a peg breaks: the pool hides a run on one coin while it lasts, and then gives way at once.
For levels x (balances times rates) of n coins D solves ``Ann S + D = Ann D + D^(n+1) / (n^n P)``,
S being their sum and P their product. ``Ann = A n`` with A as the contract stores it, A n^(n-1) of the paper
(which writes A n^n).

The contract solves for balances and subtracts them, which in floating point drowns a small trade. Here the
equation after the trade is subtracted from the one before, so that only what changes is left: with ``pull =
D^(n+1) / (n^n P Ann)`` the fall of a level is the smaller root of a quadratic all of whose parts are
positive. Only D and its relative growth need Newton's method; both are approached from above, monotonically,
until rounding stops them.

Source: Egorov (2019), StableSwap - efficient mechanism for Stablecoin liquidity; the contract template
SwapTemplateBase.vy of curve-contract.
"""

from __future__ import annotations

import math

from sim.compile import formula

MOST_STEPS = 255  # of Newton's method, as in the contract
HALVINGS = 60
RANGE = 60.0  # of a logarithm that is searched
NOT_FOUND = -2.0  # no invariant is negative, and no relative growth is below -1


@formula
def amplification_at(initial, future, initial_seconds, future_seconds, seconds):
    """A while it is being ramped: a straight line in time, rounded down to a hundredth.

    As the bytecode of Connext's port does it; Curve's template differs where A falls: it rounds up there.
    """
    if seconds >= future_seconds:
        return future
    passed = max(seconds - initial_seconds, 0.0)
    hundredths = math.floor(100.0 * (future - initial) + 0.5)
    return initial + math.floor(hundredths * passed / (future_seconds - initial_seconds)) / 100.0


@formula
def product_term(levels, n, invariant):
    """``D^(n+1) / (n^n P)``, at least D and equal to it where all levels are equal."""
    term = invariant
    for k in range(n):
        term = term * (invariant / (n * levels[k]))
    return term


@formula
def invariant_of(levels, n, ann):
    """D: the sum of the levels if the pool were balanced; ``NOT_FOUND`` after 255 steps."""
    total = 0.0
    for k in range(n):
        total += levels[k]
    found = total  # never too small, because the sum exceeds the geometric mean
    for _ in range(MOST_STEPS):
        term = product_term(levels, n, found)
        step = (ann * total + n * term) * found / ((ann - 1.0) * found + (n + 1) * term)
        if not step < found:
            return found
        found = step
    return NOT_FOUND


@formula
def fall(level, pull, added, kept, lost):
    """By how much a level falls when the others gain ``added``, the product term being scaled by ``kept``.

    ``lost`` is ``1 - kept``, given apart because it may be tiny.
    """
    gap = level - pull - added
    root = math.sqrt(gap * gap + 4.0 * level * pull * kept)
    return 2.0 * level * (added + pull * lost) / (level + pull + added + root)


@formula
def level_out(level_in, level_out, pull, amount):
    """What an exchange takes out, before the fee, when ``amount`` comes in (all in levels)."""
    after = level_in + amount
    return fall(level_out, pull, amount, level_in / after, amount / after)


@formula
def power_less_one(x, n):
    """``(1 + x)^n - 1``, exact for small x."""
    found = 0.0
    for _ in range(n):
        found = found + x + found * x
    return found


@formula
def growth(levels, changes, n, ann, invariant, term):
    """By what share D grows when the levels change, of whatever signs; or ``NOT_FOUND``.

    Convex and rising in the growth, so that Newton's method falls towards the root from the largest
    relative change of a level, which D cannot exceed.
    """
    total = 0.0
    joint = 0.0  # relative change of the product of the levels
    left = 1.0  # the same plus one
    found = -1.0
    for k in range(n):
        ratio = changes[k] / levels[k]
        total += changes[k]
        joint = joint + ratio + joint * ratio
        left = left * ((levels[k] + changes[k]) / levels[k])
        found = max(found, ratio)
    for _ in range(MOST_STEPS):
        power = power_less_one(found, n)
        slope = (ann - 1.0) * invariant + (n + 1) * term * (1.0 + power) / left
        power = power + found + power * found
        excess = (ann - 1.0) * invariant * found + term * (power - joint) / left - ann * total
        step = found - excess / slope
        if not step < found:
            return found
        found = step
    return NOT_FOUND


@formula
def imbalance_fee(fee_fraction, n):
    """The fee on what a deposit or withdrawal shifts between coins: half an exchange's, spread over n."""
    return fee_fraction * n / (4.0 * (n - 1))


@formula
def level_out_of_one(level, total, pull, invariant, ann, n, burned, fee):
    """What burning the share ``burned`` of all LP shares takes out of one coin: without fee, and after it.

    The other coins are first reduced by the fee on their part of what is burned.
    """
    power = power_less_one(-burned, n + 1)  # of D
    shrink = burned * invariant * (1.0 - 1.0 / ann)
    free = fall(level, pull, shrink, 1.0 + power, -power)
    others = power_less_one(-fee * burned, n - 1)  # of the product of the other levels
    shrink = shrink - fee * burned * (total - level)
    kept = (1.0 + power) / (1.0 + others)
    charged = fall(level, pull, shrink, kept, (others - power) / (1.0 + others))
    return free, charged - fee * (free - burned * level)


@formula
def spot_price(level_in, level_out, pull):
    """What the next unit of one level is worth in another's, before the fee."""
    return (1.0 + pull / level_in) / (1.0 + pull / level_out)


@formula
def log_move(level_in, level_out, pull, amount, bought):
    """By how much a trade along the curve raises the log price of what it buys."""
    after_in = level_in + amount
    after_out = level_out - bought
    after = pull * (level_in / after_in) * (level_out / after_out)
    fallen = spot_price(after_in, after_out, after) / spot_price(level_in, level_out, pull)
    return -math.log(fallen)


@formula
def _price_after(level_in, level_out, pull, amount):
    """What the next unit is worth once so much has been sold."""
    after_in = level_in + amount
    after_out = level_out - fall(level_out, pull, amount, level_in / after_in, amount / after_in)
    after = pull * (level_in / after_in) * (level_out / after_out)
    return spot_price(after_in, after_out, after)


@formula
def sale_to(level_in, level_out, pull, price):
    """The sale after which the next unit is worth ``price``; 0 if it is worth no more than that now."""
    if spot_price(level_in, level_out, pull) <= price:
        return 0.0
    low = 0.0
    high = level_in
    for _ in range(MOST_STEPS):
        if not _price_after(level_in, level_out, pull, high) > price:
            break
        low = high
        high = 2.0 * high
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if _price_after(level_in, level_out, pull, middle) > price:
            low = middle
        else:
            high = middle
    return low


@formula
def levels_at_prices(levels, prices, n, ann, invariant):
    """Write the levels at which coins worth ``prices`` a unit have no gap to each other left, D unchanged.

    There ``1 + pull / x`` is proportional to the price, so that ``x = pull u`` with ``u = 1 / (s p - 1)``;
    the product gives the pull for any s, and the sum is then right for one s alone.
    """
    least = prices[0]
    for k in range(1, n):
        least = min(least, prices[k])
    low = -RANGE
    high = RANGE
    pull = 0.0
    for _ in range(2 * HALVINGS):
        middle = 0.5 * (low + high)
        scale = 1.0 + math.exp(middle)
        total = 0.0
        product = math.log(ann)
        for k in range(n):
            levels[k] = 1.0 / (scale * (prices[k] / least) - 1.0)
            total += levels[k]
            product += math.log(n * levels[k])
        pull = invariant * math.exp(-product / (n + 1))
        if ann * pull * (total - 1.0) > (ann - 1.0) * invariant:
            low = middle
        else:
            high = middle
    for k in range(n):
        levels[k] = pull * levels[k]
