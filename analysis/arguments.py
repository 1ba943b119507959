"""The words of the command line, and the nearest right one where a word is wrong."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import NoReturn

from scenarios.names import listed, nearest
from sim.errors import MISSING, InputError

EPILOG = "exit codes: 0 done, 1 an invariant broke, 2 bad input, 3 output exists, 130 interrupted"


class Words(argparse.ArgumentParser):
    """A parser that raises one clear refusal instead of printing a page and leaving."""

    def error(self, message: str) -> NoReturn:
        """Whatever argparse has no better words for."""
        raise InputError(None, None, None, f"{message} (see {self.prog} --help)")


def parser(version: str) -> Words:
    """All commands and their options."""
    top = Words(
        prog="aftershock",
        description="Agent-based simulation of systemic risk in decentralised finance.",
        epilog=EPILOG,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"aftershock {version}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=Words)

    def command(name: str, what: str) -> Words:
        made: Words = commands.add_parser(
            name,
            help=what,
            description=what[0].upper() + what[1:] + ".",
            epilog=EPILOG,
            allow_abbrev=False,
        )
        made.add_argument("--json", action="store_true", help="print one JSON document")
        made.add_argument("--quiet", action="store_true", help="no progress and no remarks")
        return made

    command("list", "the scenarios that come with Aftershock")
    check = command("check", "say what a scenario is, without running it")
    run = command("run", "run a scenario into a run folder")
    many = command("ensemble", "run a scenario under many seeds into one folder")
    both = command("compare", "split the loss of a scenario, or set two results side by side")
    _of_comparisons(both)
    for made in (check, run, many, both):
        if made is not both:
            made.add_argument(
                "scenario", metavar="SCENARIO", help="name of a preset, or a .toml file"
            )
        made.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            help="change a key, as in cohorts.eth_loop.target_health=1.2 (repeatable)",
        )
    run.add_argument("--seed", type=_whole("--seed"), default=7, metavar="N", help="default: 7")
    _of_ensembles(many)
    figures = command("figures", "draw the figures of a run, an ensemble or a comparison")
    figures.add_argument("run", metavar="FOLDER", help="a folder of any of them")
    folders = (
        "runs/SCENARIO-seedN",
        "runs/SCENARIO-seedsA-B",
        "runs/SCENARIO-compared-A-B",
        "FOLDER/figures",
    )
    for made, default in zip((run, many, both, figures), folders, strict=True):
        made.add_argument("--out", metavar="DIR", help=f"output folder (default: {default})")
        made.add_argument("--force", action="store_true", help="replace the output if it exists")
    report = command("report", "write a run, an ensemble or a comparison as one HTML page")
    report.add_argument("run", metavar="FOLDER", help="a folder of any of them")
    report.add_argument("--out", metavar="FILE", help="output file (default: FOLDER/report.html)")
    report.add_argument("--force", action="store_true", help="replace the file if it exists")
    return top


def _of_ensembles(many: Words) -> None:
    """Which seeds, on how many workers, and how much of each path is kept."""
    many.add_argument(
        "--seeds",
        default="0:200",
        metavar="A:B",
        help="as in 0:200 (without 200), or 0:10,15,20:30 (default: 0:200)",
    )
    many.add_argument(
        "--workers",
        type=_whole("--workers"),
        metavar="N",
        help="members that run at once; changes no byte (default: one a core)",
    )
    many.add_argument(
        "--paths-every",
        type=_whole("--paths-every"),
        metavar="BLOCKS",
        help="blocks between two rows of a path (default: about 200 rows a member)",
    )


def _of_comparisons(both: Words) -> None:
    """One scenario against itself without frictions, or two folders against each other."""
    both.add_argument(
        "scenario", metavar="A", help="a scenario; or a folder of a run or an ensemble"
    )
    both.add_argument("other", metavar="B", nargs="?", help="a folder to set beside folder A")
    both.add_argument(
        "--seeds", default="0:30", metavar="A:B", help="as in 0:30 (without 30); default: 0:30"
    )
    both.add_argument(
        "--channels",
        default="all",
        metavar="NAMES",
        help="channels to switch off one at a time: all, none, or names with commas (default: all)",
    )
    both.add_argument(
        "--workers",
        type=_whole("--workers"),
        metavar="N",
        help="members that run at once; changes no byte (default: one a core)",
    )


def parse(arguments: Sequence[str], version: str) -> argparse.Namespace:
    """The arguments, or a refusal that names the nearest right word."""
    top = parser(version)
    commands = _commands(top)
    words = list(arguments)
    if words and not words[0].startswith("-") and words[0] not in commands:
        problem = f"there is no such command (there are: {listed(commands)})"
        raise InputError(None, words[0], MISSING, problem, nearest(words[0], commands))
    if words and words[0] in commands:
        _refuse_unknown(words[0], commands[words[0]], words[1:])
    elif words:
        _refuse_unknown("aftershock", top, words[:1])
    found = top.parse_args(words)
    if found.command is None:
        raise InputError(None, None, None, f"expected a command: {listed(commands)}")
    return found


def _commands(top: Words) -> dict[str, Words]:
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _refuse_unknown(command: str, made: Words, words: list[str]) -> None:
    """Options that this command does not have."""
    takes_value = {o for a in made._actions if a.nargs != 0 for o in a.option_strings}
    known = sorted(made._option_string_actions)
    skip = False
    for word in words:
        option = word.partition("=")[0]
        if skip:
            skip = False
        elif word == "--":
            return
        elif word.startswith("-") and word != "-" and not _is_number(word):
            if option not in known:
                problem = f"{command} has no such option"
                raise InputError(None, option, MISSING, problem, nearest(option, known))
            skip = option in takes_value and "=" not in word


def _is_number(word: str) -> bool:
    return word[1:].replace(".", "", 1).isdigit()


def _whole(option: str) -> Callable[[str], int]:
    def whole(text: str) -> int:
        try:
            return int(text)
        except ValueError:
            raise InputError(None, option, text, "expected a whole number") from None

    return whole
