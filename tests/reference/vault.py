"""What all vaults share: a target exposure becomes an order, sized after its own cost, or waits."""

from __future__ import annotations

import dataclasses

from sim.formulas.random import uniform
from sim.units import ETH_PER_GWEI
from tests.reference.participant import PHASE, Participant
from tests.reference.routes import largest_sale, quote, swaps
from tests.reference.transaction import PROCEEDS, Leg, Trigger

FIXED_POINT_ROUNDS = 3
ALLOWED = 0.999  # of what a lender allows, so that rounding never breaks the limit
ORDERS_KEPT = 2.0  # of gas money, for an order and the way back


class Vault(Participant):
    """A vault with a rule of its own; without one it buys and holds."""

    nav_usd = 0.0  # at the outside price, marked at the end of a block

    def may_send(self, duty: str) -> bool:
        """Nothing in flight, or only an order that gives way to this one."""
        if self.in_mempool == 0 or self.cohort.market is None:
            return self.in_mempool == 0
        is_prior = duty == self.cohort.prior_duty and self.duty != duty
        return is_prior and self.in_mempool == 1

    def is_free_to_act(self) -> bool:
        """Its turn, and paying attention: who has just seen an order fail does."""
        interval = self.cohort.interval_slots
        if interval > 1:
            phase = uniform(
                self.model.seed, self.cohort.stream + PHASE, self.account.number, 0
            )  # the same in every slot
            phase_slots = int(phase * self.cohort.phase_fraction * interval)
            if (self.model.slot + phase_slots) % interval != 0:
                return False
        return self.is_attentive() or self.retries_at == self.model.slot

    def trade_to_target(
        self, exposure_usd: float, target_usd: float, target_per_nav: float, anyway: bool
    ) -> bool:
        """Ask for the order that brings the exposure to its target.

        ``target_per_nav`` is by how much the target falls for each USD that trading costs; ``anyway`` says
        that the rule would have asked at a price without the impact of earlier trades too.
        """
        cohort, seen = self.cohort, self.seen
        cohort.counts["triggers"] += 1
        is_sale = exposure_usd > target_usd
        duty = "repair" if is_sale else "leverage_up"
        if not (self.may_send(duty) and self.is_free_to_act()):
            return False
        price = seen.price_of(cohort.asset)
        cash_price = seen.price_of(self.model.cash)
        token_in = cohort.asset.token if is_sale else self.model.cash.token
        price_in, price_out = (price, cash_price) if is_sale else (cash_price, price)

        trade_usd = abs(exposure_usd - target_usd)
        for _ in range(FIXED_POINT_ROUNDS):
            cost_usd = self.own_cost_usd(token_in, price_in, price_out, trade_usd)
            after_cost_usd = target_usd - target_per_nav * cost_usd
            if is_sale:
                trade_usd = max(exposure_usd - after_cost_usd, 0.0)
            else:  # what a purchase costs has been paid, but not bought
                trade_usd = max(after_cost_usd + cost_usd - exposure_usd, 0.0)
        amount = min(trade_usd / price_in, largest_sale(cohort, seen, token_in))
        if amount * price_in < cohort.min_trade_usd * cohort.positions_per_row:
            return False
        if cohort.market is None:
            legs = self.swap(token_in, amount, price_in)
        else:
            legs = self.deleverage(amount) if is_sale else self.leverage(amount)
        if legs:
            legs[0].trigger = self.trigger(anyway)
        is_sent = self.send(legs)
        if is_sent and cohort.market is not None:
            self.duty = duty
        return is_sent

    def trigger(self, anyway: bool) -> Trigger:
        """The price that the rule has looked at: its lender's oracle if it borrows, else the market."""
        cohort, seen = self.cohort, self.seen
        if cohort.collateral is not None:
            looked_at = seen.oracle_trigger[cohort.collateral.feed.name]
            return dataclasses.replace(looked_at, is_endogenous=int(not anyway))
        slot = self.model.slot - cohort.latency_slots
        impact = seen.market_impact[cohort.asset.name]
        return Trigger(slot, seen.price_of(cohort.asset), impact, int(not anyway))

    def own_cost_usd(
        self, token_in: str, price_in: float, price_out: float, trade_usd: float
    ) -> float:
        """Fee and slippage of a trade over the route, at seen prices."""
        if trade_usd <= 0.0:
            return 0.0
        received = quote(self.cohort, self.seen, token_in, trade_usd / price_in)
        return max(trade_usd - received * price_out, 0.0)

    def gas_eth(self, units: float) -> float:
        """What so many gas units a position cost at the going price."""
        going_gwei = self.model.chain.expected_gas_price_gwei(self.seen.gas_price_gwei)
        price_gwei = going_gwei + self.cohort.tip_gwei
        return units * self.cohort.positions_per_row * price_gwei * ETH_PER_GWEI

    def is_worth_its_gas(self, units: float, value_usd: float) -> bool:
        """Nobody pays more for gas than the order saves."""
        native_usd = self.seen.price_of(self.model.chain.native_asset)
        return self.gas_eth(units) * native_usd <= value_usd

    def swap(self, token_in: str, amount: float, price_in: float) -> list[Leg]:
        """A plain swap, if gas costs at most the slippage that the vault tolerates."""
        cohort = self.cohort
        tolerated_usd = cohort.max_slippage_fraction * amount * price_in
        units = self.model.chain.gas_units("swap") * len(cohort.route)
        if not self.is_worth_its_gas(units, tolerated_usd):
            return []
        held = self.account.holding(token_in)
        if token_in == self.model.chain.native_token:
            held -= ORDERS_KEPT * self.gas_eth(units) * cohort.max_fee_multiple
        amount = min(amount, held)
        if not amount > 0.0:
            return []
        return swaps(cohort, self.seen, token_in, amount)

    def deleverage(self, amount: float) -> list[Leg]:
        """Withdraw collateral that is free, sell it, repay; its gas costs at most the bonus saved."""
        cohort, now = self.cohort, self.model.seconds
        assert cohort.market is not None
        assert cohort.collateral is not None
        pledged = cohort.collateral
        price_usd = pledged.feed.price_usd
        position = cohort.market.position(self.account, now)
        free = ALLOWED * (position.weighted_usd - position.debt_usd)
        free = free / (pledged.threshold_fraction * price_usd)
        amount = min(min(amount, free), pledged.collateral_of(self.account, now))
        saved_usd = pledged.bonus_fraction * amount * price_usd
        gas_units = self.model.chain.gas_units
        units = gas_units("withdraw", "repay") + gas_units("swap") * len(cohort.route)
        if not (amount > 0.0 and self.is_worth_its_gas(units, saved_usd)):
            return []
        token, cash = cohort.asset.token, self.model.cash.token
        withdraw = Leg("withdraw", pledged, token, amount)
        repay = Leg("repay", cohort.debt, cash, PROCEEDS)
        return [withdraw, *swaps(cohort, self.seen, token, amount), repay]

    def leverage(self, amount: float) -> list[Leg]:
        """Borrow what the loan-to-value allows, buy, supply."""
        cohort, now = self.cohort, self.model.seconds
        assert cohort.market is not None
        assert cohort.debt is not None
        price_usd = cohort.debt.feed.price_usd
        position = cohort.market.position(self.account, now)
        allowed = ALLOWED * (position.borrowable_usd - position.debt_usd) / price_usd
        amount = min(amount, allowed)
        tolerated_usd = cohort.max_slippage_fraction * amount * price_usd
        gas_units = self.model.chain.gas_units
        units = gas_units("borrow", "supply") + gas_units("swap") * len(cohort.route)
        if not (amount > 0.0 and self.is_worth_its_gas(units, tolerated_usd)):
            return []
        token, cash = cohort.asset.token, self.model.cash.token
        borrow = Leg("borrow", cohort.debt, cash, amount)
        supply = Leg("supply", cohort.collateral, token, PROCEEDS)
        return [borrow, *swaps(cohort, self.seen, cash, amount), supply]
