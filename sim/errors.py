"""What can go wrong, each with the exit code of the command line: one line of text, one way to handle it.

Kernels never raise: they return a status. These are raised around them, and mapped to exit codes in
one place.
"""

from __future__ import annotations

import datetime
import enum
import reprlib

_BRIEF = reprlib.Repr()
_BRIEF.maxlevel, _BRIEF.maxdict, _BRIEF.maxlist, _BRIEF.maxtuple = 3, 4, 4, 4
_BRIEF.maxstring = _BRIEF.maxother = _BRIEF.maxlong = 80


class Missing(enum.Enum):
    """What stands for a value that is not there: no value of a file can be equal to it."""

    MISSING = "missing"


MISSING = Missing.MISSING


def brief(value: object) -> str:
    """A value as it may stand in one line of an error message, however large or deeply nested it is."""
    shown = value.isoformat() if isinstance(value, datetime.date) else _BRIEF.repr(value)
    return one_line(shown, 200)


def one_line(text: str, limit: int = 600) -> str:
    """Text without line breaks, control characters or lone surrogates, cut to a length one can read."""
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    shown = shown.encode("utf-8", "backslashreplace").decode("utf-8")
    return shown if len(shown) <= limit else shown[: limit - 3] + "..."


class AftershockError(Exception):
    """Anything that Aftershock refuses or gives up on."""

    exit_code = 1


class InputError(AftershockError):
    """Bad input: names the file, the key, the value, what is wrong, and the nearest right name."""

    exit_code = 2

    def __init__(
        self,
        file: object,
        key: str | None,
        value: object,
        problem: str,
        nearest: str | None = None,
    ) -> None:
        self.file = None if file is None else str(file)
        self.key, self.value, self.problem, self.nearest = key, value, problem, nearest
        super().__init__(file, key, value, problem, nearest)  # as given, so that it can be pickled

    def __str__(self) -> str:
        where = [one_line(self.file, 200)] if self.file else []
        if self.key:
            what = one_line(self.key, 120)
            where.append(what if self.value is MISSING else f"{what} = {brief(self.value)}")
        elif self.value is not MISSING and self.value is not None:
            where.append(brief(self.value))
        hint = f" Did you mean {self.nearest!r}?" if self.nearest else ""
        stop = "" if self.problem.endswith((".", "?", "!")) else "."
        return ": ".join([*where, one_line(self.problem) + stop]) + hint

    def in_file(self, file: object) -> InputError:
        """The same refusal, naming the file the key came from."""
        return InputError(file, self.key, self.value, self.problem, self.nearest)


class OutputExists(AftershockError):
    """The output folder is there already, and nobody said that it may be replaced."""

    exit_code = 3


class InvariantBroken(AftershockError):
    """Tokens appeared or vanished: names the token, the block and the amount."""

    exit_code = 1

    def __init__(self, token: str, block: int, amount: float) -> None:
        self.token, self.block, self.amount = token, block, amount
        super().__init__(token, block, amount)

    def __str__(self) -> str:
        return (
            f"conservation of {self.token} is broken at block {self.block}: "
            f"{self.amount!r} {self.token} have no mint, burn or transfer."
        )


class WealthUnexplained(InvariantBroken):
    """The wealth identity does not close: says which two sides differ, at which block and by how much."""

    def __init__(self, what: str, block: int, gap: float, unit: str, allowed: float) -> None:
        super().__init__(unit, block, gap)
        self.what, self.allowed = what, allowed
        self.args = (what, block, gap, unit, allowed)  # as given, so that it can be pickled

    def __str__(self) -> str:
        return (
            f"the wealth identity does not close at block {self.block}: {self.what}; the gap is "
            f"{self.amount!r} {self.token}, and {self.allowed:.3g} {self.token} would be rounding."
        )


class DamagedRun(AftershockError):
    """A run folder or checkpoint that is not what was written."""

    exit_code = 1


class Interrupted(AftershockError):
    """The user stopped the run; what is on the disk can be resumed."""

    exit_code = 130
