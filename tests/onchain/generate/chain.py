"""A chain of our own: the bytecode of a contract, executed as it is on Ethereum, one block a call.

A revert is an answer like any other: it comes back as the contract's own words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from eth_abi import decode, encode
from eth_utils import keccak, to_checksum_address
from pyrevm import EVM, BlockEnv

OWNER = "0x" + "a1" * 20
START_SECONDS = 1_600_000_000
SECONDS_PER_BLOCK = 12
ERROR, PANIC = "08c379a0", "4e487b71"


class Reverted(Exception):
    """The call was refused; the text is the reason of the contract, "" where it gives none."""


@dataclass(frozen=True)
class Artifact:
    """What a compiler leaves of a contract."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: str  # hexadecimal
    links: dict[str, list[int]] = field(
        default_factory=dict
    )  # library -> bytes where its address goes

    def linked(self, **libraries: str) -> Artifact:
        """The same with the addresses of its libraries filled in."""
        code = self.bytecode.removeprefix("0x")
        for library, starts in self.links.items():
            address = libraries[library].removeprefix("0x")
            for start in starts:
                code = code[: 2 * start] + address + code[2 * start + 40 :]
        return Artifact(self.name, self.abi, code)


class Chain:
    """Accounts hold as much ether as they need; nothing is paid for gas."""

    def __init__(self, spec: str = "SHANGHAI") -> None:
        self.evm = EVM(spec_id=spec, gas_limit=2**62)
        self.number = 1
        self.seconds = START_SECONDS
        self.advance(0)

    def advance(self, seconds: int) -> None:
        self.seconds += seconds
        self.number += max(1, seconds // SECONDS_PER_BLOCK)
        self.evm.set_block_env(BlockEnv(number=self.number, timestamp=self.seconds))

    def deploy(self, artifact: Artifact, *arguments: Any, sender: str = OWNER) -> Contract:
        types = [
            _type(each)
            for entry in artifact.abi
            if entry["type"] == "constructor"
            for each in entry["inputs"]
        ]
        code = bytes.fromhex(artifact.bytecode.removeprefix("0x")) + encode(types, arguments)
        return self.at(artifact, _answer(self.evm.deploy, artifact.abi, sender, code))

    def at(self, artifact: Artifact, address: str) -> Contract:
        """A contract that another one has made."""
        return Contract(self, artifact, address)

    def save(self) -> Any:
        return self.evm.snapshot(), self.number, self.seconds

    def restore(self, saved: Any) -> None:
        """Back to where it was saved; a saved state can be used once."""
        checkpoint, self.number, self.seconds = saved
        self.evm.revert(checkpoint)
        self.advance(0)


class Contract:
    """Functions of a contract by name: ``pair.call("getReserves")``, ``pair.send(alice, "sync")``."""

    def __init__(self, chain: Chain, artifact: Artifact, address: str) -> None:
        self.chain = chain
        self.artifact = artifact
        self.address = to_checksum_address(address)
        self._functions = {
            f"{entry['name']}({','.join(map(_type, entry['inputs']))})": entry
            for entry in artifact.abi
            if entry["type"] == "function"
        }

    def call(self, name: str, *arguments: Any, sender: str = OWNER) -> Any:
        """Read: the answer, a single one bare. Nothing changes."""
        saved = self.chain.save()
        try:
            return self.send(sender, name, *arguments)
        finally:
            self.chain.restore(saved)

    def send(self, sender: str, name: str, *arguments: Any) -> Any:
        """Write: the answer, a single one bare. Raises ``Reverted``, and then nothing has changed."""
        _, entry = self._function(name, len(arguments))
        calldata = self.calldata(name, *arguments)
        answer = _answer(
            self.chain.evm.message_call, self.artifact.abi, sender, self.address, calldata
        )
        values = decode([_type(each) for each in entry["outputs"]], bytes(answer))
        return values[0] if len(values) == 1 else values

    def ask(self, calldata: bytes) -> bytes:
        """Read with calldata made before: the answer as it is."""
        saved = self.chain.save()
        try:
            call = self.chain.evm.message_call
            return bytes(_answer(call, self.artifact.abi, OWNER, self.address, calldata))
        finally:
            self.chain.restore(saved)

    def calldata(self, name: str, *arguments: Any) -> bytes:
        """What is sent to call a function."""
        signature, entry = self._function(name, len(arguments))
        types = [_type(each) for each in entry["inputs"]]
        return bytes(keccak(text=signature)[:4] + encode(types, arguments))

    def _function(self, name: str, n_arguments: int) -> tuple[str, dict[str, Any]]:
        """By whole signature, or by name where one function of that name takes so many arguments."""
        if name in self._functions:
            return name, self._functions[name]
        (found,) = (
            (signature, entry)
            for signature, entry in self._functions.items()
            if entry["name"] == name and len(entry["inputs"]) == n_arguments
        )
        return found


def _type(parameter: dict[str, Any]) -> str:
    """The canonical type: a struct is the tuple of its fields."""
    kind: str = parameter["type"]
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(map(_type, parameter['components']))}){kind.removeprefix('tuple')}"


def _answer(act: Any, abi: list[dict[str, Any]], *arguments: Any) -> Any:
    try:
        return act(*arguments)
    except RuntimeError as error:
        raise Reverted(_reason(str(error), abi)) from None


def _reason(error: str, abi: list[dict[str, Any]]) -> str:
    """``Error(string)``, ``Panic(uint256)`` or an error that the contract declares."""
    if "output: 0x" not in error:
        return error.split("{")[0].strip()  # a halt: an assertion, or a division by zero
    output = error.split("output: 0x")[1].split(" ")[0].rstrip("}")
    selector, rest = output[:8], bytes.fromhex(output[8:])
    if selector == ERROR:
        # Some compilers leave what was in memory behind the words.
        return str(decode(["string"], rest, strict=False)[0])
    if selector == PANIC:
        return f"Panic({decode(['uint256'], rest)[0]})"
    for entry in abi:
        if entry["type"] == "error":
            signature = f"{entry['name']}({','.join(map(_type, entry['inputs']))})"
            if keccak(text=signature)[:4].hex() == selector:
                return str(entry["name"])
    return selector
