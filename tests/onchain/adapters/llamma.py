"""LLAMMA by ``af.venues.BandedMarket``: the AMM is the contract's, its lender an exact restatement.

The AMM of curve-stablecoin was compiled from its published source and executed; loans were placed, judged and
liquidated by the rules of its Controller, restated in exact integers in
``tests/onchain/generate/llamma_controller.py``, so that of those rules only their arithmetic is tested here.
No package that we found on npm or PyPI carries that source or its bytecode (Curve's own have interfaces
only), so ``make vectors`` makes this sample anew only where the file named in ``tests/onchain/sources.json``
was put into ``.cache/onchain/curve-stablecoin`` by hand; its bytecode is checked against a SHA-256.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import aftershock as af
from sim.units import SECONDS_PER_YEAR
from sim.world import freeze, thaw
from tests.onchain.adapters import Refused
from tests.onchain.sequences import ALL

COIN, COLLATERAL = "coin", "collateral"
N_USERS, BESIDE = 3, 3
PLENTY = 1e25
SEEN = {
    "owed": "debt",
    "coin": "coin",
    "held": "collateral",
    "coin_if_sold": "coin_if_sold",
    "collateral_if_bought": "collateral_if_bought",
    "first_band": "first_band",
    "last_band": "last_band",
}


class Adapter:
    REASONS: ClassVar[dict[str, tuple[str, ...]]] = {
        "Slippage": ("slippage limit",),
        "Debt too high": ("more debt than the bands would cover",),
        "Need more ticks": ("not a range of ticks of this pool",),
        "Need less ticks": ("not a range of ticks of this pool",),
        "Amount too low": ("bad amount",),
        "Already in underwater mode": ("part of the collateral is sold already",),
        "Loan doesn't exist": ("no loan",),
        "Not enough rekt": ("not liquidatable",),
    }
    NOT_COMPARED: ClassVar[dict[str, str]] = {}
    ROUNDED_TO_NOTHING: ClassVar[dict[str, str]] = {}
    ONLY_IN_INTEGERS: ClassVar[dict[str, str]] = {}
    COMPARED: ClassVar[dict[str, tuple[str, str]]] = {}
    EDGES: ClassVar[dict[str, str]] = {}
    KNOWN_DIFFERENCES: ClassVar[dict[str, str]] = {}

    @staticmethod
    def cannot(setup: dict[str, Any]) -> str:
        return ""

    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None:
        self.market = af.venues.BandedMarket(
            setup["price"],
            collateral=COLLATERAL,
            coin=COIN,
            amplification=setup["amplification"],
            base_price=setup["base_price"],
            fee_fraction=setup["fee"],
            loan_discount_fraction=setup["loan_discount"],
            liquidation_discount_fraction=setup["liquidation_discount"],
            rate_per_year=0.0,
            decimals=decimals,
        )
        # The lender sets the rate for the first time with the first loan.
        self.market._world.venues.reserves[1].base_rate_per_year = setup["rate"] * SECONDS_PER_YEAR
        for number in range(N_USERS):
            self.market.give(_name(number), COIN, PLENTY)
            self.market.give(_name(number), COLLATERAL, PLENTY)
        self.market.give("liquidator", COIN, PLENTY)

    def pass_time(self, seconds: int) -> None:
        self.market.wait(seconds)

    def save(self) -> Any:
        return freeze(self.market._world, {})

    def restore(self, saved: Any) -> None:
        thaw(self.market._world, saved)

    def do(self, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        try:
            return getattr(self, verb)(**inputs) or {}
        except af.venues.Reverted as reverted:
            raise Refused(reverted.reason) from None

    def set_price(self, price: float) -> None:
        self.market.set_price(price)

    def sell(
        self, token_in: str, token_out: str, amount_in: float, least_out: float
    ) -> dict[str, float]:
        done = self.market.swap(token_in, amount_in, least_out)
        return {"amount_in": done.paid, "amount_out": done.received}

    def buy(
        self, token_in: str, token_out: str, amount_out: float, most_in: float
    ) -> dict[str, float]:
        done = self.market.swap(token_in, amount_out, most_in, exact="out")
        return {"amount_in": done.paid, "amount_out": done.received}

    def create_loan(self, account: int, pledged: float, debt: float, n_bands: int) -> None:
        self.market.create_loan(_name(account), pledged, debt, n_bands)

    def add_collateral(self, account: int, pledged: float) -> None:
        self.market.add_collateral(_name(account), pledged)

    def remove_collateral(self, account: int, pledged: float) -> None:
        self.market.remove_collateral(_name(account), pledged)

    def borrow_more(self, account: int, debt: float) -> None:
        self.market.borrow_more(_name(account), debt)

    def repay(self, account: int, amount: float | str) -> dict[str, float]:
        wanted = math.inf if amount == ALL else float(amount)
        return {"paid": self.market.repay(_name(account), wanted)}

    def liquidate(self, account: int, fraction: float) -> dict[str, float]:
        paid, received = self.market.liquidate(_name(account), fraction)
        return {"paid": paid, "collateral_out": received}

    def observe(self) -> dict[str, Any]:
        market = self.market
        active = market.active_band
        bands = [market.band(n) for n in range(active - BESIDE, active + BESIDE + 1)]
        loans = [market.loan(_name(number)) for number in range(N_USERS)]
        seen: dict[str, Any] = {
            "spot_price": market.price,
            "oracle_price": market.oracle_price,
            "rate_mul": market.index,
            "active_band": active,
            "coin_in_band": [band.coin for band in bands],
            "collateral_in_band": [band.collateral for band in bands],
        }
        for theirs, ours in SEEN.items():
            seen[theirs] = [loan[ours] if loan["debt"] > 0.0 else 0 for loan in loans]
        for name in ("health", "full_health"):
            surplus = [loan[name] * loan["debt"] if loan["debt"] > 0.0 else 0 for loan in loans]
            seen[name.replace("health", "surplus")] = surplus
        return seen


def _name(account: int) -> str:
    return f"borrower{account}"
