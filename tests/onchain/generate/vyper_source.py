"""Compile a Vyper contract that no package carries: its source has to be put in place by hand.

``sources.json`` names the repository, the commit and the file, and the SHA-256 of the bytecode that the
compiler makes of it (without its metadata; comments do not change it). What the contract imports of its own
repository is not fetched: the few declarations that it needs stand in ``harness/``.
"""

from __future__ import annotations

import functools
import hashlib
import json
import subprocess
import sys
from pathlib import Path

from tests.onchain.generate.chain import Artifact
from tests.onchain.generate.packages import CACHE, HERE

SOURCES = HERE.parent / "sources.json"
HARNESS = HERE / "harness"


@functools.cache
def from_repository(name: str, harness: str) -> Artifact:
    """The one contract of a repository that sources.json names, compiled beside our declarations."""
    pin = json.loads(SOURCES.read_text(encoding="utf-8"))[name]
    folder = CACHE / name
    if not (folder / pin["file"]).exists():
        raise SystemExit(
            f"{name}: no package carries this contract. Put {pin['file']} of {pin['repository']} "
            f"at commit {pin['commit']} into {folder / pin['file']} and try again."
        )
    found = compiled(folder / pin["file"], (folder, HARNESS / harness))
    digest = hashlib.sha256(bytes.fromhex(found.bytecode.removeprefix("0x"))).hexdigest()
    if digest != pin["bytecode_sha256"]:
        raise SystemExit(
            f"{name}: {pin['file']} compiles to bytecode with SHA-256 {digest}, sources.json says "
            f"{pin['bytecode_sha256']}: another commit, or another compiler than {pin['compiler']}."
        )
    return found


@functools.cache
def of_ours(path: str) -> Artifact:
    """A contract of ``harness/``."""
    return compiled(HARNESS / path, ())


def compiled(source: Path, folders: tuple[Path, ...]) -> Artifact:
    """Bytecode and interface, by the Vyper that is installed beside this Python."""
    paths = [part for folder in folders for part in ("--path", str(folder))]
    packages = ["--path", str(next(Path(p) for p in sys.path if p.endswith("site-packages")))]
    vyper = str(Path(sys.executable).parent / "vyper")
    said = subprocess.run(
        [vyper, "-f", "bytecode,abi", "--no-bytecode-metadata", *packages, *paths, str(source)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    bytecode, abi = said.stdout.split()[0], said.stdout.split("\n", 1)[1]
    return Artifact(source.stem, json.loads(abi), bytecode)
