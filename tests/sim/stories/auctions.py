"""Debt positions and both kinds of auction, at the prompt: coin issued and retired, bids beaten."""

from __future__ import annotations

from analysis.venues import CollateralizedDebt, Reverted
from sim.audit import audit

MODULES = ("sim.venues.collateralized_debt", "sim.venues.auctions")


def opened(auction: str) -> CollateralizedDebt:
    """A position of 100 ETH that owes 10,000 DAI, and two bidders with coin."""
    positions = CollateralizedDebt(
        200.0, auction=auction, dust=100.0, tip=10.0, chip_fraction=0.001, fee_per_year=0.05
    )
    positions.open("bob", 100.0, 10_000.0)
    for bidder in ("carl", "dora"):
        positions.give(bidder, "DAI", 50_000.0)
    return positions


def holds_after(positions: CollateralizedDebt) -> bool:
    """The audit, of a world that stands between two transactions."""
    return bool(audit(positions._world))


def dutch() -> bool:
    """Borrow, repay, free; a lot bought in two parts, one of them returned, and a reward."""
    positions = opened("dutch")
    holds = holds_after(positions)
    positions.repay(1_000.0, "bob")
    positions.free(5.0, "bob")
    holds = holds_after(positions) and holds
    positions.set_price(120.0)
    number = positions.bark("bob")
    holds = holds_after(positions) and holds
    positions.wait(600.0)
    positions.take(number, 20.0, account="carl")
    holds = holds_after(positions) and holds
    positions.take(number, 1e3, account="dora")
    return holds_after(positions) and holds


def english() -> bool:
    """A bid that is beaten, one that covers the debt, one for less of the lot; and one of nothing."""
    positions = opened("english")
    positions.set_price(120.0)
    first, second = positions.bark("bob"), positions.bark("bob")
    holds = holds_after(positions)
    positions.bid(first, 1_000.0, account="carl")
    positions.bid(first, positions.auctions[0]["tab"], account="dora")
    holds = holds_after(positions) and holds
    positions.bid(first, positions.auctions[0]["tab"], 48.0, account="carl")
    positions.bid(second, 0.01, account="dora")
    holds = holds_after(positions) and holds
    positions.wait(601.0)
    positions.deal(first)
    positions.deal(second)
    return holds_after(positions) and holds


def tell() -> bool:
    """Both stories; what is forgotten may make a later call revert: that is noticed too."""
    try:
        return bool(dutch() & english())
    except Reverted:
        return False
