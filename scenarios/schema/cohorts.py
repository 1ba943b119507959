"""A cohort: many agents of one strategy, whose parameters are flat keys of the same table.

The keys that all strategies share stand here; the others are the fields of the strategy's dataclass, so
that a new strategy needs no new schema. A key that a strategy would ignore is refused, by name.
"""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

from pydantic import Field, InstanceOf

from agents.parameters import Distribution, lognormal
from agents.strategies import DEPOSITOR, KEEPER, STRATEGIES, TRADER, VAULT
from scenarios.schema.values import (
    BlocksAboveZero,
    Fraction,
    Gwei,
    Multiple,
    Name,
    Named,
    Seconds,
    Usd,
    UsdAboveZero,
)

SIZES = lognormal(1.0, 1.0, 0.01, 100.0)  # of the rows of a cohort, relative to each other
_ALL = ("name", "description", "strategy", "n_rows", "tvl_usd", "size")
_SENDS = ("tip_gwei", "max_fee_multiple", "patience_blocks")
_DECIDES = ("decision_latency_seconds", "attention_fraction")
_TRADES = ("decision_interval_seconds", "pools", "max_slippage_fraction", "min_trade_usd")

# Which of the common keys a strategy uses, by its role ...
ROLE_KEYS: dict[str, tuple[str, ...]] = {
    VAULT: (*_ALL, "positions_per_row", "asset", "gas_tank_usd", *_DECIDES, *_TRADES, *_SENDS),
    KEEPER: (*_ALL, "market", "pools", "max_slippage_fraction", *_DECIDES, *_SENDS),
    TRADER: (*_ALL, "pools", "max_slippage_fraction", *_DECIDES, *_SENDS),
    DEPOSITOR: _ALL,
}
# ... and where a strategy differs from others of its role.
STRATEGY_KEYS: dict[str, tuple[str, ...]] = {
    "band_borrower": ("market", "prior_duty"),
    "leveraged_loop": ("market", "debt_asset", "emode", "prior_duty"),
    "noise_trader": ("gas_tank_usd",),
    "liquidity_provider": (
        *("pool", "gas_tank_usd", "decision_latency_seconds", *_SENDS),
        *("lower_price_multiple", "upper_price_multiple"),
    ),
    "lender": ("market", "reserve_asset"),
    "share_holder": ("share_vault", "gas_tank_usd", "positions_per_row", *_DECIDES, *_SENDS),
    "coin_holder": (
        *("asset", "redemption", "gas_tank_usd", "positions_per_row", "max_slippage_fraction"),
        *(*_DECIDES, *_SENDS),
    ),
}
NOT_USED: dict[str, tuple[str, ...]] = {
    "buy_and_hold": (*_DECIDES, *_TRADES, *_SENDS, "gas_tank_usd", "positions_per_row"),
    "arbitrageur": ("max_slippage_fraction",),  # trades up to a price
    "patient_arbitrageur": ("max_slippage_fraction",),
    "peg_arbitrageur": ("max_slippage_fraction",),
    "auction_bidder": ("pools",),  # sell where it brings most
    "auction_taker": ("pools",),
}
NEEDED_KEYS: dict[str, tuple[str, ...]] = {
    VAULT: ("tvl_usd", "asset"),
    KEEPER: ("tvl_usd",),
    TRADER: ("tvl_usd",),
    "patient_arbitrageur": ("asset",),
    "liquidity_provider": ("tvl_usd", "pool"),
    "lender": ("reserve_asset",),
    "share_holder": ("tvl_usd", "share_vault"),
    "coin_holder": ("tvl_usd", "asset", "redemption"),
}


class Cohort(Named):
    """A population declared by one table: ``n_rows`` agents that share a strategy."""

    strategy: str
    n_rows: Annotated[int, Field(ge=1, le=100_000_000)]
    positions_per_row: Annotated[float, Field(ge=1, le=1e9)] = 1.0
    tvl_usd: UsdAboveZero | None = None  # equity, capital or liquidity of the whole cohort
    size: InstanceOf[Distribution] = SIZES
    asset: Name | None = None
    market: Name | None = None
    debt_asset: Name | None = None  # what it borrows; none: the cash
    emode: Name | None = None
    reserve_asset: Name | None = None
    pool: Name | None = None
    share_vault: Name | None = None
    redemption: Name | None = None  # the module behind the coin
    pools: tuple[Name, ...] = ()
    lower_price_multiple: Multiple | None = (
        None  # of the price at birth: where a range of liquidity
    )
    upper_price_multiple: Multiple | None = (
        None  # begins and ends; none: the lowest, the highest price
    )
    decision_latency_seconds: Seconds = 0.0
    decision_interval_seconds: Seconds = 0.0
    attention_fraction: Fraction = 1.0
    max_slippage_fraction: Annotated[float, Field(gt=0, lt=1)] = 0.01
    max_fee_multiple: Multiple = 2.0  # of the going price of gas
    tip_gwei: Gwei = 2.0
    patience_blocks: BlocksAboveZero = 25
    min_trade_usd: Usd = 50.0
    gas_tank_usd: Usd = 500.0  # a position
    prior_duty: Literal["repair", "performance"] = "repair"  # what replaces the other in flight
    parameters: dict[str, InstanceOf[Distribution] | float | bool] = Field(default_factory=dict)

    @property
    def role(self) -> str:
        """Vault, keeper, trader or depositor."""
        return STRATEGIES[self.strategy].role


def parameter_fields(strategy: str) -> dict[str, dataclasses.Field[Any]]:
    """The parameters of a strategy, by key."""
    return {field.name: field for field in dataclasses.fields(STRATEGIES[strategy].parameters)}


def used_keys(strategy: str) -> tuple[str, ...]:
    """The common keys that a strategy uses, in the order of the schema."""
    used = {*ROLE_KEYS[STRATEGIES[strategy].role], *STRATEGY_KEYS.get(strategy, ())}
    used |= {*STRATEGIES[strategy].keys}
    used -= {*NOT_USED.get(strategy, ())}
    return tuple(key for key in Cohort.model_fields if key in used)


def needed_keys(strategy: str) -> tuple[str, ...]:
    """The common keys without a default for this strategy."""
    role = STRATEGIES[strategy].role
    needed = ("strategy", "n_rows", *NEEDED_KEYS.get(role, ()), *NEEDED_KEYS.get(strategy, ()))
    # A vault that is not told how much of its asset to hold at birth borrows to its target health.
    borrows = role == VAULT and STRATEGIES[strategy].birth_weight is None
    return (*needed, "market") if borrows else needed


def every_key() -> set[str]:
    """All keys that some cohort may have."""
    parameters = (parameter_fields(name) for name in STRATEGIES)
    return {*Cohort.model_fields, *(key for fields in parameters for key in fields)} - {
        "parameters"
    }
