"""The strategies a scenario may name: what each is called, what it is for, and which parameters it has."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from agents.depositors.coin_holder import CoinHolder
from agents.depositors.lender import Lender
from agents.depositors.liquidity_provider import LiquidityProvider
from agents.depositors.share_holder import ShareHolder
from agents.keepers.auction_bidder import AuctionBidder
from agents.keepers.auction_taker import AuctionTaker
from agents.keepers.liquidator import Liquidator
from agents.traders.arbitrageur import Arbitrageur
from agents.traders.noise import NoiseTrader
from agents.traders.patient_arbitrageur import PatientArbitrageur
from agents.traders.peg_arbitrageur import PegArbitrageur
from agents.user import UserRule
from agents.vaults import (
    band_borrower,
    buy_and_hold,
    cppi,
    fixed_weight,
    leveraged_loop,
    volatility_target,
)
from agents.vaults.band_borrower import BandBorrower
from agents.vaults.buy_and_hold import BuyAndHold
from agents.vaults.cppi import Cppi
from agents.vaults.fixed_weight import FixedWeight
from agents.vaults.leveraged_loop import LeveragedLoop
from agents.vaults.volatility_target import VolatilityTarget
from sim.errors import InputError

VAULT, KEEPER, TRADER, DEPOSITOR = "vault", "keeper", "trader", "depositor"


@dataclasses.dataclass(frozen=True)
class Strategy:
    """One way to decide. ``code`` is its place in the switchboard ``agents/decide.py``."""

    name: str
    code: int
    role: str
    parameters: type[Any]
    memory: dict[str, bool] = dataclasses.field(default_factory=dict)  # name: one number a row?
    born: Callable[..., None] | None = None  # fills the memory at birth
    birth_weight: Callable[..., Any] | None = None  # share of NAV in the asset at birth
    keys: tuple[str, ...] = ()  # common keys of a scenario that it uses beside those of its role
    rule: UserRule | None = None  # of a strategy that a user wrote


def _vault(name: str, code: int, parameters: type[Any], module: Any) -> Strategy:
    """A vault strategy: what its file says about birth and memory."""
    return Strategy(
        name,
        code,
        VAULT,
        parameters,
        getattr(module, "MEMORY", {}),
        getattr(module, "born", None),
        getattr(module, "birth_weight", None),
    )


STRATEGIES: dict[str, Strategy] = {
    strategy.name: strategy
    for strategy in (
        _vault("buy_and_hold", 0, BuyAndHold, buy_and_hold),
        _vault("fixed_weight", 1, FixedWeight, fixed_weight),
        _vault("cppi", 2, Cppi, cppi),
        _vault("leveraged_loop", 3, LeveragedLoop, leveraged_loop),
        _vault("volatility_target", 4, VolatilityTarget, volatility_target),
        _vault("band_borrower", 5, BandBorrower, band_borrower),
        Strategy("liquidator", 20, KEEPER, Liquidator),
        Strategy("auction_bidder", 21, KEEPER, AuctionBidder),
        Strategy("auction_taker", 22, KEEPER, AuctionTaker),
        Strategy("arbitrageur", 30, TRADER, Arbitrageur),
        Strategy("noise_trader", 31, TRADER, NoiseTrader),
        Strategy("peg_arbitrageur", 32, TRADER, PegArbitrageur),
        Strategy("patient_arbitrageur", 33, TRADER, PatientArbitrageur, keys=("asset",)),
        Strategy("liquidity_provider", 40, DEPOSITOR, LiquidityProvider),
        Strategy("lender", 41, DEPOSITOR, Lender),
        Strategy("share_holder", 42, DEPOSITOR, ShareHolder),
        Strategy("coin_holder", 43, DEPOSITOR, CoinHolder),
    )
}


def register(strategy: Strategy, replace: bool = False) -> None:
    """Let scenarios name one more strategy; only a user's own may ever be replaced."""
    taken = STRATEGIES.get(strategy.name)
    if taken is not None and not (replace and taken.rule is not None):
        problem = f"is a strategy already (there are: {', '.join(STRATEGIES)})"
        raise InputError(None, "strategy", strategy.name, problem)
    STRATEGIES[strategy.name] = strategy
