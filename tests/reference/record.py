"""What is written down of a block, by name: everything that two models of the same rules must agree on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.reference.keepers import Liquidator
from tests.reference.marking import risk_quantile
from tests.reference.vault import Vault
from tests.reference.volatility_target import VolatilityTarget

if TYPE_CHECKING:
    from tests.reference.model import ReferenceModel
    from tests.reference.participant import Cohort

COUNTS = (
    "volume_usd debt_repaid_usd deficit_usd triggers submitted executed reverted expired "
    "liquidated at_risk bids wins losses no_profit no_cash no_gas_money"
).split()
EXCHANGE = (
    "fundamental_price_usd market_price_usd permanent_impact transient_impact inventory "
    "sold_usd bought_usd depth_multiple"
).split()
FEED = (
    "price_usd waiting_price_usd waiting_until_seconds updated_seconds in_flight "
    "impact waiting_impact observed_slot waiting_observed_slot"
).split()
POOL = ["reserve0", "reserve1", "lp_supply"]
RESERVE = (
    "cash scaled_supply scaled_debt treasury_scaled deficit liquidity_index borrow_index "
    "supply_rate_per_year borrow_rate_per_year updated_seconds"
).split()
CHAIN = (
    "base_fee_gwei paid_base_fee_gwei gas_used background_gas demand_multiple fees_burned "
    "tips_paid waiting"
).split()


def state(model: ReferenceModel) -> dict[str, float | str]:
    """Every number that outlives a block, and the balances of all accounts."""
    found: dict[str, float | str] = {"slot": model.slot, "seconds": model.seconds}
    for account in model.accounts:
        for token, amount in account.balances.items():
            found[f"{account.name} {token}"] = amount
    for kind, rows, names in (
        ("exchange", model.exchanges, EXCHANGE),
        ("feed", model.feeds, FEED),
        ("pool", model.pools, POOL),
        ("reserve", model.reserves, RESERVE),
        ("chain", [model.chain], CHAIN),
    ):
        for row in rows:
            for name in names:
                found[f"{kind} {row.name} {name}"] = getattr(row, name)
    for (cause, payer, receiver), usd in model.paid_usd.items():
        if usd != 0.0:
            found[f"{cause} paid by {payer} to {receiver}"] = usd
    for asset, wealth in model.wealth.items():
        for name, told in vars(wealth).items():
            found[f"{asset} {name} of the inside"] = told
    for cohort in model.cohorts:
        for member in cohort.members:
            key = f"{cohort.name}.{member.row}"
            found[f"{key} in_mempool"] = member.in_mempool
            if isinstance(member, Vault):
                found[f"{key} nav_usd"] = member.nav_usd
                found[f"{key} duty"] = member.duty
            if cohort.settlement_slots > 0:
                found[f"{key} settles_at"] = member.settles_at
            if isinstance(member, VolatilityTarget):
                found[f"{key} variance_per_year"] = member.volatility.variance_per_year
                clean = member.clean_volatility.variance_per_year
                found[f"{key} clean_variance_per_year"] = clean
            if isinstance(member, Liquidator):
                found[f"{key} wins"] = member.wins
                found[f"{key} losses"] = member.losses
                found[f"{key} recent_wins"] = member.recent_wins
                found[f"{key} recent_losses"] = member.recent_losses
                found |= {f"{key} {fate}": n for fate, n in member.passed.items()}
    return found


def tables(model: ReferenceModel) -> dict[str, float]:
    """The rows that the tables get for this block."""
    chain, now = model.chain, model.seconds
    found: dict[str, float] = {
        "block": model.block,
        "seconds": now,
        "base_fee_gwei": chain.paid_base_fee_gwei,
        "demand_multiple": chain.demand_multiple,
        "gas_used": chain.gas_used,
        "background_gas": chain.background_gas,
        "n_waiting": chain.waiting,
        "fees_burned_eth": chain.fees_burned,
        "tips_paid_eth": chain.tips_paid,
    }
    for fate, number in chain.counts.items():
        found[f"n_{fate}"] = number
    for exchange in model.exchanges:
        found[f"fundamental_price_usd.{exchange.name}"] = exchange.fundamental_price_usd
        found[f"market_price_usd.{exchange.name}"] = exchange.market_price_usd
        found[f"permanent_impact.{exchange.name}"] = exchange.permanent_impact
        found[f"transient_impact.{exchange.name}"] = exchange.transient_impact
        found[f"depth_multiple.{exchange.name}"] = exchange.depth_multiple
    for feed in model.feeds:
        found[f"oracle_price_usd.{feed.name}"] = feed.price_usd
    for pool in model.pools:
        for name in POOL:
            found[f"{pool.name} {name}"] = getattr(pool, name)
    for reserve in model.reserves:
        liquidity_index = reserve.liquidity_index_now(now)
        found[f"{reserve.name} supplied"] = reserve.scaled_supply * liquidity_index
        found[f"{reserve.name} borrowed"] = reserve.scaled_debt * reserve.borrow_index_now(now)
        found[f"{reserve.name} cash"] = reserve.cash
        found[f"{reserve.name} deficit"] = reserve.deficit
        found[f"{reserve.name} treasury"] = reserve.treasury_scaled * liquidity_index
        found[f"{reserve.name} residual"] = reserve.residual(now)
        left = reserve.left_to_treasury(now)
        found[f"{reserve.name} treasury_nav_usd"] = left * reserve.asset.market_price_usd
        found[f"{reserve.name} treasury_nav_protocol_usd"] = left * reserve.feed.price_usd
        found[f"{reserve.name} supply_rate_per_year"] = reserve.supply_rate_per_year
        found[f"{reserve.name} borrow_rate_per_year"] = reserve.borrow_rate_per_year
    for cohort in model.cohorts:
        found.update({f"{cohort.name} {name}": told for name, told in _cohort(cohort).items()})
    return found


def _cohort(cohort: Cohort) -> dict[str, float]:
    worst = max(cohort.risks, default=0.0)
    quantiles = {
        f"risk_{name}": risk_quantile(cohort.risks, share)
        for name, share in (("p05", 0.05), ("p50", 0.5), ("p95", 0.95))
    }
    counts = {
        name if name.endswith("_usd") else f"n_{name}": cohort.counts[name] for name in COUNTS
    }
    return {
        "nav_usd": cohort.nav_usd,
        "nav_protocol_usd": cohort.nav_protocol_usd,
        "debt_usd": cohort.debt_usd,
        "collateral_usd": cohort.collateral_usd,
        "min_health": 1.0 / worst if worst > 0.0 else 0.0,
        "alive_fraction": cohort.alive_fraction,
        **counts,
        **quantiles,
    }
