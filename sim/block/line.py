"""The line for block space: who goes before whom, and the next few that are called.

Most of a crowded mempool is never served, so nobody sorts the line. A call parts what is left of it around
one of its members, and the better part again, until the few best stand at its end in their order. Where it
was parted is kept for the calls that follow. Nothing is compared more often than the best sort would, and
the few that are called do not wait for the rest. Source: Paredes and Navarro (2006), Optimal Incremental
Sorting.

What is compared lies in arrays of its own (``queue``, ``price``, ``tie``), apart from the transactions. A few
are called at once, for between two transactions the line goes out of the cache, and some time before it is
their turn, so that the memory can bring what they need.
"""

from __future__ import annotations

from sim.compile import formula, kernel
from sim.world import MOST_PARTINGS

CALLED_AT_ONCE = 16
CALLED_AHEAD = 3 * CALLED_AT_ONCE
FEW = 8  # so many are put in order one by one


@formula
def precedes(price_a, tie_a, a, price_b, tie_b, b):
    """Whether transaction a goes before b: price, then hash, then place.

    In one sum, for a processor guesses one branch in two wrongly here.
    """
    by_price = 4 * int(price_a > price_b) - 4 * int(price_a < price_b)
    by_tie = 2 * int(tie_a < tie_b) - 2 * int(tie_a > tie_b)
    return by_price + by_tie + int(a < b) > 0


@formula
def _swap(queue, prices, ties, i, j):
    place = queue[i]
    price = prices[i]
    tie = ties[i]
    queue[i] = queue[j]
    prices[i] = prices[j]
    ties[i] = ties[j]
    queue[j] = place
    prices[j] = price
    ties[j] = tie


@formula
def _is_before(queue, prices, ties, i, j):
    return precedes(prices[i], ties[i], queue[i], prices[j], ties[j], queue[j])


@kernel
def _part(chains, chain, first, last):
    """Around the middle one of three: whoever goes before it stands behind it. Returns its place.

    The three are not the ends: parting leaves what was in order in order but for its end.
    """
    queue = chains.queue[chain]
    prices = chains.price[chain]
    ties = chains.tie[chain]
    quarter = (last - first) // 4
    low = first + quarter
    middle = low + quarter
    high = middle + quarter
    if _is_before(queue, prices, ties, low, middle):
        _swap(queue, prices, ties, low, middle)
    if _is_before(queue, prices, ties, middle, high):
        _swap(queue, prices, ties, middle, high)
        if _is_before(queue, prices, ties, low, middle):
            _swap(queue, prices, ties, low, middle)
    _swap(queue, prices, ties, first, middle)
    place = queue[first]
    price = prices[first]
    tie = ties[first]
    end = first + 1  # of those that it goes before
    for k in range(first + 1, last + 1):
        is_worse = precedes(price, tie, place, prices[k], ties[k], queue[k])
        _swap(queue, prices, ties, k, end)  # always: there is nothing for the processor to guess
        end += is_worse
    _swap(queue, prices, ties, first, end - 1)
    return end - 1


@kernel
def _put_in_order(chains, chain, first, last):
    """The best last, one by one."""
    queue = chains.queue[chain]
    prices = chains.price[chain]
    ties = chains.tie[chain]
    for k in range(first + 1, last + 1):
        spot = k
        while spot > first and _is_before(queue, prices, ties, spot - 1, spot):
            _swap(queue, prices, ties, spot - 1, spot)
            spot -= 1


@kernel
def stand_in_line(chains, chain, size):
    """A new line of ``size``, nobody called yet."""
    table = chains.table[chain]
    table.ordered_from = size
    table.partings = 0


@kernel
def call_next(chains, chain, size):
    """Call the next few of a line of ``size``: they stand at its end, the first of them last."""
    table = chains.table[chain]
    while table.ordered_from > max(size - CALLED_AHEAD, 0):
        n = table.partings
        first = chains.parted_at[chain, n - 1] + 1 if n > 0 else 0
        last = table.ordered_from - 1
        if first > last:  # who parted them is next
            table.partings = n - 1
            table.ordered_from = last
        elif last - first < FEW:
            _put_in_order(chains, chain, first, last)
            table.ordered_from = first
        else:
            if n == MOST_PARTINGS:  # the oldest is forgotten, and found again when it is needed
                for k in range(1, n):
                    chains.parted_at[chain, k - 1] = chains.parted_at[chain, k]
                n -= 1
            chains.parted_at[chain, n] = _part(chains, chain, first, last)
            table.partings = n + 1
