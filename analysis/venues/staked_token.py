"""A staked token at the prompt: stake, ask, wait, claim; time passes, stakes are slashed, the line closes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.venues.module import Module
from analysis.venues.venue import ANYONE
from scenarios.alone import give
from sim.errors import InputError
from sim.formulas.staked_token import patient_price, ready_seconds
from sim.ledger import commit
from sim.tables import STAKED_TOKEN
from sim.transaction import CLAIM, REQUEST
from sim.units import SECONDS_PER_DAY
from sim.venues import redemptions
from sim.venues.staked_token import CLAIMED

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Request(NamedTuple):
    """A request in line, in the order of the line."""

    number: int
    account: str
    tokens: float
    ether: float  # asked for and, once it is final, what will be paid
    ready_in_seconds: float
    is_final: bool


class StakedToken(Module):
    """A staked token with a line of withdrawals in the manner of Lido's::

    lido = af.venues.StakedToken("stETH", "ETH", rate=1.1, staked=100e3, withdrawals_per_day=20e3)
    lido.stake(11.0, account="bob")
    number = lido.request(5.0, account="bob")
    lido.wait(86_400)
    lido.claim(number, account="bob")

    ``staked`` is ether at work at first, for which tokens have been issued at ``rate``.
    """

    _kind = STAKED_TOKEN

    def __init__(
        self,
        coin: str,
        reserve_asset: str,
        staked: float,
        withdrawals_per_day: float,
        rate: float = 1.0,
        reward_per_year: float = 0.03,
        reward_fee_fraction: float = 0.1,
        min_delay_seconds: float = 86_400.0,
        queue_length: int = 1_000,
        cap: float = math.inf,
    ) -> None:
        above_zero = {"staked": staked, "withdrawals_per_day": withdrawals_per_day, "rate": rate}
        for name, number in {**above_zero, "queue_length": queue_length}.items():
            if not 0.0 < number < math.inf:
                raise InputError(None, name, number, "must be above 0 and finite")
        if not cap >= staked / rate:
            raise InputError(None, "cap", cap, f"is below the {staked / rate:g} tokens in issue")
        self._check("reward_per_year", reward_per_year, 0.0, 100.0)
        self._check("min_delay_seconds", min_delay_seconds, 0.0, 1e10)
        if not 0.0 <= reward_fee_fraction < 1.0:
            problem = "must be at least 0 and below 1"
            raise InputError(None, "reward_fee_fraction", reward_fee_fraction, problem)
        rows = {"staked": 1, "waiting": int(queue_length)}
        self._open_module(coin, reserve_asset, cap, rows)
        row, terms = self._row, self._terms
        row.issued, row.reserve, row.reserve_at_birth = staked / rate, staked, staked
        give(self._world, row.reserve_token, row.account, staked)
        terms.rate, terms.left_fraction = rate, 1.0
        terms.reward_per_year, terms.fee_fraction = reward_per_year, reward_fee_fraction
        terms.ether_per_second = withdrawals_per_day / SECONDS_PER_DAY
        terms.min_delay_seconds, terms.queue_length = min_delay_seconds, int(queue_length)

    @staticmethod
    def _check(name: str, number: float, least: float, most: float) -> None:
        if not least <= number <= most:
            raise InputError(None, name, number, f"must be between {least:g} and {most:g}")

    @property
    def _terms(self) -> Any:
        return self._world.venues.staked[0]

    @property
    def rate(self) -> float:
        """Ether for a token, by the contract."""
        return float(self._terms.rate)

    @property
    def is_open(self) -> bool:
        """Whether the line takes requests."""
        return not self._row.is_halted > 0.5

    @property
    def wait_seconds(self) -> float:
        """How long a small request waits that is made now."""
        return float(redemptions.wait_seconds(self._world.venues, 0, self.seconds))

    @property
    def line(self) -> list[Request]:
        """Requests that nobody has claimed yet."""
        terms, found = self._terms, []
        names = {number: name for name, number in self._users.items()}
        for place in range(int(terms.n_requests)):
            number = int(terms.first_request) + place
            row = self._world.venues.waiting[number % int(terms.queue_length)]
            if row.account != CLAIMED:
                left = max(float(row.ready_seconds) - self.seconds, 0.0)
                is_final = place < terms.n_final
                told = names[int(row.account)], float(row.tokens), float(row.ether)
                found.append(Request(number, *told, left, is_final))
        return found

    def stake(self, ether: float, at_least: float = 0.0, account: str = ANYONE) -> float:
        """Ether for tokens at the rate; returns the tokens."""
        return self.convert(self.reserve_asset, ether, at_least, account)

    def request(self, tokens: float, account: str = ANYONE) -> int:
        """Hand in tokens and join the line; returns the number of the request."""
        number = int(self._terms.first_request + self._terms.n_requests)
        self._call(REQUEST, account, row=0, token_in=int(self._row.coin), amount=tokens)
        return number

    def claim(self, number: int, account: str = ANYONE) -> float:
        """Take the ether of a request that is final; returns it."""
        leg = {"row": 0, "token_in": int(self._row.coin), "amount": float(number)}
        return float(self._call(CLAIM, account, **leg).amount_out)

    def wait(self, seconds: float) -> None:
        """Let time pass: what is staked earns, and requests become final in their order."""
        super().wait(seconds)
        self._pass(seconds)

    def slash(self, fraction: float) -> None:
        """Let this share of what was staked at first be lost, and the rate with it; 0 gives it back."""
        if not 0.0 <= fraction < 1.0:
            raise InputError(None, "fraction", fraction, "must be at least 0 and below 1")
        self._row.locked_fraction = fraction
        self._pass(0.0)

    def _pass(self, seconds: float) -> None:
        redemptions.pass_time(self._world.ledger, self._world.venues, self.seconds, seconds)
        commit(self._world.ledger)

    def waits_for(self, tokens: float) -> float:
        """Seconds until a request of so many tokens would be final, were it made now."""
        terms = self._terms
        return float(
            ready_seconds(
                self.seconds, terms.line_until_seconds, tokens * terms.rate,
                terms.ether_per_second, terms.min_delay_seconds,
            )
        ) - self.seconds  # fmt: skip

    def patient_price(self, tokens: float, required_return_per_year: float) -> float:
        """Ether for one of so many tokens at which waiting for their rate earns the required return."""
        return float(patient_price(self.rate, required_return_per_year, self.waits_for(tokens)))

    def _told(self) -> dict[str, str]:
        return {
            "rate": f"{self.rate:.6f} {self.reserve_asset}",
            "at stake": f"{self.reserve - float(self._terms.locked):,.6g} {self.reserve_asset}",
            "issued": f"{self.issued:,.6g} {self.coin}",
            "in line": f"{len(self.line)} ({'open' if self.is_open else 'closed'})",
            "wait": f"{self.wait_seconds / SECONDS_PER_DAY:,.3g} days",
        }

    def plot(self) -> Figure:
        """How long a request waits, by its size, and what a patient buyer pays who would make it."""
        from analysis.venues.redemption_picture import wait_and_price

        return wait_and_price(self)
