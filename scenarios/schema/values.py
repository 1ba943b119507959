"""Kinds of value that a scenario may hold, with their bounds: every number finite, every size bounded."""

from __future__ import annotations

import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$", max_length=64)]
Price = Annotated[float, Field(gt=0, le=1e12)]  # USD
Usd = Annotated[float, Field(ge=0, le=1e15)]
UsdAboveZero = Annotated[float, Field(gt=0, le=1e15)]
Fraction = Annotated[float, Field(ge=0, le=1)]
FractionBelowOne = Annotated[float, Field(ge=0, lt=1)]
Amplification = Annotated[float, Field(gt=0, lt=1e6)]  # as in the contract
Seconds = Annotated[float, Field(ge=0, le=1e9)]
SecondsAboveZero = Annotated[float, Field(gt=0, le=1e9)]
Blocks = Annotated[int, Field(ge=0, le=100_000_000)]
BlocksAboveZero = Annotated[int, Field(ge=1, le=100_000_000)]
Gwei = Annotated[float, Field(ge=0, le=1e9)]
GweiAboveZero = Annotated[float, Field(gt=0, le=1e9)]
Gas = Annotated[float, Field(gt=0, le=1e15)]
VolatilityPerYear = Annotated[float, Field(ge=0, le=50)]
RatePerYear = Annotated[float, Field(ge=0, le=100)]
Multiple = Annotated[float, Field(gt=0, le=1e6)]


class Table(BaseModel):
    """A table of a scenario file: no unknown key, no conversion, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Named(Table):
    """A table of an array: other tables refer to it by name."""

    name: Name
    description: str = ""


def utc(value: object) -> str:
    """A moment as ISO 8601 in UTC. A time without a zone is refused, for nobody knows when it was."""
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("expected a moment such as 2020-03-12T01:00:00Z") from None
    if not isinstance(moment, datetime.datetime):
        raise ValueError("expected a moment such as 2020-03-12T01:00:00Z")
    if moment.tzinfo is None:
        raise ValueError("the time zone is missing: write it in UTC, ending in Z")
    try:
        moment = moment.astimezone(datetime.UTC)
    except OverflowError:
        raise ValueError("is out of the range of dates") from None
    return moment.isoformat().replace("+00:00", "Z")


def unix_seconds(moment: str) -> float:
    """Seconds since 1970 of a moment written by :func:`utc`."""
    return datetime.datetime.fromisoformat(moment).timestamp()


Moment = Annotated[str, BeforeValidator(utc)]
