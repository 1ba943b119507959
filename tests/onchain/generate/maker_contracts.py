"""Maker's contracts as they were deployed before March 2020, and Liquidations 2.0 of 2021, out of two chains.

A package carries each. It has no bytecode of its own, but the state of a test chain on which the whole
system was deployed: one file for each node of the state, named by its hash, and so by the hash of the code
in it. Each contract is made by its factory, as on that chain; what had none is put in place as it is.
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

SNAPSHOT = "snapshots/default.tgz"
OF_2019, OF_2021 = "@makerdao/testchain", "@makerdao/testchain-liquidations-2.0"
# What makes each contract: the arguments of its factory, and the hash of the factory's code.
FACTORIES = {
    "Vat": ("", OF_2019, "f5c25a84c13193bac1d536a379389c7c47d60ae7983f0269f2eb6f513fe3c3b8"),
    "Jug": ("address", OF_2019, "0ae75ac2735fcd4eaf31e75fe057e43dbefd4df7eb1d43f062ed3c8611f65323"),
    "Spotter": (
        "address",
        OF_2019,
        "f84a0742146d5c28d7a739a394ec976c8c772d68939beba5524f92beeab0bfd9",
    ),
    "Cat": ("address", OF_2019, "1583efa29b9d0a82b5d9ee53fdd9e1f9bc5758f44d67437af4bf117dbd1f7f63"),
    "Vow": (
        "address,address,address",
        OF_2019,
        "99d3d08c08ae71865daa2e9be45bd4ac516723e38db7de206cc696829f412b8e",
    ),
    "Flip": (
        "address,bytes32",
        OF_2019,
        "8d2f354a31fb050eb41e8f4af076b20eb66beb17c9291457b8ebb156543a4748",
    ),
    "Dog": (
        "address,address",
        OF_2021,
        "b7eb7b717bfea2baf9e189139d14ed938a0335f6fa53178f8f05f57a74ddf211",
    ),
    "Clip": (
        "address,address,address,address,bytes32",
        OF_2021,
        "3a59dff883a253733c0a7f87c43f54f4318be2b5bddf0e92f22a2bfa44944b19",
    ),
}
# Code that was deployed without a factory; its wards are the first thing that it stores.
BARE = {
    "StairstepExponentialDecrease": (
        OF_2021,
        "c43b9aec4b5a299864a871233e7b235490320fb8a3050372a1950fbc70d69e7b",
    ),
}
ABIS = {"Flip": "Flipper", "Clip": "Clipper"}
AS_IT_IS = "61{:04x}80600c6000396000f3"  # a constructor that returns the code behind it


@functools.cache
def _codes(package: str) -> dict[str, str]:
    """The code of everything that is taken out of a package, by its hash."""
    every = [(source, code_hash) for _, source, code_hash in FACTORIES.values()]
    every += BARE.values()
    wanted = {
        f"!trie_db!0x{code_hash}": code_hash for source, code_hash in every if source == package
    }
    found = {}
    with tarfile.open(fetch(package) / SNAPSHOT) as packed:
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
def _abi(package: str, name: str) -> list[dict[str, Any]]:
    path = fetch(package) / "out" / "mcd" / f"{ABIS.get(name, name)}.abi"
    entries: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return entries


@functools.cache
def _oracle() -> Artifact:
    return compile_contract("solc-0.8.19", "maker.sol", "Price", {})


def deploy_oracle(chain: Chain) -> Contract:
    """A price that is set at will."""
    return chain.deploy(_oracle())


def make(chain: Chain, name: str, *arguments: Any) -> Contract:
    """A contract by its factory; its ward is whoever asked for it, or the first argument."""
    types, package, code_hash = FACTORIES[name]
    maker = {
        "type": "function",
        "name": f"new{name}",
        "inputs": [{"type": each} for each in types.split(",") if each],
        "outputs": [{"type": "address"}],
    }
    factory = chain.deploy(Artifact(f"{name}Fab", [maker], _as_it_is(package, code_hash)))
    address = factory.send(OWNER, f"new{name}", *arguments)
    return chain.at(Artifact(name, _abi(package, name), ""), address)


def put(chain: Chain, name: str) -> Contract:
    """A contract as it stands, with OWNER for its ward."""
    package, code_hash = BARE[name]
    made = chain.deploy(Artifact(name, [], _as_it_is(package, code_hash)))
    ward = int.from_bytes(keccak(bytes.fromhex(OWNER[2:]).rjust(32, b"\0") + bytes(32)), "big")
    chain.evm.insert_account_storage(made.address, ward, 1)
    return chain.at(Artifact(name, _abi(package, name), ""), made.address)


def _as_it_is(package: str, code_hash: str) -> str:
    code = _codes(package)[code_hash]
    return AS_IT_IS.format(len(code) // 2) + code
