"""Interest of a run: what borrowers came to owe and to whom, though no token has moved.

Interest accrues in indices and is no transfer, so that the table of who paid whom cannot hold it. Here it is
added up block by block: what was lent at the end of one block, times its rate, until the end of the next,
in USD at the fundamental price of that block. Lenders are owed what the supply rate promises on receipts,
the treasury of a reserve the rest. All of them are inside, so that interest is in no term of the wealth
identity.
Source: Aave v3 technical paper (2022), for the two rates.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.units import SECONDS_PER_YEAR

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from scenarios.schema import Scenario


def interest(scenario: Scenario, tables: Mapping[str, pl.LazyFrame]) -> dict[str, Any]:
    """USD accrued since the recorded start: in all, to lenders, to treasuries, and by borrower."""
    blocks, markets = tables["blocks"].collect(), tables["markets"].collect()
    debts = tables["cohorts"].select("cohort", "debt_usd").collect()
    years = scenario.time.slot_seconds / SECONDS_PER_YEAR
    owed = {
        cohort.name: debts.filter(cohort=cohort.name)["debt_usd"].fill_null(0.0).to_numpy()
        for cohort in scenario.cohorts
        if cohort.role == "vault" and cohort.market is not None
    }
    accrued, lent = [0.0], [0.0]
    by_borrower = dict.fromkeys(owed, 0.0)
    for reserve in scenario.reserves:
        rows = markets.filter(reserve=reserve.name)
        price_usd = blocks[f"fundamental_price_usd.{reserve.asset}"].to_numpy()
        paid = _over_a_block(rows, "borrowed", "borrow_rate_per_year") * years * price_usd
        promised = _over_a_block(rows, "supplied", "supply_rate_per_year") * years * price_usd
        accrued.extend(paid.tolist())
        lent.extend(promised.tolist())
        if reserve.asset != scenario.cash.name:
            continue  # vaults borrow the cash
        mine = [c.name for c in scenario.cohorts if c.name in owed and c.market == reserve.market]
        total = sum((_before(owed[name]) for name in mine), np.zeros(len(paid)))
        for name in mine:
            part = np.divide(_before(owed[name]), total, np.zeros(len(paid)), where=total > 0.0)
            by_borrower[name] = math.fsum((paid * part).tolist())
    in_all, to_lenders = math.fsum(accrued), math.fsum(lent)
    return {
        "accrued_usd": in_all,
        "to_lenders_usd": to_lenders,
        "to_treasuries_usd": in_all - to_lenders,
        "by_borrower": {name: {"accrued_usd": usd} for name, usd in by_borrower.items()},
    }


def _over_a_block(rows: pl.DataFrame, amount: str, rate: str) -> np.ndarray:
    """Amount times rate as they stood when each block began."""
    return _before(rows[amount].to_numpy()) * _before(rows[rate].to_numpy())


def _before(path: np.ndarray) -> np.ndarray:
    """What stood at the end of the block before; of the first block, at its own end."""
    return np.concatenate([path[:1], path[:-1]])
