"""The ledger: tokens move whole or not at all; mints and burns are totalled apart; its layout is hidden."""

from __future__ import annotations

import ast
import math
import pathlib

import numpy as np
import pytest

from sim import causes, ledger, status
from sim.journal import TRANSFER_CAPACITY, walk_back
from sim.ledger import add_compensated, balance, burn, column, commit, mint, slot_of, transfer
from tests.sim.worlds import SmallWorld

ROOT = pathlib.Path(__file__).resolve().parents[2]
ETH, USDC, LP = 0, 1, 2


@pytest.fixture
def small() -> SmallWorld:
    return SmallWorld()


@pytest.fixture
def accounts(small):
    """A ledger, and two accounts with 25 ETH and 50,000 USDC each."""
    return small.world.ledger, small.account("holders.0"), small.account("holders.1")


def test_a_transfer_moves_the_amount(accounts):
    books, a, b = accounts
    assert transfer(books, ETH, a, b, 10.0, causes.SWAP) == status.OK
    assert (balance(books, ETH, a), balance(books, ETH, b)) == (15.0, 35.0)


def test_the_whole_balance_may_go(accounts):
    books, a, b = accounts
    assert transfer(books, ETH, a, b, 25.0, causes.SWAP) == status.OK
    assert balance(books, ETH, a) == 0.0


def test_to_oneself_changes_nothing(accounts):
    books, a, _ = accounts
    assert transfer(books, ETH, a, a, 10.0, causes.SWAP) == status.OK
    assert balance(books, ETH, a) == 25.0


@pytest.mark.parametrize("amount", [-1.0, -1e-300, math.nan, math.inf, -math.inf])
def test_what_is_no_amount_is_refused(accounts, amount):
    books, a, b = accounts
    before = books.memory.copy()
    assert transfer(books, ETH, a, b, amount, causes.SWAP) == status.BAD_AMOUNT
    assert mint(books, ETH, a, amount, causes.SWAP) == status.BAD_AMOUNT
    assert burn(books, ETH, a, amount, causes.SWAP) == status.BAD_AMOUNT
    assert (books.memory == before).all()
    assert books.journal.n.tolist() == [0, 0]


def test_nobody_can_overdraw(accounts):
    books, a, b = accounts
    too_much = np.nextafter(25.0, 26.0)
    before = books.memory.copy()
    assert transfer(books, ETH, a, b, too_much, causes.SWAP) == status.INSUFFICIENT_BALANCE
    assert burn(books, ETH, a, too_much, causes.SWAP) == status.INSUFFICIENT_BALANCE
    assert (books.memory == before).all()


def test_nobody_holds_what_its_group_may_not_hold(accounts):
    books, a, _ = accounts
    assert slot_of(books, LP, a) == -1
    assert balance(books, LP, a) == 0.0
    assert mint(books, LP, a, 1.0, causes.LIQUIDITY) == status.INSUFFICIENT_BALANCE
    assert len(column(books, LP, int(books.group[a]))) == 0


def test_a_column_is_the_group_and_writes_through(accounts):
    books, a, b = accounts
    held = column(books, USDC, int(books.group[a]))
    assert held.tolist() == [50_000.0, 50_000.0]
    transfer(books, USDC, a, b, 1.0, causes.SWAP)
    assert held.tolist() == [49_999.0, 50_001.0]


def test_commit_folds_what_was_moved_into_the_totals(accounts):
    books, a, b = accounts
    minted, moves = books.minted[ETH, 0], books.moves[ETH]
    transfer(books, ETH, a, b, 10.0, causes.SWAP)
    mint(books, ETH, a, 3.0, causes.BORROW)
    burn(books, ETH, b, 2.0, causes.GAS)
    assert books.minted[ETH, 0] == minted  # nothing is booked before the transaction stands
    commit(books)
    assert books.minted[ETH].sum() == minted + 3.0
    assert books.burned[ETH].sum() == 2.0
    assert books.flow[causes.SWAP, ETH] == 10.0
    assert (books.flow[causes.BORROW, ETH], books.flow[causes.GAS, ETH]) == (3.0, 2.0)
    assert books.gross[ETH] == 15.0
    assert books.moves[ETH] == moves + 3
    assert books.journal.n.tolist() == [0, 0]


def test_walked_back_nothing_was_moved_and_nothing_is_booked(accounts):
    books, a, b = accounts
    before = books.memory.copy()
    for amount in (0.1, 0.2, 0.3):  # 25 - 0.1 - 0.2 - 0.3 + 0.6 is not 25 in floating point
        transfer(books, ETH, a, b, amount, causes.SWAP)
    burn(books, USDC, a, 7.0, causes.REPAY)
    walk_back(books.journal, books.memory)
    commit(books)
    assert (books.memory == before).all()
    assert books.flow[causes.SWAP].sum() == 0.0
    assert books.burned.sum() == 0.0


def test_a_journal_that_is_full_refuses_before_it_writes(accounts):
    books, a, b = accounts
    codes = [transfer(books, ETH, a, b, 1e-6, causes.SWAP) for _ in range(TRANSFER_CAPACITY + 1)]
    assert codes == [status.OK] * TRANSFER_CAPACITY + [status.JOURNAL_FULL]
    assert books.journal.n.tolist() == [0, TRANSFER_CAPACITY]
    walk_back(books.journal, books.memory)
    assert (balance(books, ETH, a), balance(books, ETH, b)) == (25.0, 25.0)


def test_compensated_sums_keep_what_plain_ones_lose():
    """A million times a tenth on top of 1e16 (Neumaier 1974): plain addition loses all of it."""
    total = np.zeros((1, 2))
    add_compensated(total, 0, 1e16)
    for _ in range(1000):
        add_compensated(total, 0, 0.1)
    assert 1e16 + 0.1 == 1e16
    assert total.sum() - 1e16 == pytest.approx(100.0, abs=2.0)
    assert total[0, 1] == pytest.approx(100.0, rel=1e-12)


LAYOUT = {"offset", "first", "slot_of"}
BUILDERS = {"sim/ledger.py", "sim/audit.py", "scenarios/build.py"}


def test_nobody_else_knows_the_layout():
    """Outside of these files nobody reaches for where a balance lies."""
    found = []
    for path in sorted(p for folder in ("sim", "agents") for p in (ROOT / folder).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Attribute) or name in BUILDERS:
                continue
            reaches = (node.attr in LAYOUT and "ledger" in ast.unparse(node.value)) or (
                node.attr == "balance" and ast.unparse(node.value).endswith("ledger")
            )
            if reaches:
                found.append(f"{name}:{node.lineno}: {ast.unparse(node)}")
    assert not found


def test_each_cause_has_a_name():
    codes = [
        v for k, v in vars(causes).items() if k.isupper() and isinstance(v, int) and k != "N_CAUSES"
    ]
    assert sorted(codes) == list(range(len(causes.NAMES)))
    assert causes.N_CAUSES == len(causes.NAMES)
    assert all(getattr(causes, name.upper()) == k for k, name in enumerate(causes.NAMES))


def test_nobody_is_no_account(accounts):
    books, _, _ = accounts
    assert ledger.NOBODY < 0 <= int(books.first[0])
