"""Streams: a name is a number that depends on nothing but the name, and draws depend on seed and name."""

from __future__ import annotations

import hashlib
import itertools

import numpy as np
import pytest

from scenarios.streams import PER_OWNER, generator, stream

NAMES = ["prices.ETH", "prices.BTC", "prices.eth", "bars.ETH", "cohort.eth_loop.sizes", "", "ä"]


@pytest.mark.parametrize("name", NAMES)
def test_a_stream_is_the_first_eight_bytes_of_the_hash_of_its_name(name):
    first = int.from_bytes(hashlib.blake2b(name.encode("utf-8")).digest()[:8], "big")
    assert (first - stream(name)) & 0x7FFF_FFFF_FFFF_FFF8 == 0
    assert 0 <= stream(name) < 2**63
    assert np.int64(stream(name)) == stream(name)


def test_each_name_owns_its_stream_and_the_seven_after_it():
    numbers = sorted(stream(f"cohort.{k}") for k in range(10_000))
    assert all(number % PER_OWNER == 0 for number in numbers)
    assert all(b - a >= PER_OWNER for a, b in itertools.pairwise(numbers))


def test_a_seed_and_a_name_always_give_the_same_draws():
    assert generator(7, "prices.ETH").bytes(64) == generator(7, "prices.ETH").bytes(64)


def test_other_seeds_and_other_names_give_unrelated_draws():
    draws = [generator(seed, name).standard_normal(20_000) for seed in (0, 1) for name in NAMES]
    correlation = np.corrcoef(draws) - np.eye(len(draws))
    assert np.abs(correlation).max() < 4.5 / np.sqrt(20_000)


def test_more_draws_begin_with_the_same_ones():
    many = generator(3, "prices.ETH").standard_normal(1000)
    few = generator(3, "prices.ETH").standard_normal(137)
    assert many[:137].tobytes() == few.tobytes()


def test_draws_are_philox_keyed_by_seed_and_stream():
    by_hand = np.random.Philox(key=np.array([2**63 + 5, stream("x")], dtype=np.uint64))
    assert generator(2**63 + 5, "x").random() == np.random.Generator(by_hand).random()
