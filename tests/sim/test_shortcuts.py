"""Shortcuts through numba's front end answer as numba itself does; a release that moves them fails here."""

from __future__ import annotations

import gc
import inspect
import os
import subprocess
import sys

import pytest

from sim import shortcuts

NUMBAS_OWN = """
import json
from numba.core import event, ir
from numba.core.compiler import Flags
from numba.core.targetconfig import TargetConfig

def told(flags):
    return [[a == b for b in flags] for a in flags], [hash(a) for a in flags]

def several():
    flags = [Flags() for _ in range(5)]
    flags[1].nrt = True
    flags[2].nrt = False  # set to what it is anyway
    flags[3].error_model = "numpy"
    flags[3].nrt = True
    flags[4].nrt = True
    return flags

def variables():
    place = ir.Loc("here", 1)
    scope = ir.Scope(None, place)
    x, y, z = (ir.Var(scope, name, place) for name in "xyz")
    call = ir.Expr.call(x, [y, (z, [x])], {"k": y}, place, vararg=z)
    several = (
        ir.Assign(call, z, place),
        ir.Assign(ir.Const(1, place), y, place),
        ir.SetItem(x, y, z, place),
        ir.Branch(x, 1, 2, place),
        ir.Expr.build_map([(x, y), (y, z)], 2, {}, {}, place),
    )
    return [[var.name for var in statement.list_vars()] for statement in several]

def types_of_calls():
    import math, operator
    from numba import types
    from numba.core.registry import cpu_target
    context = cpu_target.typing_context
    context.refresh()
    kinds = types.int64, types.float64, types.boolean, types.literal(3), types.float32, types.uint64
    return [
        str(context.resolve_function_type(function, (a, b), {}))
        for function in (operator.add, operator.truediv, operator.mod, operator.lt, operator.eq, max, min)
        for _ in range(2)
        for a in kinds
        for b in kinds
    ]

before = told(several()), variables(), types_of_calls()
from sim import shortcuts
shortcuts.take()
after = told(several()), variables(), types_of_calls()
assert before[0][0] == after[0][0], "equality of flags"
assert before[0][1] == after[0][1], "hash of flags"
assert before[1] == after[1], "variables of statements"
assert before[2] == after[2], "types of calls"
assert any(not equal for row in before[0][0] for equal in row)
assert len(before[1][0]) == 7 and len(before[1][3]) == 1
print("the same")
"""


def test_answers_are_numbas_own():
    run = [sys.executable, "-c", NUMBAS_OWN]
    told = subprocess.run(run, capture_output=True, text=True, timeout=120, env={**os.environ})
    assert told.stdout == "the same\n", told.stderr


def test_what_is_replaced_is_still_called_so_and_takes_the_same():
    from numba.core import event, ir
    from numba.core.targetconfig import TargetConfig
    from numba.core.types.functions import BaseFunction

    owners = {
        "__eq__": (TargetConfig, 2),
        "__hash__": (TargetConfig, 1),
        "_rec_list_vars": (ir.Inst, 2),
        "broadcast": (event, 1),
        "get_call_type": (BaseFunction, 4),
    }
    for name, (owner, n) in owners.items():
        assert len(inspect.signature(vars(owner)[name]).parameters) == n, name
    # What no one has set has the default of its class: equality relies on it.
    assert "self._values.get(name, option.default)" in inspect.getsource(type(TargetConfig))


@pytest.mark.parametrize("was_on", [True, False])
def test_the_collector_is_left_as_it_was(was_on):
    before = gc.isenabled()
    (gc.enable if was_on else gc.disable)()
    try:
        with shortcuts.without_collector():
            assert not gc.isenabled()
        assert gc.isenabled() == was_on
    finally:
        (gc.enable if before else gc.disable)()
