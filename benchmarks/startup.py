"""How long a fresh process takes to the first block, warm and cold, and to ``--help``.

What a scenario uses is compiled when it is first reached, so there are two cold compilations: all that the
first slots of ``black_thursday_2020`` reach, and whatever can be reached by any scenario. Times are of child
processes; Python may write its own bytecode, as it does on a user's machine.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile
from typing import Any

from benchmarks.measure import Measure

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEAVY = ("numba", "polars", "scipy", "mesa", "matplotlib", "seaborn", "pandas", "pydantic", "numpy")

FIRST_BLOCK = """
import json, time
laps, begun, cpu = {}, time.perf_counter(), time.process_time()
def lap(name):
    global begun
    now = time.perf_counter()
    laps[name] = now - begun
    begun = now
import numpy; lap("import numpy")
from scenarios.load import load
fundamental = [f"shocks.{name}_path.kind=fundamental" for name in ("eth", "btc")]  # not calibrated
scenario = load("black_thursday_2020", fundamental); lap("scenario")
from scenarios.simulation import Simulation; sim = Simulation(scenario, 7); lap("build")
import numba; lap("import numba")
sim.run(1); lap("first block")
print(json.dumps({"laps": laps, "cpu": time.process_time() - cpu}))
"""

# As far as every strategy of the scenario has decided, and liquidations were sent.
ENGINE = """
import time
cpu = time.process_time()
from scenarios.load import load
from scenarios.simulation import Simulation
fundamental = [f"shocks.{name}_path.kind=fundamental" for name in ("eth", "btc")]
sim = Simulation(load("black_thursday_2020", fundamental), 7)
sim.run(N_SLOTS)
if WHOLE:
    from sim import families
    families.compile_all()
print(time.process_time() - cpu)
"""
N_SLOTS = 3_000

HELP = """
import sys, time
begun = time.perf_counter()
import aftershock
sys.stdout = open("/dev/null", "w")
aftershock.main(["--help"])
print(time.perf_counter() - begun, *sys.modules, file=sys.stderr)
"""


def _environment(**more: str) -> dict[str, str]:
    found = {**os.environ, "PYTHONPATH": str(ROOT), **more}
    found.pop("PYTHONDONTWRITEBYTECODE", None)
    return found


def _child(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )


def first_block(cache: str | None = None) -> dict[str, Any]:
    """Seconds of each part of a start, their sum, and CPU seconds with compilation."""
    more = {} if cache is None else {"XDG_CACHE_HOME": cache}
    told: dict[str, Any] = json.loads(_child(FIRST_BLOCK, _environment(**more)).stdout)
    told["seconds"] = sum(told["laps"].values())
    return told


def engine_cpu(cache: str, is_whole: bool) -> float:
    """CPU seconds of a process that runs some slots and, if told so, compiles everything that is left."""
    code = ENGINE.replace("N_SLOTS", str(N_SLOTS)).replace("WHOLE", str(is_whole))
    return float(_child(code, _environment(XDG_CACHE_HOME=cache)).stdout)


def cold_and_warm(is_whole: bool) -> tuple[float, float]:
    """CPU seconds with an empty cache, and then with what that has left."""
    with tempfile.TemporaryDirectory() as folder:
        return engine_cpu(folder, is_whole), engine_cpu(folder, is_whole)


def help_page() -> tuple[float, list[str]]:
    """Seconds from the start of the process to its end, and the heavy modules that were loaded."""
    code = f"import subprocess, sys, time\nb = time.perf_counter()\nsubprocess.run([sys.executable, '-c', {HELP!r}])\nprint(time.perf_counter() - b)"  # noqa: E501
    done = _child(code, _environment())
    modules = done.stderr.split()[1:]
    return float(done.stdout), [name for name in HEAVY if name in modules]


def measures(repeats: int = 5) -> list[Measure]:
    """Best of a few starts; one cold compilation of each engine."""
    first_block()  # whatever was not compiled yet
    warm = min((first_block() for _ in range(repeats)), key=lambda told: told["seconds"])
    one, one_warm = cold_and_warm(False)
    whole, whole_warm = cold_and_warm(True)
    pages = [help_page() for _ in range(repeats)]
    parts = ", ".join(f"{name} {seconds:.2f}" for name, seconds in warm["laps"].items())
    loaded = pages[0][1]
    return [
        Measure("warm start to the first block", warm["seconds"], "s", 1.5, parts),
        Measure("CPU of a warm start", warm["cpu"], "s"),
        Measure("cold compile of one scenario", one - one_warm, "CPU s", 12.0,
                f"{N_SLOTS:,} slots of `black_thursday_2020`, empty cache, less the same with a full one"),
        Measure("cold compile of everything", whole - whole_warm, "CPU s", 25.0,
                "the same and every kind of venue and strategy, whether a scenario uses it or not"),
        Measure("`--help`", min(seconds for seconds, _ in pages), "s", 0.4),
        Measure("heavy modules that `--help` loads", len(loaded), "", 0.0, ", ".join(loaded)),
    ]  # fmt: skip
