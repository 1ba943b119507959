"""Redemption modules: coin issued and redeemed at both kinds, with their tolls."""

from __future__ import annotations

from sim import status
from sim.transaction import CONVERT
from tests.sim.redemption_world import BANK, PEG, redemption_world
from tests.sim.worlds import Leg

MODULES = ("sim.venues.redemption", "sim.venues.peg_module", "sim.venues.issuer")


def tell() -> bool:
    """Both directions at both modules, with an audit after each; whether all audits held."""
    small = redemption_world()
    coin, reserve = small.token("DAI"), small.token("USDC")
    small.give("arbitrageurs.0", "DAI", 500_000.0)
    small.give("arbitrageurs.0", "USDC", 500_000.0)
    holds = True
    for module in (PEG, BANK):
        for token in (coin, reserve):
            leg = Leg(CONVERT, module, 100_000.0, token)
            small.send("arbitrageurs.0", leg, pays_gas=False)
            holds = small.block() and holds
    return holds and all(event.status == status.OK for event in small.events())
