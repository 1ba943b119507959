"""The lender of a market of bands, in exact integers: which bands a loan gets, and whether it is healthy.

The bands are the contract's own (its AMM, executed); who lends against them is written here from the
published Controller, of which the AMM sees only deposits, withdrawals and the rate. Logarithms are taken to
50 digits where the contract has 10: they decide only in which band a loan begins.
Source: contract Controller of curve-stablecoin (crvUSD).
"""

from __future__ import annotations

import copy
import dataclasses
import decimal
import math
from typing import Any

from tests.onchain.generate.chain import OWNER, Chain, Contract, Reverted

WAD = 10**18
DEAD_SHARES = 1000
MIN_BANDS, MAX_BANDS = 4, 50
FARTHEST = 1024


@dataclasses.dataclass
class Loan:
    debt: int
    rate_mul: int
    discount: int


class Books(Chain):
    """A chain whose saved states hold the loans too."""

    def __init__(self) -> None:
        super().__init__()
        self.loans: dict[str, Loan] = {}

    def save(self) -> Any:
        return super().save(), copy.deepcopy(self.loans)

    def restore(self, saved: Any) -> None:
        chain, self.loans = saved
        super().restore(chain)


class Controller:
    """Admin of an AMM; its own account is OWNER's."""

    def __init__(self, chain: Books, amm: Contract, setup: dict[str, Any], precision: Any) -> None:
        self.chain, self.amm = chain, amm
        self.amplification = setup["amplification"]
        self.loan_discount = setup["loan_discount"]
        self.last_discount = setup["liquidation_discount"]
        self.rate = setup["rate"]
        self.coin_unit, self.collateral_unit = precision

    def debt(self, user: str) -> int:
        loan = self.chain.loans.get(user)
        if loan is None:
            return 0
        return int(loan.debt * self.amm.call("get_rate_mul") // loan.rate_mul)

    def _write(self, user: str, debt: int, discount: int | None = None) -> None:
        old = self.chain.loans.get(user)
        kept = discount if discount is not None else old.discount if old else self.last_discount
        self.chain.loans[user] = Loan(debt, self.amm.call("get_rate_mul"), kept)

    def effective(self, collateral: int, n_bands: int) -> int:
        """Coin that the bands bring in a slow fall, over the edge of the first, less the discount."""
        dead = DEAD_SHARES * WAD // max(collateral // n_bands, DEAD_SHARES)
        kept = WAD - min(self.loan_discount + dead, WAD)
        ratio = math.isqrt(10**36 * self.amplification // (self.amplification - 1))
        part = collateral * kept // (ratio * n_bands)
        total = part
        for _ in range(1, n_bands):
            part = part * (self.amplification - 1) // self.amplification
            total += part
        return total

    def first_band(self, collateral: int, debt: int, n_bands: int) -> int:
        if debt <= 0:
            raise Reverted("No loan")
        active = self.amm.call("active_band")
        edge = self.amm.call("p_oracle_up", active)
        covered = self.effective(collateral * self.collateral_unit, n_bands)
        ratio = covered * edge // (debt * self.coin_unit + 1)
        if ratio <= 0:
            raise Reverted("Amount too low")
        with decimal.localcontext() as context:
            context.prec = 50
            a = decimal.Decimal(self.amplification)
            below = (decimal.Decimal(ratio) / WAD).ln() / (a / (a - 1)).ln()
            below = below.to_integral_value(decimal.ROUND_FLOOR)
        first = min(int(below), FARTHEST - n_bands) + active
        if first <= active and not self.amm.call("can_skip_bands", first - 1):
            raise Reverted("Debt too high")
        if self.amm.call("p_oracle_up", first) >= self.amm.call("price_oracle"):
            raise Reverted("Debt too high")
        return int(first)

    def health(self, user: str, debt: int, is_full: bool, discount: int) -> int:
        found = int(self.amm.call("get_x_down", user) * (WAD - discount) // debt - WAD)
        first = self.amm.call("read_user_tick_numbers", user)[0]
        if is_full and first > self.amm.call("active_band"):
            price, edge = self.amm.call("price_oracle"), self.amm.call("p_oracle_up", first)
            if price > edge:
                held = self.amm.call("get_sum_xy", user)[1] * self.collateral_unit
                found += (price - edge) * held // (debt * self.coin_unit)
        return found

    def save_rate(self) -> None:
        self.amm.send(OWNER, "set_rate", self.rate)

    def create(self, user: str, collateral: int, debt: int, n_bands: int) -> None:
        if n_bands < MIN_BANDS:
            raise Reverted("Need more ticks")
        if n_bands > MAX_BANDS:
            raise Reverted("Need less ticks")
        first = self.first_band(collateral, debt, n_bands)
        self.amm.send(OWNER, "deposit_range", user, collateral, first, first + n_bands - 1)
        self._write(user, debt, self.last_discount)
        self.save_rate()

    def change(self, user: str, more_collateral: int, more_debt: int) -> None:
        """Place the loan anew."""
        debt = self.debt(user)
        if debt == 0:
            raise Reverted("Loan doesn't exist")
        first, last = self.amm.call("read_user_tick_numbers", user)
        coin, collateral = self.amm.send(OWNER, "withdraw", user, WAD)
        if coin != 0:
            raise Reverted("Already in underwater mode")
        collateral += more_collateral
        if collateral < 0:
            raise Reverted("underflow")
        n_bands = last - first + 1
        first = self.first_band(collateral, debt + more_debt, n_bands)
        self.amm.send(OWNER, "deposit_range", user, collateral, first, first + n_bands - 1)
        self._write(user, debt + more_debt, self.last_discount)
        self.save_rate()

    def repay(self, user: str, amount: int) -> tuple[int, int, int]:
        """Debt paid, coin and collateral that come back."""
        debt = self.debt(user)
        if debt == 0:
            raise Reverted("Loan doesn't exist")
        paid, coin, collateral = min(amount, debt), 0, 0
        if paid == debt:
            coin, collateral = self.amm.send(OWNER, "withdraw", user, WAD)
            del self.chain.loans[user]
        elif self.amm.call("read_user_tick_numbers", user)[0] > self.amm.call(
            "active_band_with_skip"
        ):
            self.change(user, 0, -paid)
        else:
            self._write(user, debt - paid)
        self.save_rate()
        return paid, coin, collateral

    def liquidate(self, user: str, fraction: int) -> tuple[int, int, int]:
        """Debt retired, coin and collateral taken over."""
        debt = self.debt(user)
        if debt == 0:
            raise Reverted("Loan doesn't exist")
        discount = self.chain.loans[user].discount
        if self.health(user, debt, True, discount) >= 0:
            raise Reverted("Not enough rekt")
        part = debt * fraction // WAD
        if part == 0:
            raise Reverted("")
        removed = WAD
        if fraction < WAD:
            half = (WAD + discount // 2) * (WAD - fraction) // (WAD + discount)
            removed = (half + fraction) * fraction // WAD
        coin, collateral = self.amm.send(OWNER, "withdraw", user, removed)
        if debt > part:
            self._write(user, debt - part)
        else:
            del self.chain.loans[user]
        self.save_rate()
        return part, coin, collateral
