"""Who got his money out of a share vault, and when. Top: what each class of depositors has been paid, in
per cent of what it had in the vault at the start; money that came later counts where it is paid out, so a
class may pass 100. Middle: what a share is worth by the books of the vault, which is what whoever leaves is
paid at, and what it is worth once the losses that the books do not show are taken off (dotted). Below: what
could be paid at once, and what waits in line (dashed), in per cent of all that the vault owns.
"""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

from analysis.figure_style import (
    Drawn,
    NoData,
    hours,
    label,
    legend_above,
    palette,
    panels,
)
from scenarios.schema.share_vaults import outside_fraction

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes

    from analysis.run import Run
    from scenarios.schema import Scenario

AT_ONCE, IN_LINE = ("redeem", "withdraw_assets"), "claim_redemptions"
PERCENT = 100.0
GREYS = ("0.15", "0.55", "0.75")  # of vaults; classes of depositors have the colours


def draw(run: Run) -> Drawn:
    """The figure of this run."""
    import polars as pl

    if not run.scenario.share_vaults:
        raise NoData("there is no share vault, so there is no figure of them.")
    slot_hours = run.scenario.time.slot_seconds / 3600.0
    books = _books(run, slot_hours)
    end = float(books["hour"].max())  # type: ignore[arg-type]
    paid = _paid(run, slot_hours, end)

    figure, axes = panels(3, sharex=True, height_ratios=(2, 1, 1))
    top, middle, below = axes[:, 0]
    _lines_of_classes(top, paid)
    top.set_ylabel("Paid out (% of deposits)")
    for grey, vault in zip(cycle(GREYS), run.scenario.share_vaults, strict=False):
        mine = books.filter(share_vault=vault.name)
        middle.plot(mine["hour"], mine["share_price"], color=grey, label=label(vault.name))
        middle.plot(mine["hour"], mine["share_worth"], color=grey, linestyle=":")
        below.plot(mine["hour"], mine["liquid_percent"], color=grey)
        below.plot(mine["hour"], mine["in_line_percent"], color=grey, linestyle="--")
    middle.set_ylabel("Share (tokens)")
    if len(run.scenario.share_vaults) > 1:
        legend_above(middle)
    below.set_ylabel("Liquid, in line (%)")
    below.set_ylim(0.0, 105.0)
    hours(below, end)
    return Drawn(figure, pl.concat([paid, books], how="diagonal"))


def _books(run: Run, slot_hours: float) -> pl.DataFrame:
    """What a share is worth, and what is liquid, a row a block and vault."""
    import polars as pl

    owned = pl.col("total_assets")
    unseen = pl.col("unbooked_loss") + pl.col("deficit_behind")
    rows = run.share_vaults.filter(owned > 0.0).select(
        pl.lit("vault").alias("part"),
        pl.col("share_vault").cast(pl.String),
        ((pl.col("block") + 1) * slot_hours).alias("hour"),
        "share_price",
        (pl.col("share_price") * (1.0 - unseen / owned)).alias("share_worth"),
        (PERCENT * pl.col("liquid") / owned).alias("liquid_percent"),
        (PERCENT * pl.col("in_line_shares") * pl.col("share_price") / owned).alias(
            "in_line_percent"
        ),
    )
    return rows.collect()


def _paid(run: Run, slot_hours: float, end: float) -> pl.DataFrame:
    """What each class has been paid so far, a row a payment, from the start to the end of the run."""
    import polars as pl

    kind = pl.col("kind").cast(pl.String)
    served = kind == IN_LINE  # whoever asks: the first in line is paid
    whose = pl.when(served).then(pl.col("counterparty_cohort")).otherwise(pl.col("cohort"))
    rows = run.events.filter(kind.is_in([*AT_ONCE, IN_LINE]), pl.col("status") == "ok").select(
        whose.cast(pl.String).alias("cohort"),
        ((pl.col("block") + 1) * slot_hours).alias("hour"),
        pl.col("amount_out").alias("assets"),
    )
    events = rows.collect()
    parts = []
    for name, deposits in deposits_of(run.scenario).items():
        mine = events.filter(cohort=name)
        sums = PERCENT * mine["assets"].cum_sum() / deposits
        last = float(sums[-1]) if sums.len() else 0.0
        told = {
            "part": "class",
            "cohort": name,
            "hour": [0.0, *mine["hour"].to_list(), end],
            "paid_percent": [0.0, *sums.to_list(), last],
        }
        parts.append(pl.DataFrame(told))
    return pl.concat(parts)


def deposits_of(scenario: Scenario) -> dict[str, float]:
    """What each class of depositors had in its vault at birth, in whole tokens of the asset."""
    price_usd = {asset.name: asset.price_usd for asset in scenario.assets}
    asset_of = {vault.name: vault.asset or scenario.cash.name for vault in scenario.share_vaults}
    found = {}
    for cohort in scenario.cohorts:
        if cohort.share_vault is not None:
            inside_usd = (1.0 - outside_fraction(cohort)) * (cohort.tvl_usd or 0.0)
            if inside_usd > 0.0:
                found[cohort.name] = inside_usd / price_usd[asset_of[cohort.share_vault]]
    return found


def _lines_of_classes(ax: Axes, paid: pl.DataFrame) -> None:
    for colour, name in zip(cycle(palette()), dict.fromkeys(paid["cohort"]), strict=False):
        mine = paid.filter(cohort=name)
        ax.plot(
            mine["hour"], mine["paid_percent"], color=colour, label=label(name),
            drawstyle="steps-post",
        )  # fmt: skip
    ax.set_ylim(bottom=-3.0)
    legend_above(ax)
