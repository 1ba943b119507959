"""What a pool says about the assets: they exist, and its kind can trade them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from scenarios.names import listed, nearest
from scenarios.schema.values import Named
from sim.errors import MISSING, InputError

if TYPE_CHECKING:
    from scenarios.schema.scenario import Scenario
    from scenarios.schema.world import Pool

MOST_STABLE_COINS = 4
MOST_STABLE_FEE = 0.5
MOST_RAMP_FACTOR = 10.0
ROUNDING = 1e-9  # by so much the sum of the weights may miss 1
RAMP = ("ramp_amplification", "ramp_start_seconds", "ramp_duration_seconds")


def known(key: str, value: str | None, rows: Sequence[Named], what: str) -> None:
    """Refuse a reference to something that is not declared."""
    names = [row.name for row in rows]
    if value is not None and value not in names:
        problem = f"unknown {what} (there are: {listed(names) or 'none'})"
        raise InputError(None, key, value, problem, nearest(value, names))


def check_pool(pool: Pool, scenario: Scenario) -> None:
    """Tokens that exist, each once, and numbers that go together."""
    key, cash = f"pools.{pool.name}", scenario.cash.name
    for token in pool.tokens:
        known(f"{key}.tokens", token, scenario.assets, "asset")
    if len(set(pool.tokens)) < len(pool.tokens):
        raise InputError(None, f"{key}.tokens", pool.tokens, "names an asset twice")
    if pool.kind == "stable_swap":
        _check_stable_swap(pool, key)
    elif pool.kind == "weighted":
        _check_weights(pool, key)
    elif len(pool.tokens) != 2 or pool.tokens[0] == cash:
        problem = f"expected [asset, {cash!r}]: a pool trades against the cash, or two others"
        raise InputError(None, f"{key}.tokens", pool.tokens, problem)


def _check_stable_swap(pool: Pool, key: str) -> None:
    if len(pool.tokens) > MOST_STABLE_COINS:
        problem = f"a StableSwap pool has at most {MOST_STABLE_COINS} coins"
        raise InputError(None, f"{key}.tokens", pool.tokens, problem)
    if pool.fee_fraction > MOST_STABLE_FEE:
        problem = f"must be at most {MOST_STABLE_FEE:g} in a StableSwap pool"
        raise InputError(None, f"{key}.fee_fraction", pool.fee_fraction, problem)
    if pool.rates is not None and len(pool.rates) != len(pool.tokens):
        problem = f"needs one rate for each of the {len(pool.tokens)} tokens"
        raise InputError(None, f"{key}.rates", pool.rates, problem)
    given = [name for name in RAMP if getattr(pool, name) is not None]
    if given and len(given) < len(RAMP):
        missing = next(name for name in RAMP if name not in given)
        raise InputError(None, f"{key}.{missing}", MISSING, f"is required with {given[0]}")
    if pool.ramp_amplification is not None and pool.amplification is not None:
        low, high = pool.amplification / MOST_RAMP_FACTOR, pool.amplification * MOST_RAMP_FACTOR
        if not low <= pool.ramp_amplification <= high:
            problem = (
                f"must be between {low:g} and {high:g}: a tenth or ten times the amplification"
            )
            raise InputError(None, f"{key}.ramp_amplification", pool.ramp_amplification, problem)


def _check_weights(pool: Pool, key: str) -> None:
    if pool.weights is None:
        return
    if len(pool.weights) != len(pool.tokens):
        problem = f"needs one weight for each of the {len(pool.tokens)} tokens"
        raise InputError(None, f"{key}.weights", pool.weights, problem)
    total = math.fsum(pool.weights)
    if abs(total - 1.0) > ROUNDING:
        raise InputError(None, f"{key}.weights", pool.weights, f"must sum to 1, not {total:.12g}")
