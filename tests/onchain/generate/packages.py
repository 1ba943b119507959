"""Contracts from npm packages: each pinned to a version and to the SHA-512 of its archive.

``pins.json`` is our own list, because a lockfile of npm would record where a package was fetched. Only
what is on the list is unpacked; no script of a package runs, and its dependencies are not fetched.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import subprocess
import tarfile
from pathlib import Path
from typing import Any

from tests.onchain.generate.chain import Artifact

HERE = Path(__file__).resolve().parent
PINS = HERE.parent / "pins.json"
CACHE = HERE.parent.parent.parent / ".cache" / "onchain"


@functools.cache
def fetch(name: str, cache: Path = CACHE) -> Path:
    """The folder of an unpacked package; ``name`` is an alias in pins.json."""
    pin = json.loads(PINS.read_text(encoding="utf-8"))[name]
    folder = cache / name.replace("/", "__")
    archive = cache / f"{name.replace('/', '__')}-{pin['version']}.tgz"
    if not archive.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _pack(f"{pin.get('package', name)}@{pin['version']}", archive)
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != pin["integrity"]:
        raise SystemExit(
            f"{name} {pin['version']}: {archive.name} has sha512-{digest}, "
            f"pins.json says {pin['integrity']}. Remove {archive} and try again."
        )
    if not (folder / "package.json").exists() or _version(folder) != pin["version"]:
        with tarfile.open(archive) as packed:
            for member in packed.getmembers():
                # The first folder of an archive is mostly, but not always, called `package`.
                _, _, member.name = member.name.partition("/")
                if member.name:
                    packed.extract(member, folder, filter="data")
    return folder


@functools.cache
def artifact(name: str, path: str) -> Artifact:
    """A compiled contract that a package carries, as truffle, hardhat or waffle write it."""
    fields = json.loads((fetch(name) / path).read_text(encoding="utf-8"))
    code: Any = fields.get("bytecode") or fields["evm"]["bytecode"]
    links = {
        library: [place["start"] for place in places]
        for libraries in fields.get("linkReferences", {}).values()
        for library, places in libraries.items()
    }
    text = code["object"] if "object" in code else code
    return Artifact(Path(path).stem, fields["abi"], text, links)


def _pack(package: str, archive: Path) -> None:
    done = subprocess.run(
        ["npm", "pack", "--ignore-scripts", "--silent", package],
        cwd=archive.parent, check=True, capture_output=True, text=True,
    )  # fmt: skip
    (archive.parent / done.stdout.split()[-1]).rename(archive)


def _version(folder: Path) -> str:
    return str(json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"])
