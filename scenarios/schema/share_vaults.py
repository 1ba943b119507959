"""Vaults whose shares are tokens, and where they place their depositors' money.

The order of the placements of a vault is its supply queue; ``withdraw_rank`` orders its withdrawal queue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from scenarios.schema.links import known
from scenarios.schema.values import BlocksAboveZero, Fraction, FractionBelowOne, Name, Named, Usd
from sim.errors import MISSING, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scenarios.schema.cohorts import Cohort
    from scenarios.schema.scenario import Scenario

FeePerYear = Annotated[float, Field(ge=0, le=1)]
SMALLEST_OUTSIDE = 1e-6  # of a circle of vaults: the least share that somebody else must own


class ShareVault(Named):
    """A vault of one asset (ERC-4626): depositors own it in shares, a curator says where it is placed."""

    asset: Name | None = None  # none: the cash
    idle_fraction: FractionBelowOne = 0.05  # kept ready for those who leave
    management_fee_per_year: FeePerYear = 0.0
    performance_fee_fraction: FractionBelowOne = 0.0
    fee_recipient: Name | None = None  # the cohort whose first row gets the fees, in shares
    redemptions: Literal["at_once", "in_line"] = "at_once"
    queue_length: BlocksAboveZero = 10_000  # requests that can stand in line


class Placement(Named):
    """A place where a share vault may put its money: a reserve of a lending market, or another vault."""

    vault: Name
    reserve: Name | None = None
    into: Name | None = None  # another share vault
    cap_usd: Usd | None = None  # none: unlimited; what it would exceed goes to the next place
    weight_fraction: Fraction = 0.0  # of what is not idle, at birth
    withdraw_rank: Annotated[int, Field(ge=0, le=1_000_000)] = 0  # lowest first; ties as declared


def check_share_vaults(scenario: Scenario) -> None:
    """Places that exist, of the same asset; weights that leave nothing over; nobody owns all of itself."""
    for vault in scenario.share_vaults:
        key = f"share_vaults.{vault.name}"
        known(f"{key}.asset", vault.asset, scenario.assets, "asset")
        known(f"{key}.fee_recipient", vault.fee_recipient, scenario.cohorts, "cohort")
        if takes_fees(vault) and vault.fee_recipient is None:
            raise InputError(
                None, f"{key}.fee_recipient", MISSING, "is required: somebody gets the fees"
            )
        for cohort in scenario.cohorts:
            if cohort.name == vault.fee_recipient and cohort.share_vault != vault.name:
                problem = (
                    f"does not hold shares of {vault.name!r} (its share_vault does not name it)"
                )
                raise InputError(None, f"{key}.fee_recipient", cohort.name, problem)
    for place in scenario.placements:
        _check_placement(scenario, place)
    for vault in scenario.share_vaults:
        weights = [
            place.weight_fraction for place in scenario.placements if place.vault == vault.name
        ]
        if weights and abs(sum(weights) - 1.0) > 1e-9:
            problem = f"the weights of its placements sum to {sum(weights):g}, not to 1"
            raise InputError(None, f"share_vaults.{vault.name}", MISSING, problem)
    _check_circles(scenario)


def _check_placement(scenario: Scenario, place: Placement) -> None:
    key = f"placements.{place.name}"
    known(f"{key}.vault", place.vault, scenario.share_vaults, "share vault")
    known(f"{key}.reserve", place.reserve, scenario.reserves, "reserve")
    known(f"{key}.into", place.into, scenario.share_vaults, "share vault")
    if (place.reserve is None) == (place.into is None):
        value = MISSING if place.reserve is None else place.reserve
        raise InputError(None, f"{key}.reserve", value, "exactly one of reserve and into is needed")
    asset = asset_of(scenario, place.vault)
    if place.reserve is not None:
        found = next(r.asset for r in scenario.reserves if r.name == place.reserve)
        if found != asset:
            problem = f"lends {found}, but share vault {place.vault!r} holds {asset}"
            raise InputError(None, f"{key}.reserve", place.reserve, problem)
    elif asset_of(scenario, str(place.into)) != asset:
        problem = f"holds another asset than share vault {place.vault!r}"
        raise InputError(None, f"{key}.into", place.into, problem)
    elif place.into == place.vault:
        raise InputError(None, f"{key}.into", place.into, "a vault cannot own itself")


def takes_fees(vault: ShareVault) -> bool:
    """Whether somebody has to be named who gets the fees."""
    return vault.management_fee_per_year > 0 or vault.performance_fee_fraction > 0


def asset_of(scenario: Scenario, vault: str) -> str:
    """What a share vault holds."""
    found = next(row for row in scenario.share_vaults if row.name == vault)
    return found.asset or scenario.cash.name


def deposits_usd(scenario: Scenario) -> dict[str, float]:
    """What depositors themselves bring to each vault at birth."""
    found = {vault.name: 0.0 for vault in scenario.share_vaults}
    for cohort in scenario.cohorts:
        if cohort.share_vault is not None:
            found[cohort.share_vault] += (1.0 - outside_fraction(cohort)) * (cohort.tvl_usd or 0.0)
    return found


def outside_fraction(cohort: Cohort) -> float:
    """What depositors have not yet deposited at birth, of the money of each."""
    fraction = cohort.parameters["outside_fraction"]
    assert isinstance(fraction, float)
    return fraction


def totals_usd(
    scenario: Scenario, pledged_usd: Mapping[str, float] | None = None
) -> dict[str, float]:
    """What each vault owns at birth: deposits, shares that are pledged elsewhere, and what other vaults have
    placed with it (a fixed point)."""
    brought = deposits_usd(scenario)
    for name, usd in (pledged_usd or {}).items():
        brought[name] += usd
    idle = {vault.name: vault.idle_fraction for vault in scenario.share_vaults}
    totals = dict(brought)
    for _ in range(10_000):
        after = dict(brought)
        for place in scenario.placements:
            if place.into is not None:
                after[place.into] += (
                    totals[place.vault] * (1.0 - idle[place.vault]) * place.weight_fraction
                )
        moved = max((abs(after[name] - totals[name]) for name in after), default=0.0)
        totals = after
        if moved <= 1e-15 * max(totals.values(), default=0.0):
            break
    return totals


def _check_circles(scenario: Scenario) -> None:
    """Refuse a circle of vaults that nobody outside it owns a part of."""
    brought, totals = deposits_usd(scenario), totals_usd(scenario)
    for vault in scenario.share_vaults:
        if totals[vault.name] <= 0.0:
            problem = "nobody deposits: a share_holder cohort or another vault must own its shares"
            raise InputError(None, f"share_vaults.{vault.name}", MISSING, problem)
    if totals and sum(brought.values()) < SMALLEST_OUTSIDE * sum(totals.values()):
        name = max(totals, key=lambda vault: totals[vault])
        problem = "owns all of itself, through the vaults it has placed its money with"
        raise InputError(None, f"share_vaults.{name}", MISSING, problem)
