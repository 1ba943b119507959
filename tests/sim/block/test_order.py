"""Who gets into a block: a limit of 1 M gas, a target of half of it, and a swap that takes 130,000.

Background demand is 500,000 gas at 20 gwei and falls as the price rises: at 40 gwei it is 250,000.
"""

from __future__ import annotations

import itertools

import pytest

from sim import status
from sim.block.close import close
from sim.block.execute import execute
from sim.block.line import CALLED_AT_ONCE, call_next
from sim.block.order import order
from sim.block.submit import submit
from sim.fields import BUSY, LOSSES, field
from sim.formulas.random import uniform
from sim.orders import add_leg, open_transaction, seal
from sim.transaction import LIQUIDATE, OUTSIDE_TRADE, REVERT_GAS_SHARE, SWAP
from tests.sim.worlds import Leg, SmallWorld

SENDERS = ("holders.0", "holders.1", "loops.0", "loops.1", "arbitrageurs.0", "arbitrageurs.1")
SALE = Leg(SWAP, 0, 0.01, token_in=0)
SMALL_BLOCKS = {"chains.main.gas_limit": 1e6, "chains.main.gas_target": 5e5}


@pytest.fixture
def small() -> SmallWorld:
    return SmallWorld(SMALL_BLOCKS)


@pytest.fixture
def first_price() -> SmallWorld:
    return SmallWorld({**SMALL_BLOCKS, "chains.main.fee_market": "first_price"})


def served(small: SmallWorld) -> list[str]:
    """Build a block; names of the senders in the order of execution."""
    n_events = len(small.events())
    submit(small.world, 0)
    execute(small.world, 0, order(small.world, 0))
    close(small.world, 0)
    return [small.names.account(int(event.account)) for event in small.events()[n_events:]]


def lined_up(small: SmallWorld) -> list[int]:
    """Places in the mempool in the order of the line; nothing is executed."""
    chains = small.world.chains
    submit(small.world, 0)
    size = order(small.world, 0)
    for left in range(size, 0, -CALLED_AT_ONCE):
        call_next(chains, 0, left)
    return [int(place) for place in chains.queue[0, :size][::-1]]


def start(small: SmallWorld) -> None:
    """An empty block's books, at a base fee of 20 gwei."""
    table = small.world.chains.table[0]
    table.gas_used = table.background_gas = 0.0
    table.base_fee_gwei = 20.0


@pytest.mark.parametrize("permutation", list(itertools.permutations(range(3))))
def test_the_highest_price_goes_first_whoever_came_first(small, permutation):
    start(small)
    for k in permutation:
        small.send(SENDERS[k], SALE, tip_gwei=(10.0, 30.0, 20.0)[k])
    assert served(small) == ["holders.1", "loops.0", "holders.0"]


def test_ties_do_not_depend_on_the_order_of_submission(small):
    """Equal bids are ordered by a hash of sender and slot; a hash, so that nobody is always first."""
    first = set()
    for slot in range(20):
        small.world.clock.now[0].slot = slot
        orders = set()
        for permutation in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
            start(small)
            small.world.chains.table[0].pending = 0
            for k in permutation:
                small.send(SENDERS[k], SALE, tip_gwei=30.0)
            orders.add(tuple(permutation[place] for place in lined_up(small)))
        assert len(orders) == 1
        first.add(orders.pop()[0])
    assert first == {0, 1, 2}


def test_the_line_is_the_sorted_list_of_bids(small):
    """Many bids, few distinct prices: sorted by price, hash and place, as Python's own sort has it."""
    start(small)
    chains, now = small.world.chains, small.world.clock.now[0]
    for k in range(97):
        small.send(SENDERS[k % 4 // 2], SALE, tip_gwei=float(k * k % 7))
    stream, slot = int(chains.table[0].demand_stream), int(now.slot)
    bids = sorted(
        (-head.tip_gwei, uniform(int(now.seed), stream, int(head.sender), slot), place)
        for place, head in enumerate(chains.mempool[0, :97])
    )
    assert lined_up(small) == [place for *_, place in bids]


def test_what_takes_no_space_needs_no_space(small):
    start(small)
    small.send("holders.0", SALE, tip_gwei=80.0)
    small.send("arbitrageurs.0", Leg(OUTSIDE_TRADE, 0, 1.0, token_out=1), tip_gwei=0.0)
    assert served(small) == ["arbitrageurs.0", "holders.0"]


def test_a_full_block_leaves_the_rest_waiting(small):
    """At 40 gwei 750,000 gas are left beside the background: five swaps, and the sixth waits."""
    start(small)
    for k, sender in enumerate(SENDERS):
        small.send(sender, SALE, tip_gwei=20.0 + 0.001 * k)
    assert served(small) == list(reversed(SENDERS[1:]))
    assert small.world.chains.table[0].waiting == 1


def test_what_reverts_leaves_its_space_to_others(small):
    """At 40 gwei 750,000 gas are left. A revert uses 39,000 of its 130,000: now all six are served."""
    start(small)
    refused = Leg(SWAP, 0, 0.01, token_in=0, limit=1e9)
    for k, sender in enumerate(SENDERS):
        small.send(sender, refused if k >= 4 else SALE, tip_gwei=20.0 + 0.001 * k)
    assert served(small) == list(reversed(SENDERS))
    table = small.world.chains.table[0]
    used = 4 * 130_000.0 + 2 * REVERT_GAS_SHARE * 130_000.0
    assert table.gas_used - table.background_gas == pytest.approx(used, rel=1e-14)


def test_the_base_fee_follows_what_reverts_have_used(small):
    """Three swaps that revert use 117,000 gas: with the background's 500,000 the block is 23.4 % over."""
    start(small)
    for sender in SENDERS[:3]:
        small.send(sender, Leg(SWAP, 0, 0.01, token_in=0, limit=1e9), tip_gwei=10.0)
    served(small)
    table = small.world.chains.table[0]
    assert table.base_fee_gwei == pytest.approx(20.0 * (1.0 + 0.125 * 0.234), rel=1e-14)


def test_who_cannot_pay_is_passed_over_and_takes_no_space(small):
    """Six swaps at 40 gwei, and room for five: the dearest has spent its gas money meanwhile."""
    start(small)
    for k, sender in enumerate(SENDERS):
        small.send(sender, SALE, tip_gwei=20.0 + 0.001 * k)
    small.give(SENDERS[-1], "ETH", 0.001)
    assert served(small) == list(reversed(SENDERS))
    table = small.world.chains.table[0]
    assert (table.executed, table.waiting) == (5, 0)
    assert table.gas_used - table.background_gas == pytest.approx(5 * 130_000.0, rel=1e-14)


def test_background_demand_crowds_out_what_pays_less(small):
    """With six times the demand the background wants 1.5 M gas at 40 gwei, and 150,000 at 400."""
    start(small)
    small.world.chains.table[0].demand_multiple = 6.0
    small.send("holders.0", SALE, tip_gwei=20.0)
    small.send("holders.1", SALE, tip_gwei=380.0, max_fee_gwei=500.0)
    assert served(small) == ["holders.1"]


def test_whoever_cannot_pay_the_base_fee_waits_and_expires(small):
    """Below the base fee nothing is included; after its patience the sender is free again."""
    head = small.send("holders.0", SALE, tip_gwei=1.0, max_fee_gwei=19.0, patience=2)
    small.world.chains.table[0].base_fee_gwei = 50.0
    table = small.world.chains.table[0]
    busy = field(small.world.cohorts, 0, BUSY)
    for _ in range(2):
        small.block()
        assert (table.pending, busy[0]) == (1, 1.0)
    assert head.sequence > 0
    small.block()
    assert (table.pending, busy[0]) == (0, 0.0)
    event = small.events()[-1]
    assert (int(event.status), small.names.account(int(event.account))) == (
        status.EXPIRED,
        "holders.0",
    )
    assert event.gas_eth == 0.0


def test_a_bid_that_expires_counts_for_keepers_only(small):
    """Holders have no column of losses: where it would lie are the columns of others."""
    small.world.chains.table[0].base_fee_gwei = 50.0
    before = small.world.cohorts.column.copy()
    for sender in ("holders.1", "keepers.1"):
        bid = Leg(LIQUIDATE, 1, 1.0, token_out=0, counterparty=small.account("loops.0"))
        small.send(sender, bid, tip_gwei=1.0, max_fee_gwei=19.0, patience=0)
    small.block(2)
    assert small.world.cohorts.table[0].losses == 0
    assert field(small.world.cohorts, 4, LOSSES).tolist() == [0.0, 1.0]
    assert (small.world.cohorts.column[:2] == before[:2]).all()


def test_what_waits_keeps_its_place_when_others_leave(small):
    small.world.chains.table[0].base_fee_gwei = 50.0
    small.send("holders.0", SALE, tip_gwei=1.0, max_fee_gwei=19.0)
    small.send("holders.1", SALE, SALE, tip_gwei=10.0, max_fee_gwei=200.0)
    small.send("loops.0", SALE, tip_gwei=1.0, max_fee_gwei=18.0)
    small.block()
    chains = small.world.chains
    waiting = [
        small.names.account(chains.mempool[0, k].sender) for k in range(chains.table[0].pending)
    ]
    assert waiting == ["holders.0", "loops.0"]


def test_a_row_of_many_positions_takes_its_space_from_the_blocks_that_follow(small):
    """20 positions of 130,000 gas fill 2.6 blocks: it goes in at once, and the next blocks are full."""
    start(small)
    small.send("arbitrageurs.0", SALE, tip_gwei=20.0, positions=20.0)
    assert served(small) == ["arbitrageurs.0"]
    table = small.world.chains.table[0]
    assert table.gas_used == 2.6e6
    table.pending = 0
    left = []
    for _ in range(4):
        served(small)
        left.append(float(table.gas_used - table.background_gas))
    assert left == [1.6e6, pytest.approx(0.6e6), 0.0, 0.0]


def test_the_base_fee_follows_the_gas_used(small):
    """EIP-1559: an eighth times how far the block was from its target, here 390,000 + background."""
    start(small)
    for sender in SENDERS[:3]:
        small.send(sender, SALE, tip_gwei=10.0)
    served(small)
    table = small.world.chains.table[0]
    assert table.background_gas == 5e5  # at 20 gwei: the reference
    assert table.gas_used == 8.9e5
    assert table.paid_base_fee_gwei == 20.0
    assert table.base_fee_gwei == pytest.approx(20.0 * (1.0 + 0.125 * 3.9 / 5.0), rel=1e-15)


def test_at_first_price_the_bid_is_what_is_paid(first_price):
    table = first_price.world.chains.table[0]
    before = first_price.held("holders.0", "ETH"), first_price.held("main.builder", "ETH")
    first_price.send("holders.0", SALE, tip_gwei=10.0).max_fee_gwei = 150.0
    first_price.block()
    paid = 130_000 * 150e-9
    assert first_price.held("holders.0", "ETH") == pytest.approx(before[0] - 0.01 - paid, rel=1e-14)
    assert first_price.held("main.builder", "ETH") == pytest.approx(before[1] + paid, rel=1e-14)
    assert table.fees_burned == 0.0


def test_at_first_price_the_highest_maximum_fee_wins(first_price):
    table = first_price.world.chains.table[0]
    table.gas_used = table.background_gas = 0.0
    first_price.send("holders.0", SALE, tip_gwei=90.0).max_fee_gwei = 100.0
    first_price.send("holders.1", SALE, tip_gwei=1.0).max_fee_gwei = 120.0
    assert served(first_price) == ["holders.1", "holders.0"]


def test_the_mempool_refuses_what_it_cannot_hold(small):
    """It holds 100 legs; a transaction goes in whole or not at all."""
    chains = small.world.chains
    small.send("holders.0", *[SALE] * 98, pays_gas=False)
    first = open_transaction(chains, 0)
    places = [
        add_leg(chains, 0, SWAP, small.account("holders.1"), 0, 0, 0.01, 0.0) for _ in range(3)
    ]
    assert places == [98, 99, -1]
    assert not seal(small.view, 0, first, 3, 0, 1.0, 2.0, 20.0, 2.0, 5)
    assert (chains.table[0].pending, chains.table[0].refused) == (98, 1)


def test_the_mempool_refuses_whoever_could_not_pay_the_maximum_fee(small):
    chains = small.world.chains
    small.give("holders.0", "ETH", 0.004)  # 130,000 gas at up to 42 gwei are 0.00546 ETH
    first = open_transaction(chains, 0)
    add_leg(chains, 0, SWAP, small.account("holders.0"), 0, 1, 10.0, 0.0)
    assert not seal(small.view, 0, first, 1, 0, 1.0, 2.0, 20.0, 2.0, 5)
    assert (chains.table[0].pending, chains.table[0].refused) == (0, 1)
    assert field(small.world.cohorts, 0, BUSY)[0] == 0.0
