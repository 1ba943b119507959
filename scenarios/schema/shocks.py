"""Shocks: what the world does to the system, each a kind of table told apart by its key ``shock``.

``start_seconds`` counts from the recorded start. A price path must say what it is (``kind``): a recorded
``market`` price already contains its own fire sales, a ``fundamental`` one gets them from the simulation,
and for a ``market_implied`` one the fundamental is looked for under which the simulation leads there.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scenarios.schema.values import (
    Fraction,
    Moment,
    Multiple,
    Name,
    Named,
    Price,
    Seconds,
    SecondsAboveZero,
    Table,
    VolatilityPerYear,
)

MARKET_IMPLIED = "market_implied"
Hours = Annotated[float, Field(ge=0, le=1e6)]


class Shock(Named):
    """What all shocks have in common."""

    shock: str
    start_seconds: Seconds = 0.0


class Columns(Table):
    """How a price file names its columns, where it differs."""

    timestamp: str = "timestamp"
    asset: str = "asset"
    open: str = "open"
    high: str = "high"
    low: str = "low"
    close: str = "close"


class PricePath(Shock):
    """A path the price follows: through anchors, or as recorded in a file, with a bridge between points."""

    shock: Literal["price_path"] = "price_path"
    asset: Name
    kind: Literal["market", "fundamental", "market_implied"]
    volatility_per_year: VolatilityPerYear  # of the bridge between two points
    anchors: tuple[tuple[Hours, Price], ...] | None = None
    file: str | None = None
    file_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    columns: Columns | None = None
    from_: Moment | None = Field(default=None, alias="from")
    until: Moment | None = None
    # How a market_implied path looks for its fundamental.
    calibration_seeds: Annotated[int, Field(ge=1, le=1000)] = 5
    calibration_rounds: Annotated[int, Field(ge=1, le=100)] = 4
    max_gap_fraction: Annotated[float, Field(gt=0, le=1)] = 0.02  # beyond which a run says so


class PriceGap(Shock):
    """The fundamental price jumps by a fraction, for a while or for good."""

    shock: Literal["price_gap"] = "price_gap"
    asset: Name
    size_fraction: Annotated[float, Field(gt=-1, le=1000)]  # -0.08: falls by 8 %
    duration_seconds: Seconds = 0.0  # 0: for good


class Volatility(Shock):
    """The fundamental price moves more (or less) than usual."""

    shock: Literal["volatility"] = "volatility"
    asset: Name
    multiple: Multiple
    duration_seconds: SecondsAboveZero


class GasDemand(Shock):
    """More (or fewer) others want block space."""

    shock: Literal["gas_demand"] = "gas_demand"
    chain: Name
    multiple: Multiple
    duration_seconds: SecondsAboveZero
    ramp_seconds: Seconds = 0.0


class OracleStall(Shock):
    """A feed publishes nothing."""

    shock: Literal["oracle_stall"] = "oracle_stall"
    feed: Name
    duration_seconds: SecondsAboveZero


class KeeperOutage(Shock):
    """Some keepers of a cohort do nothing."""

    shock: Literal["keeper_outage"] = "keeper_outage"
    cohort: Name
    share_fraction: Fraction = 1.0
    duration_seconds: SecondsAboveZero


class LiquidityWithdrawal(Shock):
    """A part of a pool's liquidity, or of an asset's depth outside, goes: for a while or for good."""

    shock: Literal["liquidity_withdrawal"] = "liquidity_withdrawal"
    pool: Name | None = None
    asset: Name | None = None  # its depth on the outside exchange
    fraction: Fraction
    duration_seconds: Seconds = 0.0  # 0: for good
    recovery_seconds: SecondsAboveZero | None = None  # of an asset: its depth comes back after that


class Rumour(Shock):
    """Depositors of a share vault, or holders of a coin, believe that something has been lost."""

    shock: Literal["rumour"] = "rumour"
    share_vault: Name | None = None
    redemption: Name | None = None  # the module whose reserve is doubted
    loss_fraction: Fraction
    duration_seconds: SecondsAboveZero


class ReserveLoss(Shock):
    """A part of a redemption module's reserve cannot be paid out: for a while or for good."""

    shock: Literal["reserve_loss"] = "reserve_loss"
    redemption: Name
    fraction: Annotated[float, Field(gt=0, le=1)]  # of the reserve at birth
    duration_seconds: Seconds = 0.0  # 0: for good


class RedemptionHalt(Shock):
    """A redemption module pays nothing out."""

    shock: Literal["redemption_halt"] = "redemption_halt"
    redemption: Name
    duration_seconds: SecondsAboveZero


SHOCKS: dict[str, type[Shock]] = {
    str(kind.model_fields["shock"].default): kind
    for kind in (
        PricePath,
        PriceGap,
        Volatility,
        GasDemand,
        OracleStall,
        KeeperOutage,
        LiquidityWithdrawal,
        Rumour,
        ReserveLoss,
        RedemptionHalt,
    )
}
