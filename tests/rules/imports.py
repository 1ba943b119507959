"""Who may import whom.

Imports only go down: analysis -> scenarios -> agents -> sim. Within `sim` a formula cannot reach
state and a venue cannot reach the world, so that each can be read and checked by itself. Imports
inside functions and under TYPE_CHECKING count too; only the heavy libraries may be imported late.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

KNOW_NUMBA = (
    "sim.cache", "sim.compile", "sim.families", "sim.linking", "sim.lowering", "sim.pipeline",
    "sim.prefetch", "sim.reference", "sim.shortcuts", "sim.standing",
)  # fmt: skip
LAYERS = ("sim", "agents", "scenarios", "analysis")  # each may import itself and those before it
ABOVE_ALL = ("aftershock", "benchmarks", "notebooks", "tests")
# 0.4 to 2.4 seconds each: whoever needs one imports it where it is used.
HEAVY = ("matplotlib", "mesa", "pandas", "polars", "scipy", "seaborn")


@dataclass(frozen=True)
class Import:
    name: str  # dotted, down to what is taken: "sim.units.SECONDS_PER_YEAR"
    line: int
    function: str  # "" at module level
    is_for_types_only: bool


def findings(path: str, source: str) -> list[str]:
    """What is wrong with the imports of one file; `path` is relative to the root."""
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    found = []
    for imported in imports(source):
        if problem := _problem(module, imported):
            place = f"{path}:{imported.line} in {imported.function or 'module'}"
            found.append(f"{place}: {problem} ({imported.name})")
    return found


def imports(source: str) -> Iterator[Import]:
    yield from _imports(ast.parse(source), "", False)


def _imports(node: ast.AST, function: str, is_for_types_only: bool) -> Iterator[Import]:
    for name in _names(node):
        yield Import(name, getattr(node, "lineno", 0), function, is_for_types_only)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        function = node.name
    elif isinstance(node, ast.Lambda):
        function = function or "lambda"
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        for child in node.body:
            yield from _imports(child, function, True)
        for child in node.orelse:
            yield from _imports(child, function, is_for_types_only)
        return
    for below in ast.iter_child_nodes(node):
        yield from _imports(below, function, is_for_types_only)


def _names(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, names=names, level=level):
            start = "." * level + (module or "")
            return [f"{start}.{alias.name}" for alias in names]
        case ast.Call(func=function, args=[ast.Constant(value=str(name)), *_]):
            if ast.unparse(function).split(".")[-1] in ("import_module", "__import__"):
                return [name]
    return []


def _is_in(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def _problem(module: str, imported: Import) -> str | None:
    name = imported.name
    if name.startswith("."):
        return "relative import; write the absolute one"

    layer = module.split(".")[0]
    if layer in LAYERS:
        above = (*LAYERS[LAYERS.index(layer) + 1 :], *ABOVE_ALL)
        if _is_in(name, *above):
            return f"imports only go down, and this lies above {layer}"
        if _is_in(name, "numba", "llvmlite") and module not in KNOW_NUMBA:
            return "only sim/compile.py knows numba; use its decorators"
    is_ours = _is_in(name, *LAYERS, *ABOVE_ALL)

    if _is_in(module, "sim.formulas") and is_ours:
        if not _is_in(name, "sim.compile", "sim.units", "sim.formulas"):
            return "a formula may import only sim.compile, sim.units and other formulas"
    if _is_in(module, "sim.venues") and _is_in(name, "sim.world", "sim.block"):
        return "a venue knows its own table, never the world or the block"
    if _is_in(module, "agents") and _is_in(name, "sim.world", "sim.ledger", "sim.journal"):
        return "an agent sees a View, never the ledger"
    if _is_in(name, "sim.block"):
        if not (module == "scenarios.step" or _is_in(module, "sim.block", "tests")):
            return "only scenarios/step.py calls the verbs of a block"
    if _is_in(module, "tests.reference") and is_ours:
        if not _is_in(name, "sim.formulas", "sim.units", "tests.reference"):
            return "the reference model may share only sim.formulas and sim.units with the engine"

    if layer in ("sim", "agents") and _is_in(name, *HEAVY):
        if not (imported.function or imported.is_for_types_only):
            return "a heavy library; import it inside the function that needs it"
    return None
