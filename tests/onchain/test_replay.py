"""The committed vectors of the chain, replayed through our own venues; and that a wrong venue is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.onchain.adapters import PROTOCOLS
from tests.onchain.replay import replay
from tests.onchain.tally import Tally

VECTORS = Path(__file__).resolve().parent / "vectors"
LARGEST_BYTES = 3_000_000
FEWEST_OF_A_BRANCH = 10
FEWEST_OF_AN_OPERATION = 200


def file_of(protocol: str) -> Path:
    return VECTORS / f"{protocol}.jsonl.gz"


@pytest.fixture(scope="module", params=PROTOCOLS)
def tally(request: Any) -> Tally:
    return replay(file_of(request.param))


def test_we_say_what_the_contract_says(tally):
    assert not tally.findings, tally.report()


def test_every_operation_is_compared_often(tally):
    for verb in {verb for verb, _ in tally.statuses}:
        n = sum(worst.n for (done, _), worst in tally.values.items() if done == verb)
        assert n >= FEWEST_OF_AN_OPERATION, (verb, n)


def test_every_revert_and_every_branch_is_met(tally):
    less = {what: n for what, n in tally.met().items() if n < FEWEST_OF_A_BRANCH}
    assert not less
    listed = {"ok", *tally.header.reasons}
    assert {status for _, status in tally.statuses} <= listed


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_sample_is_small(protocol):
    assert file_of(protocol).stat().st_size < LARGEST_BYTES
