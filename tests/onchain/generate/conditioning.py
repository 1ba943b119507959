"""How far one base unit reaches: the same sequence again, every amount nudged.

A contract rounds to base units at each step, a model in doubles does not. What that may explain is
measured on the contract itself: it lives through the sequence again with each amount a little more,
then a little less, then one or the other at random. A little is one base unit, or what is worth one
base unit of the coarsest token, or the last bit of a double, whichever is most; and with one rounding
more after each operation, where the protocol can be made to. Where an amount is the contract's own, rounded
(half of a small debt, what all of a collateral pays for), hardly any nudge moves it to the next unit: in a
life of its own each such operation asks for one unit less. ``spread`` is the largest difference in an
answer; an operation whose status changes is an edge.
"""

from __future__ import annotations

import random
from typing import Any

from tests.onchain.bar import is_worth_keeping
from tests.onchain.generate.chain import Reverted
from tests.onchain.generate.protocol import Protocol
from tests.onchain.sequences import OK, Operation, unit_of

NUDGES = ("up", "down", *(f"mixed {k}" for k in range(6)))
DOUBLE = 2**52  # an amount in a double is known to this fraction of itself
MISSING = object()


def nudged(
    values: dict[str, Any],
    units: dict[str, str],
    decimals: dict[str, int],
    nudge: str,
    rng: random.Random,
    inputs: dict[str, Any],
    grain: dict[str, int],
) -> dict[str, Any]:
    """The same values, each amount of a token moved a little; 0 stays 0, and nothing becomes 0."""

    def sign() -> int:
        return {"up": 1, "down": -1}.get(nudge) or rng.choice((-1, 1))

    def move(name: str, value: Any, place: int = 0) -> Any:
        if isinstance(value, list):
            return [move(name, each, i) for i, each in enumerate(value)]
        unit = unit_of(name, units, inputs, place)
        if unit not in decimals or not isinstance(value, int) or value <= 0:
            return value
        return max(value + sign() * max(1, grain.get(unit, 1), value // DOUBLE), 1)

    return {name: move(name, value) for name, value in values.items()}


def spreads(
    protocol: Protocol,
    decimals: dict[str, int],
    setup: dict[str, Any],
    plain: list[Operation],
    seed: str,
) -> tuple[list[dict[str, Any]], list[bool]]:
    """For each operation the spread of each value, and whether it is an edge.

    Both end where a nudged life takes another turn: after that the two cannot be compared.
    """
    n_common = len(plain)
    units = protocol.UNITS
    spread: list[dict[str, Any]] = [{} for _ in plain]
    grain = protocol.Session(decimals, setup).grain()
    is_edge = [False] * len(plain)
    for nudge in NUDGES:
        rng = random.Random(f"{seed}/{nudge}")
        try:
            start = nudged(setup, units, decimals, nudge, rng, setup, grain)
            session = protocol.Session(decimals, start)
        except Reverted:
            continue
        for k, operation in enumerate(plain):
            session.chain.advance(operation.seconds)
            inputs = operation.inputs
            moved = nudged(inputs, units, decimals, nudge, rng, inputs, session.grain())
            status, out = attempt(session, operation.do, moved, operation.status)
            if status != operation.status:
                is_edge[k] = True
                status, out = attempt(session, operation.do, inputs, operation.status)
                if status != operation.status and operation.status == OK:
                    n_common = min(n_common, k)
                    break
            if status == OK and nudge != "down":
                rounded = session.round_again(rng if nudge != "up" else None) or {}
                out.update(session.observe())
                out.update({name: out[name] + by for name, by in rounded.items()})
            if operation.status != OK or status == OK:  # what was refused is undone
                _widen(spread[k], out, operation.out)
    _live_with_less(protocol, decimals, setup, plain, spread)
    for name in protocol.SUMS:
        _keep_highest(spread, name)
    for k, operation in enumerate(plain[:n_common]):
        spread[k] = _worth_keeping(spread[k], operation, units)
    return spread[:n_common], is_edge[:n_common]


def _live_with_less(
    protocol: Protocol,
    decimals: dict[str, int],
    setup: dict[str, Any],
    plain: list[Operation],
    spread: list[dict[str, Any]],
) -> None:
    """The life in which what the contract has rounded is one unit less, until it takes another turn."""
    session = protocol.Session(decimals, setup)
    if not hasattr(session, "less"):
        return
    for operation, by in zip(plain, spread, strict=True):
        session.chain.advance(operation.seconds)
        inputs = session.less(operation) or operation.inputs
        status, out = attempt(session, operation.do, inputs, operation.status)
        if status != operation.status:
            return
        _widen(by, out, operation.out)


def _keep_highest(spread: list[dict[str, Any]], name: str) -> None:
    """What rounding has once moved a running sum by stays in it: later roundings only happen to cancel it."""
    highest = 0
    for each in spread:
        if name in each:
            highest = each[name] = max(highest, each[name])


def attempt(
    session: Any, verb: str, inputs: dict[str, Any], expected: str | None = None
) -> tuple[str, dict[str, Any]]:
    """Do an operation: its status, and what it returned and left. Undone if not as expected."""
    saved = session.chain.save()
    try:
        returned = session.do(verb, inputs)
        status = OK
    except Reverted as reverted:
        status, returned = str(reverted), {}
    if status != OK or expected not in (None, OK):
        session.chain.restore(saved)
    return status, {**returned, **session.observe()}


def _widen(spread: dict[str, Any], out: dict[str, Any], plain: dict[str, Any]) -> None:
    for name, value in plain.items():
        other = out.get(name, MISSING)
        if isinstance(value, list):
            pairs = list(zip(value, other, strict=True))
            before = spread.get(name, [0] * len(value))
            spread[name] = [max(b, abs(v - o)) for b, (v, o) in zip(before, pairs, strict=True)]
        elif isinstance(value, int) and other is not MISSING:
            spread[name] = max(spread.get(name, 0), abs(value - other))


def _worth_keeping(
    spread: dict[str, Any], operation: Operation, units: dict[str, str]
) -> dict[str, Any]:
    """Without the spreads that would hardly widen the bar."""

    def is_kept(name: str, value: Any, by: Any, place: int = 0) -> bool:
        if isinstance(value, list):
            return any(
                is_kept(name, v, b, i) for i, (v, b) in enumerate(zip(value, by, strict=True))
            )
        unit = unit_of(name, units, operation.inputs, place)
        if unit in ("exact", "seconds"):
            return bool(by > 0)
        return is_worth_keeping(by, value)

    return {name: by for name, by in spread.items() if is_kept(name, operation.out[name], by)}
