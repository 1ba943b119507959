"""Verbs of share vaults and redemption modules."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.venues import PegModule, ShareVault
from benchmarks.verbs import bare_claims as bare
from benchmarks.verbs.case import Case, row


def cases() -> Iterator[Case]:
    """A vault with one market, and a peg module."""
    vault = ShareVault("USDC", {"core": 1e9}, idle_fraction=0.5)
    vault.deposit(1e8)
    books = (1e8, vault.supply)
    yield Case(
        "share vault, deposit",
        vault,
        (lambda: vault.deposit(10.0),),
        bare.deposit,
        (row(*books, 10.0),),
    )
    yield Case(
        "share vault, redeem",
        vault,
        (lambda: vault.redeem(10.0),),
        bare.redeem,
        (row(*books, 10.0),),
    )
    module = PegModule("DAI", "USDC", reserve=1e8, fee_in_fraction=0.001, fee_out_fraction=0.001)
    turns = (lambda: module.convert("USDC", 10.0), lambda: module.convert("DAI", 10.0))
    yield Case(
        "peg module, convert",
        module,
        turns,
        bare.convert,
        (row(1e8, 1e8, 0.0, 10.0, 0.001, 0.001),),
    )
