"""A population from declared distributions: every number drawn by quantile, so that ranks never change.

Each parameter of a cohort has a stream of its own, and row i always takes the i-th uniform of it:
changing a distribution, adding a cohort or a row at the end moves nobody else's draw. The homogeneity
dials pull vaults together without changing total TVL, debt or TVL-weighted mean leverage.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from agents.parameters import Distribution
from scenarios.schema.cohorts import used_keys
from scenarios.streams import generator
from sim.formulas.liquidation import leverage_of_health

if TYPE_CHECKING:
    from scenarios.schema import Scenario
    from scenarios.schema.cohorts import Cohort


MAX_TANK_FRACTION = 0.02  # of a vault's equity: the gas tank of a small one is smaller


@dataclasses.dataclass(frozen=True)
class Population:
    """One cohort as drawn: what each row is worth and which parameters it has."""

    equity_usd: np.ndarray  # (n_rows,) float64, sums to the cohort's TVL
    values: dict[str, np.ndarray]  # per-vault parameters (n_rows,), shared ones (1,)


def quantiles(law: Distribution, uniforms: np.ndarray) -> np.ndarray:
    """The law's value at each probability (n,) -> (n,)."""
    if law.distribution == "constant":
        return np.full(uniforms.shape, law.low)
    if law.distribution == "uniform":
        return law.low + (law.high - law.low) * uniforms
    from scipy.special import ndtr, ndtri

    is_log = law.distribution == "lognormal"
    bounds = np.array([law.low, law.high])
    centre = np.log(law.centre) if is_log else law.centre
    scores = ((np.log(bounds) if is_log else bounds) - centre) / law.spread
    low, high = ndtr(scores)
    drawn = centre + law.spread * ndtri(low + (high - low) * uniforms)
    return np.clip(np.exp(drawn) if is_log else drawn, law.low, law.high)


def draw_uniforms(seed: int, name: str, n: int) -> np.ndarray:
    """The first n uniforms of a stream, never exactly 0 (n,)."""
    return 1.0 - generator(seed, name).random(n)


def draw_population(
    scenario: Scenario, cohort: Cohort, tvl_usd: float, seed: int, threshold: float | None
) -> Population:
    """Draw sizes and parameters of a cohort; ``threshold`` is that of its collateral, if it borrows."""
    n = cohort.n_rows
    name = f"cohort.{cohort.name}"
    sizes = quantiles(cohort.size, draw_uniforms(seed, f"{name}.sizes", n))
    equity_usd = tvl_usd * (sizes / sizes.sum())
    pull = scenario.homogeneity.parameters_fraction if cohort.role == "vault" else 0.0
    values = {}
    for key, law in cohort.parameters.items():
        if not isinstance(law, Distribution):
            values[key] = np.array([float(law)])
            continue
        drawn = quantiles(law, draw_uniforms(seed, f"{name}.{key}", n))
        values[key] = pull_together(drawn, equity_usd, pull)
    if threshold is not None:
        invested_usd = equity_usd - gas_tanks_usd(cohort, equity_usd)
        values["target_health"] = _healths(cohort, values, invested_usd, pull, threshold, seed)
    return Population(equity_usd, values)


def gas_tanks_usd(cohort: Cohort, equity_usd: np.ndarray) -> np.ndarray:
    """What each vault sets aside for gas: the declared tank, or a share of a small equity (n,)."""
    wanted_usd = cohort.gas_tank_usd * cohort.positions_per_row
    if "gas_tank_usd" not in used_keys(cohort.strategy):
        wanted_usd = 0.0  # a strategy that never trades has no tank
    return np.minimum(wanted_usd, MAX_TANK_FRACTION * equity_usd)


def pull_together(drawn: np.ndarray, weights: np.ndarray, pull: float) -> np.ndarray:
    """Move every value towards the weighted mean, which stays (n,), (n,) -> (n,)."""
    if pull == 0.0 or weights.sum() == 0.0:
        return drawn
    mean = float((drawn * weights).sum() / weights.sum())
    return (1.0 - pull) * drawn + pull * mean


def _healths(
    cohort: Cohort,
    values: dict[str, np.ndarray],
    invested_usd: np.ndarray,
    pull: float,
    threshold: float,
    seed: int,
) -> np.ndarray:
    """Health factors at birth, cut off above one plus the band.

    They are pulled together in *leverage*, weighted by what is invested (equity without the gas tank),
    so that debt and TVL-weighted leverage stay as they are.
    """
    law = cohort.parameters["target_health"]
    assert isinstance(law, Distribution)
    uniforms = draw_uniforms(seed, f"cohort.{cohort.name}.target_health", cohort.n_rows)
    health = np.maximum(quantiles(law, uniforms), 1.0 + values.get("health_band", 0.0) + 1e-3)
    leverage = pull_together(leverage_of_health(health, threshold), invested_usd, pull)
    return threshold * leverage / (leverage - 1.0)


def mixed_tvl_usd(scenario: Scenario) -> dict[str, float]:
    """TVL of each vault cohort after the mixture dial.

    Cohorts of one asset that borrow nothing form a class; at 1 the largest of a class has all of it.
    A cohort that borrows is a class of its own, for no other has its leverage.
    """
    pull = scenario.homogeneity.mixture_fraction
    tvl_usd = {cohort.name: cohort.tvl_usd or 0.0 for cohort in scenario.cohorts}
    classes: dict[str, list[str]] = {}
    for cohort in scenario.cohorts:
        if cohort.role == "vault" and cohort.market is None:
            classes.setdefault(str(cohort.asset), []).append(cohort.name)
    for members in classes.values():
        total = sum(tvl_usd[name] for name in members)
        largest = max(members, key=lambda name: tvl_usd[name])
        for name in members:
            whole = total if name == largest else 0.0
            tvl_usd[name] = (1.0 - pull) * tvl_usd[name] + pull * whole
    return tvl_usd


def mixed_latency_seconds(scenario: Scenario) -> dict[str, float]:
    """Latency of each vault cohort after the timing dial, which keeps the TVL-weighted mean."""
    pull = scenario.homogeneity.timing_fraction
    vaults = [cohort for cohort in scenario.cohorts if cohort.role == "vault"]
    latency = {cohort.name: cohort.decision_latency_seconds for cohort in scenario.cohorts}
    total = sum(cohort.tvl_usd or 0.0 for cohort in vaults)
    if total > 0.0:
        mean = sum((cohort.tvl_usd or 0.0) * latency[cohort.name] for cohort in vaults) / total
        for cohort in vaults:
            latency[cohort.name] = (1.0 - pull) * latency[cohort.name] + pull * mean
    return latency
