"""The wealth identity: what the inside has lost is what the prices, its trades and its payments say it has.

    loss = frozen + timing + execution shortfall + fees and gas + other payments + residual mark

``frozen`` is the fall of the fundamental price on what was held at the recorded start, ``timing`` the same
on what was bought or sold since; the shortfall is what trades with the outside gave away against the
fundamental price; the residual mark is what the holdings at the end are marked below it. The left side is
read off balances and market prices, the right side off tables that the engine adds up while it runs, so
that neither can hide an error of the other: every run is held to it, to 1e-9 of the wealth at its start.
Source: Perold (1988), The Implementation Shortfall: Paper versus Reality, for the split of a loss into price
and execution.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import causes
from sim.errors import WealthUnexplained
from sim.ledger import column
from sim.tables import UNDERLYING

if TYPE_CHECKING:
    from scenarios.simulation import Simulation

TOLERANCE = 1e-9  # of the wealth of the inside at the start
# Causes of payments across the border of the inside, by the term they belong to.
TERM_OF_CAUSE = {
    causes.SWAP: "execution_shortfall_usd",
    causes.OUTSIDE_TRADE: "execution_shortfall_usd",
    causes.REPRICING: "execution_shortfall_usd",
    causes.GAS: "fees_and_gas_usd",
    causes.TIP: "fees_and_gas_usd",
}
OTHER = "other_payments_usd"
PRICE_TERMS = ("frozen_usd", "timing_usd", "residual_mark_usd")  # one of each asset
TERMS = (
    "frozen_usd",
    "timing_usd",
    "execution_shortfall_usd",
    "fees_and_gas_usd",
    OTHER,
    "residual_mark_usd",
)


def wealth_identity(sim: Simulation) -> dict[str, Any]:
    """Both sides of the identity and every term; raises WealthUnexplained where it does not close."""
    held = balances(sim)
    wealth = sim.world.log.wealth
    market_usd = sim.world.venues.exchanges["market_price_usd"].tolist()
    start_usd = _worth(wealth["inside_at_start"], wealth["market_price_at_start_usd"])
    end_usd = _worth(held, market_usd)
    allowed_usd = TOLERANCE * abs(start_usd)
    _refuse_lost_track(sim, held, allowed_usd)
    by_asset, by_cause = terms_by_asset(sim), paid_out(sim)
    total = {
        name: math.fsum(part[name] for part in by_asset.values())
        if name in PRICE_TERMS
        else math.fsum(usd for cause, usd in by_cause.items() if _term(cause) == name)
        for name in TERMS
    }
    loss_usd = start_usd - end_usd
    said_usd = math.fsum(total.values())
    gap_usd = loss_usd - said_usd
    if not abs(gap_usd) <= allowed_usd:  # so that NaN is a breach
        terms = ", ".join(f"{name.removesuffix('_usd')} {total[name]:,.2f}" for name in TERMS)
        what = (
            f"by balances and prices the inside lost {loss_usd:,.2f} USD, its terms sum to "
            f"{said_usd:,.2f} ({terms})"
        )
        raise WealthUnexplained(what, sim.block, gap_usd, "USD", allowed_usd)
    return {
        "inside_at_start_usd": start_usd,
        "inside_at_end_usd": end_usd,
        "loss_usd": loss_usd,
        **total,
        "error_usd": gap_usd,
        "error_allowed_usd": allowed_usd,
        "by_asset": by_asset,
        "paid_out_by_cause_usd": by_cause,
    }


def balances(sim: Simulation) -> list[float]:
    """Whole tokens of each asset in all inside accounts, exactly summed, less what the inside has issued."""
    inside = np.flatnonzero(sim.world.log.is_inside)
    reserves, tokens = sim.world.venues.reserves, sim.world.tokens
    return [
        math.fsum(x for group in inside for x in column(sim.world.ledger, token, group).tolist())
        - math.fsum(reserves["issued"][reserves["token"] == token].tolist())
        if tokens[token].kind
        == UNDERLYING  # a claim on what the inside holds is no wealth of its own
        else 0.0
        for token in sim.world.venues.exchanges["token"].tolist()
    ]


def terms_by_asset(sim: Simulation) -> dict[str, dict[str, float]]:
    """What each price did to the inside, from the tables of the engine.

    The price at the start is taken from the path as drawn and from the engine's table, in one term each: a
    start that the engine has noted at another block does not close.
    """
    found = {}
    drawn_usd = sim.world.clock.fundamental_price_usd[sim.scenario.time.burn_in_blocks]
    for a, asset in enumerate(sim.names.assets):
        wealth, exchange = sim.world.log.wealth[a], sim.world.venues.exchanges[a]
        start, start_usd = float(wealth.inside_at_start), float(wealth.price_at_start_usd)
        end_usd = float(exchange.fundamental_price_usd)
        below_at_start_usd = start_usd - float(wealth.market_price_at_start_usd)
        below_at_end_usd = end_usd - float(exchange.market_price_usd)
        found[asset] = {
            "frozen_usd": start * (float(drawn_usd[a]) - end_usd),
            "timing_usd": float(wealth.timing_usd),
            "residual_mark_usd": float(wealth.inside) * below_at_end_usd
            - start * below_at_start_usd,
        }
    return found


def paid_out(sim: Simulation) -> dict[str, float]:
    """USD that the inside paid to the outside less what it received, by cause."""
    paid_usd = sim.world.log.paid_usd
    is_inside = sim.world.log.is_inside == 1
    out = paid_usd[:, is_inside][:, :, ~is_inside].reshape(len(paid_usd), -1)
    back = paid_usd[:, ~is_inside][:, :, is_inside].reshape(len(paid_usd), -1)
    return {
        name: math.fsum([*out[cause].tolist(), *(-back[cause]).tolist()])
        for cause, name in enumerate(causes.NAMES)
        if out[cause].any() or back[cause].any()
    }


def _term(cause: str) -> str:
    return TERM_OF_CAUSE.get(causes.NAMES.index(cause), OTHER)


def _refuse_lost_track(sim: Simulation, held: list[float], allowed_usd: float) -> None:
    """What the tables say the inside holds must be what its accounts hold."""
    for asset, exchange, wealth, amount in zip(
        sim.names.assets, sim.world.venues.exchanges, sim.world.log.wealth, held, strict=True
    ):
        price_usd = float(exchange.market_price_usd)
        gap = amount - float(wealth.inside)
        if not abs(gap) * price_usd <= allowed_usd:
            what = (
                f"inside accounts hold {amount!r} {asset}, the transfers booked say "
                f"{float(wealth.inside)!r}"
            )
            allowed = allowed_usd / price_usd if price_usd > 0.0 else math.nan
            raise WealthUnexplained(what, sim.block, gap, asset, allowed)


def _worth(amounts: Any, prices_usd: Any) -> float:
    return math.fsum(float(q) * float(p) for q, p in zip(amounts, prices_usd, strict=True))
