"""Share vaults in a summary: how much was taken out, how early it paid to be, and who bore what was lost.

Fractions are of what a vault owned at the start and what came since, in its own asset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.undefined import Undefined

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from scenarios.schema import Scenario

NOTHING_THERE = "the vault never owned anything"


def share_vaults(
    scenario: Scenario, tables: Mapping[str, pl.LazyFrame], undefined: Undefined
) -> dict[str, Any]:
    """The part ``share_vaults`` of a summary, a table a vault."""
    rows = tables["share_vaults"].collect()
    return {
        vault.name: _one(rows.filter(share_vault=vault.name), vault.name, undefined)
        for vault in scenario.share_vaults
    }


def _one(rows: pl.DataFrame, name: str, undefined: Undefined) -> dict[str, Any]:
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    since = {key: last[key] - first[key] for key in ("deposited", "withdrawn", "socialised_loss")}
    whole = first["total_assets"] + since["deposited"]
    told = {
        f"{key}_fraction": undefined.ratio(
            f"share_vaults.{name}.{key}_fraction", amount, whole, NOTHING_THERE
        )
        for key, amount in since.items()
    }
    return {
        **told,
        "share_price_at_start": first["share_price"],
        "share_price_at_end": last["share_price"],
        "liquid_at_end_fraction": undefined.ratio(
            f"share_vaults.{name}.liquid_at_end_fraction",
            last["liquid"],
            last["total_assets"],
            NOTHING_THERE,
        ),
        "most_first_mover_gain_fraction": float(rows["first_mover_gain_fraction"].max()),  # type: ignore[arg-type]
        "longest_line": int(rows["n_in_line"].max()),  # type: ignore[arg-type]
    }
