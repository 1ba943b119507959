"""Aave's contracts with their libraries: v3.6 compiled from its package, v3.0 as its package carries it.

Compiled at most once: what the compiler said is kept beside the packages. The settings are those of
the packages' own build files.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from dataclasses import dataclass
from typing import Any

from tests.onchain.generate.chain import Artifact, Chain, Contract
from tests.onchain.generate.packages import CACHE, fetch
from tests.onchain.generate.solidity import RUN, _find, _imports, _resolve

ORIGIN, CORE, TOOLS = "@aave-dao/aave-v3-origin", "@aave/core-v3", "@openzeppelin/contracts"
SOURCES = "origin/src/contracts/"
MAINS = (
    "instances/PoolInstance.sol",
    "instances/PoolConfiguratorInstance.sol",
    "instances/ATokenInstance.sol",
    "instances/VariableDebtTokenInstance.sol",
    "protocol/configuration/PoolAddressesProvider.sol",
    "protocol/configuration/ACLManager.sol",
    "misc/DefaultReserveInterestRateStrategyV2.sol",
)
PREFIXES = {"origin/": ORIGIN, "openzeppelin-contracts/contracts/": TOOLS}
OUTPUT = ["abi", "evm.bytecode.object", "evm.bytecode.linkReferences"]
SETTINGS = {
    "optimizer": {"enabled": True, "runs": 200},
    "evmVersion": "shanghai",
    "metadata": {"bytecodeHash": "none"},
    "outputSelection": {"*": {"*": OUTPUT}},
}


@dataclass(frozen=True)
class Unlinked:
    """A contract with holes where the addresses of its libraries go."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: str
    holes: dict[str, list[int]]  # library -> places in bytes


def compile_all(
    compiler: str, mains: tuple[str, ...], prefixes: dict[str, str], settings: dict[str, Any]
) -> dict[str, Unlinked]:
    """Every contract that the main files need, by name."""
    sources: dict[str, dict[str, str]] = {}
    waiting = list(mains)
    while waiting:
        name = waiting.pop().replace("//", "/")
        if name not in sources:
            text = _find(name, prefixes).read_text(encoding="utf-8")
            sources[name] = {"content": text}
            waiting += [_resolve(each, name) for each in _imports(text)]
    request = json.dumps({"language": "Solidity", "sources": sources, "settings": settings})
    kept = CACHE / f"{hashlib.sha256((compiler + request).encode()).hexdigest()[:24]}.json"
    if not kept.exists():
        program = ["node", "-e", RUN, str(fetch(compiler) / "soljson.js")]
        done = subprocess.run(program, input=request, check=True, capture_output=True, text=True)
        kept.write_text(done.stdout, encoding="utf-8")
    answer = json.loads(kept.read_text(encoding="utf-8"))
    failures = [each for each in answer.get("errors", []) if each["severity"] == "error"]
    if failures:
        kept.unlink()
        raise SystemExit("\n".join(each["formattedMessage"] for each in failures))
    return {
        name: _unlinked(name, fields["abi"], fields["evm"]["bytecode"])
        for file in answer["contracts"].values()
        for name, fields in file.items()
    }


def since_v33() -> dict[str, Unlinked]:
    """Version 3.6.0 of the package: the rules of liquidation are those since v3.3."""
    mains = tuple(SOURCES + main for main in MAINS)
    return compile_all("solc-0.8.27", mains, PREFIXES, SETTINGS)


def v30() -> dict[str, Unlinked]:
    """The build of the package's authors."""
    found = {}
    for path in sorted((fetch(CORE) / "artifacts" / "contracts").rglob("*.json")):
        if not path.name.endswith(".dbg.json"):
            fields = json.loads(path.read_text(encoding="utf-8"))
            code = {"object": fields["bytecode"], "linkReferences": fields["linkReferences"]}
            found[path.stem] = _unlinked(path.stem, fields["abi"], code)
    return found


def names_of_v30() -> dict[str, str]:
    """The older pool reverts with a number in words: what each stands for."""
    path = fetch(CORE) / "contracts" / "protocol" / "libraries" / "helpers" / "Errors.sol"
    pairs = re.findall(r"constant (\w+) = '(\d+)'", path.read_text(encoding="utf-8"))
    return {number: name for name, number in pairs}


def _unlinked(name: str, abi: list[dict[str, Any]], code: dict[str, Any]) -> Unlinked:
    holes = {
        library: [place["start"] for place in places]
        for file in code["linkReferences"].values()
        for library, places in file.items()
    }
    return Unlinked(name, abi, code["object"].removeprefix("0x"), holes)


class Deployer:
    """Deploys contracts by name, their libraries first."""

    def __init__(self, chain: Chain, found: dict[str, Unlinked]) -> None:
        self.chain, self.found = chain, found
        self.libraries: dict[str, str] = {}
        # A library's revert passes through the pool, whose own list of errors does not name it.
        self.errors = [
            entry for each in found.values() for entry in each.abi if entry["type"] == "error"
        ]

    def artifact(self, name: str) -> Artifact:
        """Linked; what libraries are missing are deployed."""
        contract = self.found[name]
        code = contract.bytecode
        for library, places in contract.holes.items():
            if library not in self.libraries:
                self.libraries[library] = self.deploy(library).address
            address = self.libraries[library].removeprefix("0x").lower()
            for place in places:
                code = code[: 2 * place] + address + code[2 * place + 40 :]
        return Artifact(name, contract.abi + self.errors, code)

    def deploy(self, name: str, *arguments: Any) -> Contract:
        return self.chain.deploy(self.artifact(name), *arguments)

    def at(self, name: str, address: str) -> Contract:
        """A contract that another one has made, behind its proxy."""
        contract = self.found[name]
        return self.chain.at(Artifact(name, contract.abi + self.errors, ""), address)
