"""Every venue alone, at the prompt, in whole tokens: ``pool = af.venues.ConstantProductPool(...)``.

Each is a World with one venue that calls the verbs of the engine, so that what is tried here, or
compared with a contract, is what happens in a run.
"""

from analysis.venues.banded_market import BandedMarket
from analysis.venues.collateralized_debt import CollateralizedDebt
from analysis.venues.concentrated import ConcentratedPool
from analysis.venues.constant_product import ConstantProductPool
from analysis.venues.isolated_market import IsolatedMarket
from analysis.venues.lending_market import LendingMarket
from analysis.venues.mint_and_burn import MintAndBurn
from analysis.venues.redemption import IssuerRedemption, PegModule
from analysis.venues.share_vault import ShareVault
from analysis.venues.stable_swap import StableSwapPool
from analysis.venues.staked_token import StakedToken
from analysis.venues.venue import Reverted
from analysis.venues.weighted import WeightedPool

__all__ = [
    "BandedMarket",
    "CollateralizedDebt",
    "ConcentratedPool",
    "ConstantProductPool",
    "IsolatedMarket",
    "IssuerRedemption",
    "LendingMarket",
    "MintAndBurn",
    "PegModule",
    "Reverted",
    "ShareVault",
    "StableSwapPool",
    "StakedToken",
    "WeightedPool",
]
