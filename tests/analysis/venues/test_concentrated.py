"""A concentrated pool at the prompt: closed forms, hand calculations, a plain version in whole numbers."""

from __future__ import annotations

import math
import random

import pytest

import aftershock as af
from sim.errors import InputError
from tests.reference.concentrated import PlainPool, sqrt_ratio_at

Q96 = 1 << 96


def pool_of(
    fee: float = 0.003, spacing: int = 60, price: float = 2000.0
) -> af.venues.ConcentratedPool:
    return af.venues.ConcentratedPool(("ETH", "USDC"), price, fee, spacing)


def test_concentrated_becomes_constant_product_as_range_widens():
    flat = af.venues.ConstantProductPool({"ETH": 1_000.0, "USDC": 2e6}, fee_fraction=0.003)
    gaps = []
    for width in (2.0, 10.0, 100.0, 1e4):
        pool = pool_of(spacing=1)
        pool.add_liquidity(
            liquidity=math.sqrt(1_000.0 * 2e6),
            lower_price=2000.0 / width,
            upper_price=2000.0 * width,
        )
        gaps.append(abs(pool.reserves["ETH"] / 1_000.0 - 1.0))
        assert pool.quote("ETH", 10.0) == pytest.approx(flat.quote("ETH", 10.0), rel=1e-12)
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] == pytest.approx(0.01, rel=1e-3)  # 1 / sqrt(width) of a side lies beyond it


def test_a_range_is_as_deep_as_a_pool_many_times_its_size():
    """Virtual reserves: between a and b one token at p does the work of 1 / (1 - sqrt(p / b))."""
    pool = pool_of()
    paid = pool.add_liquidity({"ETH": 10.0, "USDC": 1e9}, lower_price=1800.0, upper_price=2200.0)
    root, upper = pool.sqrt_price, math.sqrt(pool.price_of(max(pool.ticks)))
    assert paid["ETH"] == pytest.approx(10.0, rel=1e-14)
    assert pool.liquidity == pytest.approx(10.0 / (1 / root - 1 / upper), rel=1e-12)


def test_there_and_back_never_profits():
    rng = random.Random(5)
    pool = pool_of(fee=0.0005, spacing=10)
    pool.add_liquidity({"ETH": 100.0, "USDC": 2e5}, lower_price=1900.0, upper_price=2100.0)
    pool.add_liquidity({"ETH": 100.0, "USDC": 2e5}, lower_price=1500.0, upper_price=2500.0)
    for _ in range(50):
        amount = math.exp(rng.uniform(-10.0, 5.0))
        bought = pool.trade("ETH", amount)
        back = pool.trade("USDC", bought.received)
        assert back.received < bought.paid
        assert back.received == pytest.approx(bought.paid, rel=0.01)


def test_fees_are_shared_by_liquidity_and_add_up():
    pool = pool_of(fee=0.003)
    ranges = [(1800.0, 2200.0), (1900.0, 2300.0), (1000.0, 1700.0)]
    shares = (1.0, 2.0, 5.0)
    for (lower, upper), share in zip(ranges, shares, strict=True):
        pool.add_liquidity(liquidity=1_000.0 * share, lower_price=lower, upper_price=upper)
    paid = pool.trade("USDC", 10_000.0, price_limit=2190.0).paid
    assert paid < 10_000.0
    pool.trade("ETH", 2.0)
    owed = [pool.remove_liquidity(0.0, lower_price=a, upper_price=b) for a, b in ranges[:2]]
    assert owed[1]["USDC"] == pytest.approx(2.0 * owed[0]["USDC"], rel=1e-12)
    assert owed[0]["USDC"] + owed[1]["USDC"] == pytest.approx(0.003 * paid, rel=1e-12)
    assert owed[0]["ETH"] + owed[1]["ETH"] == pytest.approx(0.003 * 2.0, rel=1e-12)
    nothing = pool.remove_liquidity(0.0, lower_price=1000.0, upper_price=1700.0)
    assert nothing == {"ETH": 0.0, "USDC": 0.0}


def test_the_protocol_takes_its_part_of_the_fee():
    pool = af.venues.ConcentratedPool(("ETH", "USDC"), 2000.0, 0.003, 60, protocol_fee=(4, 10))
    pool.add_liquidity(liquidity=1e4)
    pool.trade("ETH", 1.0)
    pool.trade("USDC", 1_000.0)
    assert pool.protocol_fees == pytest.approx({"ETH": 0.003 / 4, "USDC": 0.3})
    assert pool.remove_liquidity(0.0) == pytest.approx({"ETH": 0.003 * 0.75, "USDC": 2.7})


def test_a_gap_takes_nothing_and_the_price_falls_through_it():
    pool = pool_of()
    pool.add_liquidity({"USDC": 1e4, "ETH": 1e4}, lower_price=1900.0, upper_price=2100.0)
    pool.add_liquidity({"USDC": 1e5}, lower_price=1000.0, upper_price=1500.0)
    trade = pool.trade("ETH", 100.0, price_limit=1600.0)
    assert trade.paid < 100.0  # the limit lies in the gap: the rest stays unsold
    assert pool.price == pytest.approx(1600.0, rel=1e-14)
    assert pool.liquidity == 0.0
    assert pool.trade("ETH", 1e-6).received == pytest.approx(0.997e-6 * 1500.0, rel=2e-3)
    assert pool.price < 1505.0


def test_a_position_of_dust_beside_a_huge_one_keeps_its_digits():
    """What is left when 1e12 of liquidity goes is the 1e-3 that was there, to nine digits."""
    pool = pool_of(fee=0.0)
    pool.add_liquidity(liquidity=1e-3, lower_price=1900.0, upper_price=2100.0)
    pool.add_liquidity(liquidity=1e12, lower_price=1800.0, upper_price=2100.0)
    pool.trade("USDC", 1e8)
    pool.remove_liquidity(1e12, lower_price=1800.0, upper_price=2100.0)
    assert pool.liquidity == pytest.approx(1e-3, rel=1e-15)
    before = pool.sqrt_price
    pool.trade("USDC", 1e-6)
    assert pool.sqrt_price - before == pytest.approx(1e-3, rel=1e-9)


def test_the_mean_price_is_geometric_over_time():
    pool = pool_of(spacing=1, fee=0.0)
    pool.add_liquidity(liquidity=1e6)
    pool.wait(100.0)
    pool.trade("USDC", 1e9, tick_limit=pool.tick + 1000)
    pool.wait(300.0)
    assert pool.twap(400.0) == pytest.approx(2000.0 * 1.0001**750, rel=1e-4)
    assert pool.twap(300.0) == pytest.approx(pool.price, rel=1e-4)
    then, now = pool.observe(400.0), pool.observe(0.0)
    assert now[1] - then[1] == pytest.approx(400.0 / 1e6, rel=1e-12)


def test_loss_versus_rebalancing_of_a_range_follows_its_closed_form():
    """Milionis et al. (2022): an arbitraged position loses L sigma^2 sqrt(P) / 4 a unit of time."""
    rng = random.Random(3)
    step, liquidity, n = 1e-3, 1e4, 4000
    pool = pool_of(fee=0.0, spacing=1)
    pool.add_liquidity(liquidity=liquidity, lower_price=1000.0, upper_price=4000.0)
    lost = expected = 0.0
    price = 2000.0
    for _ in range(n):
        price *= math.exp(step if rng.random() < 0.5 else -step)
        expected += liquidity * step * step * math.sqrt(price) / 4.0
        sold = "ETH" if price < pool.price else "USDC"
        trade = pool.trade(sold, 1e12, price_limit=price)
        gain = trade.received - trade.paid * price
        lost += gain if sold == "ETH" else trade.received * price - trade.paid
    assert lost == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("seed", range(6))
def test_the_pool_agrees_with_a_plain_version_in_whole_numbers(seed):
    """Trades, deposits and withdrawals at random; 1e-9, or four base units."""
    rng = random.Random(seed)
    spacing = rng.choice((1, 10, 60))
    start = sqrt_ratio_at(rng.randint(-20_000, 20_000))
    fee_pips = rng.choice((500, 3_000))
    plain = PlainPool(start, fee_pips, spacing)
    pool = af.venues.ConcentratedPool(
        ("A", "B"), fee_fraction=fee_pips / 1e6, tick_spacing=spacing, sqrt_price_x96=start
    )
    ranges: list[tuple[int, int, int]] = []
    for _ in range(40):
        act = rng.random()
        if act < 0.35 or not ranges:
            width = rng.randint(1, 200) * spacing
            lower = (plain.tick + rng.randint(-300, 300) * spacing // 2) // spacing * spacing
            liquidity = int(10 ** rng.uniform(15, 24))
            ranges.append((lower, lower + width, liquidity))
            want = plain.mint(lower, lower + width, liquidity)
            paid = pool.add_liquidity(
                liquidity=liquidity / 1e18, lower_tick=lower, upper_tick=lower + width
            )
            got = list(paid.values())
        elif act < 0.45:
            lower, upper, liquidity = ranges.pop(rng.randrange(len(ranges)))
            want = plain.burn(lower, upper, liquidity)
            pool.remove_liquidity(0.0, lower, upper)
            fees = pool.position(lower, upper).owed
            after = pool.remove_liquidity(liquidity / 1e18, lower, upper)
            got = [after[s] - fees[s] for s in ("A", "B")]
        else:
            is_zero, is_in = rng.random() < 0.5, rng.random() < 0.5
            amount = int(10 ** rng.uniform(6, 22))
            tick = plain.tick + (-1 if is_zero else 1) * rng.randint(1, 3000)
            limit = sqrt_ratio_at(tick)
            if (limit >= plain.root) if is_zero else (limit <= plain.root):
                continue
            want = plain.swap(is_zero, amount if is_in else -amount, limit)
            trade = pool.trade(
                "A" if is_zero else "B", amount / 1e18, "in" if is_in else "out",
                sqrt_price_limit_x96=limit,
            )  # fmt: skip
            got = [trade.paid, trade.received]
        for a, b in zip(got, want, strict=True):
            assert a == pytest.approx(b / 1e18, rel=1e-9, abs=4e-18), (act, got, want)
        assert pool.tick == plain.tick
        assert pool.sqrt_price == pytest.approx(plain.root / Q96, rel=1e-12)
        assert pool.liquidity == pytest.approx(plain.liquidity / 1e18, rel=1e-12)


def test_what_cannot_be_is_refused_by_name():
    pool = pool_of()
    for lower, upper in ((60, -60), (1, 61)):
        with pytest.raises(af.venues.Reverted, match="not a range of ticks"):
            pool.add_liquidity(liquidity=1.0, lower_tick=lower, upper_tick=upper)
    with pytest.raises(InputError, match="fee_fraction"):
        pool_of(fee=-0.1)
    with pytest.raises(InputError, match="tick_spacing"):
        pool_of(spacing=0)
    with pytest.raises(af.venues.Reverted, match="price limit"):
        pool.trade("ETH", 1.0, price_limit=3000.0)
    with pytest.raises(af.venues.Reverted, match="no position"):
        pool.remove_liquidity(1.0, -60, 60)
    with pytest.raises(af.venues.Reverted, match="too much liquidity"):
        pool.add_liquidity(liquidity=1e30, lower_tick=-60, upper_tick=60)


def test_the_picture_shows_liquidity_over_price():
    pool = pool_of()
    pool.add_liquidity({"ETH": 10.0, "USDC": 1e9}, lower_price=1800.0, upper_price=2200.0)
    liquidity, depth = pool.plot().axes
    assert "price" in liquidity.get_xlabel()
    assert len(depth.lines) == 2
