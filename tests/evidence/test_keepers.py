"""Bad debt falls with what keepers have and with what they are ready to pay, and the tables say why.

Stage: the preset ``keeper_drought``. Bad debt is what liquidations have booked and, beside it, what is owed
at the end by positions whose collateral is worth less: with few keepers much of it is never booked.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import aftershock as af
from analysis.report_keepers import REASONS, keeper_facts, why
from scenarios.load import load
from scenarios.schema import Scenario
from tests.evidence.measures import FEW_SEEDS, SEEDS, Told, mean_with_interval, spearman, told

CAPITAL_USD = (8e6, 16e6, 32e6, 64e6, 128e6)
MAX_FEE_MULTIPLE = (1.0, 1.05, 1.1, 1.25, 2.0)
CAPITAL, MAX_FEE = "cohorts.liquidators.tvl_usd", "cohorts.liquidators.max_fee_multiple"

pytestmark = pytest.mark.usefixtures("compiled_engine")


def keepers(capital_usd: float, max_fee_multiple: float) -> Scenario:
    return load("keeper_drought").with_(**{CAPITAL: capital_usd, MAX_FEE: max_fee_multiple})


def differences(one: Any, other: Any, place: str = "") -> set[str]:
    """Every key of two resolved scenarios that is not the same in both."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(one.keys() | other.keys())
        return set().union(*(differences(one.get(k), other.get(k), f"{place}.{k}") for k in keys))
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = zip(one, other, strict=True)
        return set().union(*(differences(a, b, place) for a, b in pairs)) if one else set()
    return set() if one == other else {place}


def dose(levels: list[Scenario], seeds: range) -> list[list[Told]]:
    """One row a seed, one column a level."""
    return [[told(scenario, seed) for scenario in levels] for seed in seeds]


def print_dose(title: str, doses: tuple[float, ...], rows: list[list[Told]]) -> None:
    print(f"\n{title}, {len(rows)} seeds; bad debt over debt in %: median, mean [95 % interval]")
    for k, level in enumerate(doses):
        bad = np.array([100.0 * row[k].bad_debt_fraction for row in rows])
        booked = np.mean([100.0 * row[k].booked_fraction for row in rows])
        mean, low, high = mean_with_interval(bad)
        print(
            f"{level:>12g}  {np.median(bad):6.3f}  {mean:6.3f} [{low:6.3f}, {high:6.3f}]  "
            f"booked {booked:6.3f}  passed for want of cash or gas {share_for_want_of_money(rows, k):6.1%}"
        )


def share_for_want_of_money(rows: list[list[Told]], k: int) -> float:
    """Of all positions that keepers let pass, those for want of cash or of ETH for gas."""
    passed = {name: sum(row[k].keepers[name].sum() for row in rows) for name in REASONS}
    return 1.0 - float(passed["no_profit"] / max(sum(passed.values()), 1))


def bad_debt(rows: list[list[Told]]) -> np.ndarray:
    return np.array([[one.bad_debt_fraction for one in row] for row in rows])


def test_only_the_dose_differs() -> None:
    base = keepers(CAPITAL_USD[0], MAX_FEE_MULTIPLE[0]).resolved()
    assert differences(base, keepers(CAPITAL_USD[1], MAX_FEE_MULTIPLE[0]).resolved()) == {
        ".cohorts.tvl_usd"
    }
    assert differences(base, keepers(CAPITAL_USD[0], MAX_FEE_MULTIPLE[1]).resolved()) == {
        ".cohorts.max_fee_multiple"
    }


def test_three_doses_of_each_in_order_over_five_seeds() -> None:
    of_capital = dose([keepers(usd, 2.0) for usd in CAPITAL_USD[::2]], FEW_SEEDS)
    of_fee = dose([keepers(CAPITAL_USD[-1], fee) for fee in MAX_FEE_MULTIPLE[::2]], FEW_SEEDS)
    for rows in (of_capital, of_fee):
        assert (np.diff(bad_debt(rows).mean(axis=0)) < 0.0).all()


def test_the_reason_follows_from_the_table_of_keepers() -> None:
    """Poor keepers let positions pass for want of cash, rich ones because gas costs more than they win."""
    poor = dose([keepers(CAPITAL_USD[0], 2.0)], FEW_SEEDS)
    rich = dose([keepers(CAPITAL_USD[-1], 2.0)], FEW_SEEDS)

    assert share_for_want_of_money(poor, 0) > 0.9
    assert share_for_want_of_money(rich, 0) < 0.5


def test_the_report_says_what_the_table_of_keepers_says() -> None:
    run = af.run(keepers(CAPITAL_USD[0], 2.0), seed=SEEDS[0], progress=False)
    snapshots = run.keepers.collect()
    first, last = (snapshots.filter(block=b) for b in snapshots["block"].unique().sort()[[0, -1]])
    facts = keeper_facts(run)
    for name in REASONS:
        passed = sum(last[name].to_list()) - sum(first[name].to_list())
        assert facts["passed"][name] == passed == sum(run.cohorts.collect()[f"n_{name}"].to_list())
    assert facts["passed"]["no_cash"] > facts["passed"]["no_profit"] > 0
    assert f"of them for want of cash ({facts['passed']['no_profit']:,} for" in why(facts)


@pytest.mark.slow
def test_bad_debt_falls_with_capital() -> None:
    rows = dose([keepers(usd, 2.0) for usd in CAPITAL_USD], SEEDS)
    print_dose("Capital of keepers, USD", CAPITAL_USD, rows)
    found = mean_with_interval(spearman(CAPITAL_USD, bad_debt(rows)))
    print("Spearman within a seed: {:.3f} [{:.3f}, {:.3f}]".format(*found))
    assert found[2] < 0.0
    # From 8 to 16 M it hardly moves: what more of them sell makes the collateral of the rest worth less.
    assert (np.diff(bad_debt(rows).mean(axis=0)[1:]) < 0.0).all()


@pytest.mark.slow
def test_bad_debt_falls_with_the_maximum_fee() -> None:
    rows = dose([keepers(CAPITAL_USD[-1], fee) for fee in MAX_FEE_MULTIPLE], SEEDS)
    print_dose("Maximum fee of keepers, multiple of the going price", MAX_FEE_MULTIPLE, rows)
    found = mean_with_interval(spearman(MAX_FEE_MULTIPLE, bad_debt(rows)))
    print("Spearman within a seed: {:.3f} [{:.3f}, {:.3f}]".format(*found))
    assert found[2] < 0.0
    assert np.mean(bad_debt(rows)[:, 0]) > np.mean(bad_debt(rows)[:, -1])
