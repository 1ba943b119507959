"""Faults planted in the engine, one at a time, to see whether the reference model finds them.

A fault is one expression in one file, changed; the reference model is left alone. Run as a module without
the compiler, this prints the block in which each of them is found.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import inspect
import json
import types
from collections.abc import Iterator
from typing import Any

from scenarios.schema import Scenario
from tests.crash import BURN_IN, crash
from tests.side_by_side import Engine, Reference, Told, difference

BLOCKS, VAULTS, SEED = 50, 80, 7  # plain Python takes some milliseconds a block


@dataclasses.dataclass(frozen=True)
class Fault:
    """``right`` stands once in the module; ``wrong`` is put in its place."""

    name: str
    module: str
    right: str
    wrong: str
    is_price_taking: bool = False  # looked for where every channel is frictionless


# At least one in each file of a verb of the block and of a venue, and one in each kind of agent.
FAULTS = [
    Fault("a settlement a slot late", "sim.block.accrue", "<= now.slot", "< now.slot"),
    Fault("a sign in the demand for gas", "sim.block.draw", "shock - 0.5", "shock + 0.5"),
    Fault("an oracle that never stalls", "sim.block.publish", "if is_alive and", "if"),
    Fault(
        "a price of gas seen a block late", "sim.block.observe",
        ".base_fee_gwei", ".paid_base_fee_gwei",
    ),
    Fault("a sender who is never free", "sim.block.submit", "head.sender, -1.0", "head.sender, 0.0"),
    Fault(
        "a wrong tie break", "sim.block.order",
        "head.sender, head.submitted", "head.submitted, head.sender",
    ),
    Fault(
        "a revert that pays for all its gas", "sim.block.execute",
        "used = share * head.gas", "used = head.gas",
    ),
    Fault(
        "an overhang that is forgotten", "sim.block.execute",
        "- table.background_gas - table.gas_limit", "- 1e30",
    ),
    Fault(
        "a base fee of the block before", "sim.block.close",
        "going_gwei = table.paid_base_fee_gwei", "going_gwei = table.reference_fee_gwei",
    ),
    Fault("a debt paid the wrong way", "sim.block.book", "kind == DEBT_TOKEN:", "kind == LP_TOKEN:"),
    Fault("timing with the wrong sign", "sim.block.revalue", "timing_usd - (", "timing_usd + ("),
    Fault(
        "health by loan-to-value", "sim.block.mark",
        "* collateral_reserve.threshold_fraction", "* collateral_reserve.ltv_fraction",
    ),
    Fault(
        "impact in the wrong column", "sim.block.record",
        "row[k + 3] = exchange.transient", "row[k + 3] = exchange.permanent",
    ),
    Fault(
        "an event that tells what came out", "sim.block.events",
        "receipt.amount_in", "receipt.amount_out",
    ),
    Fault(
        "a missing fee", "sim.venues.constant_product",
        "reserve_out, pool.fee_fraction)", "reserve_out, 0.0)",
    ),
    Fault(
        "interest without compounding", "sim.venues.lending",
        "interest.compound_growth(", "interest.linear_growth(",
    ),
    Fault(
        "a stale index", "sim.venues.lending_verbs",
        "accrue(reserve, now_seconds)", "pass",
    ),
    Fault(
        "a bonus with the wrong sign", "sim.venues.lending_liquidation",
        "collateral_usd / (1.0 + ", "collateral_usd / (1.0 - ",
    ),
    Fault(
        "an oracle a slot late", "sim.venues.oracle",
        "waiting_until_seconds <= now_seconds", "waiting_until_seconds < now_seconds",
    ),
    Fault(
        "a sale that lifts the price", "sim.venues.outside", "_move(sold, -value", "_move(sold, value"
    ),
    Fault(
        "a fee that leaves the pool", "sim.venues.bottomless_pool",
        "pool.reserve1 = pool.reserve1 + fee", "pool.reserve1 = pool.reserve1", True,
    ),
    Fault(
        "a loan out of nothing", "sim.venues.outside_loan",
        "(-amount if lends else amount)", "(0.0 if lends else amount)", True,
    ),
    Fault(
        "a keeper with a purse", "agents.keepers.frictionless", "math.inf", "10_000.0", True,
    ),
    Fault(
        "a journal walked back from its beginning", "sim.journal",
        "range(journal.n[0] - 1, -1, -1)", "range(journal.n[0])",
    ),
    Fault(
        "ten positions taken for one", "sim.orders",
        "leg.positions = positions", "leg.positions = 1.0",
    ),
    Fault(
        "a purchase that forgets its cost", "agents.execution",
        "after_cost_usd + cost_usd", "after_cost_usd",
    ),
    Fault("a limit without slippage", "agents.routes", "expected * (1.0 - ", "expected * (1.0 + 0.0 * "),
    Fault("a cushion without a floor", "agents.vaults.cppi", "max(nav_usd - floor_usd", "max(nav_usd"),
    Fault(
        "a band of exposure", "agents.vaults.fixed_weight",
        "band_fraction * nav", "band_fraction * exposure",
    ),
    Fault(
        "an oracle price upside down", "agents.vaults.leveraged_loop",
        "oracle / market_price(view, row, cohort.asset)",
        "market_price(view, row, cohort.asset) / oracle",
    ),
    Fault(
        "news that weigh too much", "agents.vaults.volatility_target",
        "(1.0 - keep) * news", "keep * news",
    ),
    Fault(
        "a keeper who forgets a loss", "agents.keepers.liquidator",
        "(wins + losses + 1.0)", "(wins + 1.0)",
    ),
    Fault("half the order", "agents.keepers.inventory", "2.0 * slippage", "1.0 * slippage"),
    Fault(
        "a depth in the wrong token", "agents.traders.arbitrageur",
        "price_in / price_out, depth / price_out", "price_in / price_out, depth",
    ),
    Fault("one draw used twice", "agents.traders.noise", "entity + 2", "entity + 1"),
    Fault(
        "all its gas brought to the pool", "agents.depositors.liquidity_provider",
        "0.99 * min", "1.0 * min",
    ),
]  # fmt: skip


@contextlib.contextmanager
def planted(fault: Fault) -> Iterator[None]:
    """Give the functions of a module the code they would have with the fault in their source."""
    module = importlib.import_module(fault.module)
    source = inspect.getsource(module)
    assert source.count(fault.right) == 1, f"{fault.name}: {source.count(fault.right)} times"
    edited: dict[str, Any] = {"__name__": module.__name__}
    exec(compile(source.replace(fault.right, fault.wrong), str(module.__file__), "exec"), edited)
    before = {}
    for name, function in vars(module).items():
        if isinstance(function, types.FunctionType) and function.__module__ == module.__name__:
            before[function] = function.__code__
            function.__code__ = edited[name].__code__
    assert before, "the compiler is on"
    try:
        yield
    finally:
        for function, code in before.items():
            function.__code__ = code


def first_difference(scenario: Scenario, told: list[Told]) -> str | None:
    """Run the engine beside what the reference model has told, block by block."""
    engine = Engine(scenario, SEED)
    for k, reference in enumerate(told):
        if found := difference(engine.block(), reference):
            return f"block {k - BURN_IN}: {found}"
    return None


def main() -> None:
    """Print where each fault is found, and that nothing is found without one, as JSON."""
    found: dict[str, str | None] = {}
    everything = crash("eip1559", BLOCKS, VAULTS)
    for scenario in (everything, everything.price_taking()):
        is_price_taking = scenario is not everything
        reference = Reference(scenario, SEED)
        told = [reference.block() for _ in range(BLOCKS + BURN_IN)]
        found[f"no fault, price-taking: {is_price_taking}"] = first_difference(scenario, told)
        for fault in FAULTS:
            if fault.is_price_taking == is_price_taking:
                with planted(fault):
                    found[fault.name] = first_difference(scenario, told)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
