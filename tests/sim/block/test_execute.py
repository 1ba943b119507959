"""Executing what was chosen: gas first, then all legs or none, and the books of who did what."""

from __future__ import annotations

import pytest

from sim import status
from sim.block.execute import execute_one
from sim.fields import BUSY, LOSSES, WINS, field
from sim.transaction import (
    KINDS,
    LIQUIDATE,
    OUTSIDE_TRADE,
    PROCEEDS,
    REPAY,
    REVERT_GAS_SHARE,
    SWAP,
    WITHDRAW,
)
from tests.sim.worlds import Leg, SmallWorld, differences, state

ETH, USDC = 0, 1
HOLDERS, LOOPS, KEEPERS, ARBITRAGEURS = 0, 1, 4, 5  # cohorts
SALE = Leg(SWAP, 0, 1.0, token_in=ETH)
GAS_ETH = 130_000 * 22e-9  # of a swap at a base fee of 20 gwei and a tip of 2


@pytest.fixture
def small() -> SmallWorld:
    return SmallWorld()


def execute_now(small: SmallWorld, sender: str, *legs: Leg) -> None:
    """One transaction at a base fee of 20 gwei, with gas."""
    table = small.world.chains.table[0]
    small.send(sender, *legs)
    table.paid_base_fee_gwei = 20.0
    execute_one(small.world, 0, 0, 22.0)


def test_gas_is_burned_and_tipped(small):
    builder = small.held("main.builder", "ETH")
    execute_now(small, "holders.0", SALE)
    assert small.held("holders.0", "ETH") == pytest.approx(25.0 - 1.0 - GAS_ETH, rel=1e-15)
    assert small.held("main.builder", "ETH") - builder == pytest.approx(130_000 * 2e-9, rel=1e-9)
    table = small.world.chains.table[0]
    assert small.world.ledger.burned[ETH].sum() == pytest.approx(table.fees_burned, rel=1e-15)
    assert small.events()[-1].gas_eth == pytest.approx(GAS_ETH, rel=1e-15)


def test_a_revert_costs_the_gas_it_has_used_and_nothing_else(small):
    before = state(small.world)
    execute_now(small, "holders.0", Leg(SWAP, 0, 1.0, token_in=ETH, limit=1e9))
    assert int(small.events()[-1].status) == status.SLIPPAGE
    paid = REVERT_GAS_SHARE * GAS_ETH
    assert small.held("holders.0", "ETH") == pytest.approx(25.0 - paid, rel=1e-15)
    assert small.events()[-1].gas_eth == pytest.approx(paid, rel=1e-12)
    changed = set(differences(before, state(small.world)))
    gas_books = {"memory", "burned", "flow", "gross", "moves"}
    assert changed <= {"chains.table", "cohorts.column", *(f"ledger.{name}" for name in gas_books)}
    after = small.world.ledger.memory != before["ledger.memory"]
    assert after.sum() == 2  # the sender's ETH and the builder's


def test_who_cannot_pay_for_gas_is_not_executed(small):
    small.give("holders.0", "ETH", 0.5 * GAS_ETH)
    table = small.world.chains.table[0]
    head = small.send("holders.0", Leg(SWAP, 0, 1.0, token_in=USDC), max_fee_gwei=5.0)
    table.paid_base_fee_gwei = 20.0
    execute_one(small.world, 0, 0, 22.0)
    assert int(small.events()[-1].status) == status.OUT_OF_GAS_MONEY
    assert small.held("holders.0", "ETH") == 0.5 * GAS_ETH
    assert head.legs == 1


def test_who_spends_the_gas_money_reverts(small):
    """It holds enough for the gas, and sells it: the sale is undone, and what it had used is paid."""
    execute_now(small, "holders.0", Leg(SWAP, 0, 25.0, token_in=ETH))
    assert int(small.events()[-1].status) == status.OUT_OF_GAS_MONEY
    assert small.held("holders.0", "USDC") == 50_000.0
    assert small.held("holders.0", "ETH") == pytest.approx(25.0 - REVERT_GAS_SHARE * GAS_ETH)


def test_the_legs_of_a_transaction_see_what_those_before_brought_in(small):
    """Two sales and a repayment of both proceeds: not a cent is left over."""
    legs = [Leg(WITHDRAW, 0, 3.0), SALE, Leg(SWAP, 0, 2.0, token_in=ETH), Leg(REPAY, 1, PROCEEDS)]
    assert small.attempt("loops.0", *legs) == status.OK
    assert small.held("loops.0", "USDC") == 0.0
    kinds = [KINDS[int(event.kind)] for event in small.events()[-4:]]
    assert kinds == ["withdraw", "swap", "swap", "repay"]
    first = 0.997 * 2e6 / 1000.997
    second = 1.994 * (2e6 - first) / (1001 + 1.994)
    assert small.events()[-1].token_amount == pytest.approx(first + second, rel=1e-14)


def test_a_transaction_that_reverts_half_way_counts_nowhere(small):
    """Its sale moved no market and its outside trade settles nothing (checked bit by bit by attempt)."""
    too_much = Leg(SWAP, 0, 1e9, token_in=ETH)
    outside = Leg(OUTSIDE_TRADE, ETH, 1.0, token_in=ETH, token_out=USDC)
    n_events = len(small.events())
    assert small.attempt("keepers.0", outside, SALE, too_much) == status.INSUFFICIENT_BALANCE
    assert len(small.events()) == n_events + 1  # one row: what made it revert
    assert small.world.cohorts.table[KEEPERS].volume_usd == 0.0
    assert small.attempt("keepers.0", outside, SALE) == status.OK
    assert small.world.cohorts.table[KEEPERS].volume_usd == pytest.approx(4000.0, rel=1e-3)


def test_events_of_a_block_are_numbered_in_their_order(small):
    for sender in ("holders.0", "holders.1", "arbitrageurs.0"):
        small.send(sender, SALE, Leg(SWAP, 0, 1e9, token_in=ETH))  # the second leg reverts
        small.send("arbitrageurs.1", SALE)
    n = len(small.events())
    small.block()
    assert [int(event.sequence) for event in small.events()[n:]] == list(range(6))


def test_a_liquidation_counts_for_the_victim_and_the_keeper(small):
    small.world.venues.feeds[0].price_usd = 1000.0
    borrower = small.account("loops.0")
    bid = Leg(LIQUIDATE, 1, 1e6, token_in=USDC, token_out=0, counterparty=borrower)
    assert small.attempt("keepers.0", bid) == status.OK
    victims, keepers = small.world.cohorts.table[LOOPS], small.world.cohorts.table[KEEPERS]
    assert (victims.liquidated, keepers.wins) == (1, 1)
    assert victims.debt_repaid_usd == pytest.approx(75_000 / 1.05, rel=1e-14)
    assert victims.deficit_usd == pytest.approx(80_000 - 75_000 / 1.05, rel=1e-5)
    assert field(small.world.cohorts, KEEPERS, WINS).tolist() == [1.0, 0.0]
    assert small.attempt("keepers.1", bid) == status.NOT_LIQUIDATABLE
    assert field(small.world.cohorts, KEEPERS, LOSSES).tolist() == [0.0, 1.0]


def test_a_bid_by_somebody_else_than_a_keeper_touches_no_other_column(small):
    """Holders have no column of wins and losses: a bid of theirs may not count into another's."""
    bid = Leg(LIQUIDATE, 1, 1e6, token_in=USDC, token_out=0, counterparty=small.account("loops.0"))
    assert small.attempt("holders.1", bid) == status.NOT_LIQUIDATABLE


def test_whoever_is_executed_is_free_again(small):
    small.send("holders.0", SALE)
    small.send("holders.0", SALE)
    busy = field(small.world.cohorts, HOLDERS, BUSY)
    assert busy[0] == 2.0
    small.block()
    assert busy[0] == 0.0
    table = small.world.chains.table[0]
    assert (table.pending, table.waiting) == (0, 0)


def test_executed_and_reverted_are_counted(small):
    small.send("holders.0", SALE)
    small.send("holders.1", Leg(SWAP, 0, 1.0, token_in=ETH, limit=1e9))
    small.block()
    cohort = small.world.cohorts.table[HOLDERS]
    assert (cohort.submitted, cohort.executed, cohort.reverted) == (2, 1, 1)
