"""Circles of payments netted out: what A pays B, B pays C and C pays A again has made nobody richer.

Where a pool has no depth of its own, each trade runs from the trader through the pool to the outside world
and back; a picture of gross sums would show the turnover instead of who lost. Netting along circles leaves
what everybody has paid net as it is. Source: D'Errico and Roukny (2021), Compressing Over-the-Counter
Markets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Flows = dict[tuple[str, str], float]


def without_circles(flows: Mapping[tuple[str, str], float], names: Sequence[str]) -> Flows:
    """Payments (payer, receiver) -> amount after every circle has lost its smallest payment.

    Circles are looked for in the order of ``names``, so that the same payments give the same result.
    """
    left = {pair: flows[pair] for pair in sorted(flows, key=lambda p: _place(names, p))}
    while circle := _circle(left, names):
        least = min(left[pair] for pair in circle)
        for pair in circle:
            left[pair] -= least
        left = {pair: amount for pair, amount in left.items() if amount > 0.0}
    return left


def _place(names: Sequence[str], pair: tuple[str, str]) -> tuple[int, int]:
    return names.index(pair[0]), names.index(pair[1])


def _circle(flows: Flows, names: Sequence[str]) -> list[tuple[str, str]]:
    """The payments along the first circle, or none."""
    for start in names:
        found = _back_to(start, [start], flows)
        if found:
            return found
    return []


def _back_to(start: str, path: list[str], flows: Flows) -> list[tuple[str, str]]:
    for payer, receiver in flows:
        if payer != path[-1]:
            continue
        if receiver == start:
            return list(zip(path, [*path[1:], start], strict=True))
        if receiver not in path and (found := _back_to(start, [*path, receiver], flows)):
            return found
    return []
