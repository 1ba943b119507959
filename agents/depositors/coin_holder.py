"""Holders of a coin that is redeemed at par: they stay until they doubt it, and then sell it where they can.

Few of them may redeem; all can sell in a pool, and arbitrage takes what they sell to the module. They leave
at a hazard that rises with the loss that is rumoured and with how far the coin trades below par, and the more
the less is left of the reserve: who comes first is paid at par, who comes last is not. With no rumour and no
gap nobody leaves.
Source: Diamond and Dybvig (1983), Bank Runs, Deposit Insurance, and Liquidity; Krugman (1979), A Model of
Balance-of-Payments Crises; Gorton and Zhang (2023), Taming Wildcat Stablecoins, for coins as deposits.
"""

from __future__ import annotations

import dataclasses
import math

from agents.attention import CHOICE, is_attentive
from agents.parameters import shared
from agents.routes import add_swaps, largest_sale
from sim.compile import boundary, kernel
from sim.fields import BUSY, N_COMMON, field
from sim.fields import shared as shared_value
from sim.orders import open_transaction, seal
from sim.units import SECONDS_PER_DAY
from sim.venues.redemption import payable
from sim.venues.redemptions import rate
from sim.view import chance, gas_price_gwei, market_price, own, seen_row

HAZARD, CALM_GAP, RESERVE_WEIGHT = (N_COMMON + k for k in range(3))


@dataclasses.dataclass(frozen=True)
class CoinHolder:
    """Leaves at ``hazard_per_day`` times rumour and gap, times what an emptying reserve adds."""

    hazard_per_day: float = shared(200.0, 0.0, 1e9)
    calm_gap_fraction: float = shared(0.005, 0.0, 1.0)  # below par, which moves nobody
    reserve_weight: float = shared(1.0, 0.0, 1e6)


@kernel
def hazard_per_day(view, c, m, row):
    """At what rate a holder leaves now; par is what the module's rule pays, at the market's price."""
    module = view.venues.redemptions[m]
    par_usd = market_price(view, row, module.reserve_asset) * rate(view.venues, m)
    gap = 1.0 - market_price(view, row, module.coin_asset) / par_usd
    drive = module.rumour + max(gap - shared_value(view.cohorts, c, CALM_GAP), 0.0)
    used_up = 0.0
    if module.reserve_at_birth > 0.0:
        used_up = max(1.0 - payable(module) / module.reserve_at_birth, 0.0)
    fear = 1.0 + shared_value(view.cohorts, c, RESERVE_WEIGHT) * used_up
    return shared_value(view.cohorts, c, HAZARD) * drive * fear


@boundary(None)
def decide(view, c):
    """Each holder sells all it has with the chance of this slot, as far as slippage lets it."""
    cohort = view.cohorts.table[c]
    row = seen_row(view, cohort)
    hazard = hazard_per_day(view, c, cohort.redemption, row)
    if hazard <= 0.0:
        return
    leaves = 1.0 - math.exp(-hazard * view.now[0].slot_seconds / SECONDS_PER_DAY)
    held = own(view, cohort.token, cohort.group)
    busy = field(view.cohorts, c, BUSY)
    for i in range(cohort.n_rows):
        account = cohort.first_account + i
        if not (held[i] > 0.0 and busy[i] == 0.0 and is_attentive(view, cohort, account)):
            continue
        if chance(view, cohort.stream + CHOICE, account) < leaves:
            amount = min(held[i], largest_sale(view, cohort, row, cohort.token))
            first = open_transaction(view.chains, 0)
            n_legs = add_swaps(view, cohort, row, 0, account, cohort.token, amount)
            seal(
                view, 0, first, n_legs, c, cohort.positions_per_row, cohort.tip_gwei,
                gas_price_gwei(view, row, 0), cohort.max_fee_multiple, cohort.patience_blocks,
            )  # fmt: skip
