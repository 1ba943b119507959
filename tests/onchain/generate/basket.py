"""What the pools of several coins have in common when they are drawn: coins, amounts, what is coarse."""

from __future__ import annotations

import random

FEWEST_BASE_UNITS = 10**6


# Units of the names that all pools of coins share.
UNITS = {
    "reserves": "token{i}",
    "amounts": "token{i}",
    "paid": "token{i}",
    "coin": "exact",
    "token_in": "exact",
    "token_out": "exact",
    "amount_in": "token{token_in}",
    "amount_out": "token{token_out}",
    "least_out": "token{token_out}",
    "most_in": "token{token_in}",
    "least_one": "token{coin}",
    "one": "token{coin}",
    "shares": "shares",
    "least_shares": "shares",
    "most_shares": "shares",
    "share_supply": "shares",
}


def drawn_part(whole: int, rng: random.Random, lowest: float = -6.0, highest: float = -0.5) -> int:
    """A part of something, over many orders of magnitude."""
    return max(1, int(whole * 10.0 ** rng.uniform(lowest, highest)))


def drawn_amounts(reserves: list[int], rng: random.Random, highest: float) -> list[int]:
    """In proportion, of one coin, or of some at random."""
    kind = rng.random()
    if kind < 0.25:
        part = 10.0 ** rng.uniform(-5.0, highest)
        return [max(1, int(each * part)) for each in reserves]
    chosen = [rng.random() < 0.5 for _ in reserves]
    if kind < 0.5 or not any(chosen):
        chosen = [k == rng.randrange(len(reserves)) for k in range(len(reserves))]
        chosen[rng.randrange(len(reserves))] = True
    return [
        drawn_part(each, rng, -5.0, highest) if is_chosen else 0
        for each, is_chosen in zip(reserves, chosen, strict=True)
    ]


def around(quoted: int, rng: random.Random) -> int:
    """A limit near what is quoted, so that half of them bind."""
    return int(quoted * rng.uniform(0.9, 1.1))
