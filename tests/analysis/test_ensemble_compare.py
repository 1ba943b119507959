"""What an ensemble says of a number: pairs, intervals, and names that are nearly right."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom

from analysis.ensemble import Ensemble
from analysis.ensemble_compare import mean_interval
from analysis.ensemble_summary import median_interval, spread
from sim.errors import InputError
from tests.analysis.small_ensemble import crash, run

pytestmark = pytest.mark.usefixtures("compiled_engine")
N = 12


@pytest.fixture(scope="module")
def many(compiled_engine: None) -> Ensemble:
    return run(N)


@pytest.fixture(scope="module")
def poorer(compiled_engine: None) -> Ensemble:
    """The same draws with a thousandth of the keepers' capital."""
    return run(N, crash({"cohorts.liquidators.tvl_usd": 40e3}))


def test_pairs_are_made_by_seed(many: Ensemble, poorer: Ensemble) -> None:
    told = many.compare(poorer, "debt_repaid_fraction")
    column = "liquidations.debt_repaid_fraction"
    here, there = (m.members.collect()[column].to_list() for m in (many, poorer))
    by_hand = math.fsum(a - b for a, b in zip(here, there, strict=True)) / N
    assert (told.name, told.n) == (column, N)
    assert math.isclose(told.difference, by_hand, rel_tol=1e-12)
    assert told.low < told.difference < told.high
    assert told.excludes_zero
    assert str(told).startswith(f"{column}: +")


def test_a_pair_cancels_what_both_share(many: Ensemble, poorer: Ensemble) -> None:
    """The luck of the draw is in both members of a pair; an interval that forgot the pairs is wider."""
    other = many.compare(poorer, "losses.system.loss_at_horizon_fraction")
    here, there = (m.values("loss_at_horizon_fraction") for m in _of_the_system(many, poorer))
    unpaired = 1.96 * math.sqrt((np.var(here, ddof=1) + np.var(there, ddof=1)) / N)
    assert other.high - other.low < unpaired


def _of_the_system(*ensembles: Ensemble) -> list[Ensemble]:
    class OfTheSystem(Ensemble):
        def values(self, name: str) -> np.ndarray:
            return super().values(f"losses.system.{name}")

    return [OfTheSystem(m.manifest, m.told, tables={"members": m.members}) for m in ensembles]


def test_a_scenario_is_run_on_the_same_seeds(many: Ensemble, poorer: Ensemble) -> None:
    told = many.compare(poorer.scenario, "debt_repaid_fraction")
    assert told == many.compare(poorer, "debt_repaid_fraction")


def test_an_ensemble_does_not_differ_from_itself(many: Ensemble) -> None:
    told = many.compare(many, "loss_fraction")
    assert (told.difference, told.low, told.high) == (0.0, 0.0, 0.0)
    assert not told.excludes_zero


def test_other_draws_are_refused(many: Ensemble) -> None:
    with pytest.raises(InputError, match="one has the seeds 0:12, the other 1:13"):
        many.compare(run(range(1, N + 1)), "loss_fraction")
    wilder = run(N, crash({"assets.ETH.volatility_per_year": 0.9}))
    with pytest.raises(InputError, match="fundamental prices differ .in seed 0, and 12 of 12"):
        many.compare(wilder, "loss_fraction")
    assert many.compare(wilder, "loss_fraction", same_prices=False).n == N


def test_intervals_of_a_mean_are_those_of_the_normal_and_shrink_as_one_over_root_n() -> None:
    sample = np.random.Generator(np.random.Philox(1)).standard_normal(1_600)
    width = {n: float(np.diff(mean_interval(sample[:n]))[0]) for n in (100, 400, 1_600)}
    for n, wide in width.items():
        expected = 2.0 * 1.96 * np.std(sample[:n], ddof=1) / math.sqrt(n)
        assert math.isclose(wide, expected, rel_tol=0.06)
    slope = np.polyfit(np.log(list(width)), np.log(list(width.values())), 1)[0]
    assert -0.57 < slope < -0.43


def test_intervals_of_a_median_hold_it_as_often_as_they_say() -> None:
    draws = np.random.Generator(np.random.Philox(2)).exponential(size=(4_000, 60))
    low, high = zip(*(median_interval(np.sort(row), 0.95) for row in draws), strict=True)
    inside = (np.array(low) < math.log(2.0)) & (np.array(high) > math.log(2.0))
    rank = int(binom.ppf(0.025, 60, 0.5)) - 1
    exact = 1.0 - 2.0 * float(binom.cdf(rank, 60, 0.5))
    assert exact > 0.95
    assert abs(inside.mean() - exact) < 3.0 * math.sqrt(exact * (1.0 - exact) / 4_000)
    width = {}
    for n in (625, 10_000):
        first, last = median_interval(np.sort(draws.flat[:n]), 0.95)
        assert first is not None
        assert last is not None
        width[n] = last - first
    assert 3.2 < width[625] / width[10_000] < 5.0


def test_few_seeds_have_no_interval_and_none_no_median() -> None:
    assert median_interval(np.arange(5.0), 0.95) == (None, None)
    told = spread(np.array([math.nan, 2.0, math.nan]))
    assert (told["n"], told["n_undefined"], told["median"]) == (1, 2, 2.0)
    assert spread(np.array([math.nan]))["median"] is None


def test_quantiles_and_bands_by_hand(many: Ensemble) -> None:
    values = sorted(many.values("gas.peak_gwei").tolist())
    assert many.quantiles("gas.peak_gwei", (0.0, 1.0)) == {0.0: values[0], 1.0: values[-1]}
    band = many.bands("market_price_usd.ETH", (0.0, 0.5)).filter(block=40)
    prices = many.paths.filter(block=40).collect()["market_price_usd.ETH"].to_numpy()
    assert band["q0"][0] == prices.min()
    assert math.isclose(band["q50"][0], float(np.median(prices)), rel_tol=1e-12)
    with pytest.raises(InputError, match="shares between 0 and 1"):
        many.quantiles("gas.peak_gwei", (95,))


def test_names_may_be_short_and_nearly_right(many: Ensemble) -> None:
    assert many.summary("bad_debt_usd")["name"][0] == "liquidations.bad_debt_usd"
    assert len(many.summary()) == len(many.names)
    with pytest.raises(InputError, match="Did you mean 'liquidations.bad_debt_usd'"):
        many.quantiles("bad_dept_usd")
    with pytest.raises(InputError, match="could be any of"):
        many.quantiles("loss_at_worst_fraction")
    with pytest.raises(InputError, match=r"Did you mean 'market_price_usd.ETH'"):
        many.bands("market_price_usd.ETHH")


def test_it_shows_itself_in_a_notebook(many: Ensemble) -> None:
    told = Ensemble(many.manifest, {**many.told, "title": "<script>"}, tables={})
    assert "<script>" not in told._repr_html_()
    assert "Loss of the system at worst" in told._repr_html_()
    assert "12 seeds: 0:12" in many.headline
