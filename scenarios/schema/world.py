"""The tables of a scenario that describe the world: time, tokens, chains, oracles, pools, lending markets.

Each field is a key of the file; its name carries the unit; its default is what a file that does not
mention it gets. What a number does is said by the formula that takes it, not here. A field that is None
unless it is given may still be required: ``scenarios.schema.unused`` says where which key is used.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scenarios.schema.values import (
    Amplification,
    Blocks,
    BlocksAboveZero,
    Fraction,
    FractionBelowOne,
    Gas,
    Gwei,
    GweiAboveZero,
    Moment,
    Multiple,
    Name,
    Named,
    Price,
    RatePerYear,
    Seconds,
    SecondsAboveZero,
    Table,
    Usd,
    UsdAboveZero,
    VolatilityPerYear,
    unix_seconds,
)


class Time(Table):
    """When the recorded part of a run starts, how long a block is, and how many there are."""

    start: Moment
    slot_seconds: Annotated[float, Field(gt=0, le=86_400)] = 12.0
    horizon_blocks: BlocksAboveZero
    burn_in_blocks: Blocks = 150
    settle_blocks: Blocks = 0

    @property
    def start_unix_seconds(self) -> float:
        """The recorded start, in seconds since 1970."""
        return unix_seconds(self.start)

    @property
    def run_seconds(self) -> float:
        """Recorded duration: the horizon and the time to settle."""
        return (self.horizon_blocks + self.settle_blocks) * self.slot_seconds


class Record(Table):
    """How often the larger tables are written. It never changes what happens."""

    vaults_every_blocks: BlocksAboveZero = 300
    keepers_every_blocks: BlocksAboveZero = 50
    exposures_every_blocks: BlocksAboveZero = 1_800
    vault_events: bool = True  # a row of `vaults` at each event of a vault: at most one an event
    audit_every_blocks: BlocksAboveZero = 100


class Homogeneity(Table):
    """How alike the vaults are; every setting keeps total TVL, debt and mean leverage."""

    parameters_fraction: Fraction = 0.0
    timing_fraction: Fraction = 0.0
    mixture_fraction: Fraction = 0.0


class Channels(Table):
    """Frictions through which a shock spreads; each has a frictionless meaning, see ``docs/model.md``."""

    outside_impact: bool = True  # false: outside trades fill at the fundamental price
    pool_depth: bool = True  # false: swaps fill at the outside price less the fee
    oracle_lag: bool = True  # false: oracles equal the market in each block
    gas: bool = True  # false: unlimited block space at no price
    keeper_friction: bool = True  # false: one keeper with all the capital it needs and no latency
    trading: bool = True  # false: nobody acts; what is lost then is the shock alone


CHANNELS = tuple(name for name in Channels.model_fields if name != "trading")


class Asset(Named):
    """A token with a price of its own, and the outside exchange it trades on."""

    price_usd: Price
    volatility_per_year: VolatilityPerYear = 0.0
    drift_per_year: Annotated[float, Field(ge=-50, le=50)] = 0.0
    decimals: Annotated[int, Field(ge=0, le=30)] = 18
    depth_usd: UsdAboveZero | None = None  # USD of net sale that moves the log price by one
    permanent_fraction: Fraction = 0.5
    half_life_seconds: SecondsAboveZero = 600.0  # of the transient part of the impact
    outside_inventory_usd: UsdAboveZero = 1e10
    is_cash: bool = False
    share_vault: Name | None = (
        None  # a share of this vault, to be pledged; it has no market of its own
    )
    pool: Name | None = (
        None  # likewise a share of this pool, of which one is worth the price at birth
    )
    receipt_of: Name | None = None  # likewise a receipt of this reserve: one token of its asset

    @property
    def claims(self) -> tuple[tuple[str, str], ...]:
        """What it says that it is a claim on: keys and names, of which one makes sense."""
        keys = ("share_vault", "pool", "receipt_of")
        return tuple((key, str(name)) for key in keys if (name := getattr(self, key)) is not None)

    @property
    def is_share(self) -> bool:
        """Whether it is worth what stands behind it, and traded nowhere."""
        return bool(self.claims)


class Chain(Named):
    """Block space: what fits in a block, and who gets it."""

    native_asset: Name = "ETH"
    fee_market: Literal["eip1559", "first_price"] = "eip1559"
    gas_limit: Gas = 30e6
    gas_target: Gas | None = None  # none: half the limit, as in EIP-1559
    base_fee_gwei: GweiAboveZero
    demand_elasticity: Annotated[float, Field(ge=0.01, le=100)] = 1.0  # of demand to price
    demand_noise: Annotated[float, Field(ge=0, le=5)] = 0.1  # log s.d. a block
    mempool_capacity: Annotated[int, Field(ge=1, le=10_000_000)] = 20_000


class Feed(Named):
    """A push oracle: its update is a transaction, published when the price moved or the heart beats.

    One of mode ``rate`` needs none: it reads the rate of a claim from whoever issued it, and ``base_feed``;
    one of mode ``fair`` reads the pool whose share it values, and the first feed of each of its coins.
    """

    asset: Name
    mode: Literal["push", "delayed", "fixed", "rate", "fair"] = (
        "push"  # delayed: once in each delay
    )
    deviation_fraction: Annotated[float, Field(gt=0, le=1)] = 0.005
    heartbeat_seconds: SecondsAboveZero = 3600.0
    delay_seconds: Seconds = 0.0
    tip_gwei: Gwei = 2.0
    max_fee_multiple: Multiple = 3.0  # of the going price of gas
    patience_blocks: BlocksAboveZero = 3  # then the update expires and another one is sent
    fixed_price_usd: Price | None = None
    base_feed: Name | None = None


class Pool(Named):
    """A pool that liquidity providers fill: of an asset against the cash, or of two to eight coins."""

    kind: Literal["constant_product", "concentrated", "stable_swap", "weighted", "bands"] = (
        "constant_product"
    )
    tokens: Annotated[tuple[Name, ...], Field(min_length=2, max_length=8)]
    fee_fraction: FractionBelowOne = 0.003
    protocol_fee_fraction: Fraction = 0.0  # of the fees
    tick_spacing: Annotated[int, Field(ge=1, le=16_383)] = 60  # ranges begin and end at multiples
    # StableSwap: A as the contract stores it, and a ramp of it from the recorded start on. Bands: one over
    # their width.
    amplification: Amplification | None = None
    ramp_amplification: Amplification | None = None
    ramp_start_seconds: Seconds | None = None
    ramp_duration_seconds: Annotated[float, Field(ge=86_400, le=1e9)] | None = None
    rates: tuple[Price, ...] | None = None  # units of the invariant a token; none: one each
    # Weighted: shares of the value, in the order of the tokens.
    weights: tuple[Annotated[float, Field(ge=0.01, le=1)], ...] | None = None


class Market(Named):
    """A lending market; what it lends stands in ``reserves``: several if it is pooled, two if not.

    An isolated market lends one asset against one other; one of debt positions issues the cash itself, and so
    does one of bands, whose borrowers' collateral is a pool of kind "bands".
    """

    kind: Literal["pooled", "isolated", "cdp", "bands"] = "pooled"
    close_factor: Literal["v3.3", "v3.0"] = "v3.3"
    flash_loans: bool = False
    flash_fee_fraction: FractionBelowOne = 0.0005
    lltv_fraction: Annotated[float, Field(gt=0, lt=1)] | None = None  # of an isolated market
    loan_asset: Name | None = None  # what an isolated market lends; none: the cash
    # Debt positions (kind = "cdp"), with the names that Maker's contracts give their rules.
    auction: Literal["dutch", "english"] = "dutch"
    chop_fraction: FractionBelowOne = 0.13  # penalty
    dust: Usd = 0.0  # coin: the least debt of a position
    auction_capacity: Annotated[int, Field(ge=1, le=1_000_000)] = 2048  # under way at once
    tip: Usd = 0.0  # coin for whoever starts an auction, and a share of its debt
    chip_fraction: FractionBelowOne = 0.0
    hole: UsdAboveZero = 100e6  # coin that Dutch auctions may want together
    buf_multiple: Multiple = 1.2  # of the oracle price: where a Dutch auction starts
    cut_fraction: Annotated[float, Field(gt=0, lt=1)] = 0.99  # what a step leaves of the price
    step_seconds: SecondsAboveZero = 90.0
    tail_seconds: SecondsAboveZero = 8400.0  # then it has to be restarted ...
    cusp_fraction: FractionBelowOne = 0.4  # ... or below this share of its first price
    lump: Annotated[float, Field(gt=0, le=1e12)] = 50.0  # collateral tokens in an English auction
    beg_fraction: Fraction = 0.03  # by which a bid must beat another
    ttl_seconds: Seconds = 600.0  # how long a bid stands
    tau_seconds: SecondsAboveZero = 259_200.0  # how long an English auction lasts at most
    # Soft liquidation (kind = "bands"), with the names that Curve's contracts give their rules.
    pool: Name | None = None  # the bands
    loan_discount_fraction: FractionBelowOne = 0.09  # of what bands would bring: never lent
    liquidation_discount_fraction: FractionBelowOne = 0.06
    bands_per_loan: Annotated[int, Field(ge=4, le=50)] = 10


class Emode(Named):
    """A category of assets of a pooled market that move together, and what is lent against them."""

    market: Name
    collateral: tuple[Name, ...]
    borrowable: tuple[Name, ...]
    ltv_fraction: FractionBelowOne
    threshold_fraction: FractionBelowOne
    bonus_fraction: Fraction


class Reserve(Named):
    """One asset of a lending market: what it is good for as collateral, and what it costs to borrow."""

    market: Name
    asset: Name
    feed: Name
    # As collateral, which everything can be but the cash and what is only lent.
    ltv_fraction: FractionBelowOne | None = None
    threshold_fraction: FractionBelowOne | None = None
    bonus_fraction: Fraction | None = None
    liquidation_fee_fraction: Fraction = 0.0  # the protocol's part of the bonus
    debt_ceiling_usd: UsdAboveZero | None = None  # collateral by itself only, for so much debt
    # As a loan: the cash, and what some cohort names as its debt_asset.
    base_rate_per_year: RatePerYear = 0.0
    slope1_per_year: RatePerYear | None = None
    slope2_per_year: RatePerYear | None = None
    optimal_utilisation_fraction: Annotated[float, Field(gt=0, lt=1)] | None = None
    reserve_factor_fraction: FractionBelowOne | None = None
    supply_cap_usd: Usd | None = None  # none: unlimited
    borrow_cap_usd: Usd | None = None
    utilisation_fraction: FractionBelowOne = 0.0  # at birth
    is_borrowable_in_isolation: bool = False
    rate_at_target_per_year: Annotated[float, Field(ge=0.001, le=2)] = 0.04  # of an isolated market
