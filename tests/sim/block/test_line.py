"""Who is called when: Python's own sort says the same, however the line stood, however far it is served."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.build import new_chains
from sim.block import line

N = 400
SHAPES = {
    "random": lambda draw: draw.random(N),
    "few prices": lambda draw: draw.integers(0, 3, N).astype(float),
    "one price": lambda draw: np.ones(N),
    "best first": lambda draw: np.arange(N, 0.0, -1.0),
    "best last": lambda draw: np.arange(float(N)),
    "organ pipes": lambda draw: np.minimum(np.arange(N), N - np.arange(N)).astype(float),
    "infinite": lambda draw: np.where(draw.random(N) < 0.1, np.inf, draw.random(N)),
}


def new_line(prices, ties):
    chains = new_chains(1, len(prices))
    chains.queue[0] = np.arange(len(prices))
    chains.price[0] = prices
    chains.tie[0] = ties
    line.stand_in_line(chains, 0, len(prices))
    return chains


def called(chains, n):
    """The first ``n``, called a few at a time as a block is built."""
    size = chains.queue.shape[1]
    for served in range(0, n, line.CALLED_AT_ONCE):
        line.call_next(chains, 0, size - served)
    return chains.queue[0, ::-1][:n].tolist()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("most_partings", [2, line.MOST_PARTINGS])
@pytest.mark.parametrize("n_served", [5, N])
def test_the_best_are_called_in_their_order(shape, most_partings, n_served, monkeypatch):
    """Also where more partings are met than can be kept."""
    monkeypatch.setattr(line, "MOST_PARTINGS", most_partings)
    draw = np.random.default_rng(7)
    prices, ties = SHAPES[shape](draw), draw.integers(0, 50, N) / 50.0
    bids = sorted(range(N), key=lambda place: (-prices[place], ties[place], place))
    assert called(new_line(prices, ties), n_served) == bids[:n_served]


def test_nobody_is_lost_where_only_some_are_called():
    draw = np.random.default_rng(8)
    chains = new_line(draw.random(N), np.zeros(N))
    called(chains, 30)
    assert sorted(chains.queue[0].tolist()) == list(range(N))
