"""Cohorts whose rule a user wrote, in their turn: the same block, its decisions in order of declaration.

A rule that raises leaves its block half done: prices are published and earlier cohorts have asked, but
nothing was executed. All blocks before it stand in the log; the simulation refuses to go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.strategies import STRATEGIES
from agents.user import Standing, UserRule, ask_targets, standing
from scenarios import step
from scenarios.layout import Layout
from scenarios.public_view import parameters_of, public_view
from sim.errors import AftershockError, InputError
from sim.view import View
from sim.world import World

if TYPE_CHECKING:
    from scenarios.schema import Scenario
    from scenarios.schema.cohorts import Cohort


class PythonCohort:
    """One cohort and the rule that it follows."""

    def __init__(self, cohort: Cohort, rule: UserRule, c: int, view: View, names: Layout) -> None:
        self.name, self.strategy, self.rule, self.c = cohort.name, cohort.strategy, rule, c
        self.view, self.names = view, names
        self.parameters = parameters_of(view, c, cohort.parameters)
        self.numbers = np.empty((len(rule.arguments), cohort.n_rows))
        self.results = np.empty((2, cohort.n_rows))  # targets, and their change per USD of NAV
        self.clean_results = np.empty((2, cohort.n_rows))  # the same, had no trade moved a price

    def decide(self) -> None:
        """Ask the rule for targets, and for the orders that they need.

        Where it wants a trade it is asked once more, at prices without the impact of earlier trades: that
        tells whether they are what it answers to.
        """
        stand = standing(self.view, self.c)
        try:
            self._find_targets(stand, self.results, without_impact=False)
            if np.isfinite(self.results[0]).any():
                clean = standing(self.view, self.c, without_impact=True)
                self._find_targets(clean, self.clean_results, without_impact=True)
        except Exception as error:
            now = self.view.now[0]
            block = int(now.slot - now.first_recorded_slot)
            error.add_note(f"in the rule {self.strategy!r} of cohort {self.name!r}, block {block}")
            raise
        target_usd, target_per_nav = self.results
        ask_targets(
            self.view, self.c, stand.nav_usd, stand.exposure_usd, target_usd, target_per_nav,
            self.clean_results[0],
        )  # fmt: skip

    def _find_targets(self, stand: Standing, results: np.ndarray, without_impact: bool) -> None:
        if self.rule.rows is not None:
            known = {**stand._asdict(), **self.parameters}
            for k, name in enumerate(self.rule.arguments):
                self.numbers[k] = known[name]
            self.rule.rows(self.numbers, results)
        else:
            seen = public_view(
                self.view, self.c, self.names, stand, self.parameters, without_impact
            )
            self._take(self.rule.function(seen), results)
        if np.isinf(results).any():
            row = int(np.nonzero(np.isinf(results).any(axis=0))[0][0])
            raise self._refuse(f"its target is infinite in row {row}")

    def _take(self, returned: Any, results: np.ndarray) -> None:
        """Targets that a rule of a view returned: ``target_usd`` or ``(target_usd, target_per_nav)``."""
        n = results.shape[1]
        parts = returned if isinstance(returned, tuple) else (returned, np.nan)
        if len(parts) != 2:
            raise self._refuse(f"it returned {len(parts)} things, expected at most two")
        for k, part in enumerate(parts):
            try:
                numbers = np.asarray(part, np.float64)
            except (TypeError, ValueError):
                raise self._refuse(f"it returned {type(part).__name__}, expected numbers") from None
            if numbers.shape != (n,) and not (k == 1 and numbers.shape == ()):
                raise self._refuse(f"it returned shape {numbers.shape}, expected ({n},)")
            results[k] = numbers

    def _refuse(self, problem: str) -> InputError:
        return InputError(None, f"the rule of cohorts.{self.name}", self.strategy, problem)


class PythonCohorts:
    """All cohorts of a world that are written in Python, in order of declaration."""

    def __init__(self, scenario: Scenario, world: World, view: View, names: Layout) -> None:
        self.world, self.view = world, view
        self.is_half_done = False
        self.cohorts = [
            PythonCohort(cohort, rule, c, view, names)
            for c, cohort in enumerate(scenario.cohorts)
            if (rule := STRATEGIES[cohort.strategy].rule) is not None
        ]

    def __len__(self) -> int:
        return len(self.cohorts)

    def run(self, n_blocks: int) -> int:
        """``step.run`` for a world with Python cohorts: the same block, and it stops where that stops."""
        self.refuse_half_done()
        for k in range(n_blocks):
            if not has_room(self.world):
                return k
            self.is_half_done = True
            step.until_decide(self.world, self.view)
            self._decide()
            is_whole = step.after_decide(self.world)
            self.is_half_done = False
            if not is_whole:
                return k + 1
        return n_blocks

    def _decide(self) -> None:
        if not self.view.now[0].is_trading:
            return
        first = 0
        for cohort in self.cohorts:
            if first < cohort.c:
                step.decide_some(self.view, first, cohort.c)
            cohort.decide()
            first = cohort.c + 1
        if first < len(self.view.cohorts.table):
            step.decide_some(self.view, first, len(self.view.cohorts.table))

    def refuse_half_done(self) -> None:
        """A block that a rule broke off can be neither finished nor saved."""
        if self.is_half_done:
            problem = (
                "the last block is half done, because a rule failed in it; build or load anew."
            )
            raise AftershockError(problem)


def has_room(world: World) -> bool:
    """Whether the log can take one more block: as in ``step.run``."""
    log = world.log
    most_events = 2 * world.chains.mempool.shape[1]
    has_blocks = int(log.n[0]) < len(log.blocks)
    return has_blocks and int(log.n[1]) + most_events <= len(log.events)


def rules_of(scenario: Scenario) -> Sequence[tuple[str, str]]:
    """Name and SHA-256 of every user's rule in a scenario: without them a run is not identified."""
    names = dict.fromkeys(cohort.strategy for cohort in scenario.cohorts)
    rules = ((name, STRATEGIES[name].rule) for name in names)
    return [(name, rule.sha256) for name, rule in rules if rule is not None]
