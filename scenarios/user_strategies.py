"""``@strategy``: a rule that a user wrote becomes a strategy that scenario files may name.

    @af.strategy("my_rule", parameters=MyParameters, birth_weight=at_birth)
    def my_rule(nav_usd, exposure_usd, multiplier): ...      # a scalar rule, compiled
    def my_rule(view): ...                                   # or one call a block for the whole cohort

Whatever is wrong with it is said when it is registered, not in block 4,000 of a run.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from agents.strategies import VAULT, Strategy, register
from agents.user import Standing, UserRule
from scenarios.names import listed, nearest
from scenarios.schema.cohorts import Cohort
from sim.compile import jit_rule
from sim.errors import InputError

USER = 99  # their place in the switchboard, which passes them by
BORROWER = "target_health"  # the parameter that says how a vault with a loan is born


def strategy(
    name: str,
    *,
    parameters: type[Any],
    birth_weight: Callable[..., Any] | None = None,
    replace: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function as the vault strategy ``name``.

    ``parameters``: a frozen dataclass of ``per_vault`` and ``shared`` fields. ``birth_weight(values,
    volatility_per_year)``: share of NAV in the asset at birth; or else a parameter ``target_health``,
    at which a vault with a loan is born. ``replace``: this name may be a user's already (notebooks).
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise InputError(None, "strategy", name, "expected lower-case letters, digits and _")
        fields = _checked_fields(name, parameters)
        borrows = _borrows(name, fields, birth_weight)
        rule = _rule(name, function, tuple(fields))
        weigh = None if birth_weight is None else _checked_weight(name, birth_weight)
        keys = ("market",) if borrows else ()
        made = Strategy(name, USER, VAULT, parameters, birth_weight=weigh, keys=keys, rule=rule)
        register(made, replace)
        return function

    return decorate


def _refuse(name: str, problem: str, value: object = None, near: str | None = None) -> InputError:
    return InputError(None, f"strategy {name}", value, problem, near)


def _checked_fields(name: str, parameters: type[Any]) -> dict[str, dataclasses.Field[Any]]:
    """Parameters that a scenario file can hold, under names that mean nothing else."""
    frozen = getattr(getattr(parameters, "__dataclass_params__", None), "frozen", False)
    if not frozen:
        raise _refuse(name, "parameters: expected a class with @dataclass(frozen=True)")
    fields = {field.name: field for field in dataclasses.fields(parameters)}
    for key, field in fields.items():
        if not {"low", "high", "per_vault"} <= field.metadata.keys():
            raise _refuse(name, f"declare the parameter {key!r} with per_vault(...) or shared(...)")
        if key in Cohort.model_fields or key in (*Standing._fields, "view", "balances"):
            raise _refuse(name, f"a parameter cannot be called {key!r}: that means something else")
    return fields


def _borrows(name: str, fields: dict[str, dataclasses.Field[Any]], weigh: Any) -> bool:
    """Whether it may be given a market; a strategy without a way to be born is refused."""
    field = fields.get(BORROWER)
    if field is None and weigh is None:
        raise _refuse(
            name, f"needs birth_weight, or a parameter {BORROWER!r} at which to be born with a loan"
        )
    if field is not None and not (field.metadata["per_vault"] and field.metadata["low"] > 1.0):
        raise _refuse(name, f"declare {BORROWER!r} with per_vault(...), its lower bound above 1")
    return field is not None


def _rule(name: str, function: Callable[..., Any], own: tuple[str, ...]) -> UserRule:
    """The user's function, told apart by its arguments; a scalar rule is compiled."""
    signature = inspect.signature(function).parameters
    if list(signature) == ["view"]:
        return UserRule(function, (), None)
    known = (*Standing._fields, *own)
    for argument, told in signature.items():
        if argument not in known or told.kind is not told.POSITIONAL_OR_KEYWORD:
            problem = f"the rule names {argument!r} (a scalar rule may name: {listed(known, 30)})"
            raise _refuse(name, problem, near=nearest(argument, known))
    try:
        rows = jit_rule(function, len(signature))
    except ValueError as error:
        told_by = f"the rule {function.__name__!r} cannot be compiled: {error}"
        hint = "; it must return target_usd or (target_usd, target_per_nav), NaN for no order"
        raise _refuse(name, told_by + (hint if "returns" in told_by else "")) from None
    return UserRule(function, tuple(signature), rows)


def _checked_weight(name: str, weigh: Callable[..., Any]) -> Callable[..., np.ndarray]:
    def checked(values: dict[str, np.ndarray], volatility_per_year: float) -> np.ndarray:
        weight = np.asarray(weigh(values, volatility_per_year), np.float64)
        if not ((weight >= 0.0) & (weight <= 1.0)).all():
            raise _refuse(name, "birth_weight: expected a share of NAV between 0 and 1")
        return weight

    return checked
