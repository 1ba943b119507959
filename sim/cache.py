"""Machine code on the disk: a file for each entry and boundary, as it is written now, and the types it takes.

numba keeps code by the file that a function stands in, and does not see an edited callee in another file.
Here a function is kept by its fingerprint (``sim/fingerprint.py``), so all versions of the sources can share
one folder, and what an edit does not touch stays compiled. A file is written aside and then renamed:
processes that compile the same at once write the same, and nobody reads half of one.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pathlib
import pickle
import sys
import uuid
from typing import Any

import llvmlite
import numba
from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from sim import families
from sim.fingerprint import fingerprint
from sim.linking import machine_code

# Whoever writes machine code: a change of one of these compiles everything.
TOOLS = (
    "cache", "compile", "families", "linking", "lowering", "pipeline", "prefetch", "reference",
    "shortcuts", "standing",
)  # fmt: skip


def folder() -> pathlib.Path:
    """Where compiled code is kept."""
    home = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(home) / "aftershock" / "compiled"


@functools.cache
def _tools() -> str:
    digest = hashlib.sha256(f"{sys.version} {numba.__version__} {llvmlite.__version__}".encode())
    for name in TOOLS:
        digest.update(pathlib.Path(__file__).with_name(f"{name}.py").read_bytes())
    return digest.hexdigest()


@functools.cache
def _stem(compiled: Any) -> str:
    made_of = hashlib.sha256((_tools() + fingerprint(compiled)).encode()).hexdigest()
    return f"{compiled.__qualname__}.{made_of[:16]}"


def files_of(compiled: Any) -> list[pathlib.Path]:
    """What is kept of a function as it is written now: a file for each set of types."""
    return sorted(folder().glob(f"{_stem(compiled)}.*.machine"))


class Kept(_Cache):
    """What a dispatcher of numba asks for code, and gives new code to."""

    def __init__(self, compiled: Any) -> None:
        self.compiled = compiled

    @property
    def cache_path(self) -> str:
        """The folder, as numba wants it."""
        return str(folder())

    def _file(self, signature: Any, codegen: Any) -> pathlib.Path:
        arguments = getattr(signature, "args", signature)
        takes = hashlib.sha256(f"{arguments}{codegen.magic_tuple()}".encode()).hexdigest()
        return folder() / f"{_stem(self.compiled)}.{takes[:16]}.machine"

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        """Code for these types, or None."""
        target_context.refresh()
        try:
            text = self._file(signature, target_context.codegen()).read_bytes()
        except OSError:
            return None
        reached, parts = pickle.loads(text)
        families.reached.update(reached)
        return CompileResult._rebuild(target_context, *parts)

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep it, with what it calls across boundaries; where nothing can be written, nothing is kept."""
        code = machine_code(result)
        if code.has_dynamic_globals:
            return
        names = {one.name for one in code._final_module.global_variables}
        reached = {name: families.reached[name] for name in names & families.reached.keys()}
        text = dumps((reached, result._reduce()))
        target = self._file(signature, code.codegen)
        aside = target.with_name(f".{uuid.uuid4().hex}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            aside.write_bytes(text)
            aside.replace(target)
        except OSError:
            aside.unlink(missing_ok=True)

    def enable(self) -> None:
        """It is always."""

    def disable(self) -> None:
        """It never is."""

    def flush(self) -> None:
        """Nothing waits."""
