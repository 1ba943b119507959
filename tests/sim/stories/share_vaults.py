"""Share vaults: deposits that reach a market and another vault, redemptions that come back, a line, fees."""

from __future__ import annotations

from sim import status
from sim.transaction import (
    CLAIM_REDEMPTIONS,
    DEPOSIT,
    MINT_VAULT_SHARES,
    REDEEM,
    REQUEST_REDEEM,
    WITHDRAW_ASSETS,
)
from tests.sim.share_vault_world import FUND, SAFE, share_vault_world
from tests.sim.worlds import Leg, SmallWorld

MODULES = ("sim.venues.share_vault",)


def tell() -> bool:
    """Each verb at least once, with an audit after each; whether all audits held."""
    at_once = share_vault_world(**{"placements.fund_core.cap_usd": 4_000})
    at_once.give("fund_owners.0", "USDC", 20_000.0)
    holds = _act(
        at_once,
        ("fund_owners.0", Leg(DEPOSIT, FUND, 10_000.0)),
        ("fund_owners.0", Leg(MINT_VAULT_SHARES, FUND, 5_000.0)),
        ("fund_owners.1", Leg(WITHDRAW_ASSETS, FUND, 8_000.0)),
        ("fund_owners.0", Leg(REDEEM, FUND, 9_000.0)),
    )
    in_line = share_vault_world(**{"share_vaults.safe.redemptions": "in_line"})
    holds = _act(in_line, ("safe_owners.0", Leg(REQUEST_REDEEM, SAFE, 4_000.0))) and holds
    holds = in_line.block() and holds  # now the first in line asks to be paid
    return holds and in_line.events()[-1].kind == CLAIM_REDEMPTIONS


def _act(small: SmallWorld, *acts: tuple[str, Leg]) -> bool:
    """One transaction a block; what is forgotten may make a later movement fail: that is noticed too."""
    holds = True
    for sender, leg in acts:
        small.send(sender, leg, pays_gas=False)
        holds = small.block() and holds
    return holds and all(event.status == status.OK for event in small.events())
