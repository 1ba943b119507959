"""Which path of Morpho's contracts an executed operation took, told from what was seen before and after."""

from __future__ import annotations

from typing import Any

from tests.onchain.sequences import ALL

BRANCHES = [
    "supply: by assets",
    "supply: by shares",
    "withdraw: by assets",
    "withdraw: by shares",
    "withdraw: all",
    "borrow: by assets",
    "borrow: by shares",
    "borrow: the last cash",
    "repay: by assets",
    "repay: by shares",
    "repay: all",
    "withdraw collateral: all",
    "liquidate: by collateral",
    "liquidate: by shares",
    "liquidate: all collateral",
    "liquidate: all debt",
    "liquidate: bad debt",
    "interest: with a fee",
    "interest: without a fee",
    "rate: rises",
    "rate: falls",
    "rate: at its highest",
    "rate: at its lowest",
    "rate: nobody borrows",
    "rate: everything lent out",
]
HIGHEST, LOWEST = (each // 31_536_000 for each in (2 * 10**18, 10**15))  # at target, by the second


def taken(
    session: Any, verb: str, inputs: dict[str, Any], before: dict[str, Any], after: dict[str, Any]
) -> list[str]:
    """Paths taken by an operation that stood."""
    found = []
    if verb in ("supply", "withdraw", "borrow", "repay"):
        found.append(f"{verb}: by assets" if inputs["assets"] else f"{verb}: by shares")
        if inputs["shares"] == ALL:
            found.append(f"{verb}: all")
        if verb == "borrow" and after["cash"] == 0:
            found.append("borrow: the last cash")
    elif verb == "withdraw_collateral" and after["collateral"][0] == 0:
        found.append("withdraw collateral: all")
    elif verb == "liquidate":
        found.append("liquidate: by collateral" if inputs["seized"] else "liquidate: by shares")
        if after["collateral"][0] == 0:
            found.append("liquidate: all collateral")
        if after["owed_shares"][0] == 0:
            lost = after["lent"] < before["lent"] - 1
            found.append("liquidate: bad debt" if lost else "liquidate: all debt")
    if after["rate_at_target"] != before["rate_at_target"]:
        rises = after["rate_at_target"] > before["rate_at_target"]
        found.append("rate: rises" if rises else "rate: falls")
    if after["rate_at_target"] == HIGHEST:
        found.append("rate: at its highest")
    if after["rate_at_target"] == LOWEST:
        found.append("rate: at its lowest")
    if verb in ("accrue", "withdraw_collateral", "withdraw", "borrow", "repay", "supply"):
        if after["borrowed"] == 0:
            found.append("rate: nobody borrows")
        elif after["cash"] == 0:
            found.append("rate: everything lent out")
        else:
            found.append(
                "interest: with a fee" if session.setup["fee"] else "interest: without a fee"
            )
    return found
