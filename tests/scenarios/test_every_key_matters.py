"""No key of a scenario file is silently ignored: changing any of them changes what happens.

What happens is balances, prices and events, not the tables the numbers are stored in: a key that is read
into the world and then used by nobody is found too. The stage is a small population in a fast crash, on
which every mechanism has work to do. A key is asked about for each strategy and each kind of asset, for
what matters to a vault of another asset may do nothing for one of the native asset.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from scenarios.load import load
from scenarios.merge import ARRAYS
from scenarios.schema import Scenario
from scenarios.simulation import Simulation
from sim.errors import InputError
from tests.banded_stage import tended_bands
from tests.lending_stage import lending_stage
from tests.redemption_stage import redemption_stage
from tests.rise_and_fall import rise_and_fall
from tests.share_vault_stage import share_vault_stage
from tests.staked_stage import staked_stage

N_ROWS = 12
STAGE = [
    "time.horizon_blocks=260",
    "time.burn_in_blocks=20",
    "time.settle_blocks=10",
    "shocks.eth_path.anchors=[[0, 194.97], [0.3, 150.0], [0.6, 95.0], [0.75, 150.0], [0.9, 170.0]]",
    "shocks.btc_path.anchors=[[0, 7913.42], [0.3, 6000.0], [0.6, 4300.0], [0.75, 6000.0], [0.9, 6500.0]]",
    "shocks.eth_path.kind=fundamental",  # how a market_implied path is calibrated: test_implied.py
    "shocks.btc_path.kind=fundamental",
    "feeds.usdc_usd.max_fee_multiple=1.0",  # bids low, so that its patience comes to an end
    "shocks.congestion.start=10 min",
    "shocks.congestion.ramp=5 min",
    "shocks.congestion.duration=25 min",
    "shocks.congestion.multiple=30",
]
EXTRA_SHOCKS: list[dict[str, Any]] = [
    {"name": "gap", "shock": "price_gap", "asset": "USDC", "size_fraction": -0.03,
     "start_seconds": 500.0, "duration_seconds": 400.0},
    {"name": "wild", "shock": "volatility", "asset": "ETH", "multiple": 1.5,
     "start_seconds": 100.0, "duration_seconds": 900.0},
    {"name": "stall", "shock": "oracle_stall", "feed": "btc_usd", "start_seconds": 1500.0,
     "duration_seconds": 300.0},
    {"name": "outage", "shock": "keeper_outage", "cohort": "liquidators", "share_fraction": 0.5,
     "start_seconds": 2400.0, "duration_seconds": 700.0},
    {"name": "exit", "shock": "liquidity_withdrawal", "pool": "eth_usdc", "fraction": 0.4,
     "start_seconds": 700.0, "duration_seconds": 700.0},
    {"name": "leave", "shock": "liquidity_withdrawal", "pool": "three", "fraction": 0.4,
     "start_seconds": 900.0, "duration_seconds": 700.0},
    {"name": "leave_range", "shock": "liquidity_withdrawal", "pool": "ticks", "fraction": 0.4,
     "start_seconds": 1100.0, "duration_seconds": 700.0},
    {"name": "thin", "shock": "liquidity_withdrawal", "asset": "ETH", "fraction": 0.3,
     "start_seconds": 800.0, "duration_seconds": 400.0, "recovery_seconds": 900.0},
]  # fmt: skip
# A second pool for each asset, so that there is something to choose, and one of each kind.
SECOND_POOL: dict[str, Any] = {
    "pools": [{"name": "btc_usdc_low_fee", "tokens": ["BTC", "USDC"], "fee_fraction": 0.0005},
              {"name": "three", "kind": "weighted", "tokens": ["ETH", "BTC", "USDC"],
               "weights": [0.4, 0.4, 0.2], "protocol_fee_fraction": 0.1},
              {"name": "flat", "kind": "stable_swap", "tokens": ["ETH", "USDC"],
               "rates": [194.97, 1.0], "amplification": 2.0, "protocol_fee_fraction": 0.1,
               "ramp_amplification": 4.0, "ramp_start_seconds": 60.0,
               "ramp_duration_seconds": 86_400.0},
              {"name": "ticks", "kind": "concentrated", "tokens": ["ETH", "USDC"],
               "fee_fraction": 0.003, "tick_spacing": 60, "protocol_fee_fraction": 0.1}],
    "cohorts": [{"name": f"{pool}_providers", "strategy": "liquidity_provider",
                 "n_rows": 5, "tvl_usd": 20e6, "pool": pool}
                for pool in ("btc_usdc_low_fee", "three", "flat")]
               + [{"name": "ticks_providers", "strategy": "liquidity_provider", "n_rows": 5,
                   "tvl_usd": 20e6, "pool": "ticks", "lower_price_multiple": 0.7,
                   "upper_price_multiple": 1.3}],
}  # fmt: skip
# Not part of what happens: prose, references by name, and how often snapshots are taken.
NOT_PHYSICS = {
    "schema", "title", "question", "sources", "name", "description", "shock", "strategy", "kind",
    "start", "record", "close_factor", "decimals", "tokens", "is_cash", "file", "file_sha256",
    "columns", "from", "until", "pools_", "market", "asset", "feed", "pool", "chain", "cohort",
    "native_asset", "reserve_asset", "loan_asset", "debt_asset", "emode", "collateral", "borrowable",
    "auction", "coin", "redemption", "base_feed",
    "volatile_feed", "vault", "reserve", "into", "share_vault", "receipt_of",
}  # fmt: skip


# The same crash once more, where the other half of the choices are made.
OTHERWISE = {
    "chains.main.fee_market": "eip1559",
    "cohorts.liquidators.outside_access": False,
    "cohorts.eth_balanced.asset": "BTC",
    "cohorts.eth_volatility_target.asset": "BTC",
    "cohorts.usdc_lenders.tvl_usd": 330e6,  # 97 % of it is lent
    "chains.main.gas_limit": 6e6,
    "shocks.stall.feed": "eth_usd",
    "feeds.usdc_usd.mode": "fixed",
    "feeds.usdc_usd.fixed_price_usd": 1.0,
    "remove": ["reserves.core_usdc.utilisation"],
}


# A market of debt positions in a crash of an hour, with English auctions and with Dutch ones.
AUCTIONS = [
    "time.horizon_blocks=400",
    "time.burn_in_blocks=20",
    "time.settle_blocks=10",
    "feeds.eth_usd.delay=5 min",
    "feeds.eth_usd.max_fee_multiple=1.0",  # bids low, so that its patience comes to an end
    "feeds.eth_usd.patience_blocks=3",
    "shocks.eth_path.kind=fundamental",
    "shocks.eth_path.anchors=[[0, 194.97], [0.2, 150.0], [0.5, 95.0], [0.9, 160.0], [1.5, 110.0]]",
    "shocks.congestion.start=10 min",
    "shocks.congestion.ramp=5 min",
    "shocks.congestion.duration=40 min",
    "cohorts.owners.n_rows=200",
    "cohorts.owners.attention=5 %",
    "cohorts.model_keepers.n_rows=4",
    "markets.maker.ttl=2 min",
]
DUTCH = {
    "markets.maker.auction": "dutch",
    "markets.maker.step_seconds": 13.0,
    "cohorts.model_keepers.strategy": "auction_taker",
    "cohorts.opportunist.strategy": "auction_taker",
    "remove": ["cohorts.model_keepers.opening", "cohorts.opportunist.opening"],
}


def stages() -> list[Scenario]:
    """The crash on which every mechanism works, in two versions."""
    cohorts = load("black_thursday_2020").cohorts
    rows = {f"cohorts.{cohort.name}.n_rows": N_ROWS for cohort in cohorts}
    rows["cohorts.eth_borrowers.n_rows"] = 250
    first = load("black_thursday_2020", STAGE, {**rows, **SECOND_POOL, "shocks": EXTRA_SHOCKS})
    english = load("zero_bid_auctions_2020", AUCTIONS)
    return [
        first, first.with_(**OTHERWISE), rise_and_fall(), lending_stage(), english,
        english.with_(**DUTCH), redemption_stage(), share_vault_stage(), staked_stage(),
        tended_bands(),
    ]  # fmt: skip


def outcome(scenario: Scenario) -> str:
    """SHA-256 of balances, prices and events after the run."""
    simulation = Simulation(scenario, seed=7)
    digest = hashlib.sha256()
    while not simulation.is_done:
        simulation.run()
        recorded = simulation.drain()
        for array in (recorded.blocks, recorded.pools, recorded.reserves, recorded.events):
            digest.update(np.ascontiguousarray(array).tobytes())
    digest.update(simulation.world.ledger.balance.tobytes())
    return digest.hexdigest()


def leaves(tables: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Dotted path and value of every key that is a number, a law or a choice."""
    for key, value in tables.items():
        if key in NOT_PHYSICS or (key in ARRAYS and not value):
            continue
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for row in value:
                for path, leaf in leaves(row):
                    yield f"{key}.{row['name']}.{path}", leaf
        elif isinstance(value, dict) and "distribution" not in value:
            for path, leaf in leaves(value):
                yield f"{key}.{path}", leaf
        else:
            yield key, value


def others(key: str, value: Any) -> Iterator[Any]:
    """Other values a key might have, plain ones first; what the schema refuses is passed over."""
    if isinstance(value, bool):
        yield not value
    elif value is None:
        yield from (10_000.0, 1e6, 1e8)
    elif isinstance(value, int):
        yield from (value + 1, max(value - 1, 1), value * 3, max(value // 20, 1), 64, 1)
    elif isinstance(value, float):
        yield from (value * 1.25, value * 0.8, value + 0.05, value * 10.0, value * 0.01)
        yield from (0.5, 30.0, 300.0, 3000.0, 1e6, value * 0.99)
    elif isinstance(value, dict):
        yield {**value, "high": value["high"] * 0.97, "low": value["low"] * 1.01}
        yield {**value, "high": 0.5 * (value["low"] + value["high"])}
    elif key in ("rates", "weights"):
        yield value[::-1]
    elif key == "pools":
        yield value[:1]
        yield from (["eth_usdc"], ["btc_usdc"])
    elif key == "anchors":
        yield [[hours, price * 0.97] for hours, price in value]
    elif key == "fee_market":
        yield from {"eip1559", "first_price"} - {value}
    elif key == "weekdays":
        yield ["Sun"]
    elif key == "redemptions":
        yield from {"at_once", "in_line"} - {value}
    elif key == "fee_recipient":
        yield "takers"
    elif key == "prior_duty":
        yield from {"repair", "performance"} - {value}
    elif key == "mode":
        yield from {"fixed", "push"} - {value}


def asset_kind(asset: str | None, scenario: Scenario) -> str:
    """What an asset is to the engine: it quotes the others in one, and pays gas in another."""
    if asset is None:
        return ""
    if asset == scenario.cash.name:
        return " of the cash"
    is_native = asset == scenario.chains[0].native_asset
    return " of the native asset" if is_native else " of another asset"


def kind_of(path: str, scenario: Scenario) -> str:
    """Where two rows are alike to the engine, it is enough that a key matters to one of them.

    Alike are rows of a table that choose the same (strategy, mode, shock) and whose asset is of one kind.
    """
    table, _, rest = path.partition(".")
    name, _, key = rest.partition(".")
    alike = ("cohorts", "reserves", "feeds", "pools", "assets", "shocks", "chains")
    if table not in (*alike, "markets", "redemptions", "share_vaults", "placements"):
        return path
    row: Any = next(row for row in getattr(scenario, table) if row.name == name)
    choices = (
        "strategy",
        "mode",
        "shock",
        "fee_market",
        *(("kind",) if table in ("pools", "markets", "redemptions") else ()),
    )
    chosen = next((getattr(row, choice) for choice in choices if hasattr(row, choice)), "")
    asset = {
        "assets": lambda: row.name,
        "pools": lambda: row.tokens[0],
        "cohorts": lambda: row.asset or row.reserve_asset,
        "reserves": lambda: row.asset,
        "feeds": lambda: row.asset,
        # The depth of an asset outside is another thing than the liquidity of a pool.
        "shocks": lambda: row.asset if row.shock == "liquidity_withdrawal" else None,
    }.get(table, lambda: None)()
    return f"{table}[{chosen}{asset_kind(asset, scenario)}].{key}"


def the_rest(scenario: Scenario, place: str, weight: float) -> dict[str, float]:
    """What the other places of a share vault get, if one of them gets this weight: they sum to one."""
    vault = next(row.vault for row in scenario.placements if row.name == place)
    own = {p.name: p.weight_fraction for p in scenario.placements if p.vault == vault}
    left = 1.0 - own.pop(place)
    return {
        f"placements.{name}.weight_fraction": (1.0 - weight) * other / left
        for name, other in own.items()
    }


def kinds() -> dict[str, list[tuple[int, str, Any]]]:
    """Every kind of key with the places where it stands: which stage, which path, which value."""
    found: dict[str, list[tuple[int, str, Any]]] = {}
    for number, scenario in enumerate(stages()):
        for path, value in leaves(scenario.resolved()):
            found.setdefault(kind_of(path, scenario), []).append((number, path, value))
    return found


KINDS = kinds()


@pytest.fixture(scope="module")
def base() -> list[tuple[Scenario, str]]:
    return [(scenario, outcome(scenario)) for scenario in stages()]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_changing_a_key_changes_what_happens(base: list[tuple[Scenario, str]], kind: str) -> None:
    tried = 0
    for number, path, value in KINDS[kind]:
        scenario, before = base[number]
        stem, _, key = path.rpartition(".")
        for other in others(key, value):
            changes = {path: other}
            if key == "mode":
                changes |= {"fixed": {f"{stem}.fixed_price_usd": 150.0}}.get(other, {})
            if key == "weight_fraction":
                changes |= the_rest(scenario, stem.partition(".")[2], other)
            try:
                changed = outcome(scenario.with_(**changes))
            except InputError:
                continue
            tried += 1
            if changed != before:
                return
    pytest.fail(f"{kind}: {tried} other values, and nothing that happens is different")
