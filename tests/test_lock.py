"""The lock installs the same files everywhere: each requirement pinned and hashed, no host named."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

HASH = re.compile(r"--hash=(\S+)")
URL_OR_HOST = re.compile(r"://|@ |\bfile:|\b[\w-]+\.(?:com|dev|io|net|org)\b")
ABSOLUTE_PATH = re.compile(r"(?:^|[\s=\"'(])(?:/|~|[A-Za-z]:\\)\S")


def entries(lock: str) -> list[tuple[str, list[str]]]:
    """(requirement, hashes) of each entry; a line that ends in a backslash goes on."""
    lines = [line for line in lock.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [
        (HASH.sub("", line).strip(), HASH.findall(line))
        for line in joined.splitlines()
        if line.strip()
    ]


def places(lock: str) -> list[str]:
    return [
        line for line in lock.splitlines() if URL_OR_HOST.search(line) or ABSOLUTE_PATH.search(line)
    ]


def unhashed(lock: str) -> list[str]:
    return [
        requirement
        for requirement, hashes in entries(lock)
        if not hashes or not all(re.fullmatch("sha256:[0-9a-f]{64}", each) for each in hashes)
    ]


def test_every_requirement_is_hashed():
    assert len(entries(LOCK)) > 30
    assert unhashed(LOCK) == []


def test_every_requirement_is_pinned_to_one_version():
    for requirement, _ in entries(LOCK):
        specifiers = list(Requirement(requirement).specifier)
        assert [each.operator for each in specifiers] == ["=="], requirement


def test_lock_names_no_host_and_no_path():
    assert places(LOCK) == []


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_each_dependency_has_one_fitting_pin(python, system):
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": system,
        "platform_system": {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[system],
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    pins: dict[str, list[str]] = {}
    for line, _ in entries(LOCK):
        pin = Requirement(line)
        if pin.marker is None or pin.marker.evaluate(environment):
            version = next(iter(pin.specifier)).version
            pins.setdefault(canonicalize_name(pin.name), []).append(version)

    assert {name: found for name, found in pins.items() if len(found) > 1} == {}
    wanted = [
        *PYPROJECT["project"]["dependencies"],
        *PYPROJECT["dependency-groups"]["dev"],
        *PYPROJECT["build-system"]["requires"],
    ]
    for line in wanted:
        dependency = Requirement(line)
        found = pins.get(canonicalize_name(dependency.name), [])
        assert found, f"requirements.lock has no {dependency.name} for Python {python} on {system}"
        assert dependency.specifier.contains(found[0]), f"{line}, but the lock has {found[0]}"


def test_locks_that_record_hosts_are_not_committed():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"uv.lock", "pylock.toml"} <= set(ignored)
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "*uv.lock", "*pylock*.toml"]
        tracked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert tracked.stdout == ""


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example/simple",
        "numpy @ file:///wheels/numpy.whl",
        "# via -r /home/someone/requirements.in",
        "# made with packages.example.org",
        "--find-links /opt/wheels",
    ],
)
def test_a_host_or_path_is_found(line):
    assert places(line) == [line]


@pytest.mark.parametrize(
    "lock",
    ["numpy==2.4.6", "numpy==2.4.6 \\\n    --hash=md5:0123", "numpy==2.4.6\n    # via scipy"],
)
def test_a_missing_hash_is_found(lock):
    assert unhashed(lock) == ["numpy==2.4.6"]
