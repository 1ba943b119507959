"""Philox against the known answers of its authors, quantiles against scipy, and a look at uniformity."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import kstest

from sim.formulas.random import normal_quantile, philox4x32, uniform

# Random123 (Salmon, Moraes, Dror and Shaw 2011), file kat_vectors, philox4x32 with 10 rounds.
KNOWN_ANSWERS = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]  # fmt: skip


def words(text):
    return [np.uint64(int(word, 16)) for word in text.split()]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_philox_gives_the_known_answers(counter, key, answer):
    assert list(philox4x32(*words(counter), *words(key))) == words(answer)


def test_a_uniform_is_53_bits_of_the_first_two_words():
    c0, c1, _, _ = philox4x32(
        *words("00000009 00000005 00000007 00000000"), *words("0000000b 00000000")
    )
    expected = (int(c0) >> 5) * 2**26 + (int(c1) >> 6)
    assert uniform(7, 11, 5, 9) == (expected + 0.5) / 2**53


def test_draws_differ_by_seed_stream_entity_and_slot():
    base = (1, 1 << 40, 3, 4)
    draws = {uniform(*base)}
    for place in range(4):
        other = list(base)
        other[place] += 1
        draws.add(uniform(*other))
    draws.add(uniform(1 << 32, 1 << 40, 3, 4))  # the upper half of the seed counts too
    draws.add(uniform(1, (1 << 40) + (1 << 33), 3, 4))
    assert len(draws) == 7


def test_draws_look_uniform_along_entities_and_slots():
    along_entities = [uniform(7, 12345, entity, 0) for entity in range(4000)]
    along_slots = [uniform(7, 12345, 0, slot) for slot in range(4000)]
    for draws in (along_entities, along_slots):
        assert kstest(draws, "uniform").pvalue > 0.01
        assert abs(np.corrcoef(draws[:-1], draws[1:])[0, 1]) < 0.05
    assert abs(np.corrcoef(along_entities, along_slots)[0, 1]) < 0.05


def test_normal_quantile_like_scipy():
    tails = np.logspace(-300, -1, 500)
    for probability in [*tails, *(1.0 - tails[tails > 1e-16]), *np.linspace(0.01, 0.99, 500)]:
        exact = ndtri(probability)
        assert normal_quantile(probability) == pytest.approx(exact, rel=2e-15, abs=1e-15)


def test_normal_quantile_is_symmetric():
    assert normal_quantile(0.5) == 0.0
    for probability in (1e-3, 0.1, 0.4):
        assert normal_quantile(1.0 - probability) == pytest.approx(-normal_quantile(probability))
