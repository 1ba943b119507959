"""Aftershock: an agent-based simulator of systemic risk in decentralised finance.

    import aftershock as af

    shock = af.scenario("black_thursday_2020").with_(oracle={"delay": "1 h"})
    run = af.run(shock, seed=7)
    run.events.filter(kind="liquidation").collect()
    run.plot("prices")

This module is the whole public face. Everything is imported when it is first asked for, so that
``aftershock --help`` does not wait for a compiler.
"""

from __future__ import annotations

import importlib
import importlib.util
import pathlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agents.parameters import lognormal, normal, per_vault, shared, uniform
    from analysis import venues as venues
    from analysis.api import Compared, Ensemble, Run, compare, ensemble, run
    from analysis.api import open_folder as open
    from analysis.figure_dose import dose_response
    from scenarios.load import load as scenario
    from scenarios.load import presets
    from scenarios.model import DeFiModel
    from scenarios.model_agents import DepositorAgent, KeeperAgent, TraderAgent, VaultAgent
    from scenarios.user_strategies import strategy

__version__ = "0.1.0"
__all__ = [
    "Compared",
    "DeFiModel",
    "DepositorAgent",
    "Ensemble",
    "KeeperAgent",
    "Run",
    "TraderAgent",
    "VaultAgent",
    "compare",
    "dose_response",
    "ensemble",
    "lognormal",
    "normal",
    "open",
    "per_vault",
    "presets",
    "run",
    "scenario",
    "shared",
    "strategy",
    "uniform",
    "venues",
]

_WHERE = {
    "DeFiModel": ("scenarios.model", "DeFiModel"),
    "DepositorAgent": ("scenarios.model_agents", "DepositorAgent"),
    "Compared": ("analysis.compare", "Compared"),
    "compare": ("analysis.api", "compare"),
    "Ensemble": ("analysis.ensemble", "Ensemble"),
    "KeeperAgent": ("scenarios.model_agents", "KeeperAgent"),
    "Run": ("analysis.run", "Run"),
    "TraderAgent": ("scenarios.model_agents", "TraderAgent"),
    "VaultAgent": ("scenarios.model_agents", "VaultAgent"),
    "dose_response": ("analysis.figure_dose", "dose_response"),
    "ensemble": ("analysis.api", "ensemble"),
    "lognormal": ("agents.parameters", "lognormal"),
    "normal": ("agents.parameters", "normal"),
    "open": ("analysis.api", "open_folder"),
    "presets": ("scenarios.load", "presets"),
    "per_vault": ("agents.parameters", "per_vault"),
    "run": ("analysis.api", "run"),
    "scenario": ("scenarios.load", "load"),
    "shared": ("agents.parameters", "shared"),
    "strategy": ("scenarios.user_strategies", "strategy"),
    "uniform": ("agents.parameters", "uniform"),
    "venues": ("analysis.venues", ""),
}
_PACKAGES = ("agents", "analysis", "scenarios", "sim")


def foreign_package() -> str | None:
    """A sentence about a package of another distribution that Python would load instead of ours."""
    here = pathlib.Path(__file__).resolve().parent
    for name in _PACKAGES:
        found = sys.modules.get(name) or importlib.util.find_spec(name)
        origin = getattr(found, "__file__", None) or getattr(found, "origin", None)
        if origin is None or pathlib.Path(origin).resolve().parent != here / name:
            place = origin or "nowhere"
            return (
                f"the package {name!r} that Python finds ({place}) is not Aftershock's ({here / name}): "
                "another distribution has the same name; use an environment of its own."
            )
    return None


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'aftershock' has no attribute {name!r}")
    if problem := foreign_package():
        raise ImportError(problem)
    module, attribute = _WHERE[name]
    value: Any = importlib.import_module(module)
    if attribute:
        value = getattr(value, attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__", "main"])


def main(arguments: Sequence[str] | None = None) -> int:
    """The console script."""
    if problem := foreign_package():
        print(f"aftershock: {problem}", file=sys.stderr)
        return 1
    from analysis.cli import main as command_line

    return command_line(sys.argv[1:] if arguments is None else list(arguments), __version__)


if __name__ == "__main__":
    sys.exit(main())
