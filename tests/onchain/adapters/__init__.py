"""One adapter a protocol: an operation of the file becomes a call of ours, and ours is looked at.

An adapter only translates. What it may not do is decide: the status is what the venue says, a value is
what the venue has. Where we differ from the contract on purpose, the adapter says so in words.
"""

from __future__ import annotations

import importlib
from typing import Any, ClassVar, Protocol

# With a committed sample, which the tests replay.
PROTOCOLS = (
    "uniswap_v2", "uniswap_v3", "stable_swap", "weighted", "aave_v3", "aave_v30", "morpho_blue",
    "maker", "maker_dutch", "llamma",
)  # fmt: skip


class Refused(Exception):
    """The venue has refused the operation; the text is its reason."""


class Adapter(Protocol):
    REASONS: ClassVar[dict[str, tuple[str, ...]]]  # reason of the contract -> our words for it
    # Values of the file that we do not have; reverts of the contract because an amount is rounded to
    # nothing (ours must then be less than a base unit), or because integers behave otherwise. Why.
    NOT_COMPARED: ClassVar[dict[str, str]]
    ROUNDED_TO_NOTHING: ClassVar[dict[str, str]]
    ONLY_IN_INTEGERS: ClassVar[dict[str, str]]
    # Operations ("NAME operation NUMBER") at which the contract and we are on either side of one base unit,
    # and what decides there. Each was looked at; that a nudge changes the contract's answer is measured.
    EDGES: ClassVar[dict[str, str]]
    # Reasons of the contract that are one comparison: of which input, with which value that it shows.
    COMPARED: ClassVar[dict[str, tuple[str, str]]]
    # Sequences of the sample in which we differ from the contract beyond the bar, and how: not replayed,
    # and told in docs/exactness.md until they are mended.
    KNOWN_DIFFERENCES: ClassVar[dict[str, str]]

    @staticmethod
    def cannot(setup: dict[str, Any]) -> str:
        """Why a sequence with this setup is beyond what the model has; "" where it is not."""

    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None: ...

    def pass_time(self, seconds: int) -> None: ...

    def do(self, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """What the operation returns, in whole tokens. Raises ``Refused``, and nothing has changed."""

    def observe(self) -> dict[str, Any]:
        """What can be seen, in whole tokens."""

    def save(self) -> Any: ...

    def restore(self, saved: Any) -> None: ...


def adapter(protocol: str) -> type[Adapter]:
    """The class ``Adapter`` of the module that has the protocol's name."""
    if protocol not in PROTOCOLS:
        raise ValueError(f"no adapter for protocol '{protocol}'; there are {', '.join(PROTOCOLS)}")
    found: type[Adapter] = importlib.import_module(f"tests.onchain.adapters.{protocol}").Adapter
    return found
