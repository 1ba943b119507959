"""How long a fresh process takes to the first block, warm and cold, and to ``--help``.

Times are of child processes; Python may write its own bytecode, as it does on a user's machine.
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
sim.run(1); lap("first call")
print(json.dumps({"laps": laps, "cpu": time.process_time() - cpu}))
"""

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


def help_page() -> tuple[float, list[str]]:
    """Seconds from the start of the process to its end, and the heavy modules that were loaded."""
    code = f"import subprocess, sys, time\nb = time.perf_counter()\nsubprocess.run([sys.executable, '-c', {HELP!r}])\nprint(time.perf_counter() - b)"  # noqa: E501
    done = _child(code, _environment())
    modules = done.stderr.split()[1:]
    return float(done.stdout), [name for name in HEAVY if name in modules]


def measures(repeats: int = 5) -> list[Measure]:
    """Best of a few starts; one cold compilation."""
    first_block()  # whatever was not compiled yet
    warm = min((first_block() for _ in range(repeats)), key=lambda told: told["seconds"])
    with tempfile.TemporaryDirectory() as folder:
        cold = first_block(folder)
    pages = [help_page() for _ in range(repeats)]
    parts = ", ".join(f"{name} {seconds:.2f}" for name, seconds in warm["laps"].items())
    loaded = pages[0][1]
    return [
        Measure("warm start to the first block", warm["seconds"], "s", 1.5, parts),
        Measure("CPU of a warm start", warm["cpu"], "s"),
        Measure("cold compile", cold["cpu"] - warm["cpu"], "CPU s", 12.0,
                "CPU of a first block with an empty cache, less that of a warm start"),
        Measure("`--help`", min(seconds for seconds, _ in pages), "s", 0.4),
        Measure("heavy modules that `--help` loads", len(loaded), "", 0.0, ", ".join(loaded)),
    ]  # fmt: skip
