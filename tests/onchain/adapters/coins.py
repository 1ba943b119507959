"""What the adapters of pools of several coins have in common."""

from __future__ import annotations

from typing import Any

import aftershock as af
from sim.world import freeze, thaw
from tests.onchain.adapters import Refused


class Coins:
    """Calls ``self.pool``; a coin is known by its number."""

    pool: Any

    def symbols(self, setup: dict[str, Any]) -> list[str]:
        return [f"token{k}" for k in range(len(setup["reserves"]))]

    def pass_time(self, seconds: int) -> None:
        self.pool.wait(seconds)

    def save(self) -> Any:
        return freeze(self.pool._world, {})

    def restore(self, saved: Any) -> None:
        thaw(self.pool._world, saved)

    def do(self, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        try:
            done: dict[str, Any] = getattr(self, verb)(**inputs)
        except af.venues.Reverted as reverted:
            raise Refused(reverted.reason) from None
        return done

    def observe(self) -> dict[str, Any]:
        return {"reserves": list(self.pool.reserves.values()), "share_supply": self.pool.lp_supply}

    def sell(
        self, token_in: int, token_out: int, amount_in: float, least_out: float
    ) -> dict[str, Any]:
        into = f"token{token_out}"
        return {"amount_out": self.pool.swap(f"token{token_in}", amount_in, least_out, into)}

    def add(self, amounts: list[float], least_shares: float) -> dict[str, Any]:
        return {"shares": self.pool.add_liquidity(self._by_symbol(amounts), least_shares)}

    def remove(self, shares: float) -> dict[str, Any]:
        return {"paid": list(self.pool.remove_liquidity(shares).values())}

    def remove_one(self, coin: int, shares: float, least_one: float) -> dict[str, Any]:
        return {"one": self.pool.remove_one(f"token{coin}", shares, least_one)}

    def remove_amounts(self, amounts: list[float], most_shares: float) -> dict[str, Any]:
        return {"shares": self.pool.remove_amounts(self._by_symbol(amounts), most_shares)}

    def _by_symbol(self, amounts: list[float]) -> dict[str, float]:
        return {f"token{k}": amount for k, amount in enumerate(amounts)}
