"""The headline of a run: half a dozen lines that an economist understands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.calibration import remark
from analysis.classes import VAULT_OWNERS, class_of

FAR = 0.01  # below its fundamental price: from here on a market price is a story of its own
SMALL_CLASS = 1e-3  # of the system: what a smaller class lost is in the summary only


def headline(summary: Mapping[str, Any]) -> list[str]:
    """One line each: the shock, liquidations, bad debt, losses and whose, block space, keepers, rest."""
    label_width = 12
    lines = [
        ("Shock", _shock(summary)),
        ("Liquidated", _liquidated(summary["liquidations"]) + _endogenous(summary)),
        ("Bad debt", _bad_debt(summary["liquidations"])),
        ("Losses", _losses(summary["losses"])),
        ("At worst", _who_lost(summary["losses"])),
        ("Frictions", _frictions(summary)),
        ("Keepers", _keepers(summary["keepers"])),
        ("Settled", _settled(summary)),
    ]
    if "auctions" in summary:
        lines.insert(3, ("Auctions", _auctions(summary["auctions"])))
    for name, told in summary.get("share_vaults", {}).items():
        lines.insert(-3, ("Redeemed", f"{name}: {_redeemed(told)}"))
    for name, told in summary.get("redemptions", {}).items():
        at_par = "reserve_at_start" in told
        label, text = ("Reserve", _reserve(told)) if at_par else ("Rate", _rate(told))
        lines.insert(-3, (label, f"{name}: {text}"))
    if summary["implied"]:
        lines.insert(1, ("Calibrated", remark(summary["implied"])))
    title = f"{summary['title']} (seed {summary['seed']}, {summary['hours']:.1f} h)"
    return [title, *(f"{label:<{label_width}}{text}" for label, text in lines)]


def usd(amount: float) -> str:
    """Money as one says it: 1.25 M USD."""
    return f"{tokens(amount)} USD"


def tokens(amount: float) -> str:
    """So many as one says it: 1.25 M."""
    for size, unit in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(amount) >= size:
            return f"{amount / size:.3g} {unit}"
    return f"{round(amount, 2) + 0.0:.2f}"  # and no -0.00


def percent(share: float | None, fine_below: float = 1.0) -> str:
    """A share in per cent, with two decimals below so many of it; undefined stays undefined."""
    if share is None:
        return "undefined"
    shown = 100.0 * share
    if shown and abs(shown) < 0.01:
        return "under 0.01 %" if shown > 0 else "above -0.01 %"
    return f"{shown:.2f} %" if abs(shown) < fine_below else f"{shown:.1f} %"


def _price(amount: float) -> str:
    return f"{amount:,.4f}" if abs(amount) < 10.0 else f"{amount:,.2f}"


def _shock(summary: Mapping[str, Any]) -> str:
    name = summary["most_shocked"]
    told = summary["prices"][name]
    falls = told["fundamental_fall_fraction"] >= told["fundamental_rise_fraction"]
    verb, side, move = ("fell", "low", "fall") if falls else ("rose", "high", "rise")
    text = (
        f"{name} {verb} {percent(told[f'fundamental_{move}_fraction'])} "
        f"from {_price(told['start_usd'])} to {_price(told[f'fundamental_{side}_usd'])} USD "
        f"by hour {told[f'fundamental_{side}_hour']:.1f}"
    )
    return f"{text}; on the market {percent(told[f'market_{move}_fraction'])}{_pushed(summary)}"


def _pushed(summary: Mapping[str, Any]) -> str:
    """The other asset whose market price trades pushed furthest below its fundamental one, if far."""

    def apart(name: str) -> float:
        told = summary["prices"][name]
        return float(told["market_fall_fraction"] - told["fundamental_fall_fraction"])

    name = max(summary["prices"], key=apart)
    if name == summary["most_shocked"] or apart(name) < FAR:
        return ""
    told = summary["prices"][name]
    market, own = (percent(told[f"{which}_fall_fraction"]) for which in ("market", "fundamental"))
    return f". {name} fell {market} on the market, its fundamental price {own}"


def _liquidated(told: Mapping[str, Any]) -> str:
    if not told["positions_levered"]:
        return "nothing: no position was levered"
    text = (
        f"{told['positions_liquidated']:,.0f} of {told['positions_levered']:,.0f} levered positions "
        f"({percent(told['positions_liquidated_fraction'])})"
    )
    if not told["positions_liquidated"]:
        return f"none of {told['positions_levered']:,.0f} levered positions"
    repaid = f"{usd(told['debt_repaid_usd'])} of debt repaid"
    return f"{text}; {repaid}, {percent(told['debt_repaid_fraction'])} of all debt"


def _endogenous(summary: Mapping[str, Any]) -> str:
    """How much of what was repaid would have been safe at prices without the impact of earlier trades."""
    share = summary.get("cascade", {}).get("endogenous_liquidations_usd_fraction")
    return (
        ""
        if share is None
        else f"; {percent(share)} of that not yet due without the impact of earlier trades"
    )


def _bad_debt(told: Mapping[str, Any]) -> str:
    if not told["bad_debt_usd"]:
        return "none"
    parts = ", ".join(
        f"{usd(told[f'bad_debt_{part}_usd'])} {words}"
        for part, words in (("booked", "booked"), ("uncovered", "owed by positions worth less"))
        if told[f"bad_debt_{part}_usd"]
    )
    return (
        f"{usd(told['bad_debt_usd'])}, {percent(told['bad_debt_over_debt'])} of all debt ({parts})"
    )


def _auctions(told: Mapping[str, Any]) -> str:
    if not told["n_ended"]:
        return "none ended"
    return (
        f"{told['n_ended']:,} ended at {percent(told['paid_fraction'])} of market value, "
        f"{percent(told['zero_bid_fraction'])} of them at a bid of next to nothing; "
        f"hole of {told['hole'] / 1e6:.3g} M coin"
    )


def _redeemed(told: Mapping[str, Any]) -> str:
    return (
        f"{percent(told['withdrawn_fraction'])} of what it held, "
        f"{percent(told['liquid_at_end_fraction'])} of the rest is liquid; leaving first was worth up to "
        f"{percent(told['most_first_mover_gain_fraction'])}"
    )


def _rate(told: Mapping[str, Any]) -> str:
    """What a module gives for a coin by its rule, and how far below that the coin was outside."""
    largest, mean = (percent(told[f"{which}_gap_fraction"]) for which in ("largest", "mean"))
    text = (
        f"{told['rate_at_start']:.5g} to {told['rate_at_end']:.5g} tokens for a coin by its rule; "
    )
    text += f"outside the coin was up to {largest} below that, {mean} on average"
    if told["largest_wait_seconds"] > 0.0:
        text += f"; a wait of up to {told['largest_wait_seconds'] / 3600.0:.1f} h"
    return text


def _reserve(told: Mapping[str, Any]) -> str:
    def gap(when: str) -> str:
        below = told[f"mean_gap_while_{when}_fraction"]
        return f"{percent(abs(below))} {'below' if below >= 0.0 else 'above'} its rate"

    text = f"from {tokens(told['reserve_at_start'])} to {tokens(told['reserve_at_end'])} tokens"
    if not told["time_without_pay_fraction"]:
        return f"{text}; it always paid, and the coin stood {gap('it_pays')} on average"
    text += f"; from hour {told['first_hour_without_pay']:.1f} on it did not always pay"
    if told["time_without_pay_fraction"] == 1.0:
        return f"{text}, and the coin stood {gap('it_does_not')} on average"
    return f"{text}; the coin stood {gap('it_pays')} while it did, {gap('it_does_not')} while not"


def _losses(told: Mapping[str, Any]) -> str:
    system = told["system"]
    return (
        f"{_lost(system['loss_at_worst_fraction'])} of {usd(system['nav_at_start_usd'])} at worst "
        f"(hour {told['worst_hour']:.1f}), {_lost(system['loss_at_horizon_fraction'])} at the horizon; "
        f"at worst {_lost(system['protocol']['loss_at_worst_fraction'])} as protocols saw it"
    )


def _who_lost(told: Mapping[str, Any]) -> str:
    def said(parts: Mapping[str, Any], names: Sequence[str]) -> str:
        return ", ".join(
            f"{name.replace('_', ' ')} {_lost(parts[name]['loss_at_worst_fraction'])}"
            for name in names
        )

    vaults = [name for name in told["by_strategy"] if class_of(name) == VAULT_OWNERS]
    whole_usd = told["system"]["nav_at_start_usd"]
    classes = [
        name
        for name, part in told["by_class"].items()
        if part["nav_at_start_usd"] >= SMALL_CLASS * whole_usd
    ]
    text = said(told["by_class"], classes)
    return f"{text}; of vaults: {said(told['by_strategy'], vaults)}" if vaults else text


def _lost(share: float | None) -> str:
    """A loss in per cent; a negative one is said to be a gain."""
    if share is not None and share < 0.0:
        return f"gained {percent(-share)}"
    return percent(share)


def _frictions(summary: Mapping[str, Any]) -> str:
    gas, oracle = summary["gas"], summary["oracles"]
    paid = f"gas peaked at {gas['peak_gwei']:,.1f} gwei"
    if gas["peak_multiple"] is not None:
        paid += f", {gas['peak_multiple']:.1f} times the usual (hour {gas['peak_hour']:.1f})"
    if oracle["feed"] is None:
        return f"{paid}; no oracles"
    off = (
        f"{percent(oracle['largest_error_fraction'])} ({oracle['feed']}, hour {oracle['hour']:.1f})"
    )
    return f"{paid}; oracles off the market by up to {off}"


def _keepers(told: Mapping[str, Any]) -> str:
    if not told["n_bids"]:
        return "no bids"
    failures = sorted(told["failures_by_reason"].items(), key=lambda item: (-item[1], item[0]))
    parts = [f"{told['n_wins']:,} won", *(f"{n:,} {reason}" for reason, n in failures)]
    return f"{told['n_bids']:,} bids: " + ", ".join(parts)


def _settled(summary: Mapping[str, Any]) -> str:
    return "yes" if summary["settled"] else "no: " + "; ".join(summary["unsettled_because"])
