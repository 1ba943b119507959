"""Terms of a pooled lending market, drawn: four reserves as they were listed, categories, caps, ceilings."""

from __future__ import annotations

import math
import random
from typing import Any

KINDS = ("calm", "crash", "category", "isolated", "all lent out", "dust", "caps", "deficit")
RARER = (
    "isolated",
    "isolated",
    "isolated",
    "category",
    "category",
    "caps",
    "caps",
    "dust",
)  # what they meet is seldom
N_ACCOUNTS = 6
USD = 10**8  # base units of a dollar
# Decimals, USD, LTV, threshold and bonus in bps, of ETH, USDC, WBTC and a staked ETH as they were listed.
ASSETS = (
    (18, 2_000.0, 8_000, 8_300, 10_500),
    (6, 1.0, 7_500, 7_800, 10_450),
    (8, 60_000.0, 7_300, 7_800, 10_625),
    (18, 2_300.0, 7_850, 8_100, 10_600),
)


def draw_setup(rng: random.Random) -> tuple[dict[str, int], dict[str, Any]]:
    """Terms of four reserves, one or two categories of like assets, and what the accounts start with."""
    kind = rng.choice((*KINDS, *RARER))
    reserves = [_draw_reserve(rng, k, kind) for k in range(len(ASSETS))]
    categories = [
        {"ltv_bps": 9_300, "threshold_bps": 9_500, "bonus_bps": 10_100,
         "collateral": [0, 3], "borrowable": [0, 3]},
        {"ltv_bps": 9_000, "threshold_bps": 9_300, "bonus_bps": 10_200,
         "collateral": [3], "borrowable": [0]},
    ]  # fmt: skip
    setup = {
        "kind": kind,
        "n_accounts": N_ACCOUNTS,
        "flash_premium_bps": rng.choice((0, 5, 9)),
        "reserves": reserves,
        "categories": categories[: rng.randint(1, 2)],
    }
    return {f"token{k}": decimals for k, (decimals, *_) in enumerate(ASSETS)}, setup


def _draw_reserve(rng: random.Random, k: int, kind: str) -> dict[str, Any]:
    decimals, usd, ltv, threshold, bonus = ASSETS[k]
    usd *= math.exp(rng.gauss(0.0, 0.1)) if k != 1 else 1.0
    if rng.random() < 0.05:
        usd *= 10 ** rng.uniform(-3.0, 3.0)
    wealth = 10 ** rng.uniform(6.0, 8.0) / usd * 10**decimals
    balances = [round(wealth * math.exp(rng.gauss(0.0, 1.0))) for _ in range(N_ACCOUNTS)]
    whole = sum(balances) / 10**decimals
    has_caps = kind == "caps"
    return {
        "price_usd": max(round(usd * USD), 1),
        "ltv_bps": 0 if has_caps and k == 2 and rng.random() < 0.5 else ltv,
        "threshold_bps": threshold,
        "bonus_bps": bonus,
        "reserve_factor_bps": rng.choice((0, 1_000, 1_500, 2_000, 9_900)),
        "protocol_fee_bps": rng.choice((0, 1_000, 1_000, 2_000)),
        "optimal_bps": rng.choice((4_500, 8_000, 9_000, 9_900)),
        "base_bps": rng.choice((0, 0, 100)),
        "slope1_bps": rng.choice((270, 400, 1_050)),
        "slope2_bps": rng.choice((4_000, 6_000, 30_000)),
        "supply_cap": max(round(whole * rng.uniform(0.1, 0.8)), 1) if has_caps else 0,
        "borrow_cap": max(round(whole * rng.uniform(0.002, 0.04)), 1) if has_caps else 0,
        "debt_ceiling": round(10 ** rng.uniform(4.0, 6.0)) * 100
        if kind == "isolated" and k == 2
        else 0,
        "is_borrowable": not (has_caps and k == 2),
        "is_borrowable_in_isolation": k == 1,
        "balances": balances,
    }
