"""What a compiled function may contain.

A kernel gives the same bits compiled and with NUMBA_DISABLE_JIT=1, so that it can be stepped
through in a debugger and a result never depends on the compiler. Where the two differ was measured
(numba 0.68.1, numpy 2.4): numpy's reductions add in another order; `x**2` goes through another
pow; hypot, gamma and lgamma come from another library; `round(x, 2)` scales instead of rounding
correctly; narrow integers wrap in numpy and widen in numba. So a kernel has an allow list.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

DECORATORS = ("formula", "kernel", "window", "boundary", "entry")
OURS = ("sim", "agents", "scenarios", "analysis")

NUMPY_ALLOWED = ("bool_", "float64", "int64", "uint64", "inf", "nan")
MATH_FORBIDDEN = ("gamma", "hypot", "lgamma")
BUILTINS_ALLOWED = (
    *("abs", "bool", "enumerate", "float", "int", "len"),
    *("max", "min", "range", "round", "zip"),
)

SYNTAX_FORBIDDEN: dict[tuple[type[ast.AST], ...], str] = {
    (ast.Try, ast.TryStar): "try; a kernel returns a status and never raises",
    (ast.Raise, ast.Assert): "raise or assert; a kernel returns a status and never raises",
    (ast.With, ast.AsyncWith): "with",
    (ast.Lambda,): "lambda; write a @formula at module level",
    (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef): "nested definition; move it out",
    (ast.ListComp, ast.SetComp, ast.DictComp): "comprehension; write the loop",
    (ast.GeneratorExp, ast.Yield, ast.YieldFrom, ast.Await): "generator; write the loop",
    (ast.List, ast.Set, ast.Dict): "list, set or dict; a kernel never allocates",
    (ast.JoinedStr,): "f-string; a kernel never allocates",
    (ast.Global, ast.Nonlocal): "global or nonlocal; pass the table in",
    (ast.Import, ast.ImportFrom): "import; move it to the top of the file",
    (ast.Delete,): "del",
}
OPERATORS_FORBIDDEN: dict[type[ast.operator], str] = {
    ast.Pow: "**; write the product or math.pow",
    ast.MatMult: "@; write the loop",
}


def findings(path: str, source: str) -> list[str]:
    """What is wrong with the compiled functions of one file; `path` is relative to the root."""
    module = ast.parse(source)
    origins = _origins(module)
    found = []
    for function in ast.walk(module):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        names = [_dotted(_called(decorator)) for decorator in function.decorator_list]
        is_compiled = any(name.split(".")[-1] in DECORATORS for name in names)
        problems: list[tuple[int, str]] = [
            (function.lineno, f"unknown decorator {name}; the rules for kernels do not see it")
            for name in names
            if _origin(name, origins).startswith("sim.compile.")
            and name.split(".")[-1] not in DECORATORS
        ]
        if is_compiled and function not in module.body:
            problems.append((function.lineno, "a kernel is defined at module level"))
        if is_compiled:
            problems += _problems(function, origins, _top_level_names(module))
        found += [f"{path}:{line} in {function.name}: {problem}" for line, problem in problems]
    return found


def fastmath_findings(path: str, source: str) -> list[str]:
    """Every place that passes or names the option `fastmath`; prose may say that there is none."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case (
                ast.keyword(arg="fastmath")
                | ast.Name(id="fastmath")
                | ast.Attribute(attr="fastmath")
                | ast.Constant(value="fastmath")
            ):
                line = getattr(node, "lineno", 0)
                found.append(f"{path}:{line}: fastmath; sums would depend on the compiler")
    return found


def _problems(
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    origins: dict[str, str],
    top_level: set[str],
) -> Iterator[tuple[int, str]]:
    if isinstance(function, ast.AsyncFunctionDef):
        yield function.lineno, "async"
    if function.args.kwarg:
        yield function.lineno, f"**{function.args.kwarg.arg}; name each argument"
    local = _local_names(function)
    for node in _nodes(function):
        line = getattr(node, "lineno", function.lineno)
        for types, words in SYNTAX_FORBIDDEN.items():
            if isinstance(node, types):
                yield line, words
        match node:
            case ast.BinOp(op=operator) | ast.AugAssign(op=operator):
                if type(operator) in OPERATORS_FORBIDDEN:
                    yield line, OPERATORS_FORBIDDEN[type(operator)]
            case ast.Call(func=called, args=positional, keywords=keywords):
                if any(keyword.arg is None for keyword in keywords):
                    yield line, "call with **; name each argument"
                if _dotted(called) == "round" and len(positional) + len(keywords) > 1:
                    yield line, "round with digits; round to an integer only"
                if isinstance(called, ast.Attribute):
                    root = _dotted(called).split(".")[0]
                    if root in local or root not in origins:
                        yield line, f"method call {ast.unparse(called)}; write the loop"
        if isinstance(node, ast.Name | ast.Attribute) and (dotted := _dotted(node)):
            root = dotted.split(".")[0]
            if root in local or root in top_level - set(origins):
                continue
            if root in origins:
                problem = _import_problem(_origin(dotted, origins))
            elif hasattr(builtins, root) and root not in BUILTINS_ALLOWED:
                problem = f"{root} is not for kernels; write the loop"
            else:
                problem = None
            if problem:
                yield line, problem


def _import_problem(origin: str) -> str | None:
    module, _, name = origin.partition(".")
    if module == "numpy" and name and name not in NUMPY_ALLOWED:
        return f"np.{name} reduces, allocates or widens differently; write the loop"
    if module == "math" and name in MATH_FORBIDDEN:
        return f"math.{name} gives other bits compiled"
    if module not in ("numpy", "math", *OURS):
        return f"{origin} is not for kernels"
    return None


def _nodes(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """Everything that runs: defaults and body, without annotations and decorators.

    Of a dotted name only the whole is given (`np.linalg.norm`, not its parts).
    """
    defaults = [*function.args.defaults, *filter(None, function.args.kw_defaults)]
    stack: list[ast.AST] = [*function.body[::-1], *defaults]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if isinstance(node, ast.AnnAssign):
            stack += [child for child in (node.value, node.target) if child]
        elif not (isinstance(node, ast.Attribute) and _dotted(node)):
            stack += list(ast.iter_child_nodes(node))[::-1]


def _called(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _dotted(node: ast.AST) -> str:
    """`np.linalg.norm` for that chain of names, "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (start := _dotted(node.value)):
        return f"{start}.{node.attr}"
    return ""


def _origin(dotted: str, origins: dict[str, str]) -> str:
    """Where a dotted name comes from: `np.sum` -> `numpy.sum`."""
    root, *rest = dotted.split(".")
    return ".".join([origins.get(root, root), *rest])


def _origins(module: ast.Module) -> dict[str, str]:
    """Local name -> dotted name of what was imported under it."""
    origins = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.name if alias.asname else alias.name.split(".")[0]
                origins[alias.asname or name] = name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                origins[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return origins


def _local_names(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    starred = [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    stored = {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return {argument.arg for argument in (*named, *starred)} | stored


def _top_level_names(module: ast.Module) -> set[str]:
    defined = {
        node.name
        for node in module.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    return defined | {
        node.id
        for statement in module.body
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
