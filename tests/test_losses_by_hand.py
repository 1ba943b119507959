"""The worked example of docs/losses.md: every number there, from a pocket calculator and from the engine.

The arithmetic below is that of the document, line by line; it uses nothing of ours.
"""

from __future__ import annotations

import functools
import math
import pathlib
import re

import pytest

from analysis.api import Compared, compare

HERE = pathlib.Path(__file__).resolve().parent
DOCUMENT = HERE.parent / "docs" / "losses.md"
BEFORE, BETWEEN, AFTER = 2500.0, 1600.0, 900.0  # USD an ETH
X, Y = 10_000.0, 25e6  # ETH and USDC in the pool
ROUNDING = 1e-9


def pool_at(price: float) -> tuple[float, float]:
    """What a pool of constant product holds at this price."""
    return math.sqrt(X * Y / price), math.sqrt(X * Y * price)


def sale(n: float) -> float:
    """What the pool pays for n ETH between the two steps."""
    x, y = pool_at(BETWEEN)
    return y * n / (x + n)


def sold_in_full() -> float:
    """ETH that the vault sells where pools have a depth: three rounds of sizing after its own cost."""
    usd = 288_000.0
    for _ in range(3):
        cost = usd - sale(usd / BETWEEN)
        usd = 288_000.0 + 2.0 * cost
    return usd / BETWEEN


def vault(sold: float, received: float) -> float:
    """Its loss: 320 ETH and 200,000 USDC at the start."""
    return 1e6 - (200_000.0 + received + (320.0 - sold) * AFTER)


def arbitrage() -> float:
    """What the arbitrageur has earned by the end of the full run, worth at the last price."""
    first_eth = (
        5e6 / BETWEEN - 2_500.0
    )  # sold 2,500 ETH to the pool, spent all of it on ETH outside
    n = sold_in_full()
    of_the_vault = n * BETWEEN - sale(
        n
    )  # bought from the pool what the vault had sold, sold it outside
    second_eth = 5e6 / AFTER - 12_500.0 / 3.0
    return first_eth * AFTER + of_the_vault + second_eth * AFTER


PROVIDER = {"frozen": X * (BEFORE - AFTER), "price_taking": 2.0 * Y - 2.0 * 15e6, "full": 20e6}
BY_HAND = {
    "vault_owners": {
        "frozen": vault(0.0, 0.0),
        "price_taking": vault(180.0, 288_000.0),
        "full": vault(sold_in_full(), sale(sold_in_full())),
    },
    "liquidity_providers": PROVIDER,
    "arbitrageurs": {"frozen": 16e6, "price_taking": 16e6, "full": 16e6 - arbitrage()},
}


@functools.cache
def engine() -> Compared:
    return compare(HERE / "losses_by_hand.toml", [7], "all", progress=False)


@pytest.mark.usefixtures("compiled_engine")
@pytest.mark.parametrize("who", BY_HAND)
@pytest.mark.parametrize("when", ["worst", "horizon"])
def test_the_engine_says_what_the_calculator_says(who: str, when: str) -> None:
    told, hand = engine().split(who, when), BY_HAND[who]
    start = told.nav_at_start_usd
    assert told.shock_usd == pytest.approx(hand["frozen"], abs=ROUNDING * start)
    own = hand["price_taking"] - hand["frozen"]
    assert told.own_rules_usd == pytest.approx(own, abs=ROUNDING * start)
    after = hand["full"] - hand["price_taking"]
    assert told.aftershocks_usd == pytest.approx(after, abs=ROUNDING * start)
    assert told.amplification == pytest.approx(1.0 + after / hand["frozen"], rel=1e-9)
    assert told.aftershocks_interval_usd is None  # one seed says nothing of how sure it is


@pytest.mark.usefixtures("compiled_engine")
def test_the_system_is_the_sum_of_its_classes() -> None:
    for run in ("frozen", "price_taking", "full"):
        by_class = math.fsum(hand[run] for hand in BY_HAND.values())
        (system,) = engine().runs[run].values("losses.system.loss_at_horizon_usd")
        assert system == pytest.approx(by_class, rel=ROUNDING)


@pytest.mark.usefixtures("compiled_engine")
def test_the_only_friction_is_the_depth_of_the_pool() -> None:
    told = engine()
    assert told.is_used("pool_depth")
    others = ["outside_impact", "oracle_lag", "gas", "keeper_friction"]
    assert not any(told.is_used(channel) for channel in others)


def test_the_document_says_these_numbers() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    (example,) = re.findall(r"^## One example by hand$(.*?)^## ", text, re.DOTALL | re.MULTILINE)
    rows = dict(re.findall(r"^\| (\w[\w ]*\w) \| (-?[\d,]+ \|.*)\|$", example, re.MULTILINE))
    for who, hand in BY_HAND.items():
        losses = [hand[run] for run in ("frozen", "price_taking", "full")]
        parts = [losses[0], losses[1] - losses[0], losses[2] - losses[1]]
        said = [float(cell.replace(",", "")) for cell in rows[who.replace("_", " ")].split("|")]
        assert said == [round(value) for value in (*losses, *parts)]
