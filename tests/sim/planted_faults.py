"""Faults to plant into the code that moves tokens: a movement that is forgotten, and one that leaks.

Every call of transfer, mint and burn in a venue or a verb of the block is a site, found in the source
and told apart by its lines. The fault is planted where the call is made and nowhere else.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import importlib
import pathlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

from sim import ledger, status

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOVES = ("transfer", "mint", "burn", "issue_coin", "retire_coin")
LEAK = 1e-6  # of the amount moved


@dataclasses.dataclass(frozen=True)
class Site:
    """One call that moves tokens."""

    module: str
    function: str
    move: str
    first_line: int
    last_line: int
    number: int  # of the calls in this function

    def __str__(self) -> str:
        return f"{self.module.removeprefix('sim.')}.{self.function}.{self.number}-{self.move}"


def sites() -> list[Site]:
    """All calls of the ledger's moves, in order of the source."""
    found = []
    for path in sorted([*(ROOT / "sim/venues").glob("*.py"), *(ROOT / "sim/block").glob("*.py")]):
        module = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        for function in ast.parse(path.read_text(encoding="utf-8")).body:
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            moves = sorted((c.lineno, c.end_lineno or 0, m) for c in calls if (m := _move(c.func)))
            name = getattr(function, "name", "")
            found += [Site(module, name, m, a, b, k) for k, (a, b, m) in enumerate(moves, 1)]
    return found


def _move(called: ast.expr) -> str:
    if isinstance(called, ast.Name) and called.id in MOVES:
        return called.id
    # `ledger.transfer(...)` would escape the planting: the venues import the names themselves.
    assert not (isinstance(called, ast.Attribute) and called.attr in MOVES), ast.unparse(called)
    return ""


def forget(move: Callable[..., int], *arguments: Any) -> int:
    """The movement is reported as done, and nothing has moved."""
    return status.OK


def leak(move: Callable[..., int], *arguments: Any) -> int:
    """A millionth of what was moved is lost on the way; of what is burned, a millionth survives."""
    code = move(*arguments)
    if code == status.OK:
        amount, holder = arguments[-2], arguments[-3]
        books = arguments[0]
        place = ledger.slot_of(books, arguments[1], holder)
        books.balance[place] += (
            LEAK if move in (ledger.burn, ledger.retire_coin) else -LEAK
        ) * amount
    return code


@contextlib.contextmanager
def planted(site: Site, fault: Callable[..., int]) -> Iterator[list[int]]:
    """Plant a fault at one site; yields the statuses of the calls that met it."""
    module = importlib.import_module(site.module)
    move = getattr(module, site.move)
    met: list[int] = []

    def faulty(*arguments: Any) -> int:
        if not site.first_line <= sys._getframe(1).f_lineno <= site.last_line:
            return int(move(*arguments))
        met.append(int(fault(move, *arguments)))
        return met[-1]

    setattr(module, site.move, faulty)
    try:
        yield met
    finally:
        setattr(module, site.move, move)
