"""Share vaults: deposits that reach a market and another vault, redemptions that come back, a line, fees."""

from __future__ import annotations

from sim.audit import audit
from sim.transaction import (
    CLAIM_REDEMPTIONS,
    DEPOSIT,
    MINT_VAULT_SHARES,
    REDEEM,
    REQUEST_REDEEM,
    WITHDRAW_ASSETS,
)
from tests.sim.share_vault_world import FUND, SAFE, share_vault_world
from tests.sim.worlds import Leg

MODULES = ("sim.venues.share_vault",)


def tell() -> bool:
    """Each verb at least once, with an audit after each; whether all audits held."""
    small = share_vault_world(**{"share_vaults.safe.redemptions": "in_line"})
    small.give("fund_owners.0", "USDC", 20_000.0)
    acts = (
        ("fund_owners.0", Leg(DEPOSIT, FUND, 10_000.0)),
        ("fund_owners.0", Leg(MINT_VAULT_SHARES, FUND, 5_000.0)),
        ("fund_owners.1", Leg(WITHDRAW_ASSETS, FUND, 8_000.0)),
        ("fund_owners.0", Leg(REDEEM, FUND, 9_000.0)),
        ("safe_owners.0", Leg(REQUEST_REDEEM, SAFE, 4_000.0)),
        ("safe_owners.1", Leg(CLAIM_REDEMPTIONS, SAFE, 0.0)),
    )
    holds = True
    for sender, leg in acts:
        small.send(sender, leg, pays_gas=False)
        holds = small.block() and holds
    return holds and bool(audit(small.world))
