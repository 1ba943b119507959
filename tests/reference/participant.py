"""What all agents are: a Mesa agent with an account, member of a cohort, who looks and sends transactions."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

import mesa

from sim.formulas.random import uniform
from tests.reference.ledger import Account
from tests.reference.lending import Market, Reserve
from tests.reference.observation import Observation
from tests.reference.pool import Pool
from tests.reference.transaction import Leg

if TYPE_CHECKING:
    from tests.reference.exchange import Exchange
    from tests.reference.model import ReferenceModel

ATTENTION, PHASE, CHOICE = 0, 1, 2  # what each of a cohort's streams of draws is for


@dataclasses.dataclass(eq=False)
class Cohort:
    """What agents of one kind have in common."""

    name: str
    role: str
    strategy: type[Participant]
    purpose: str
    asset: Exchange  # what its vaults hold
    market: Market | None  # where they borrow
    collateral: Reserve | None
    debt: Reserve | None
    route: list[Pool]
    stream: int
    positions_per_row: float
    attention_fraction: float
    max_slippage_fraction: float
    max_fee_multiple: float
    tip_gwei: float
    min_trade_usd: float
    phase_fraction: float
    latency_slots: int
    interval_slots: int
    patience_blocks: int
    settlement_slots: int
    prior_duty: str  # of a vault that borrows: whose order replaces another's that waits
    alive_fraction: float = 1.0
    stay_fraction: float = 1.0
    members: list[Participant] = dataclasses.field(default_factory=list)
    counts: dict[str, float] = dataclasses.field(default_factory=dict)  # of this block
    nav_usd: float = 0.0
    nav_protocol_usd: float = 0.0
    debt_usd: float = 0.0
    collateral_usd: float = 0.0
    risks: list[float] = dataclasses.field(default_factory=list)  # debt over weighted collateral


class Participant(mesa.Agent):
    """Somebody who decides once a block."""

    model: ReferenceModel
    parameters: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        model: ReferenceModel,
        cohort: Cohort,
        row: int,
        account: Account,
        custody: Account | None,
        birth: float,
    ) -> None:
        super().__init__(model)
        self.cohort = cohort
        self.row = row
        self.account = account
        # What it has sold outside and not been paid for yet.
        self.custody = custody if cohort.settlement_slots > 0 else None
        self.birth = birth  # NAV in USD, for liquidity providers shares
        self.in_mempool = 0  # transactions
        self.retries_at = 0  # slot after an order has failed
        self.duty = ""  # of its latest order, if it borrows
        self.settles_at = 0  # slot; 0 if custody waits for nothing
        cohort.members.append(self)

    @classmethod
    def decide_all(cls, cohort: Cohort) -> None:
        """Every member in turn."""
        for member in cohort.members:
            member.decide()

    def decide(self) -> None:
        """Nothing, unless a strategy says so."""

    @property
    def seen(self) -> Observation:
        """What it sees, as old as its latency."""
        slot = self.model.slot - self.cohort.latency_slots
        return self.model.observations[max(slot, 0)]

    def chance(self, purpose: int, entity: int) -> float:
        """A draw in (0, 1) of this slot that belongs to one entity and purpose of its cohort."""
        return uniform(self.model.seed, self.cohort.stream + purpose, entity, self.model.slot)

    def is_attentive(self) -> bool:
        """Whether it looks in this slot."""
        if self.cohort.attention_fraction >= 1.0:
            return True
        return self.chance(ATTENTION, self.account.number) < self.cohort.attention_fraction

    def send(
        self,
        legs: list[Leg],
        positions: float | None = None,
        tip_gwei: float | None = None,
        patience: int | None = None,
    ) -> bool:
        """Ask for a transaction at the going price as it sees it."""
        cohort = self.cohort
        return self.model.chain.send(
            self.account,
            self,
            legs,
            cohort.positions_per_row if positions is None else positions,
            cohort.tip_gwei if tip_gwei is None else tip_gwei,
            self.seen.gas_price_gwei,
            cohort.max_fee_multiple,
            cohort.patience_blocks if patience is None else patience,
            self.model.slot,
        )

    def remember_race(self, has_won: bool) -> None:
        """Only keepers race."""
