"""The command line. Errors become one line and an exit code here, and only here.

What was asked for goes to standard output, everything else to standard error.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from analysis.arguments import parse
from sim.errors import AftershockError, Interrupted, one_line

BROKE = 1


def main(arguments: Sequence[str], version: str = "") -> int:
    """Do what the arguments say; returns the exit code."""
    try:
        found = parse(arguments, version)
        COMMANDS[found.command](found)
        sys.stdout.flush()
        return 0
    except SystemExit as end:  # --help and --version of argparse
        return int(end.code or 0)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _say("interrupted.", Interrupted.exit_code)
    except AftershockError as error:
        return _say(str(error), error.exit_code)
    except (OSError, MemoryError) as error:
        return _say(str(error) or type(error).__name__, BROKE)


def _say(problem: str, code: int) -> int:
    print(f"aftershock: {one_line(problem, 1000)}", file=sys.stderr)
    return code


def _list(found: argparse.Namespace) -> None:
    from scenarios.load import presets

    rows = presets()
    if found.json:
        _print_json([{"name": name, "title": t, "question": q} for name, t, q in rows])
        return
    width = max((len(name) for name, _, _ in rows), default=0)
    for name, title, _ in rows:
        print(f"{name:<{width}}  {title}")


def _check(found: argparse.Namespace) -> None:
    from analysis.describe import described, description
    from scenarios.load import load
    from scenarios.paths import exogenous

    scenario = load(found.scenario, found.set)
    exogenous(scenario, seed=0)  # what the shocks say of each other comes out when they are drawn
    if found.json:
        _print_json(description(scenario))
    elif not found.quiet:
        print("\n".join(described(scenario)))


def _run(found: argparse.Namespace) -> None:
    from analysis.execute import into_folder, refuse_seed
    from analysis.progress import Progress
    from scenarios.load import load

    refuse_seed(found.seed)
    scenario = load(found.scenario, found.set)
    default = os.path.join("runs", f"{scenario.name}-seed{found.seed}")
    out = default if found.out is None else found.out
    run = into_folder(scenario, found.seed, out, Progress(not found.quiet), found.force)
    if found.json:
        _print_json({"folder": out, "run_id": run.manifest["run_id"], "summary": run.summary})
    else:
        print(f"{run.headline}\n{'Folder':<12}{out}")


def _ensemble(found: argparse.Namespace) -> None:
    from analysis.ensemble_execute import into_folder
    from analysis.ensemble_plan import Plan
    from analysis.ensemble_seeds import seeds_of
    from analysis.progress import Progress
    from scenarios.load import load

    seeds = seeds_of(found.seeds)
    scenario = load(found.scenario, found.set)
    default = os.path.join("runs", f"{scenario.name}-seeds{seeds[0]}-{seeds[-1]}")
    out = default if found.out is None else found.out
    progress = Progress(not found.quiet)
    plan = Plan(scenario, seeds, found.paths_every, found.workers, None, progress)
    many = into_folder(plan, out, found.force)
    if found.json:
        told = {"folder": out, "ensemble_id": many.manifest["ensemble_id"]}
        _print_json({**told, "summary": many.told})
    else:
        print(f"{many.headline}\nFolder: {out}")


def _compare(found: argparse.Namespace) -> None:
    from analysis.compare_execute import Order, channels_of, into_folder
    from analysis.compare_folders import side_by_side
    from analysis.ensemble_seeds import seeds_of
    from analysis.progress import Progress
    from scenarios.load import load

    if found.other is not None:
        told = side_by_side(found.scenario, found.other)
        if found.json:
            _print_json(told.document)
        else:
            print("\n".join(told.lines))
        return
    seeds, channels = seeds_of(found.seeds), channels_of(found.channels)
    scenario = load(found.scenario, found.set)
    default = os.path.join("runs", f"{scenario.name}-compared-{seeds[0]}-{seeds[-1]}")
    out = default if found.out is None else found.out
    order = Order(scenario, seeds, channels, found.workers, Progress(not found.quiet))
    compared = into_folder(order, out, found.force)
    if found.json:
        _print_json({"folder": out, "summary": compared.summary})
    else:
        print(f"{compared.headline}\nFolder: {out}")


def _figures(found: argparse.Namespace) -> None:
    from analysis.api import open_folder
    from analysis.figure_files import write_figures

    written, left_out = write_figures(open_folder(found.run), found.out, found.force)
    if found.json:
        _print_json({"written": [str(path) for path in written], "left_out": left_out})
        return
    for path in written:
        print(path)
    for reason in left_out.values():
        if not found.quiet:
            print(reason, file=sys.stderr)


def _report(found: argparse.Namespace) -> None:
    from analysis.api import open_folder
    from analysis.report import write_report

    path = write_report(open_folder(found.run), found.out, found.force)
    if found.json:
        _print_json({"report": str(path), "bytes": path.stat().st_size})
    else:
        print(path)


def _print_json(document: Any) -> None:
    from analysis.files import json_text

    sys.stdout.write(json_text(document))


COMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {
    "list": _list,
    "check": _check,
    "run": _run,
    "ensemble": _ensemble,
    "compare": _compare,
    "figures": _figures,
    "report": _report,
}
