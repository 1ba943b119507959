"""Maker's contracts as they were deployed before March 2020, taken out of a chain that a package carries.

The package has no bytecode of its own, but the state of a test chain on which the whole system was deployed:
one file for each node of the state, named by its hash, and so by the hash of the code in it. Each
contract is made by its factory, as on that chain.
"""

from __future__ import annotations

import functools
import json
import tarfile
from typing import Any

from eth_utils import keccak

from tests.onchain.generate.chain import OWNER, Artifact, Chain, Contract
from tests.onchain.generate.packages import fetch
from tests.onchain.generate.solidity import compile_contract

PACKAGE, SNAPSHOT = "@makerdao/testchain", "snapshots/default.tgz"
# What makes each contract: the arguments of its factory, and the hash of the factory's code.
FACTORIES = {
    "Vat": ("", "f5c25a84c13193bac1d536a379389c7c47d60ae7983f0269f2eb6f513fe3c3b8"),
    "Jug": ("address", "0ae75ac2735fcd4eaf31e75fe057e43dbefd4df7eb1d43f062ed3c8611f65323"),
    "Spotter": ("address", "f84a0742146d5c28d7a739a394ec976c8c772d68939beba5524f92beeab0bfd9"),
    "Cat": ("address", "1583efa29b9d0a82b5d9ee53fdd9e1f9bc5758f44d67437af4bf117dbd1f7f63"),
    "Vow": (
        "address,address,address",
        "99d3d08c08ae71865daa2e9be45bd4ac516723e38db7de206cc696829f412b8e",
    ),
    "Flip": ("address,bytes32", "8d2f354a31fb050eb41e8f4af076b20eb66beb17c9291457b8ebb156543a4748"),
}
ABIS = {"Flip": "Flipper"}
AS_IT_IS = "61{:04x}80600c6000396000f3"  # a constructor that returns the code behind it


@functools.cache
def _codes() -> dict[str, str]:
    """The code of every factory, by its hash."""
    wanted = {f"!trie_db!0x{code_hash}": code_hash for _, code_hash in FACTORIES.values()}
    found = {}
    with tarfile.open(fetch(PACKAGE) / SNAPSHOT) as packed:
        for member in packed:
            code_hash = wanted.get(member.name.removeprefix("./"))
            if code_hash is not None:
                stream = packed.extractfile(member)
                assert stream is not None, member.name
                code = str(json.load(stream))
                assert keccak(hexstr=code).hex() == code_hash, member.name
                found[code_hash] = code.removeprefix("0x")
    return found


@functools.cache
def _abi(name: str) -> list[dict[str, Any]]:
    path = fetch(PACKAGE) / "out" / "mcd" / f"{ABIS.get(name, name)}.abi"
    entries: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return entries


@functools.cache
def _oracle() -> Artifact:
    return compile_contract("solc-0.8.19", "maker.sol", "Price", {})


def deploy_oracle(chain: Chain) -> Contract:
    """A price that is set at will."""
    return chain.deploy(_oracle())


def make(chain: Chain, name: str, *arguments: Any) -> Contract:
    """A contract by its factory; its ward is whoever asked for it."""
    types, code_hash = FACTORIES[name]
    code = _codes()[code_hash]
    maker = {
        "type": "function",
        "name": f"new{name}",
        "inputs": [{"type": each} for each in types.split(",") if each],
        "outputs": [{"type": "address"}],
    }
    whole = AS_IT_IS.format(len(code) // 2) + code
    factory = chain.deploy(Artifact(f"{name}Fab", [maker], whole))
    address = factory.send(OWNER, f"new{name}", *arguments)
    return chain.at(Artifact(name, _abi(name), ""), address)
