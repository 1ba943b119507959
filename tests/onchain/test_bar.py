"""The comparison can fail: a formula, a fee, a status and a value that are slightly wrong are found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.formulas import constant_product as curve
from tests.onchain import sequences as vectors
from tests.onchain.adapters import uniswap_v2, weighted
from tests.onchain.bar import compare
from tests.onchain.replay import replay

HERE = Path(__file__).resolve().parent / "vectors"
V2, WEIGHTED = HERE / "uniswap_v2.jsonl.gz", HERE / "weighted.jsonl.gz"
N_SEQUENCES = 12


@pytest.fixture
def short(tmp_path: Path) -> Path:
    return beginning(V2, tmp_path)


def beginning(path: Path, folder: Path, change: Any = None) -> Path:
    """The first sequences of a file, each operation changed by ``change``."""
    header, found = vectors.read_header(path), []
    for sequence in vectors.read(path):
        operations = [change(each) if change else each for each in sequence.operations]
        found.append(vectors.Sequence(sequence.name, sequence.decimals, sequence.setup, operations))
        if len(found) == N_SEQUENCES:
            break
    vectors.write(folder / path.name, header, found)
    return folder / path.name


def test_the_beginning_agrees(short):
    assert replay(short).findings == []


def test_a_fee_that_is_a_millionth_off_is_found(short, monkeypatch):
    monkeypatch.setattr(uniswap_v2, "FEE_FRACTION", 0.003 * (1.0 + 1e-6))
    assert any(finding.name == "amount_out" for finding in replay(short).findings)


def test_a_formula_that_is_a_hundred_millionth_off_is_found(short, monkeypatch):
    right = curve.amount_out
    monkeypatch.setattr(curve, "amount_out", lambda *given: right(*given) * (1.0 + 1e-8))
    assert any(finding.name == "amount_out" for finding in replay(short).findings)


def test_a_reverted_call_that_leaves_something_behind_is_found(tmp_path, monkeypatch):
    """Sequences go on after a revert: what it has changed is in all that follows."""
    right = weighted.Adapter.do

    def careless(self: Any, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        try:
            return right(self, verb, inputs)
        except Exception:
            self.pool._coins[0].balance *= 1.0 + 1e-6
            raise

    monkeypatch.setattr(weighted.Adapter, "do", careless)
    assert any(f.name == "reserves" for f in replay(beginning(WEIGHTED, tmp_path)).findings)


def test_the_wrong_reason_is_found(short, monkeypatch):
    reasons = dict.fromkeys(uniswap_v2.Adapter.REASONS, ("no liquidity",))
    monkeypatch.setattr(uniswap_v2.Adapter, "REASONS", reasons)
    assert any(finding.name == "status" for finding in replay(short).findings)


def test_a_changed_value_of_the_chain_is_found(tmp_path):
    def change(operation: vectors.Operation) -> vectors.Operation:
        value = operation.out["reserve0"]
        moved = {**operation.out, "reserve0": value + value // 10**6 + 10}
        return vectors.Operation(**{**vars(operation), "out": moved, "spread": {}})

    assert any(f.name == "reserve0" for f in replay(beginning(V2, tmp_path, change)).findings)


@pytest.mark.parametrize(
    ("got", "value", "spread", "is_near"),
    [
        (1.000000004, 10**9, 0, True),  # four base units
        (1.0000000061, 10**9, 0, False),
        (1.0000000061, 10**9, 1, True),  # the chain itself moves by one
        (1e9 + 0.9, 10**18, 0, True),  # 1e-9 of the value
        (1e9 + 1.1, 10**18, 0, False),
        (float("nan"), 10**9, 10**18, False),
        (float("inf"), 10**9, 10**18, False),
    ],
)
def test_the_bar(got, value, spread, is_near):
    assert compare(got, value, 10**9, spread).is_near is is_near


def test_a_count_is_compared_exactly():
    assert compare(7, 7, None).is_near
    assert not compare(8, 7, None).is_near
    assert not compare(7.000001, 7, None).is_near


def test_a_file_is_read_as_it_was_written(tmp_path):
    again = beginning(V2, tmp_path)
    first = next(vectors.read(V2))
    assert next(vectors.read(again)) == first
    assert vectors.read_header(again) == vectors.read_header(V2)


def test_another_format_is_refused(tmp_path):
    header = vectors.read_header(V2)
    vectors.write(tmp_path / "x.gz", vectors.Header(**{**vars(header), "format": 2}), [])
    with pytest.raises(ValueError, match="format 2"):
        vectors.read_header(tmp_path / "x.gz")
