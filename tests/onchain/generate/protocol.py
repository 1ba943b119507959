"""What the maker of vectors asks of a protocol: how to set it up, what to do, what can be seen.

A ``Protocol`` is one module of this folder. It draws a setup, starts a session on it, and draws
operations that make sense (or deliberately none) in the state that the session is in.
"""

from __future__ import annotations

import random
import typing
from typing import Any

from tests.onchain.generate.chain import Chain
from tests.onchain.sequences import Operation


class Session(typing.Protocol):
    """One instance of the contracts, living through one sequence."""

    chain: Chain
    branches: list[str]  # paths taken by the last operation

    def draw(self, rng: random.Random) -> tuple[str, dict[str, Any], int]:
        """The next operation: verb, inputs in base units, seconds that pass before it."""

    def do(self, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """Do it: what it returns. Raises ``Reverted``."""

    def observe(self) -> dict[str, Any]:
        """What can be seen afterwards."""

    def grain(self) -> dict[str, int]:
        """By token: how many of its base units are worth one of the coarsest token now."""

    def round_again(self, rng: random.Random | None) -> dict[str, int]:
        """Let the venue round as often as in the last operation once more (with ``rng``, or not).

        Returns by how much that may change each of the amounts that the operation returned.
        """

    def less(self, operation: Operation) -> dict[str, Any] | None:
        """The inputs with one base unit less than an amount that the contract itself rounded, if it did.

        Not of every protocol.
        """

    def is_over(self) -> bool:
        """Whether so little is left that all is integer arithmetic: then the sequence ends."""


class Protocol(typing.Protocol):
    NAME: str
    CONTRACTS: list[str]
    UNITS: dict[str, str]
    REASONS: list[str]
    BRANCHES: list[str]
    SUMS: tuple[str, ...]  # values that only ever add up
    FEWEST: int  # operations of a sequence

    def draw_setup(self, rng: random.Random) -> tuple[dict[str, int], dict[str, Any]]:
        """Decimals of the tokens, and the setup in base units."""

    def Session(self, decimals: dict[str, int], setup: dict[str, Any]) -> Session:
        """Deploy. Raises ``Reverted`` where a setup is impossible."""
