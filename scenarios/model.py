"""``DeFiModel``: a scenario as a Mesa model, for interactive work, AgentSets and ``batch_run``.

    model = af.DeFiModel("calm_market", seed=7, time__horizon_blocks=300)
    model.step()                                                    # one block
    model.agents_by_type[VaultAgent].select(lambda vault: vault.health < 1.1).agg("debt_usd", sum)

The engine is the same as without Mesa. Tables of whole runs come from ``af.run``; a DataCollector is for
a few hundred blocks.
"""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Mapping
from typing import Any, ClassVar

import mesa

from agents.strategies import VAULT
from scenarios.load import load
from scenarios.model_agents import (
    AGENT_OF_ROLE,
    DepositorAgent,
    KeeperAgent,
    RowAgent,
    TraderAgent,
    VaultAgent,
)
from scenarios.model_rows import PriceList, Rows
from scenarios.schema import Scenario
from scenarios.seeds import seed_of
from scenarios.simulation import Simulation


class DeFiModel(mesa.Model):
    """A scenario brought to life, at the first block after its burn-in.

    Changes to the scenario are further arguments, with ``__`` for each dot of the path:
    ``cohorts__eth_loop__target_health=1.2``; or ``time={"horizon_blocks": 300}`` as in ``with_``.

    ``seed`` is Aftershock's: the same seed gives the same run here, in ``af.run`` and on the command line.
    ``rng`` is Mesa's name for it; a Generator gives one number of its stream. Without either, a fresh seed
    is drawn and stands in ``model.seed``: so the iterations of a ``batch_run`` differ, and each can be
    repeated.
    """

    # What ``datacollector`` writes down at the start and after each step; change them in a subclass.
    model_reporters: ClassVar[Mapping[str, Any]] = {
        name: name for name in ("seed", "block", "nav_usd", "debt_usd", "n_liquidated")
    }
    agent_reporters: ClassVar[Mapping[str, Any]] = {}

    def __init__(
        self,
        scenario: str | os.PathLike[str] | Scenario = "calm_market",
        seed: Any = None,
        rng: Any = None,
        **changes: Any,
    ) -> None:
        self.seed = seed_of(seed, rng)
        super().__init__(rng=self.seed)
        told = scenario if isinstance(scenario, Scenario) else load(scenario)
        if changes:
            told = told.with_(**{key.replace("__", "."): value for key, value in changes.items()})
        self.simulation = Simulation(told, self.seed)
        self._advance(told.time.burn_in_blocks)
        price_list = PriceList(self.simulation)
        self._rows = [Rows(self.simulation, c, price_list) for c in range(len(told.cohorts))]
        number = itertools.count(1)
        for rows in self._rows:
            kind = AGENT_OF_ROLE[rows.role]
            for row in range(rows.n_rows):
                kind(self, next(number), rows, row)
        self.running = not self.simulation.is_done
        self.datacollector = mesa.DataCollector(
            dict(self.model_reporters), dict(self.agent_reporters)
        )
        self.datacollector.collect(self)

    def step(self) -> None:
        """One block, and one row of the data collector; does nothing after the last block."""
        if self.simulation.is_done:
            self.running = False
            return
        self._advance(1)
        self.datacollector.collect(self)

    def run(self, n_blocks: int | None = None) -> int:
        """``n_blocks`` in one go (default: to the end), without the data collector; returns how many."""
        left = self.simulation.n_slots - self.simulation.slot
        return self._advance(left if n_blocks is None else min(n_blocks, left))

    def _advance(self, n_blocks: int) -> int:
        left = n_blocks
        while left > 0:
            left -= self.simulation.run(left)
            self.simulation.drain()  # whoever wants the tables of a run takes af.run
        self.running = not self.simulation.is_done
        return n_blocks

    # Mesa 3.5 has a scenario of its own kind, and writes it here while it is being built.
    @property
    def scenario(self) -> Scenario:
        """The scenario, with every default."""
        return self.simulation.scenario

    @scenario.setter
    def scenario(self, scenario: Any) -> None:
        if isinstance(scenario, Scenario) or "simulation" in vars(self):
            raise AttributeError("the scenario of a model cannot change: make another model")

    @property
    def block(self) -> int:
        """Blocks done since the burn-in. (Mesa's own ``time`` and ``steps`` count calls of ``step``.)"""
        return self.simulation.block

    @property
    def seconds(self) -> float:
        """Seconds since the start of the scenario."""
        return float(self.simulation.world.clock.now[0].seconds)

    @property
    def market_price_usd(self) -> dict[str, float]:
        """Outside price of each asset."""
        prices = self.simulation.world.venues.exchanges.market_price_usd
        return dict(zip(self.simulation.names.assets, prices.tolist(), strict=True))

    @property
    def nav_usd(self) -> float:
        """NAV of all vaults, as marked at the end of the last block."""
        return math.fsum(rows.total_nav_usd() for rows in self._rows if rows.role == VAULT)

    @property
    def debt_usd(self) -> float:
        """What all vaults owe, at market prices."""
        return math.fsum(rows.total_owed_usd() for rows in self._rows if rows.role == VAULT)

    @property
    def n_liquidated(self) -> int:
        """Liquidations in the last block."""
        return int(self.simulation.world.cohorts.table.liquidated.sum())

    def __repr__(self) -> str:
        name, n = self.scenario.name, len(self.agents)
        return f"<DeFiModel {name} seed={self.seed} block={self.block} agents={n}>"


__all__ = ["DeFiModel", "DepositorAgent", "KeeperAgent", "RowAgent", "TraderAgent", "VaultAgent"]
