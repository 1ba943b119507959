"""A staked token: staked, handed in, finalised, claimed, earned and slashed; a coin minted and burned."""

from __future__ import annotations

from sim import status
from sim.transaction import CLAIM, CONVERT, REQUEST
from tests.sim.staked_world import LIDO, TERRA, staked_world
from tests.sim.worlds import Leg

MODULES = ("sim.venues.staked_token", "sim.venues.mint_and_burn")


def tell() -> bool:
    """Every verb with an audit after each; whether all audits held."""
    small = staked_world()
    ether, staked = small.token("ETH"), small.token("stETH")
    coin, volatile = small.token("UST"), small.token("LUNA")
    small.give("patient.0", "stETH", 300.0)
    small.give("arbitrageurs.0", "ETH", 300.0)
    small.give("arbitrageurs.0", "UST", 100_000.0)
    holds = True
    for sender, leg in (
        ("arbitrageurs.0", Leg(CONVERT, LIDO, 110.0, ether)),
        ("arbitrageurs.0", Leg(REQUEST, LIDO, 50.0, staked)),  # no custody: the contract keeps it
        ("patient.0", Leg(REQUEST, LIDO, 20.0, staked)),
        ("arbitrageurs.0", Leg(CONVERT, TERRA, 60_000.0, coin)),
        ("arbitrageurs.0", Leg(CONVERT, TERRA, 500.0, volatile)),
    ):
        small.send(sender, leg, pays_gas=False)
        holds = small.block() and holds
    small.world.clock.dials[small.world.clock.now[0].slot + 10 :, -6] = 0.01  # slashing
    small.world.clock.now[0].seconds += 7_200.0
    holds = small.block(15) and holds
    for number, sender in ((1, "patient.0"), (0, "arbitrageurs.0")):
        small.send(sender, Leg(CLAIM, LIDO, float(number), staked), pays_gas=False)
        holds = small.block() and holds
    return holds and all(event.status == status.OK for event in small.events())
