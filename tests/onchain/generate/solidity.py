"""Compile Solidity with the compiler that npm carries: for our harnesses, and packages without artifacts.

The compiler is one JavaScript file without dependencies that matter: it is driven through its C
interface, so that nothing but the pinned file runs.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.onchain.generate.chain import Artifact
from tests.onchain.generate.packages import fetch

HARNESS = Path(__file__).resolve().parent / "harness"
RUN = """
const solc = require(process.argv[1]);
const compile = solc.cwrap("solidity_compile", "string", ["string", "number", "number"]);
let input = "";
process.stdin.on("data", (part) => (input += part));
process.stdin.on("end", () => process.stdout.write(compile(input, 0, 0)));
"""


def compile_contract(
    compiler: str,
    main: str,
    contract: str,
    packages: dict[str, str],
    settings: dict[str, Any] | None = None,
) -> Artifact:
    """Compile ``main`` (a file of ``harness/``, or ``prefix/...`` of a package) and take one contract.

    ``compiler`` is the alias in pins.json of a version of solc, ``packages`` says which alias an import
    that starts with a prefix is read from.
    """
    sources: dict[str, dict[str, str]] = {}
    waiting = [main]
    while waiting:
        name = waiting.pop()
        if name not in sources:
            text = _find(name, packages).read_text(encoding="utf-8")
            sources[name] = {"content": text}
            waiting += [_resolve(each, name) for each in _imports(text)]
    request = {
        "language": "Solidity",
        "sources": sources,
        "settings": {
            "optimizer": {"enabled": True, "runs": 200},
            "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object"]}},
            **(settings or {}),
        },
    }
    done = subprocess.run(
        ["node", "-e", RUN, str(fetch(compiler) / "soljson.js")],
        input=json.dumps(request), check=True, capture_output=True, text=True,
    )  # fmt: skip
    answer = json.loads(done.stdout)
    failures = [each for each in answer.get("errors", []) if each["severity"] == "error"]
    if failures:
        raise SystemExit("\n".join(each["formattedMessage"] for each in failures))
    compiled = answer["contracts"][main][contract]
    return Artifact(contract, compiled["abi"], compiled["evm"]["bytecode"]["object"])


def _find(name: str, packages: dict[str, str]) -> Path:
    for prefix, alias in packages.items():
        if name.startswith(prefix):
            return fetch(alias) / name.removeprefix(prefix).lstrip("/")
    return HARNESS / name


def _imports(source: str) -> list[str]:
    """Paths of the import statements: the quoted word of each line that begins with `import`."""
    found = []
    for statement in source.split(";"):
        lines = [
            line
            for line in statement.splitlines()
            if not line.strip().startswith(("//", "*", "/*"))
        ]
        text = " ".join(lines).strip()
        if text.startswith("import"):
            found.append(text.replace("'", '"').split('"')[1])
    return found


def _resolve(path: str, importer: str) -> str:
    """A relative import, seen from the file that has it."""
    if not path.startswith("."):
        return path
    parts = importer.split("/")[:-1]
    for step in path.split("/"):
        if step == "..":
            parts.pop()
        elif step != ".":
            parts.append(step)
    return "/".join(parts)
