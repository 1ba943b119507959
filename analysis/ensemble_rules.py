"""Where members run: threads share one engine at once, processes take a second to start and share no lock.

Compiled blocks release Python's lock, but a third of a member is not blocks: with many members, processes
keep all cores at work. A cohort written in Python holds the lock in every block, so that threads would share
one core. A process knows a rule if the module that registers it can be imported there, and it must be
the same rule.
"""

from __future__ import annotations

import concurrent.futures as futures
import importlib
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from agents.strategies import STRATEGIES
from analysis.ensemble_member import Member, run_member
from scenarios.names import nearest
from scenarios.python_cohorts import rules_of
from sim.errors import InputError

if TYPE_CHECKING:
    from scenarios.schema import Scenario

WORTH_A_PROCESS = 100_000  # slots: some five seconds, of which starting a process takes one
KINDS = ("threads", "processes")
MAIN = ("__main__", "__mp_main__")  # a process has imported the user's script already
Executor: TypeAlias = futures.Executor | str | None
Rules: TypeAlias = Sequence[tuple[str, str, str]]


def kind_of(
    executor: Executor, scenario: Scenario, slots: float, say: Callable[[str], None]
) -> Executor:
    """Threads or processes, where the user did not choose; ``slots`` is what one worker has before it."""
    if isinstance(executor, str) and executor not in KINDS:
        problem = "expected 'threads', 'processes' or a concurrent.futures.Executor"
        raise InputError(None, "executor", executor, problem, nearest(executor, KINDS))
    if executor is not None:
        return executor
    if not rules_of(scenario):
        return "processes" if slots >= WORTH_A_PROCESS else "threads"
    of_session = any(module == "__main__" for module, _, _ in told_rules(scenario))
    if of_session and getattr(sys.modules["__main__"], "__file__", None) is None:
        say("A rule of this session cannot be sent to processes: its members share one core.")
        return "threads"
    return "processes"


def run_elsewhere(rules: Rules, scenario: Scenario, seed: int, every: int) -> Member:
    """:func:`run_member` in another process, after the modules that register the user's rules."""
    for module, strategy, sha256 in rules:
        if module not in MAIN:
            importlib.import_module(module)
        rule = STRATEGIES[strategy].rule if strategy in STRATEGIES else None
        if rule is None or rule.sha256 != sha256:
            problem = f"importing {module} registers no such rule; executor='threads' needs none"
            raise InputError(None, f"strategy {strategy}", None, problem)
    return run_member(scenario, seed, every)


def told_rules(scenario: Scenario) -> Rules:
    """Module, name and SHA-256 of every user's rule."""
    found = []
    for name, sha256 in rules_of(scenario):
        rule = STRATEGIES[name].rule
        assert rule is not None
        found.append((rule.function.__module__, name, sha256))
    return found
