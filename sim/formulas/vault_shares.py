"""Vault shares: what a share is worth, what a deposit buys, and what fees dilute.

Source: ERC-4626, Tokenized Vaults (Santoro and others 2021); fees by dilution as in MetaMorpho v1.0.
"""

from __future__ import annotations

from sim.compile import formula


@formula
def shares_for(assets, total_assets, supply):
    """Shares that so many assets buy; the first ones cost one each."""
    if supply <= 0.0 or total_assets <= 0.0:
        return assets
    return assets * (supply / total_assets)


@formula
def assets_for(shares, total_assets, supply):
    """Assets that so many shares are worth."""
    if supply <= 0.0:
        return shares
    return shares * (total_assets / supply)


@formula
def fee_shares(fee_assets, total_assets, supply):
    """New shares that are worth ``fee_assets`` once they dilute all others."""
    if fee_assets <= 0.0 or total_assets <= fee_assets:
        return 0.0
    return fee_assets * (supply / (total_assets - fee_assets))
