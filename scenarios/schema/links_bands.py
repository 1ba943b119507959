"""What a market of soft liquidation says about the rest: its pool of bands, its reserves, its borrowers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.parameters import Distribution
from scenarios.names import listed, nearest
from scenarios.schema.links_pools import known
from sim.errors import MISSING, InputError
from sim.formulas import llamma

if TYPE_CHECKING:
    from scenarios.schema.cohorts import Cohort
    from scenarios.schema.scenario import Scenario
    from scenarios.schema.world import Market

LEAST_AMPLIFICATION, MOST_AMPLIFICATION = 2.0, 10_000.0
CLEAR = 1e-6  # by so much a loan at birth stays below the largest one


def check_bands(scenario: Scenario) -> None:
    """Every market of bands has a pool of its own, every pool of bands a market; its terms go together."""
    taken: dict[str, str] = {}
    pools = {pool.name: pool for pool in scenario.pools}
    bands = [pool.name for pool in scenario.pools if pool.kind == "bands"]
    for market in scenario.banded:
        key = f"markets.{market.name}"
        if market.pool is None:
            raise InputError(None, f"{key}.pool", MISSING, "is required for kind 'bands'")
        known(f"{key}.pool", market.pool, scenario.pools, "pool")
        if market.pool not in bands:
            problem = f"is {pools[market.pool].kind}: a pool of kind 'bands' is needed"
            raise InputError(None, f"{key}.pool", market.pool, problem, nearest(market.pool, bands))
        if market.pool in taken:
            problem = f"is the pool of market {taken[market.pool]!r} already"
            raise InputError(None, f"{key}.pool", market.pool, problem)
        taken[market.pool] = market.name
        _check_terms(scenario, market, pools[market.pool].tokens)
    for name in bands:
        if name not in taken:
            problem = "no market of kind 'bands' names it as its pool"
            raise InputError(None, f"pools.{name}", MISSING, problem)
        amplification = pools[name].amplification
        if amplification is None:
            continue
        if not LEAST_AMPLIFICATION <= amplification <= MOST_AMPLIFICATION:
            bounds = f"{LEAST_AMPLIFICATION:g} and {MOST_AMPLIFICATION:g}"
            problem = f"must be between {bounds}: a band is one over it wide"
            raise InputError(None, f"pools.{name}.amplification", amplification, problem)


def _check_terms(scenario: Scenario, market: Market, tokens: tuple[str, ...]) -> None:
    key = f"markets.{market.name}"
    if tokens[1] != scenario.cash.name:
        problem = f"expected [asset, {scenario.cash.name!r}]: bands issue the cash"
        raise InputError(None, f"pools.{market.pool}.tokens", tokens, problem)
    assets = [reserve.asset for reserve in scenario.reserves if reserve.market == market.name]
    if sorted(assets) != sorted(tokens):
        problem = f"needs two reserves, of {tokens[0]} and {tokens[1]}, here: {listed(assets)}"
        raise InputError(None, f"{key}.kind", market.kind, problem)
    if market.liquidation_discount_fraction >= market.loan_discount_fraction:
        problem = f"must be below loan_discount_fraction = {market.loan_discount_fraction:g}"
        name = f"{key}.liquidation_discount_fraction"
        raise InputError(None, name, market.liquidation_discount_fraction, problem)


def most_leverage(scenario: Scenario, market: Market) -> float | None:
    """Collateral over equity of the largest loan at birth, when no band may begin above the next one."""
    pool = next(pool for pool in scenario.pools if pool.name == market.pool)
    if pool.amplification is None or not pool.amplification >= LEAST_AMPLIFICATION:
        return None
    a, n = pool.amplification, market.bands_per_loan
    kept = llamma.effective_collateral(1.0, n, a, market.loan_discount_fraction)
    return float(1.0 / (1.0 - kept * llamma.upper_edge(1.0, a, 1) * (1.0 - CLEAR)))


def check_band_borrower(scenario: Scenario, cohort: Cohort) -> None:
    """A band_borrower borrows in bands, what they lend; nobody else can."""
    key, market = (
        f"cohorts.{cohort.name}",
        next(market for market in scenario.markets if market.name == cohort.market),
    )
    if (market.kind == "bands") != (cohort.strategy == "band_borrower"):
        wanted = "needs one of kind 'bands'"
        if market.kind == "bands":
            wanted = "only strategy 'band_borrower' borrows in bands"
        problem = f"is a market of kind {market.kind!r}: {wanted}"
        raise InputError(None, f"{key}.market", cohort.market, problem)
    if market.kind != "bands":
        return
    law, most = cohort.parameters["leverage"], most_leverage(scenario, market)
    assert isinstance(law, Distribution)
    if most is not None and law.high > most:
        problem = f"must be at most {most:.4g}, the most that market {market.name!r} lends"
        raise InputError(None, f"{key}.leverage", law.high, problem)


def refuse_provider_of_bands(scenario: Scenario, cohort: Cohort) -> None:
    """What lies in bands is borrowers' collateral."""
    if any(pool.name == cohort.pool and pool.kind == "bands" for pool in scenario.pools):
        problem = "is a pool of bands: it holds the collateral of borrowers, and has no providers"
        raise InputError(None, f"cohorts.{cohort.name}.pool", cohort.pool, problem)
