"""Redemption modules at the prompt: a peg module, and an issuer with a counter that closes.

Time, reserve and what of it is out of reach can be set.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from analysis.venues.module import Module
from scenarios.alone import give
from scenarios.names import listed, nearest
from scenarios.schema.redemptions import WEEKDAYS
from scenarios.schema.values import unix_seconds, utc
from sim import causes
from sim.errors import InputError
from sim.ledger import burn, commit
from sim.tables import ISSUER, PEG_MODULE
from sim.units import SECONDS_PER_DAY
from sim.venues import issuer
from sim.venues.redemption import payable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SECONDS_PER_HOUR = 3600.0


class RedemptionModule(Module):
    """A coin for a token of a reserve and back; what is in the reserve at first has been issued."""

    def __init__(
        self,
        coin: str,
        reserve_asset: str,
        reserve: float,
        cap: float = math.inf,
        fee_in_fraction: float = 0.0,
        fee_out_fraction: float = 0.0,
    ) -> None:
        if not 0.0 <= reserve < math.inf:
            raise InputError(None, "reserve", reserve, "must be at least 0 and finite")
        if not cap >= reserve:
            raise InputError(None, "cap", cap, f"is below reserve = {reserve:g}")
        fees = {"fee_in_fraction": fee_in_fraction, "fee_out_fraction": fee_out_fraction}
        for name, fee_fraction in fees.items():
            if not 0.0 <= fee_fraction < 1.0:
                raise InputError(None, name, fee_fraction, "must be at least 0 and below 1")
        self._open_module(coin, reserve_asset, cap, {"issuers": int(self._kind == ISSUER)})
        row = self._row
        row.fee_in_fraction, row.fee_out_fraction = fee_in_fraction, fee_out_fraction
        row.issued = row.reserve_at_birth = reserve
        self.set_reserve(reserve)

    @property
    def payable(self) -> float:
        """Reserve tokens that are within reach."""
        return float(payable(self._row))

    def set_reserve(self, amount: float) -> None:
        """Let the reserve be so large; the coin in issue stays what it is."""
        if not 0.0 <= amount < math.inf:
            raise InputError(None, "reserve", amount, "must be at least 0 and finite")
        row, change = self._row, amount - self.reserve
        if change > 0.0:
            give(self._world, row.reserve_token, row.account, change)
        elif change < 0.0:
            burn(self._world.ledger, row.reserve_token, row.account, -change, causes.BIRTH)
            commit(self._world.ledger)
        row.reserve = amount

    def lock(self, fraction: float) -> None:
        """Let this share of the first reserve be out of reach; 0 frees all of it."""
        if not 0.0 <= fraction <= 1.0:
            raise InputError(None, "fraction", fraction, "must be between 0 and 1")
        self._row.locked_fraction = fraction

    def _told(self) -> dict[str, str]:
        return {
            "reserve": f"{self.reserve:,.2f} {self.reserve_asset}",
            "within reach": f"{self.payable:,.2f} {self.reserve_asset}",
            "issued": f"{self.issued:,.2f} {self.coin}",
        }

    def plot(self) -> Figure:
        """What holders are paid who redeem one after another: par until the reserve is gone."""
        from analysis.venues.redemption_picture import paid_until_dry

        return paid_until_dry(self)


class PegModule(RedemptionModule):
    """A peg module like Maker's (MIP29): a fee of what comes in (tin), one on top of what goes out (tout)::

    module = af.venues.PegModule("DAI", "USDC", reserve=1e6, fee_out_fraction=0.001)
    module.quote("DAI", 1001.0)
    module.convert("USDC", 500.0)
    """

    _kind = PEG_MODULE

    @property
    def fees(self) -> float:
        """Coin that the module has kept as tolls."""
        return float(self._row.fees)

    def _told(self) -> dict[str, str]:
        return {**super()._told(), "tolls kept": f"{self.fees:,.2f} {self.coin}"}


class IssuerRedemption(RedemptionModule):
    """An issuer who mints and redeems at par, at a counter that opens and closes at given hours, UTC::

    issuer = af.venues.IssuerRedemption("USDC", "USD", reserve=40e9, opens_hour=13, closes_hour=21,
                                        start="2023-03-10T20:00:00Z")
    issuer.lock(3.3 / 40)
    issuer.wait(3600)
    issuer.convert("USDC", 1e6)
    """

    _kind = ISSUER

    def __init__(
        self,
        coin: str,
        reserve_asset: str,
        reserve: float,
        *,
        minimum: float = 0.0,
        daily_cap: float = math.inf,
        opens_hour: float = 0.0,
        closes_hour: float = 24.0,
        weekdays: Sequence[str] = WEEKDAYS[:5],
        start: str = "2024-01-01T00:00:00Z",
        **terms: float,  # cap and fees, as of any module
    ) -> None:
        _check_counter(minimum, daily_cap, opens_hour, closes_hour, weekdays)
        opened_unix_seconds = _moment("start", start)
        super().__init__(coin, reserve_asset, reserve, **terms)
        row = self._terms
        row.minimum, row.daily_cap, row.day = minimum, daily_cap, -1
        row.opens_seconds = opens_hour * SECONDS_PER_HOUR
        row.closes_seconds = closes_hour * SECONDS_PER_HOUR
        row.weekdays = sum(1 << k for k, day in enumerate(WEEKDAYS) if day in weekdays)
        row.start_unix_seconds = opened_unix_seconds

    @property
    def _terms(self) -> Any:
        return self._world.venues.issuers[0]

    @property
    def now(self) -> datetime.datetime:
        """The moment, in UTC."""
        seconds = float(self._terms.start_unix_seconds) + self.seconds
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC)

    def set_time(self, moment: str) -> None:
        """Let it be this moment, such as ``2023-03-13T13:00:00Z``."""
        self._terms.start_unix_seconds = _moment("moment", moment) - self.seconds

    @property
    def is_open(self) -> bool:
        """Whether the counter is open now."""
        return bool(issuer.is_open(self._terms, self.seconds))

    @property
    def redeemed_today(self) -> float:
        """Coin redeemed since midnight UTC."""
        return float(issuer.redeemed_today(self._terms, self.seconds))

    def open_hours(self) -> list[bool]:
        """Whether the counter is open at each full hour of the week, from Monday on."""
        day = (self.now.date() - datetime.timedelta(days=self.now.weekday())).toordinal()
        monday = (day - datetime.date(1970, 1, 1).toordinal()) * SECONDS_PER_DAY
        monday -= float(self._terms.start_unix_seconds)
        return [
            bool(issuer.is_open(self._terms, monday + hour * SECONDS_PER_HOUR))
            for hour in range(7 * 24)
        ]

    def _told(self) -> dict[str, str]:
        counter = "open" if self.is_open else "closed"
        return {**super()._told(), "counter": f"{counter} ({self.now:%a %d %b %Y %H:%M} UTC)"}


def _moment(name: str, said: str) -> float:
    """Seconds since 1970 of a moment that somebody has written."""
    try:
        return unix_seconds(utc(said))
    except ValueError as error:
        raise InputError(None, name, said, str(error)) from None


def _check_counter(
    minimum: float, daily_cap: float, opens_hour: float, closes_hour: float, weekdays: Sequence[str]
) -> None:
    """Terms under which somebody could ever be paid."""
    if not daily_cap > 0.0:
        raise InputError(None, "daily_cap", daily_cap, "must be above 0")
    if not 0.0 <= minimum <= daily_cap:
        problem = f"must be at least 0 and at most daily_cap = {daily_cap:g}"
        raise InputError(None, "minimum", minimum, problem)
    if not 0.0 <= opens_hour < 24.0:
        raise InputError(None, "opens_hour", opens_hour, "must be at least 0 and below 24")
    if not opens_hour < closes_hour <= 24.0:
        problem = f"must be after opens_hour = {opens_hour:g} and at most 24"
        raise InputError(None, "closes_hour", closes_hour, problem)
    if isinstance(weekdays, str):  # a word is a sequence of letters
        raise InputError(None, "weekdays", weekdays, "is a word: write a list of days")
    if not weekdays:
        raise InputError(None, "weekdays", list(weekdays), "names no day on which it opens")
    for day in weekdays:
        if day not in WEEKDAYS:
            problem = f"expected a list of: {listed(WEEKDAYS)}"
            raise InputError(None, "weekdays", day, problem, nearest(day, WEEKDAYS))
    if len(set(weekdays)) < len(weekdays):
        raise InputError(None, "weekdays", list(weekdays), "names a day twice")
