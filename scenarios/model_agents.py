"""Mesa's agents: each looks at one row of the world and holds nothing of its own.

An agent decides inside the engine, so its ``step()`` does nothing; a number that is read before and
after a block is the world's number of then. Whatever stands in the world cannot be set from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa

from sim.errors import AftershockError

if TYPE_CHECKING:
    from scenarios.model import DeFiModel
    from scenarios.model_rows import Rows


class RowAgent(mesa.Agent):
    """One row of a cohort. Its cohort's parameters read like attributes: ``agent.multiplier``."""

    __slots__ = ("model", "row", "rows", "unique_id")
    rows: Rows
    row: int

    def __init__(self, model: DeFiModel, unique_id: int, rows: Rows, row: int) -> None:
        # Not through mesa.Agent: on Mesa 3.3 it keeps every model that ever was (Agent._ids).
        put = object.__setattr__
        put(self, "model", model)
        put(self, "unique_id", unique_id)
        put(self, "rows", rows)
        put(self, "row", row)
        model.register_agent(self)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name in self.rows.parameters:
            return self.rows.parameter(name, self.row)
        raise AttributeError(f"{type(self).__name__} {self.name!r} has no {name!r}")

    def __setattr__(self, name: str, value: object) -> None:
        if name == "unique_id" and value == self.unique_id:
            return  # Mesa 3.5 numbers agents as they register, and counts as we do
        raise AttributeError(
            f"{name!r} of {self.name!r} cannot be set: agents hold no state, they read the world's. "
            "To change a population, change the scenario."
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    def remove(self) -> None:
        """Refused: the world's rows are there to the end."""
        raise AftershockError(f"{self.name} is a row of the world and cannot be removed.")

    @property
    def name(self) -> str:
        """As in the tables: ``eth_loop.17``."""
        return f"{self.rows.name}.{self.row}"

    @property
    def account(self) -> int:
        """Number of its account."""
        return self.rows.first_account + self.row

    @property
    def cohort(self) -> str:
        """Name of its cohort."""
        return self.rows.name

    @property
    def strategy(self) -> str:
        """The rule it follows."""
        return self.rows.strategy

    @property
    def role(self) -> str:
        """Vault, keeper, trader or depositor."""
        return self.rows.role

    @property
    def parameters(self) -> dict[str, float]:
        """Its parameters by name."""
        return {key: self.rows.parameter(key, self.row) for key in self.rows.parameters}

    @property
    def balances(self) -> dict[str, float]:
        """Whole tokens by symbol; receipts and debts as they are stored, scaled."""
        return self.rows.balances(self.row)

    @property
    def nav_usd(self) -> float:
        """All it holds less what it owes, at market prices."""
        return self.rows.worth_usd(self.row)


class VaultAgent(RowAgent):
    """A vault."""

    __slots__ = ()

    @property
    def nav_usd(self) -> float:
        """As marked at the end of the last block."""
        return self.rows.marked_nav_usd(self.row)

    @property
    def birth_nav_usd(self) -> float:
        """NAV at birth."""
        return self.rows.birth_usd(self.row)

    @property
    def debt_usd(self) -> float:
        """What it owes, at market prices."""
        return self.rows.owed_usd(self.row)

    @property
    def health(self) -> float:
        """Health factor at oracle prices; NaN without debt."""
        return self.rows.health(self.row)


class KeeperAgent(RowAgent):
    """A liquidator."""

    __slots__ = ()

    @property
    def capital_free_usd(self) -> float:
        """Cash it can bid with."""
        return self.rows.free_usd(self.row)

    @property
    def capital_locked_usd(self) -> float:
        """Inventory, and sales that have not settled."""
        return self.nav_usd - self.capital_free_usd

    @property
    def wins(self) -> int:
        """Liquidations won."""
        return self.rows.wins_and_losses(self.row)[0]

    @property
    def losses(self) -> int:
        """Liquidations lost: reverted or expired."""
        return self.rows.wins_and_losses(self.row)[1]


class TraderAgent(RowAgent):
    """An arbitrageur or a noise trader."""

    __slots__ = ()


class DepositorAgent(RowAgent):
    """A lender or a liquidity provider."""

    __slots__ = ()


AGENT_OF_ROLE = {
    "vault": VaultAgent,
    "keeper": KeeperAgent,
    "trader": TraderAgent,
    "depositor": DepositorAgent,
}
