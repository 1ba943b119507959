"""A concentrated pool at the prompt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.venues.pool import Pool
from analysis.venues.venue import ANYONE
from scenarios.alone import world_alone
from scenarios.concentrated import open_pool, range_amounts, two_floats_of
from sim.errors import AftershockError, InputError
from sim.formulas.concentrated import MAX_TICK, MIN_TICK, sqrt_price_at, tick_at
from sim.tables import CONCENTRATED
from sim.transaction import ADD_LIQUIDITY, COLLECT, REMOVE_LIQUIDITY, SWAP, SWAP_EXACT_OUT
from sim.venues.observations import sums_at
from sim.venues.positions import find_position
from sim.venues.ticks import NONE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

N_TICKS, N_POSITIONS = 512, 256


class Trade(NamedTuple):
    """What went into the pool with its fee, and what came out."""

    paid: float
    received: float


class Position(NamedTuple):
    """Liquidity between two ticks, and what its owner can collect."""

    lower_tick: int
    upper_tick: int
    liquidity: float
    owed: dict[str, float]


class ConcentratedPool(Pool):
    """Two tokens, with liquidity between ticks (Adams et al. 2021, Uniswap v3).

    ``price`` is that of the first token in the second, in whole tokens; ``sqrt_price_x96`` gives it as the
    contract does instead. The pool is born empty. Ticks count the price of base units, as on chain.
    """

    def __init__(
        self,
        tokens: Sequence[str],
        price: float | None = None,
        fee_fraction: float = 0.003,
        tick_spacing: int = 60,
        decimals: Mapping[str, int] | None = None,
        protocol_fee: tuple[int, int] = (0, 0),
        n_observations: int = 256,
        sqrt_price_x96: int | None = None,
    ) -> None:
        if len(tokens) != 2 or tokens[0] == tokens[1]:
            raise InputError(None, "tokens", list(tokens), "needs 2 different tokens")
        self._check({}, fee_fraction, None)
        if not 1 <= tick_spacing <= 16_383:
            raise InputError(None, "tick_spacing", tick_spacing, "must be from 1 to 16383")
        if n_observations < 1:
            raise InputError(None, "n_observations", n_observations, "must be at least 1")
        every = {symbol: (decimals or {}).get(symbol, 18) for symbol in tokens}
        rows = {"pools": 1, "concentrated": 1, "ticks": N_TICKS, "positions": N_POSITIONS}
        self._open(*world_alone(every, (), {**rows, "observations": n_observations}))
        world, row = self._world, self._world.venues.pools[0]
        row.kind, row.fee_fraction = CONCENTRATED, fee_fraction
        row.account = self._layout.first[self._group("pools")]
        row.token0, row.token1, row.asset0, row.asset1, row.lp_token = 0, 1, 0, 1, -1
        state = world.venues.concentrated[0]
        state.tick_spacing = tick_spacing
        state.n_ticks, state.n_positions, state.n_observations = (
            N_TICKS,
            N_POSITIONS,
            n_observations,
        )
        self.set_protocol_fee(*protocol_fee)
        start = self._sqrt_price(price, None, sqrt_price_x96)
        if start is None:
            raise InputError(None, "price", price, "is required, or sqrt_price_x96")
        open_pool(world, 0, start, (every[tokens[0]], every[tokens[1]]))

    def set_protocol_fee(self, share0: int, share1: int) -> None:
        """The protocol takes 1/share of the fee in each token; 0: nothing."""
        for name, share in (("share0", share0), ("share1", share1)):
            if share != 0 and not 4 <= share <= 10:
                raise InputError(None, name, share, "must be 0 or from 4 to 10")
        self._state.protocol_fraction0 = 1.0 / share0 if share0 else 0.0
        self._state.protocol_fraction1 = 1.0 / share1 if share1 else 0.0

    @property
    def _state(self) -> Any:
        return self._world.venues.concentrated[0]

    def _sqrt_price(
        self, price: float | None, tick: int | None, x96: int | None
    ) -> tuple[float, float] | None:
        """A sqrt price of whole tokens as two floats, however it was given."""
        scale = self._world.tokens[0].decimals - self._world.tokens[1].decimals
        if x96 is not None:
            return two_floats_of(x96, int(scale))
        if tick is not None:
            return sqrt_price_at(tick, self._state.unit, self._state.unit_rest)
        if price is None:
            return None
        if not 0.0 < price < math.inf:
            raise InputError(None, "price", price, "must be above 0 and finite")
        return math.sqrt(price), 0.0

    @property
    def sqrt_price(self) -> float:
        """Square root of the price of the first token in the second."""
        return float(self._state.sqrt_price)

    @property
    def price(self) -> float:
        """Price of the first token in the second, before the fee."""
        return self.sqrt_price * self.sqrt_price

    @property
    def tick(self) -> int:
        """The tick that the price has reached."""
        return int(self._state.tick)

    @property
    def liquidity(self) -> float:
        """Liquidity in range: the square root of the product of the reserves it would take everywhere."""
        return float(self._state.liquidity)

    @property
    def liquidity_unit(self) -> float:
        """The contract's unit of liquidity."""
        return float(self._state.liquidity_unit)

    @property
    def fee_growth(self) -> tuple[float, float]:
        """Fees of each token that a unit of liquidity in range has earned since the beginning."""
        return float(self._state.fee_growth0), float(self._state.fee_growth1)

    @property
    def protocol_fees(self) -> dict[str, float]:
        """What the protocol has earned and not collected."""
        owed = self._state.protocol_owed0, self._state.protocol_owed1
        return {s: float(amount) for s, amount in zip(self.symbols, owed, strict=True)}

    @property
    def ticks(self) -> dict[int, float]:
        """Liquidity that enters as the price rises through each initialised tick."""
        found = {}
        row = int(self._state.first_tick)
        while row != NONE:
            tick = self._world.venues.ticks[row]
            if tick.n_positions > 0:
                found[int(tick.tick)] = float(tick.liquidity_net)
            row = int(tick.above)
        return found

    def spot_price(self, symbol: str) -> float:
        """What the next token of ``symbol`` is worth in the other, before the fee."""
        return self.price if self._token(symbol) == 0 else 1.0 / self.price

    def tick_of(self, price: float) -> int:
        """The tick of a price."""
        return int(tick_at(math.sqrt(price), 0.0, self._state.unit, self._state.unit_rest))

    def price_of(self, tick: int) -> float:
        """The price at a tick."""
        root, _ = sqrt_price_at(tick, self._state.unit, self._state.unit_rest)
        return float(root * root)

    def trade(
        self,
        symbol: str,
        amount: float,
        exact: str = "in",
        price_limit: float | None = None,
        limit: float | None = None,
        account: str = ANYONE,
        tick_limit: int | None = None,
        sqrt_price_limit_x96: int | None = None,
    ) -> Trade:
        """Sell ``amount`` of ``symbol``, or (``exact="out"``) as much of it as buys ``amount`` of the other.

        The trade stops at a price limit, which may leave part of it undone. ``limit`` is the least to
        receive, or the most to pay.
        """
        if exact not in ("in", "out"):
            raise InputError(None, "exact", exact, "must be 'in' or 'out'")
        leg = self._swap_leg(symbol, amount, limit or 0.0, None)
        stop = self._sqrt_price(price_limit, tick_limit, sqrt_price_limit_x96)
        if stop is not None:
            leg["sqrt_price_limit"], leg["sqrt_price_limit_rest"] = stop
        receipt = self._call(SWAP if exact == "in" else SWAP_EXACT_OUT, account, **leg)
        return Trade(float(receipt.amount_in), float(receipt.amount_out))

    def quote_exact_out(self, symbol: str, amount: float) -> float:
        """How much of ``symbol`` would buy ``amount`` of the other; nothing changes."""
        leg = self._swap_leg(symbol, amount, 0.0, None)
        return float(self._trial(SWAP_EXACT_OUT, ANYONE, **leg)["amount_in"])

    def _range(
        self,
        lower_tick: int | None,
        upper_tick: int | None,
        lower: float | None,
        upper: float | None,
    ) -> tuple[int, int]:
        """Two ticks, given as such or as the prices they are nearest to."""
        spacing = int(self._state.tick_spacing)
        found = []
        for name, tick, price, default in (
            ("lower", lower_tick, lower, -(-MIN_TICK // spacing) * spacing),
            ("upper", upper_tick, upper, MAX_TICK // spacing * spacing),
        ):
            if tick is not None and price is not None:
                raise InputError(None, f"{name}_price", price, f"{name}_tick is given as well")
            if price is not None:
                if not 0.0 < price < math.inf:
                    raise InputError(None, f"{name}_price", price, "must be above 0 and finite")
                unit = float(self._state.unit)
                tick = round(2.0 * math.log(math.sqrt(price) / unit) / math.log(1.0001) / spacing)
                tick = min(
                    max(tick * spacing, -(MAX_TICK // spacing) * spacing),
                    MAX_TICK // spacing * spacing,
                )
            found.append(default if tick is None else tick)
        return found[0], found[1]

    def add_liquidity(
        self,
        amounts: Mapping[str, float] | None = None,
        lower_price: float | None = None,
        upper_price: float | None = None,
        lower_tick: int | None = None,
        upper_tick: int | None = None,
        liquidity: float | None = None,
        account: str = ANYONE,
    ) -> dict[str, float]:
        """Bring liquidity between two prices (the nearest ticks) or ticks; without them, everywhere.

        Either ``liquidity``, or at most these ``amounts`` of each token. Returns the tokens paid in.
        """
        lower, upper = self._range(lower_tick, upper_tick, lower_price, upper_price)
        if (amounts is None) == (liquidity is None):
            raise InputError(None, "liquidity", liquidity, "give either amounts or liquidity")
        if liquidity is None:
            per_unit = range_amounts(self._world, 0, lower, upper, 1.0)
            have = dict.fromkeys(self.symbols, 0.0)
            for symbol, amount in (amounts or {}).items():
                have[self.symbols[self._token(symbol)]] = amount
            liquidity = min(
                h / need for h, need in zip(have.values(), per_unit, strict=True) if need > 0.0
            )
        paid0, paid1 = range_amounts(self._world, 0, lower, upper, liquidity)
        leg = {"row": 0, "amount": liquidity, "lower_tick": lower, "upper_tick": upper}
        self._call(ADD_LIQUIDITY, account, **leg)
        return dict(zip(self.symbols, (paid0, paid1), strict=True))

    def remove_liquidity(
        self,
        liquidity: float,
        lower_tick: int | None = None,
        upper_tick: int | None = None,
        lower_price: float | None = None,
        upper_price: float | None = None,
        account: str = ANYONE,
    ) -> dict[str, float]:
        """Take liquidity out of a position and credit its fees; returns what is now owed, to collect.

        ``liquidity = 0`` only credits the fees.
        """
        lower, upper = self._range(lower_tick, upper_tick, lower_price, upper_price)
        self._call(
            REMOVE_LIQUIDITY, account, row=0, amount=liquidity, lower_tick=lower, upper_tick=upper
        )
        position = self.position(lower_tick=lower, upper_tick=upper, account=account)
        return position.owed

    def collect(
        self,
        lower_tick: int | None = None,
        upper_tick: int | None = None,
        lower_price: float | None = None,
        upper_price: float | None = None,
        at_most: Mapping[str, float] | None = None,
        account: str = ANYONE,
    ) -> dict[str, float]:
        """Pay out what a position is owed. Fees are owed once they are credited: ``remove_liquidity(0)``."""
        lower, upper = self._range(lower_tick, upper_tick, lower_price, upper_price)
        most = [(at_most or {}).get(symbol, math.inf) for symbol in self.symbols]
        receipt = self._call(
            COLLECT, account, row=0, amount=most[0], limit=most[1],
            lower_tick=lower, upper_tick=upper,
        )  # fmt: skip
        paid = float(receipt.amount_in), float(receipt.amount_out)
        return dict(zip(self.symbols, paid, strict=True))

    def position(
        self,
        lower_tick: int | None = None,
        upper_tick: int | None = None,
        lower_price: float | None = None,
        upper_price: float | None = None,
        account: str = ANYONE,
    ) -> Position:
        """A position as it stands; fees that were not credited yet are not in it."""
        lower, upper = self._range(lower_tick, upper_tick, lower_price, upper_price)
        positions = self._world.venues.positions
        row = find_position(positions, self._state, self.account(account), NONE, lower, upper)
        if row == NONE:
            return Position(lower, upper, 0.0, dict.fromkeys(self.symbols, 0.0))
        one = positions[row]
        owed = dict(zip(self.symbols, (float(one.owed0), float(one.owed1)), strict=True))
        return Position(lower, upper, float(one.liquidity), owed)

    def observe(self, seconds_ago: float) -> tuple[float, float]:
        """Sums of tick times seconds, and of seconds over liquidity, as they stood then."""
        sums = sums_at(self._world.venues, self._state, self.seconds - seconds_ago)
        if math.isnan(sums[0]):
            raise AftershockError(f"the pool has forgotten what was {seconds_ago:g} seconds ago")
        return float(sums[0]), float(sums[1])

    def twap(self, seconds: float) -> float:
        """Geometric mean of the price over the last so many seconds."""
        then, now = self.observe(seconds)[0], self.observe(0.0)[0]
        mean = (now - then) / seconds
        return float(self._state.unit * self._state.unit * math.exp(mean * math.log(1.0001)))

    def plot(self) -> Figure:
        """Liquidity over price, and the average price of a sale by its size."""
        from analysis.venues.pictures import ranges_of

        return ranges_of(self)
