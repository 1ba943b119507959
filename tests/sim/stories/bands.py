"""Soft liquidation: loans opened, moved, sold in part, bought back, repaid and taken over."""

from __future__ import annotations

from sim import status
from sim.transaction import BORROW, LIQUIDATE, REPAY, SUPPLY, SWAP, SWAP_EXACT_OUT, WITHDRAW
from tests.sim.band_world import POOL, SOFT_ETH, SOFT_USDC, band_world, set_price
from tests.sim.worlds import Leg

MODULES = ("sim.venues.band",)


def tell() -> bool:
    """Every verb of the loans and of the bands, with an audit after each; whether all audits held."""
    small = band_world()
    eth, usdc = small.token("ETH"), small.token("USDC")
    for name in ("banded.0", "banded.1", "keepers.0", "arbitrageurs.0"):
        small.give(name, "USDC", 1e6)
        small.give(name, "ETH", 1000.0)
    small.send("keepers.0", Leg(SWAP, 0, 1000.0, usdc, token_out=eth), pays_gas=False)
    holds = small.block()
    first = [
        ("banded.0", Leg(SUPPLY, SOFT_ETH, 10.0, eth)),
        ("banded.0", Leg(WITHDRAW, SOFT_ETH, 5.0, eth)),
        ("banded.0", Leg(BORROW, SOFT_USDC, 5000.0, usdc)),
        ("banded.0", Leg(REPAY, SOFT_USDC, 1000.0, usdc)),
        ("banded.1", Leg(REPAY, SOFT_USDC, 1e6, usdc)),
        ("banded.1", Leg(SUPPLY, SOFT_ETH, 60.0, eth)),
        ("banded.1", Leg(WITHDRAW, SOFT_ETH, 10.0, eth)),
        ("banded.1", Leg(BORROW, SOFT_USDC, 80_000.0, usdc)),
    ]
    for sender, leg in first:
        small.send(sender, leg, pays_gas=False)
        holds = small.block() and holds
    set_price(small, 1650.0)
    sales = [
        Leg(SWAP, POOL, 50_000.0, usdc, token_out=eth),
        Leg(SWAP_EXACT_OUT, POOL, 1000.0, eth, token_out=usdc),
    ]
    for leg in sales:
        small.send("arbitrageurs.0", leg, pays_gas=False)
        holds = small.block() and holds
    set_price(small, 1200.0)
    for borrower, share in (("banded.0", 0.5), ("banded.0", 1.0)):
        owed = small.held(borrower, "dUSDC.soft")
        leg = Leg(
            LIQUIDATE, SOFT_USDC, share * owed * 1.01, usdc, token_out=SOFT_ETH,
            counterparty=small.account(borrower),
        )  # fmt: skip
        small.send("keepers.0", leg, pays_gas=False)
        holds = small.block() and holds
    small.send("banded.1", Leg(REPAY, SOFT_USDC, 1e6, usdc), pays_gas=False)
    holds = small.block() and holds
    return holds and all(event.status == status.OK for event in small.events())
