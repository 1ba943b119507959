"""Who gets into a block: a limit of 1 M gas, a target of half of it, and a swap that takes 130,000.

Background demand is 500,000 gas at 20 gwei and falls as the price rises: at 40 gwei it is 250,000.
"""

from __future__ import annotations

import itertools

import pytest

from sim import status
from sim.block.order import order
from sim.block.submit import submit
from sim.fields import BUSY, field
from sim.orders import add_leg, open_transaction, seal
from sim.transaction import OUTSIDE_TRADE, SWAP
from tests.sim.worlds import Leg, SmallWorld

SENDERS = ("holders.0", "holders.1", "loops.0", "loops.1", "arbitrageurs.0", "arbitrageurs.1")
SALE = Leg(SWAP, 0, 0.01, token_in=0)
SMALL_BLOCKS = {"chains.main.gas_limit": 1e6, "chains.main.gas_target": 5e5}


@pytest.fixture
def world() -> SmallWorld:
    return SmallWorld(SMALL_BLOCKS)


@pytest.fixture
def first_price() -> SmallWorld:
    return SmallWorld({**SMALL_BLOCKS, "chains.main.fee_market": "first_price"})


def chosen(world: SmallWorld) -> list[str]:
    """Names of the senders in the order of execution."""
    chains = world.world.chains
    submit(world.world, 0)
    size = order(world.world, 0)
    places = [chains.queue[0, size - 1 - k] for k in range(chains.table[0].included)]
    return [world.names.account(chains.mempool[0, place].sender) for place in places]


def start(world: SmallWorld) -> None:
    """An empty block's books, at a base fee of 20 gwei."""
    table = world.world.chains.table[0]
    table.gas_used = table.background_gas = 0.0
    table.base_fee_gwei = 20.0


@pytest.mark.parametrize("permutation", list(itertools.permutations(range(3))))
def test_the_highest_price_goes_first_whoever_came_first(world, permutation):
    start(world)
    for k in permutation:
        world.send(SENDERS[k], SALE, tip_gwei=(10.0, 30.0, 20.0)[k])
    assert chosen(world) == ["holders.1", "loops.0", "holders.0"]


def test_ties_do_not_depend_on_the_order_of_submission(world):
    """Equal bids are ordered by a hash of sender and slot; a hash, so that nobody is always first."""
    first = set()
    for slot in range(20):
        world.world.clock.now[0].slot = slot
        orders = set()
        for permutation in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
            start(world)
            world.world.chains.table[0].pending = 0
            for k in permutation:
                world.send(SENDERS[k], SALE, tip_gwei=30.0)
            orders.add(tuple(chosen(world)))
        assert len(orders) == 1
        first.add(orders.pop()[0])
    assert first == set(SENDERS[:3])


def test_what_takes_no_space_needs_no_space(world):
    start(world)
    world.send("holders.0", SALE, tip_gwei=80.0)
    world.send("arbitrageurs.0", Leg(OUTSIDE_TRADE, 0, 1.0, token_out=1), tip_gwei=0.0)
    assert chosen(world) == ["arbitrageurs.0", "holders.0"]


def test_a_full_block_leaves_the_rest_waiting(world):
    """At 40 gwei 750,000 gas are left beside the background: five swaps, and the sixth waits."""
    start(world)
    for k, sender in enumerate(SENDERS):
        world.send(sender, SALE, tip_gwei=20.0 + 0.001 * k)
    assert chosen(world) == list(reversed(SENDERS[1:]))
    table = world.world.chains.table[0]
    assert (table.included, table.waiting) == (5, 1)


def test_background_demand_crowds_out_what_pays_less(world):
    """With six times the demand the background wants 1.5 M gas at 40 gwei, and 150,000 at 400."""
    start(world)
    world.world.chains.table[0].demand_multiple = 6.0
    world.send("holders.0", SALE, tip_gwei=20.0)
    world.send("holders.1", SALE, tip_gwei=380.0, max_fee_gwei=500.0)
    assert chosen(world) == ["holders.1"]


def test_whoever_cannot_pay_the_base_fee_waits_and_expires(world):
    """Below the base fee nothing is included; after its patience the sender is free again."""
    head = world.send("holders.0", SALE, tip_gwei=1.0, max_fee_gwei=19.0, patience=2)
    world.world.chains.table[0].base_fee_gwei = 50.0
    table = world.world.chains.table[0]
    busy = field(world.world.cohorts, 0, BUSY)
    for _ in range(2):
        world.block()
        assert (table.pending, busy[0]) == (1, 1.0)
    assert head.sequence > 0
    world.block()
    assert (table.pending, busy[0]) == (0, 0.0)
    event = world.events()[-1]
    assert (int(event.status), world.names.account(int(event.account))) == (
        status.EXPIRED,
        "holders.0",
    )
    assert event.gas_eth == 0.0


def test_what_waits_keeps_its_place_when_others_leave(world):
    world.world.chains.table[0].base_fee_gwei = 50.0
    world.send("holders.0", SALE, tip_gwei=1.0, max_fee_gwei=19.0)
    world.send("holders.1", SALE, SALE, tip_gwei=10.0, max_fee_gwei=200.0)
    world.send("loops.0", SALE, tip_gwei=1.0, max_fee_gwei=18.0)
    world.block()
    chains = world.world.chains
    waiting = [
        world.names.account(chains.mempool[0, k].sender) for k in range(chains.table[0].pending)
    ]
    assert waiting == ["holders.0", "loops.0"]


def test_a_row_of_many_positions_takes_its_space_from_the_blocks_that_follow(world):
    """20 positions of 130,000 gas fill 2.6 blocks: it goes in at once, and the next blocks are full."""
    start(world)
    world.send("arbitrageurs.0", SALE, tip_gwei=20.0, positions=20.0)
    assert chosen(world) == ["arbitrageurs.0"]
    table = world.world.chains.table[0]
    assert table.gas_used == 2.6e6
    table.pending = 0
    left = []
    for _ in range(4):
        chosen(world)
        left.append(float(table.gas_used - table.background_gas))
    assert left == [1.6e6, pytest.approx(0.6e6), 0.0, 0.0]


def test_the_base_fee_follows_the_gas_used(world):
    """EIP-1559: an eighth times how far the block was from its target, here 390,000 + background."""
    start(world)
    for sender in SENDERS[:3]:
        world.send(sender, SALE, tip_gwei=10.0)
    chosen(world)
    table = world.world.chains.table[0]
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
    assert chosen(first_price) == ["holders.1", "holders.0"]


def test_the_mempool_refuses_what_it_cannot_hold(world):
    """It holds 100 legs; a transaction goes in whole or not at all."""
    chains = world.world.chains
    world.send("holders.0", *[SALE] * 98, pays_gas=False)
    first = open_transaction(chains, 0)
    places = [
        add_leg(chains, 0, SWAP, world.account("holders.1"), 0, 0, 0.01, 0.0) for _ in range(3)
    ]
    assert places == [98, 99, -1]
    assert not seal(world.view, 0, first, 3, 0, 1.0, 2.0, 20.0, 2.0, 5)
    assert (chains.table[0].pending, chains.table[0].refused) == (98, 1)


def test_the_mempool_refuses_whoever_could_not_pay_the_maximum_fee(world):
    chains = world.world.chains
    world.give("holders.0", "ETH", 0.004)  # 130,000 gas at up to 42 gwei are 0.00546 ETH
    first = open_transaction(chains, 0)
    add_leg(chains, 0, SWAP, world.account("holders.0"), 0, 1, 10.0, 0.0)
    assert not seal(world.view, 0, first, 1, 0, 1.0, 2.0, 20.0, 2.0, 5)
    assert (chains.table[0].pending, chains.table[0].refused) == (0, 1)
    assert field(world.world.cohorts, 0, BUSY)[0] == 0.0
