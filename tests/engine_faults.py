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
from tests.crash import BURN_IN, crash, late_repair
from tests.side_by_side import Engine, Reference, Told, difference

BLOCKS, VAULTS, SEED = 50, 80, 7


@dataclasses.dataclass(frozen=True)
class Fault:
    """``right`` stands once in the module; ``wrong`` is put in its place."""

    name: str
    module: str
    right: str
    wrong: str
    where: str = "crash"  # the world in which it is looked for


# At least one in each file of a verb of the block and of a venue, and one in each kind of agent.
FAULTS = [
    Fault("a settlement a slot late", "sim.block.accrue", "<= now.slot", "< now.slot"),
    Fault("a sign in the demand for gas", "sim.block.draw", "shock - 0.5", "shock + 0.5"),
    Fault(
        "a depth that is back at once", "sim.block.draw",
        "            exchange.half_life_seconds,", "            now.slot_seconds,",
    ),
    Fault("an oracle that never stalls", "sim.block.publish", "if is_alive and", "if"),
    Fault("an update that waits for ever", "sim.block.publish", "feed.patience_blocks", "25"),
    Fault(
        "a price of gas seen a block late", "sim.block.observe",
        ".base_fee_gwei", ".paid_base_fee_gwei",
    ),
    Fault("a sender who is never free", "sim.block.submit", "head.sender, -1.0", "head.sender, 0.0"),
    Fault(
        "a line that does not ask for the price", "sim.block.line",
        "4 * int(price_a > price_b)", "4 * int(price_a < price_b)",
    ),
    Fault(
        "a wrong tie break", "sim.block.order",
        "head.sender, head.submitted", "head.submitted, head.sender",
    ),
    Fault(
        "two duties at a time", "sim.block.order",
        "in_flight > 1.0", "in_flight > 2.0", "late repair",
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
        "* cohort.threshold_fraction", "* collateral_reserve.ltv_fraction",
    ),
    Fault(
        "a receipt worth the same to all", "sim.block.mark",
        "all_receipts * receipt_token.protocol_value_usd", "all_receipts * receipt_usd",
    ),
    Fault("what is in custody is lost", "sim.block.mark", "total += waiting[row]", "pass"),
    Fault(
        "a deficit that nobody bears", "sim.block.value",
        " * paid_fraction(reserve, seconds)", "",
    ),
    Fault(
        "protocols that look at the market", "sim.block.value",
        "return venues.feeds[feed].price_usd", "return venues.exchanges[asset].market_price_usd",
    ),
    Fault(
        "impact in the wrong column", "sim.block.record",
        "row[k + 3] = exchange.transient", "row[k + 3] = exchange.permanent",
    ),
    Fault(
        "a treasury in another asset", "sim.block.record",
        "left * world.venues.exchanges[reserve.asset]", "left * world.venues.exchanges[0]",
    ),
    Fault(
        "a vault without its collateral", "sim.block.record_vaults",
        "health = weighted_usd / owed_usd\n        risky += collateral", "health = weighted_usd / owed_usd",
    ),
    Fault(
        "a liquidation of its keeper", "sim.block.record_vaults",
        "event.counterparty if", "event.account if",
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
        "interest.series_growth(", "interest.linear_growth(",
    ),
    Fault(
        "a stale index", "sim.venues.lending_apply",
        "accrue(reserve, now_seconds)", "pass",
    ),
    Fault(
        "a loan that has borne interest before", "sim.venues.lending_verbs",
        "scaled = amount / reserve.borrow_index", "scaled = amount",
    ),
    Fault(
        "a sum that does not hear of a loan", "sim.venues.lending_claims",
        "before + scaled", "before",
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
        "pool.reserve1 = pool.reserve1 + fee", "pool.reserve1 = pool.reserve1", "price-taking",
    ),
    Fault(
        "a loan out of nothing", "sim.venues.outside_loan",
        "(-amount if lends else amount)", "(0.0 if lends else amount)", "price-taking",
    ),
    Fault(
        "a keeper with a purse", "agents.keepers.frictionless", "math.inf", "10_000.0", "price-taking",
    ),
    Fault(
        "a journal walked back from its beginning", "sim.journal",
        "range(journal.n[1] - 1, -1, -1)", "range(journal.n[1])",
    ),
    Fault(
        "a reverted payment that is not given back", "sim.journal",
        "memory[row.source] = row.source_before", "pass",
    ),
    Fault(
        "ten positions taken for one", "sim.orders",
        "leg.positions = positions", "leg.positions = 1.0",
    ),
    Fault(
        "a purchase that forgets its cost", "agents.execution",
        "after_cost_usd + cost_usd", "after_cost_usd",
    ),
    Fault(
        "a duty without priority", "agents.execution",
        "duty == cohort.prior_duty", "False", "late repair",
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
    Fault(
        "a keeper who never blames its purse", "agents.keepers.liquidator",
        "repaid >= ALL_BUT_ROUNDING * purse", "repaid >= 2.0 * purse", "choosy keepers",
    ),
    Fault(
        "an owner who goes to sleep on a failure", "sim.fields",
        "row] = slot + 1.0", "row] = slot",
    ),
    Fault("half the order", "agents.keepers.inventory", "2.0 * slippage", "1.0 * slippage"),
    Fault(
        "a depth in the wrong token", "agents.traders.arbitrageur",
        "price_in / price_out, depth / price_out", "price_in / price_out, depth",
    ),
    Fault("one draw used twice", "agents.traders.noise", "entity + 2", "entity + 1"),
    Fault(
        "all its gas brought to the pool", "agents.depositors.liquidity_provider",
        "0.99 * most", "1.0 * most",
    ),
]  # fmt: skip


def worlds() -> dict[str, Scenario]:
    """Small ones, for plain Python takes some milliseconds a block."""
    everything = crash("eip1559", BLOCKS, VAULTS)
    return {
        "crash": everything,
        "price-taking": everything.price_taking(),  # every channel is frictionless
        "late repair": late_repair(BLOCKS, VAULTS),
        "choosy keepers": everything.with_(**{"cohorts.liquidators.min_profit_usd": 20_000}),
    }


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
    for where, scenario in worlds().items():
        reference = Reference(scenario, SEED)
        told = [reference.block() for _ in range(BLOCKS + BURN_IN)]
        found[f"no fault: {where}"] = first_difference(scenario, told)
        for fault in FAULTS:
            if fault.where == where:
                with planted(fault):
                    found[fault.name] = first_difference(scenario, told)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
