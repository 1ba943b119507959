"""An isolated lending market at the prompt."""

from __future__ import annotations

import math
from collections.abc import Mapping

from analysis.venues.lending import Lending, Liquidated
from analysis.venues.lending_market import open_lending
from analysis.venues.venue import ANYONE, Reverted
from sim import status
from sim.errors import InputError
from sim.formulas import isolated
from sim.tables import ISOLATED
from sim.venues.lending import accrue, set_rates


class IsolatedMarket(Lending):
    """One collateral, one loan, one LLTV; a rate that looks for 90 % utilisation (Morpho Blue, 2023).

    ``prices_usd`` are those of both tokens::

        market = af.venues.IsolatedMarket("ETH", "USDC", 0.86, {"ETH": 2000, "USDC": 1})
        market.supply("USDC", 1e6)
        market.give("alice", "ETH", 10)
        market.supply("ETH", 10, account="alice")
        market.borrow("USDC", 15_000, account="alice")
    """

    def __init__(
        self,
        collateral: str,
        loan: str,
        lltv_fraction: float,
        prices_usd: Mapping[str, float],
        fee_fraction: float = 0.0,
        decimals: Mapping[str, int] | None = None,
    ) -> None:
        if collateral == loan:
            raise InputError(None, "loan", loan, "is the collateral as well")
        if not 0.0 < lltv_fraction < 1.0:
            problem = "must be above 0 and below 1"
            raise InputError(None, "lltv_fraction", lltv_fraction, problem)
        if not 0.0 <= fee_fraction <= 0.25:
            raise InputError(None, "fee_fraction", fee_fraction, "must be between 0 and 0.25")
        self.collateral, self.loan = collateral, loan
        every = {symbol: (decimals or {}).get(symbol, 18) for symbol in (collateral, loan)}
        open_lending(self, every, 0)
        self._world.venues.markets[0].kind = ISOLATED
        pledged, lent = self._world.venues.reserves
        pledged.kind = lent.kind = ISOLATED
        pledged.ltv_fraction = pledged.threshold_fraction = lltv_fraction
        pledged.bonus_fraction = isolated.liquidation_incentive_factor(lltv_fraction) - 1.0
        lent.is_borrowable = 1
        lent.reserve_factor_fraction = fee_fraction
        lent.rate_at_target_per_year = isolated.INITIAL_RATE_PER_YEAR
        set_rates(lent)
        for symbol in every:
            if symbol not in prices_usd:
                raise InputError(None, f"prices_usd.{symbol}", dict(prices_usd), "is required")
            self.set_price(symbol, prices_usd[symbol])

    @property
    def rate_at_target_per_year(self) -> float:
        """Where the rate curve stands: what borrowing would cost at 90 % utilisation."""
        return float(self._world.venues.reserves[1].rate_at_target_per_year)

    def accrue(self) -> None:
        """Write the interest up to now and move the rate, as anybody may ask for."""
        loan = self._world.venues.reserves[1]
        accrue(loan, self.seconds)
        set_rates(loan)

    def borrow_rate_at(self, symbol: str, utilisation: float) -> float:
        """What borrowing would cost a year at this utilisation, before the curve moves."""
        if symbol != self.loan:
            return 0.0
        distance = isolated.distance_from_target(utilisation)
        return float(isolated.curve(self.rate_at_target_per_year, distance))

    def repay(self, symbol: str, amount: float = math.inf, account: str = ANYONE) -> float:
        """Pay a loan back; the contract takes no more than is owed, and refuses more."""
        owed = self.owed(symbol, account)
        if owed > 0.0 and math.inf > amount > owed * (1.0 + 1e-12):
            code = status.INSUFFICIENT_BALANCE
            raise Reverted(code, f"{amount!r} is more than the {owed!r} owed")
        return super().repay(symbol, amount, account)

    def liquidate(
        self,
        borrower: str,
        amount: float = math.inf,
        seized: float | None = None,
        account: str = ANYONE,
    ) -> Liquidated:
        """Repay so much of a loan, or take so much collateral (``seized``), or as much as there is.

        More than the borrower owes or has is refused, as the contract does.
        """
        debt, held = self.owed(self.loan, borrower), self.supplied(self.collateral, borrower)
        pledged = self._world.venues.reserves[0]
        price = self.reserve(self.collateral).price_usd / self.reserve(self.loan).price_usd
        if seized is not None:
            amount = seized * price / (1.0 + pledged.bonus_fraction)
        taken = amount * (1.0 + pledged.bonus_fraction) / price
        is_unhealthy = self.account_data(borrower).health_factor < 1.0
        if is_unhealthy and amount < math.inf:
            if amount > debt * (1.0 + 1e-12) or taken > held * (1.0 + 1e-12):
                code = status.INSUFFICIENT_BALANCE
                raise Reverted(code, "more than the borrower owes or has")
        return self._liquidate(borrower, self.collateral, self.loan, amount, account)
