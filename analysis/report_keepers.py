"""Why debt stayed unliquidated: what keepers bid, what they let pass and for which reason.

Computed from the tables `cohorts` and `keepers`, not from what the scenario says: a keeper that is short of
capital and one that cannot make a profit leave the same bad debt behind, and call for opposite cures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agents.strategies import KEEPER, VAULT
from analysis.headline import percent, usd

if TYPE_CHECKING:
    import polars as pl

    from analysis.run import Run

COUNTS = ("n_bids", "n_wins", "n_losses", "n_no_profit", "n_no_cash", "n_no_gas_money")
REASONS = {
    "no_profit": "profit",
    "no_cash": "cash",
    "no_gas_money": "ETH for gas",
}  # columns of `keepers`: what a keeper that let a position pass was short of
SPENT = 0.01  # a keeper with at most this share of its wealth in cash counts as without


def keeper_facts(run: Run) -> dict[str, Any]:
    """Bids and passes by cohort, blocks with prey and no bid, and capital when it was tightest."""
    import polars as pl

    of_keepers = run.cohorts.filter(role=KEEPER).select(
        "block", "cohort", *COUNTS, "alive_fraction"
    )
    cohorts = of_keepers.collect()
    names = cohorts["cohort"].cast(pl.String).unique(maintain_order=True).to_list()
    by_cohort = {}
    for name in names:
        mine = cohorts.filter(cohort=name)
        counts = {count: int(mine[count].sum()) for count in COUNTS}
        by_cohort[name] = {
            **counts,
            "n_blocks_with_outage": int((mine["alive_fraction"] < 1.0).sum()),
        }
    per_block = cohorts.group_by("block").agg(pl.col(*COUNTS).sum())
    prey = run.cohorts.filter(role=VAULT).select("block", "n_at_risk").collect()
    at_risk = prey.group_by("block").agg(pl.col("n_at_risk").sum()).filter(pl.col("n_at_risk") > 0)
    hunted = at_risk.join(per_block, on="block", how="inner")
    unbid = hunted.filter(pl.col("n_bids") == 0)
    return {
        "by_cohort": by_cohort,
        "n_blocks_with_prey": hunted.height,
        "n_blocks_without_bid": unbid.height,
        "passed": _passed(run),
        "without_cash_fraction": _without_cash(run, at_risk),
        "capital": _tightest(run),
        "is_trading": run.scenario.channels.trading,
    }


def _passed(run: Run) -> dict[str, int]:
    """How often keepers let a position pass, by reason: the last snapshot less the first."""
    snapshots = run.keepers.select("block", *REASONS).collect()
    if not snapshots.height:
        return dict.fromkeys(REASONS, 0)
    first, last = (
        snapshots.filter(block=block).select(*REASONS).sum().row(0, named=True)
        for block in (snapshots["block"].min(), snapshots["block"].max())
    )
    return {reason: int(last[reason] - first[reason]) for reason in REASONS}


def _without_cash(run: Run, at_risk: pl.DataFrame) -> float | None:
    """Share of keepers without cash, over the snapshots taken while positions were liquidatable."""
    import polars as pl

    rows = run.keepers.select("block", "capital_free_usd", "capital_locked_usd").collect()
    # A snapshot is taken behind as many blocks as its number says: the last of them has one less.
    seen = rows.filter((pl.col("block") - 1).is_in(at_risk["block"].to_list()))
    if seen.height == 0:
        return None
    return int(seen.select(_is_spent().sum()).item()) / seen.height


def _is_spent() -> pl.Expr:
    import polars as pl

    free, locked = pl.col("capital_free_usd"), pl.col("capital_locked_usd")
    return free <= SPENT * (free + locked)


def _tightest(run: Run) -> dict[str, Any] | None:
    """The moment at which the smallest share of keepers' wealth was cash."""
    import polars as pl

    rows = run.keepers.select("block", "capital_free_usd", "capital_locked_usd").collect()
    if rows.height == 0:
        return None
    sums = rows.group_by("block", maintain_order=True).agg(
        pl.col("capital_free_usd").sum(),
        pl.col("capital_locked_usd").sum(),
        _is_spent().sum().alias("n_spent"),
        pl.len(),
    )
    share = sums["capital_free_usd"] / (sums["capital_free_usd"] + sums["capital_locked_usd"])
    least = share.arg_min()
    if least is None:
        return None
    row = sums.row(least, named=True)
    hour = row["block"] * run.scenario.time.slot_seconds / 3600.0
    return {
        "hour": hour,
        "free_usd": row["capital_free_usd"],
        "locked_usd": row["capital_locked_usd"],
        "free_fraction": float(share[least]),
        "n_keepers_without_cash": int(row["n_spent"]),
        "n_keepers": int(row["len"]),
    }


def why(facts: dict[str, Any]) -> str:
    """The facts as sentences."""
    if not facts["by_cohort"]:
        return "There are no keepers in this scenario."
    if not facts["is_trading"]:
        return "Nobody trades in this run, and keepers do not bid."
    if not facts["n_blocks_with_prey"]:
        wins = sum(told["n_wins"] for told in facts["by_cohort"].values())
        if wins:
            return (
                f"Keepers won {wins:,} bids, and left nothing liquidatable at the end of any block."
            )
        return (
            "No position was liquidatable at the end of any block: keepers had nothing to bid for."
        )
    said = [
        f"Positions were liquidatable at the end of {facts['n_blocks_with_prey']:,} blocks; in "
        f"{facts['n_blocks_without_bid']:,} of them no keeper sent a bid."
    ]
    if facts["without_cash_fraction"] is not None:
        said.append(
            f"In the snapshots taken at such times {percent(facts['without_cash_fraction'])} of keepers "
            f"were without cash (at most {percent(SPENT)} of their wealth), and without cash a keeper "
            "looks at nothing."
        )
    passed = facts["passed"]
    total = sum(passed.values())
    if total:
        most = max(passed, key=lambda reason: passed[reason])
        counts = ", ".join(f"{n:,} for want of {REASONS[reason]}" for reason, n in passed.items())
        said.append(
            f"Keepers let a position pass {total:,} times, in {percent(passed[most] / total)} of "
            f"them for want of {REASONS[most]} ({counts})."
        )
    else:
        said.append("No keeper let a position pass for want of profit, cash or gas.")
    tight = facts["capital"]
    if tight is not None:
        said.append(
            f"Cash was tightest at hour {tight['hour']:.1f}: {usd(tight['free_usd'])} free and "
            f"{usd(tight['locked_usd'])} in inventory or custody ({percent(tight['free_fraction'])} free); "
            f"{tight['n_keepers_without_cash']} of {tight['n_keepers']} keepers were without cash."
        )
    outage = max(told["n_blocks_with_outage"] for told in facts["by_cohort"].values())
    if outage:
        said.append(f"Some keepers were out of order in {outage:,} blocks.")
    return " ".join(said)
