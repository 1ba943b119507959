"""Liquidators: finite capital, bids only where they pay, collateral sold at once.

Perez, Werner, Xu and Livshits (2021); Qin, Zhou, Gamito, Jovanovic and Gervais (2021).
"""

from __future__ import annotations

from typing import Any

from sim.units import ETH_PER_GWEI
from tests.reference.claim import claim, liquidation_of
from tests.reference.frictionless_keeper import liquidate_frictionlessly
from tests.reference.inventory import Dealer
from tests.reference.ledger import Account
from tests.reference.participant import CHOICE, Cohort
from tests.reference.transaction import REVERT_GAS_SHARE

KEPT_A_SLOT = 0.98  # of what a keeper remembers of its races
ALL_BUT_ROUNDING = 1.0 - 1e-9
MAX_LOOKED_AT = 256  # positions at risk that it examines in a block


class Liquidator(Dealer):
    """Repays other people's debt for their collateral and a bonus."""

    def __init__(
        self,
        *who: Any,
        gas_reserve_eth: float,
        min_profit_usd: float,
        max_tip_share_fraction: float,
        bids_per_block: float,
        settlement_delay_seconds: float,
        outside_access: float,
        inventory_risk_fraction: float,
        flash_loans: float,
    ) -> None:
        assert flash_loans == 0.0, "it knows no loans of one transaction"
        super().__init__(*who, gas_reserve_eth=gas_reserve_eth, outside_access=outside_access)
        self.min_profit_usd = min_profit_usd
        self.max_tip_share = max_tip_share_fraction
        self.bids_per_block = bids_per_block
        self.inventory_risk = inventory_risk_fraction
        self.wins = self.losses = 0.0
        self.recent_wins = self.recent_losses = 0.0  # as it remembers them: they fade
        self.passed = {
            "bids": 0,
            "no_profit": 0,
            "no_cash": 0,
            "no_gas_money": 0,
        }  # positions it has looked at

    def remember_race(self, has_won: bool) -> None:
        """A bid was executed, or reverted, or expired."""
        if has_won:
            self.wins += 1.0
            self.recent_wins += 1.0
        else:
            self.losses += 1.0
            self.recent_losses += 1.0
        self.cohort.counts["wins" if has_won else "losses"] += 1

    def tell(self, fate: str) -> None:
        """Count a position that it has looked at: it has bid, or why not."""
        self.passed[fate] += 1
        self.cohort.counts[fate] += 1

    @classmethod
    def decide_all(cls, cohort: Cohort) -> None:
        """Every keeper in turn; without frictions the first of them does all that pays."""
        first = cohort.members[0]
        assert isinstance(first, Liquidator)
        if first.model.has_keeper_friction:
            super().decide_all(cohort)
        elif cohort.alive_fraction > 0.0:
            liquidate_frictionlessly(first)

    def decide(self) -> None:
        self.recent_wins *= KEPT_A_SLOT
        self.recent_losses *= KEPT_A_SLOT
        # When some of the cohort are out, it is the last ones.
        is_alive = (self.row + 0.5) / len(self.cohort.members) < self.cohort.alive_fraction
        if is_alive and self.in_mempool == 0 and self.is_attentive():
            self.sell_inventory()
            self.refill_gas(self.has_outside_access)
            if self.model.at_risk:
                self.look_for_prey(self.model.at_risk)

    def look_for_prey(self, at_risk: list[Account]) -> None:
        """Go through the list from a place of its own, until capital or bids are used up."""
        capital = self.account.holding(self.model.cash.token)
        gas_budget_eth = self.account.holding(self.model.chain.native_token)
        start = int(self.chance(CHOICE, self.account.number) * len(at_risk))
        bids = 0
        for k in range(min(len(at_risk), MAX_LOOKED_AT)):
            if bids >= self.bids_per_block or capital <= 0.0:
                return
            borrower = at_risk[(start + k) % len(at_risk)]
            cash, gas_eth = self.bid(borrower, capital, gas_budget_eth)
            if cash > 0.0:
                capital -= cash
                gas_budget_eth -= gas_eth
                bids += 1

    def bid(self, borrower: Account, capital: float, gas_budget_eth: float) -> tuple[float, float]:
        """Bid for one position if that pays; the cash and the ETH that this takes at most."""
        model, cohort, seen = self.model, self.cohort, self.seen
        victims = model.vault_of[borrower.name].cohort
        assert victims.debt is not None
        assert victims.collateral is not None
        repaid, seized = claim(victims, borrower, capital, model.seconds)
        if repaid < 0.0:
            self.tell("no_cash")
        if not repaid > 0.0:
            return 0.0, 0.0
        proceeds_usd = self.best_sale_usd(victims.collateral.asset, seized)
        paid_usd = repaid * seen.price_of(model.cash)

        win_share = (self.recent_wins + 1.0) / (self.recent_wins + self.recent_losses + 1.0)
        win_share = min(win_share, 1.0)  # optimistic until it has lost
        gas = model.chain.gas_units("liquidation") * victims.positions_per_row
        native_usd = seen.price_of(model.chain.native_asset)
        tip_gwei = cohort.tip_gwei
        if gas > 0.0:
            spread_usd = max(proceeds_usd - paid_usd, 0.0)
            tip_share = self.max_tip_share * (1.0 - win_share)
            tip_gwei += tip_share * spread_usd / (gas * ETH_PER_GWEI * native_usd)
        expected_gwei = model.chain.expected_gas_price_gwei(seen.gas_price_gwei)
        gas_usd = gas * (expected_gwei + tip_gwei) * ETH_PER_GWEI * native_usd
        # A win pays the spread less gas and risk; a loss costs what a revert uses.
        won_usd = proceeds_usd * (1.0 - self.inventory_risk) - paid_usd - gas_usd
        profit_usd = win_share * won_usd - (1.0 - win_share) * REVERT_GAS_SHARE * gas_usd
        if profit_usd < self.min_profit_usd:
            is_cut = repaid >= ALL_BUT_ROUNDING * capital  # to what its cash allows
            self.tell("no_cash" if is_cut else "no_profit")
            return 0.0, 0.0
        worst_gwei = seen.gas_price_gwei * cohort.max_fee_multiple + tip_gwei
        worst_eth = gas * worst_gwei * ETH_PER_GWEI
        if worst_eth > gas_budget_eth:
            self.tell("no_gas_money")
            return 0.0, 0.0
        # It would rather revert than receive markedly less than it was promised.
        limit = seized * (1.0 - cohort.max_slippage_fraction)
        leg = liquidation_of(victims, borrower, repaid, limit)
        if not self.send([leg], victims.positions_per_row, tip_gwei):
            return 0.0, 0.0
        self.tell("bids")
        return repaid, worst_eth
