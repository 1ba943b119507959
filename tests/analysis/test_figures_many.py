"""Figures of ensembles: bands that are quantiles, a dose and its response, and reasons for none."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import aftershock as af
from analysis import figure_dose, figures
from analysis.ensemble import Ensemble
from analysis.figure_files import contents
from analysis.figure_style import NoData
from sim.errors import InputError
from tests.analysis.small_ensemble import GAP, crash, run

pytestmark = pytest.mark.usefixtures("compiled_engine")


@functools.cache
def many(fall: int = 35) -> Ensemble:
    return run(6, crash().with_(shocks=[{**GAP, "size": f"-{fall} %"}]))


def test_a_band_is_a_quantile_over_seeds() -> None:
    data = figures.draw("bands", many()).data
    paths = many().paths.collect()
    for block in (0, 60, 119):
        row = data.filter(number="market_price_usd.ETH", block=block).to_dicts()[0]
        prices = paths.filter(block=block)["market_price_usd.ETH"].to_numpy()
        assert [row[q] for q in ("q5", "q50", "q95")] == pytest.approx(
            np.quantile(prices, [0.05, 0.5, 0.95]).tolist(), rel=1e-12
        )


def test_the_loss_of_vault_owners_ends_where_the_summary_says() -> None:
    data = figures.draw("bands", many()).data
    last = data.filter(number="loss_of_vault_owners_percent")["q50"][-1]
    place = "losses.by_class.vault_owners.loss_at_horizon_fraction"
    assert last == pytest.approx(100.0 * np.median(many().values(place)), rel=1e-9)


def test_the_figure_embeds_its_fonts_and_is_the_same_twice() -> None:
    once, again = (contents(figures.draw("bands", many())) for _ in range(2))
    assert once == again
    assert b"/FontFile2" in once["pdf"]
    assert all(len(figures.caption(name, many())) > 100 for name in figures.names(many()))


def test_few_seeds_make_no_bands() -> None:
    with pytest.raises(NoData, match="fewer than 5 seeds"):
        run(2).plot("bands")


def test_a_dose_response_shows_members_medians_and_intervals() -> None:
    points = [(35.0, many(35)), (15.0, many(15))]
    drawn = figure_dose.draw(points, "debt_repaid_fraction", "Fall of ETH (%)")
    assert drawn.data["dose"].unique().sort().to_list() == [15.0, 35.0]
    of_dose = drawn.data.filter(dose=35.0)
    values = many(35).values("debt_repaid_fraction")
    assert of_dose["liquidations.debt_repaid_fraction"].to_list() == values.tolist()
    assert of_dose["median"][0] == pytest.approx(np.median(values))
    assert of_dose["median_low"][0] == values.min()  # six seeds: only the extremes enclose it
    figure = af.dose_response(points, "debt_repaid_fraction", "Fall of ETH (%)")
    assert figure.axes[0].get_xlabel() == "Fall of ETH (%)"


def test_one_dose_is_no_response() -> None:
    with pytest.raises(InputError, match="two or more different doses"):
        af.dose_response([(1.0, many()), (1.0, many())], "debt_repaid_fraction")
