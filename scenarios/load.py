"""A scenario by name or file, with overrides -> a validated :class:`Scenario`, or one clear refusal.

load("black_thursday_2020", ["cohorts.eth_loop.target_health=1.2"])
"""

from __future__ import annotations

import functools
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from scenarios.merge import merge_layer, merged, source_of
from scenarios.read import Layer, find, layers, parse, preset_names, read_text, refuse_deep
from sim.errors import InputError

if TYPE_CHECKING:
    from scenarios.schema import Scenario


def load(
    name_or_path: str | os.PathLike[str],
    overrides: Sequence[str] = (),
    changes: Mapping[str, Any] | None = None,
) -> Scenario:
    """Read a preset or file; apply ``changes`` made in Python, then ``overrides`` as on the command line."""
    name = pathlib.Path(os.fspath(name_or_path)).name.removesuffix(".toml")
    return scenario_from(layers(name_or_path), overrides, changes, name)


def loads(text: str, name: str = "text") -> Scenario:
    """A scenario from TOML text that extends nothing but presets."""
    table = parse(text, name)
    parent = table.get("extends")
    return scenario_from([*(layers(parent) if parent else []), Layer(name, table)], name=name)


def scenario_from(
    told: Sequence[Layer],
    overrides: Sequence[str] = (),
    changes: Mapping[str, Any] | None = None,
    name: str = "",
) -> Scenario:
    """Layers of tables, changes and overrides -> a scenario."""
    from scenarios.overrides import COMMAND_LINE, PYTHON, fragments, plain, split
    from scenarios.schema import build_scenario

    stack = list(told)
    tree = merged(stack)
    pairs = [(PYTHON, path, value) for path, value in (changes or {}).items()]
    pairs += [(f"{COMMAND_LINE} {text}", *split(text)) for text in overrides]
    for source, path, value in pairs:
        try:
            refuse_deep(value, source, path)
            for table in fragments(tree, path, plain(value)):
                tree = merge_layer(tree, table)
                stack.append(Layer(source, table))
        except InputError as error:
            raise error.in_file(source) from None
    try:
        scenario = _with_prices(build_scenario(tree))
        if scenario.shocks:
            from scenarios.paths import check_times

            check_times(scenario)
    except InputError as error:
        raise error.in_file(error.file or source_of(stack, error.key)) from None
    except RecursionError:
        raise InputError(stack[-1].source, None, None, "nested far too deeply") from None
    scenario._layers, scenario._name = tuple(stack), name
    return scenario


def _with_prices(scenario: Scenario) -> Scenario:
    """The same scenario with each price file read once, found good, and named by its content."""
    from scenarios.schema.shocks import PricePath

    shocks = []
    for shock in scenario.shocks:
        if isinstance(shock, PricePath) and shock.file is not None:
            from scenarios.price_files import check_file

            shock = check_file(shock, scenario.time)
        shocks.append(shock)
    return scenario.model_copy(update={"shocks": tuple(shocks)})


@functools.cache
def presets() -> list[tuple[str, str, str]]:
    """(name, title, question) of every preset; reads nothing but their first lines."""
    found = []
    for name in preset_names():
        table = parse(read_text(find(name)).partition("\n[")[0], name)
        found.append((name, str(table.get("title", "")), str(table.get("question", ""))))
    return found


__all__ = ["load", "loads", "presets", "scenario_from"]
