"""Mint and burn at the prompt: a coin against a volatile token whose price can be set."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from analysis.venues.module import Module
from analysis.venues.venue import ANYONE
from sim.errors import InputError
from sim.tables import MINT_AND_BURN
from sim.venues import redemptions
from sim.venues.oracle import FIXED

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class MintAndBurn(Module):
    """A coin that is one dollar's worth of a volatile token, in the manner of Terra's market module::

    terra = af.venues.MintAndBurn("UST", "LUNA", price_usd=80.0, base_pool_usd=50e6)
    terra.burn(1e6)  # coin, for volatile tokens
    terra.mint(1e3)  # coin, of volatile tokens
    terra.set_price(20.0)

    Its virtual pools recover in ``recovery_blocks`` of its own blocks of ``block_seconds``.
    """

    _kind = MINT_AND_BURN

    def __init__(
        self,
        coin: str,
        volatile: str,
        price_usd: float,
        base_pool_usd: float,
        min_spread_fraction: float = 0.005,
        recovery_blocks: float = 36.0,
        block_seconds: float = 6.0,
        cap: float = math.inf,
    ) -> None:
        above_zero = {"base_pool_usd": base_pool_usd, "block_seconds": block_seconds}
        for name, number in above_zero.items():
            if not 0.0 < number < math.inf:
                raise InputError(None, name, number, "must be above 0 and finite")
        if not 0.0 <= min_spread_fraction < 1.0:
            problem = "must be at least 0 and below 1"
            raise InputError(None, "min_spread_fraction", min_spread_fraction, problem)
        if not 1.0 <= recovery_blocks < math.inf:
            raise InputError(None, "recovery_blocks", recovery_blocks, "must be at least 1")
        if not cap > 0.0:
            raise InputError(None, "cap", cap, "must be above 0")
        self._open_module(coin, volatile, cap, {"virtual_pools": 1, "feeds": 1})
        pools, feed = self._pools, self._world.venues.feeds[0]
        pools.base_pool, pools.min_spread_fraction = base_pool_usd, min_spread_fraction
        pools.recovery_blocks, pools.block_seconds = recovery_blocks, block_seconds
        feed.asset, feed.mode = self._row.reserve_asset, FIXED
        self.set_price(price_usd)

    @property
    def _pools(self) -> Any:
        return self._world.venues.virtual_pools[0]

    @property
    def price_usd(self) -> float:
        """Of the volatile token, as the module believes it."""
        return float(self._world.venues.feeds[0].price_usd)

    def set_price(self, price_usd: float) -> None:
        """Let the oracle say this price of the volatile token."""
        if not 0.0 < price_usd < math.inf:
            raise InputError(None, "price_usd", price_usd, "must be above 0 and finite")
        self._world.venues.feeds[0].price_usd = price_usd

    @property
    def delta(self) -> float:
        """By how much the virtual pool of the coin is above its base."""
        return float(self._pools.delta)

    @property
    def volatile_issued(self) -> float:
        """Volatile tokens made less those burned."""
        return float(self._pools.volatile_issued)

    def burn(self, coins: float, at_least: float = 0.0, account: str = ANYONE) -> float:
        """Burn coin; returns the volatile tokens that are made for it."""
        return self.convert(self.coin, coins, at_least, account)

    def mint(self, volatile: float, at_least: float = 0.0, account: str = ANYONE) -> float:
        """Burn volatile tokens; returns the coin that is made for them."""
        return self.convert(self.reserve_asset, volatile, at_least, account)

    def wait(self, seconds: float) -> None:
        """Let time pass, in which the virtual pools go back to rest."""
        super().wait(seconds)
        redemptions.pass_time(self._world.ledger, self._world.venues, self.seconds, seconds)

    def spread(self, symbol: str, amount: float) -> float:
        """The share that is kept back of what so much of a token is worth."""
        token = self._token(symbol)
        unit_in, unit_out = 1.0, self.price_usd
        if token != self._row.coin:
            unit_in, unit_out = unit_out, unit_in
        paid = float(redemptions.pays(self._world.venues, 0, token, amount))
        return 1.0 - paid * unit_out / (amount * unit_in)

    def _told(self) -> dict[str, str]:
        return {
            f"{self.reserve_asset} at the oracle": f"{self.price_usd:,.6g} USD",
            "virtual pool of the coin": f"{self._pools.base_pool + self.delta:,.6g} {self.coin}",
            "coin made less burned": f"{self.issued:,.6g} {self.coin}",
            "volatile made less burned": f"{self.volatile_issued:,.6g} {self.reserve_asset}",
        }

    def plot(self) -> Figure:
        """The spread, by how much is burned at once, in both directions."""
        from analysis.venues.redemption_picture import spreads

        return spreads(self)
