"""Whatever is asked for, at whatever prices: it is done whole or refused whole, and the books agree.

Senders, verbs and amounts are drawn at random, absurd ones among them, between jumps of prices of up to
a factor of four. Every refusal is compared bit by bit by `SmallWorld.attempt`.
"""

from __future__ import annotations

import collections
import math

import numpy as np
import pytest

from sim import status
from sim.audit import audit
from sim.transaction import KINDS, LIQUIDATE, OUTSIDE_RETURN, OUTSIDE_TRADE, PROCEEDS, SUPPLY
from tests.sim.worlds import Leg, SmallWorld

ACCOUNTS = ("holders.0", "loops.0", "loops.1", "lenders.0", "providers.0", "providers.1", "keepers.0",
            "arbitrageurs.0", "eth_usd.operator")  # fmt: skip
ABSURD = (0.0, -1.0, math.nan, math.inf, 1e-300, 1e300, PROCEEDS)


def random_leg(rng: np.random.Generator, small: SmallWorld) -> Leg:
    # There are no debt positions with auctions here, and no share vaults.
    kind = int(rng.choice([kind for kind in KINDS if kind <= OUTSIDE_RETURN]))
    amount = float(np.exp(rng.uniform(-12.0, 14.0)))
    if rng.random() < 0.1:
        amount = float(rng.choice(ABSURD))
    limit = float(rng.choice([0.0, 0.0, 0.0, 1.0, 1e6]))
    row, token, other = (int(n) for n in rng.integers(0, 2, 3))
    if kind < SUPPLY:  # there is one pool
        row = 0
    if kind == OUTSIDE_TRADE:
        other = 1 - row  # one of the two is the cash
    if kind == LIQUIDATE:
        row = int(rng.random() < 0.9)
    victim = small.account(f"loops.{int(rng.integers(0, 2))}")
    return Leg(kind, row, amount, token_in=token, limit=limit, token_out=other, counterparty=victim)


def endow(rng: np.random.Generator, small: SmallWorld) -> None:
    """Everybody has something to spend, the first of each kind more than the market."""
    ledger = small.world.ledger
    for account in ACCOUNTS:
        for token in ("ETH", "USDC"):
            if ledger.offset[small.token(token), ledger.group[small.account(account)]] >= 0:
                small.give(account, token, float(np.exp(rng.uniform(0.0, 13.0))))


def shake(rng: np.random.Generator, small: SmallWorld) -> None:
    """Time passes and prices jump."""
    world = small.world
    world.clock.now[0].seconds += float(rng.choice([0.0, 12.0, 3600.0, 86_400.0]))
    world.venues.feeds[0].price_usd = 2000.0 * float(np.exp(rng.uniform(-1.4, 1.4)))
    world.venues.exchanges[0].market_price_usd = 2000.0 * float(np.exp(rng.uniform(-1.4, 1.4)))


@pytest.mark.parametrize("seed", range(3))
def test_done_whole_or_refused_whole(seed):
    rng = np.random.default_rng(seed)
    small = SmallWorld()
    endow(rng, small)
    met: collections.Counter[int] = collections.Counter()
    done: collections.Counter[int] = collections.Counter()
    for k in range(500):
        shake(rng, small)
        legs = [random_leg(rng, small) for _ in range(int(rng.choice([1, 1, 1, 2, 3])))]
        with np.errstate(invalid="ignore"):  # infinite amounts
            code = small.attempt(
                str(rng.choice(ACCOUNTS)), *legs, positions=float(rng.choice([1, 7]))
            )
        met[code] += 1
        if code == status.OK:
            done.update(leg.kind for leg in legs)
        assert (small.world.ledger.balance >= 0.0).all()
        assert np.isfinite(small.world.ledger.balance).all()
        if k % 10 == 9:
            assert audit(small.world), small.world.log.n
        for reserve in small.world.venues.reserves:
            debt = reserve.scaled_debt * reserve.borrow_index
            owned = reserve.cash + debt + reserve.deficit
            claims = (reserve.scaled_supply + reserve.treasury_scaled) * reserve.liquidity_index
            assert claims <= owned * (1.0 + 1e-9)  # lenders are promised no more than there is
    assert len(done) >= 6
    assert len(met) >= 6
