"""What the next token of a pair brings in a pool, before the fee, in every recorded block.

It is computed from the recorded reserves by the formula of the kind of pool; those of a concentrated pool or
of bands do not say its price, and there it is null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scenarios.layout import UNSHARED
from sim.formulas import stable_swap

if TYPE_CHECKING:
    import polars as pl

    from analysis.run import Run
    from scenarios.schema.world import Pool


def pool_price(run: Run, token: str, other: str) -> pl.Series:
    """Tokens of ``other`` for one ``token`` in the pool that holds most of it; null where there is none."""
    import polars as pl

    n_blocks = run.blocks.select(pl.len()).collect().item()
    pairs = [pool for pool in run.scenario.pools if {token, other} <= {*pool.tokens}]
    held = {pool.name: _reserves(run, pool) for pool in pairs if pool.kind not in UNSHARED}
    if not held or not n_blocks:
        return pl.Series([None] * n_blocks, dtype=pl.Float64)
    deepest = max(
        (pool for pool in pairs if pool.name in held),
        key=lambda pool: held[pool.name][0, pool.tokens.index(token)],
    )
    i, j = deepest.tokens.index(token), deepest.tokens.index(other)
    seconds = run.blocks.sort("block").select("seconds").collect()["seconds"].to_numpy()
    return pl.Series(_prices(deepest, held[deepest.name], seconds, i, j))


def _reserves(run: Run, pool: Pool) -> np.ndarray:
    """Recorded reserves of a pool's tokens (n_blocks, n_tokens)."""
    import polars as pl

    names = [f"reserve{k}" for k in range(len(pool.tokens))]
    mine = run.pools.filter(pl.col("pool").cast(pl.String) == pool.name).sort("block")
    return mine.select(names).collect().to_numpy()


def _prices(pool: Pool, reserves: np.ndarray, seconds: np.ndarray, i: int, j: int) -> np.ndarray:
    """The price of token ``i`` in token ``j``, block by block."""
    if pool.kind != "stable_swap":
        weights = pool.weights or (1.0,) * len(pool.tokens)
        return (reserves[:, j] / weights[j]) / (reserves[:, i] / weights[i])
    n, rates = len(pool.tokens), np.array(pool.rates or (1.0,) * len(pool.tokens))
    start = pool.ramp_start_seconds or 0.0
    first = pool.amplification or 0.0
    found = np.empty(len(reserves))
    for block, (held, now) in enumerate(zip(reserves, seconds, strict=True)):
        levels = held * rates
        ann = n * stable_swap.amplification_at(
            first, pool.ramp_amplification or first,
            start, start + (pool.ramp_duration_seconds or 0.0), now,
        )  # fmt: skip
        invariant = stable_swap.invariant_of(levels, n, ann)
        pull = stable_swap.product_term(levels, n, invariant) / ann
        price = stable_swap.spot_price(levels[i], levels[j], pull)
        found[block] = price * rates[i] / rates[j]
    return found
