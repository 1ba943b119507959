"""The wealth identity is kept in every run: with a fault in the books a run ends with exit code 1."""

from __future__ import annotations

import dataclasses
import math
import pathlib
from collections.abc import Callable
from typing import Any

import pytest

from analysis import cli, execute
from analysis.progress import Progress
from analysis.run import Run
from analysis.wealth import PRICE_TERMS, TERMS, wealth_identity
from scenarios import step
from scenarios.schema import Scenario
from scenarios.simulation import Simulation
from sim.block import book
from sim.errors import InvariantBroken, WealthUnexplained
from tests.analysis.plain import PlainSimulation, fall
from tests.short_window import PRICE_TAKING, window

QUIET = Progress(shown=False)


def test_a_loss_by_hand_is_frozen_and_marked(run: Run) -> None:
    """Nobody trades; ETH ends a quarter lower at the fundamental price, and a tenth below that outside."""
    told = run.summary["wealth_identity"]
    first = PlainSimulation(run.scenario, 7).world.clock.fundamental_price_usd[20, 0]
    born = PlainSimulation(run.scenario, 7).world
    held = float(born.log.wealth[0].inside)
    market = float(born.venues.exchanges[0].market_price_usd)
    last = first * (1.0 - fall(659))
    assert told["by_asset"]["ETH"]["frozen_usd"] == pytest.approx(held * (first - last))
    assert told["loss_usd"] == pytest.approx(held * (market - 0.9 * last))
    assert told["timing_usd"] == told["execution_shortfall_usd"] == told["fees_and_gas_usd"] == 0.0


def test_terms_sum_to_the_loss(run: Run) -> None:
    told = run.summary["wealth_identity"]
    terms = math.fsum(told[name] for name in TERMS)
    assert told["loss_usd"] - terms == pytest.approx(told["error_usd"], abs=1e-6)
    assert abs(told["error_usd"]) <= told["error_allowed_usd"]
    assert told["error_allowed_usd"] == 1e-9 * told["inside_at_start_usd"]
    for name in PRICE_TERMS:
        assert told[name] == math.fsum(part[name] for part in told["by_asset"].values())


@pytest.mark.usefixtures("compiled_engine")
@pytest.mark.parametrize("name", ["black_thursday_2020", "calm_market", PRICE_TAKING])
def test_it_closes_and_every_payment_out_has_a_term(name: str) -> None:
    run = execute.in_memory(window(name), 11, QUIET)
    told = run.summary["wealth_identity"]
    assert abs(told["error_usd"]) < 1e-2 * told["error_allowed_usd"]
    named = told["execution_shortfall_usd"] + told["fees_and_gas_usd"]
    assert told["other_payments_usd"] == pytest.approx(0.0, abs=1e-9 * told["inside_at_start_usd"])
    assert named == pytest.approx(math.fsum(told["paid_out_by_cause_usd"].values()))
    if name != "calm_market":
        assert told["timing_usd"] != 0.0 != told["execution_shortfall_usd"]


@pytest.mark.usefixtures("compiled_engine")
def test_it_closes_after_a_run_was_taken_up_again(tmp_path: pathlib.Path) -> None:
    crash = window("black_thursday_2020")
    whole = Simulation(crash, 7)
    whole.run()
    first = Simulation(crash, 7)
    first.run(23)
    first.save(tmp_path / "state")
    second = Simulation.load(tmp_path / "state", crash, 7)
    second.run()
    assert wealth_identity(second) == wealth_identity(whole)


# Faults of the engine, planted in plain Python: `step.run` without the compiler calls what stands here.


def not_booked(pay: Callable[..., None]) -> Callable[..., None]:
    """Tips that leave the inside are moved but stand in no table."""
    from sim import causes

    def forgetful(
        world: Any, token: Any, payer: Any, receiver: Any, amount: Any, cause: Any
    ) -> None:
        if cause != causes.TIP:
            pay(world, token, payer, receiver, amount, cause)

    return forgetful


def booked_at_the_market_price(pay: Callable[..., None]) -> Callable[..., None]:
    """Payments count at what the market said, not at the fundamental price."""

    def mistaken(world: Any, *rest: Any) -> None:
        exchanges = world.venues.exchanges
        right = exchanges["fundamental_price_usd"].copy()
        exchanges["fundamental_price_usd"] = exchanges["market_price_usd"]
        pay(world, *rest)
        exchanges["fundamental_price_usd"] = right

    return mistaken


def wrong_sign(revalue: Callable[..., None]) -> Callable[..., None]:
    """The timing of every block counts as a gain where it was a loss."""

    def mistaken(world: Any) -> None:
        before = world.log.wealth["timing_usd"].copy()
        revalue(world)
        now = world.clock.now[0]
        if now.slot != now.first_recorded_slot:
            world.log.wealth["timing_usd"] = 2.0 * before - world.log.wealth["timing_usd"]

    return mistaken


def starts_late(revalue: Callable[..., None]) -> Callable[..., None]:
    """The recorded part begins a block too late, and what was paid in its first is forgotten."""

    def late(world: Any) -> None:
        now = world.clock.now[0]
        now.first_recorded_slot += 1
        revalue(world)
        now.first_recorded_slot -= 1

    return late


@dataclasses.dataclass(frozen=True)
class Fault:
    module: Any
    name: str
    plant: Callable[[Callable[..., None]], Callable[..., None]]
    says: str


FAULTS = [
    Fault(book, "pay", not_booked, "the transfers booked say"),
    Fault(book, "pay", booked_at_the_market_price, "its terms sum to"),
    Fault(step, "revalue", wrong_sign, "its terms sum to"),
    Fault(step, "revalue", starts_late, "its terms sum to"),
]


def crash_in_plain_python(monkeypatch: pytest.MonkeyPatch) -> Scenario:
    """A few blocks of the crash, run without the compiler, with prices that move from block to block."""
    monkeypatch.setattr(step, "run", step.run.py_func)
    short = window("black_thursday_2020")
    rows: dict[str, Any] = {f"cohorts.{c.name}.n_rows": min(c.n_rows, 4) for c in short.cohorts}
    return short.with_(**rows)


def test_without_a_fault_the_plain_run_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    told = execute.in_memory(crash_in_plain_python(monkeypatch), 7, QUIET).summary
    assert abs(told["wealth_identity"]["error_usd"]) < told["wealth_identity"]["error_allowed_usd"]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.plant.__name__)
def test_a_planted_fault_is_caught(
    fault: Fault, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    crash = crash_in_plain_python(monkeypatch)
    monkeypatch.setattr(fault.module, fault.name, fault.plant(getattr(fault.module, fault.name)))
    with pytest.raises(WealthUnexplained, match=fault.says) as caught:
        execute.into_folder(crash, 7, tmp_path / "run", QUIET)
    assert isinstance(caught.value, InvariantBroken)
    assert not (tmp_path / "run").exists()


def test_a_breach_is_exit_code_1_and_says_what_does_not_close(
    plain: type[PlainSimulation], monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def stray(self: PlainSimulation) -> None:
        self.world.log.wealth["inside"][0] += 1.0

    monkeypatch.setattr(PlainSimulation, "audit", stray)
    monkeypatch.chdir(tmp_path)
    words = [
        "run",
        "calm_market",
        "--set",
        "time.horizon_blocks=5",
        "--set",
        "time.settle_blocks=0",
    ]
    words += ["--set", "time.burn_in_blocks=20", "--quiet", "--out", "run"]
    assert cli.main(words) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "the wealth identity does not close at block 5: inside accounts hold" in err
    assert "the gap is -1.0" in err
    assert not (tmp_path / "run").exists()
