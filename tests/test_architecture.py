"""The two promises that keep the house readable: imports go down, kernels are ordinary functions.

The rules are in `tests/rules/`. Here they are held against every file, and against small bad
snippets, because a rule that finds nothing proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import sim.compile
from tests.rules import imports, kernels

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("sim", "agents", "scenarios", "analysis")


def sources(*places: str) -> Iterator[tuple[str, str]]:
    for place in places:
        found = [ROOT / place] if place.endswith(".py") else sorted((ROOT / place).rglob("*.py"))
        for file in filter(Path.exists, found):
            yield file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")


def test_imports_only_go_down():
    files = sources("aftershock.py", *PACKAGES, "tests/reference")
    found = [finding for path, source in files for finding in imports.findings(path, source)]
    assert not found, "\n" + "\n".join(found)


def test_kernels_use_only_what_gives_the_same_bits_without_the_compiler():
    found = [
        finding for path, source in sources(*PACKAGES) for finding in kernels.findings(path, source)
    ]
    assert not found, "\n" + "\n".join(found)


def test_no_fastmath_anywhere():
    files = sources("aftershock.py", *PACKAGES, "benchmarks", "notebooks")
    found = [
        finding for path, source in files for finding in kernels.fastmath_findings(path, source)
    ]
    assert not found, "\n" + "\n".join(found)


def test_the_rules_know_the_decorators_of_compile():
    assert all(callable(getattr(sim.compile, name)) for name in kernels.DECORATORS)


BAD_IMPORTS = [
    ("sim/world.py", "import agents.decide", "imports only go down"),
    ("sim/world.py", "from scenarios import model", "imports only go down"),
    ("agents/decide.py", "from analysis.measures import loss", "imports only go down"),
    ("scenarios/model.py", "import aftershock as af", "imports only go down"),
    ("analysis/cli.py", "from tests.reference import model", "imports only go down"),
    ("agents/__init__.py", "import scenarios", "imports only go down"),
    ("agents/vaults/cppi.py", "def f():\n    from scenarios import step", "imports only go down"),
    ("sim/x.py", "import importlib\nimportlib.import_module('agents.x')", "imports only go down"),
    (
        "sim/x.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import agents.x",
        "imports only go down",
    ),
    ("sim/x.py", "from . import units", "relative"),
    ("sim/venues/amm.py", "from ..formulas import swap", "relative"),
    ("sim/formulas/swap.py", "from sim.ledger import transfer", "a formula may import only"),
    ("sim/formulas/swap.py", "from sim import ledger", "a formula may import only"),
    ("sim/formulas/swap.py", "import sim", "a formula may import only"),
    ("sim/venues/amm.py", "from sim.world import World", "never the world"),
    ("sim/venues/amm.py", "def f():\n    import sim.block.mark", "never the world"),
    ("agents/vaults/cppi.py", "from sim.ledger import transfer", "sees a View"),
    ("scenarios/model.py", "from sim.block.mark import mark", "only scenarios/step.py"),
    ("aftershock.py", "from sim import block", "only scenarios/step.py"),
    ("tests/reference/model.py", "from sim.ledger import transfer", "the reference model"),
    ("tests/reference/model.py", "from scenarios import schema", "the reference model"),
    ("sim/events.py", "import polars as pl", "heavy"),
    ("sim/events.py", "try:\n    import scipy.stats\nexcept ImportError:\n    pass", "heavy"),
    ("agents/x.py", "class Shape:\n    from matplotlib import pyplot", "heavy"),
    ("sim/ledger.py", "import numba", "only sim/compile.py knows numba"),
    ("scenarios/x.py", "def f():\n    from numba import njit", "only sim/compile.py knows numba"),
]


@pytest.mark.parametrize(("path", "source", "words"), BAD_IMPORTS)
def test_a_bad_import_is_found(path, source, words):
    (finding,) = imports.findings(path, source)
    assert words in finding


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("sim/compile.py", "def f():\n    import numba"),
        (
            "sim/formulas/swap.py",
            "import math\nfrom sim import units\nfrom sim.compile import formula",
        ),
        ("sim/formulas/path.py", "from sim.formulas import swap\nimport sim.formulas.rates"),
        ("sim/venues/amm.py", "from sim.formulas.swap import amount_out\nfrom sim import ledger"),
        ("sim/block/mark.py", "from sim.world import World\nfrom sim.block.order import tips"),
        ("sim/worldwide.py", "from sim import world"),
        ("sim/events.py", "def frame():\n    import polars as pl\n    return pl.DataFrame()"),
        (
            "sim/events.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import polars as pl",
        ),
        ("scenarios/step.py", "from sim.block import accrue, mark"),
        ("scenarios/model.py", "import mesa\nfrom agents.decide import decide"),
        ("analysis/cli.py", "import polars\nfrom scenarios import schema\nfrom sim import units"),
        ("aftershock.py", "def main():\n    from analysis.cli import main as run\n    run()"),
        (
            "tests/reference/model.py",
            "import mesa\nfrom sim.formulas import swap\nimport sim.units",
        ),
    ],
)
def test_a_good_import_passes(path, source):
    assert imports.findings(path, source) == []


def test_a_finding_about_an_import_names_file_line_and_function():
    source = "import math\n\ndef decide(view):\n    import scenarios.step\n"
    (finding,) = imports.findings("agents/decide.py", source)
    assert finding.startswith("agents/decide.py:4 in decide: ")
    assert finding.endswith("(scenarios.step)")


def kernel_of(body: str, decorator: str = "kernel", signature: str = "debt_usd, n") -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return (
        "import math\nimport random\nimport numpy as np\nimport numpy\n"
        "from numpy import cumsum as running_total\nfrom math import hypot\n"
        "from sim.compile import entry, formula, kernel, window\nfrom sim import compile as c\n"
        f"@{decorator}\ndef f({signature}):\n{lines}"
    )


BAD_BODIES = [
    ("return np.sum(debt_usd)", "np.sum"),
    ("return numpy.mean(debt_usd)", "np.mean"),
    ("return np.linalg.norm(debt_usd)", "np.linalg.norm"),
    ("return np.zeros(n)", "np.zeros"),
    ("return np.maximum(n, 0.0)", "np.maximum"),
    ("return np.uint32(n)", "np.uint32"),
    ("return running_total(debt_usd)", "np.cumsum"),
    ("total = np.add.reduce\nreturn total(debt_usd)", "np.add.reduce"),
    ("return debt_usd.sum()", "method call debt_usd.sum"),
    ("return debt_usd[1:].argsort()[0]", "method call debt_usd[1:].argsort"),
    ("return debt_usd.copy()", "method call debt_usd.copy"),
    ("return n**2", "**; write the product"),
    ("n **= 0.5\nreturn n", "**; write the product"),
    ("return pow(n, 2)", "pow is not for kernels"),
    ("return debt_usd @ debt_usd", "@; write the loop"),
    ("return sum(debt_usd)", "sum is not for kernels"),
    ("return sorted(debt_usd)", "sorted is not for kernels"),
    ("add_up = sum\nreturn add_up(debt_usd)", "sum is not for kernels"),
    ("print(n)", "print is not for kernels"),
    ("return round(n, 2)", "round with digits"),
    ("return math.hypot(n, n)", "math.hypot"),
    ("return hypot(n, n)", "math.hypot"),
    ("return math.lgamma(n)", "math.lgamma"),
    ("return random.random()", "random.random"),
    ("try:\n    n += 1\nfinally:\n    n = 0", "try"),
    ("raise\nreturn n", "raise or assert"),
    ("assert n > 0", "raise or assert"),
    ("with open_journal:\n    n += 1", "with"),
    ("g = lambda x: x\nreturn g(n)", "lambda"),
    ("def g(x):\n    return x\nreturn g(n)", "nested definition"),
    ("class G:\n    x = 1\nreturn n", "nested definition"),
    ("for i in [1, 2]:\n    n += i", "list, set or dict"),
    ("return {1: n}", "list, set or dict"),
    ("return [x for x in debt_usd]", "comprehension"),
    ("return {x: x for x in debt_usd}", "comprehension"),
    ("return max(x for x in debt_usd)", "generator"),
    ("yield n", "generator"),
    ("return f'{n}'", "f-string"),
    ("global total\ntotal = n", "global"),
    ("import math\nreturn n", "import"),
    ("return g(**n)", "call with **"),
    ("total: float = np.sum(debt_usd)\nreturn total", "np.sum"),
]


@pytest.mark.parametrize(("body", "words"), BAD_BODIES)
def test_a_bad_kernel_is_found(body, words):
    found = kernels.findings("sim/x.py", kernel_of(body))
    assert any(words in finding for finding in found), found
    assert len(found) == 1


@pytest.mark.parametrize(
    "decorator", ["formula", "kernel", "window", "entry", "kernel()", "c.kernel"]
)
def test_every_decorator_is_seen(decorator):
    assert kernels.findings("sim/x.py", kernel_of("return n**2", decorator))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (kernel_of("return n", signature="n, **options"), "**options"),
        (kernel_of("return n", signature="n, zero=np.zeros(1)"), "np.zeros"),
        (kernel_of("return n", decorator="c.cached"), "unknown decorator c.cached"),
        ("from sim.compile import fast\n@fast\ndef f(n):\n    return n", "unknown decorator fast"),
        (
            "from sim.compile import kernel\nclass Pool:\n    @kernel\n    def f(n):\n        return n",
            "at module level",
        ),
        (
            "from sim.compile import kernel\ndef make(fee):\n    @kernel\n    def f(n):\n"
            "        return n * fee\n    return f",
            "at module level",
        ),
    ],
)
def test_a_bad_definition_is_found(source, words):
    found = kernels.findings("sim/x.py", source)
    assert len(found) == 1
    assert words in found[0]


GOOD_KERNEL = '''
import math
import numpy as np
from sim import units
from sim.compile import formula, kernel
from sim.ledger import transfer

FEE_FRACTION = 0.003

@formula
def cushion_usd(nav_usd: np.ndarray, floor_usd: float = np.inf) -> float:
    """No np.sum and no x**2 here."""
    return max(nav_usd - floor_usd, 0.0)

@kernel
def decide(ledger, pools, vaults):
    worst: np.float64 = np.nan
    sum = 0.0
    for vault in range(vaults.shape[0]):
        sum += cushion_usd(vaults[vault].nav_usd, units.ONE) * FEE_FRACTION
        worst = sum if worst != worst else min(worst, sum)
        key = np.uint64(vault) ^ np.uint64(7)
        status = transfer(ledger, vault, math.sqrt(math.exp(sum)), int(key))
        if status != 0 or not math.isfinite(worst):
            return status
    pools[0].reserve[:] = round(abs(sum))
    return len(pools)
'''


def test_a_good_kernel_passes():
    assert kernels.findings("sim/x.py", GOOD_KERNEL) == []


def test_plain_functions_are_left_alone():
    assert (
        kernels.findings("sim/x.py", "import numpy as np\ndef f(x):\n    return np.sum(x**2)") == []
    )


def test_a_finding_about_a_kernel_names_file_line_and_function():
    (finding,) = kernels.findings("sim/venues/amm.py", kernel_of("n += 1\nreturn n**2"))
    assert finding.startswith("sim/venues/amm.py:12 in f: **")


@pytest.mark.parametrize(
    "source",
    [
        "njit(fastmath=True)",
        "OPTIONS = {'fastmath': False}",
        "options.fastmath = 1",
        "fastmath = 1",
    ],
)
def test_fastmath_is_found(source):
    assert len(kernels.fastmath_findings("sim/compile.py", source)) == 1


def test_prose_may_say_that_there_is_no_fastmath():
    assert kernels.fastmath_findings("sim/x.py", '"""Without fastmath."""  # no fastmath') == []
