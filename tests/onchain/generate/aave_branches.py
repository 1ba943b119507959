"""Which path of Aave's contracts an executed operation took, told from what was seen before and after."""

from __future__ import annotations

from typing import Any

USD, WAD, RAY = 10**8, 10**18, 10**27
BRANCHES = [
    "liquidation: half of all debts",
    "liquidation: all, health at most 0.95",
    "liquidation: all, below 2,000 USD",
    "liquidation: all, less than half of the debts",
    "liquidation: takes all collateral of the reserve",
    "liquidation: takes part of the collateral",
    "liquidation: repays all debt of the reserve",
    "liquidation: repays part of the debt",
    "liquidation: with a protocol fee",
    "liquidation: without a protocol fee",
    "liquidation: leaves a deficit",
    "liquidation: leaves a deficit in another reserve",
    "liquidation: same token on both sides",
    "liquidation: bonus of the category",
    "liquidation: collateral outside the category",
    "liquidation: isolated debt falls",
    "supply: becomes collateral",
    "supply: does not become collateral",
    "borrow: in a category",
    "borrow: in isolation",
    "borrow: the last cash",
    "repay: all",
    "repay: part",
    "repay: isolated debt falls",
    "withdraw: all that the account has",
    "withdraw: the last cash",
    "withdraw: part",
    "rates: no debt",
    "rates: below the optimum",
    "rates: beyond the optimum",
    "rates: everything lent out",
    "rates: with a deficit",
    "treasury: share of interest",
    "flash loan: free",
    "flash loan: with a premium",
]


def taken(
    pool: Any, verb: str, inputs: dict[str, Any], before: dict[str, Any], after: dict[str, Any]
) -> list[str]:
    """Paths taken by an operation that stood."""
    k = int(inputs.get("reserve", inputs.get("debt", 0)))
    found = []
    if verb == "liquidate":
        found = [f"liquidation: {each}" for each in liquidation(pool, inputs, before, after)]
    elif verb == "supply":
        if before["supplied"][k] == 0:
            grown = after["collateral_usd"] > before["collateral_usd"]
            found.append(
                "supply: becomes collateral" if grown else "supply: does not become collateral"
            )
    elif verb == "borrow":
        if pool.category(inputs["account"]):
            found.append("borrow: in a category")
        if sum(after["isolated_debt"]) > sum(before["isolated_debt"]):
            found.append("borrow: in isolation")
        if after["cash"][k] == 0:
            found.append("borrow: the last cash")
    elif verb == "repay":
        found.append("repay: part" if after["owed"][k] else "repay: all")
        if sum(after["isolated_debt"]) < sum(before["isolated_debt"]):
            found.append("repay: isolated debt falls")
    elif verb == "withdraw":
        found.append(
            "withdraw: part" if after["supplied"][k] else "withdraw: all that the account has"
        )
        if after["cash"][k] == 0:
            found.append("withdraw: the last cash")
    elif verb == "flash_loan":
        found.append(
            "flash loan: with a premium"
            if after["cash"][k] > before["cash"][k]
            else "flash loan: free"
        )
    if verb in ("supply", "withdraw", "borrow", "repay", "liquidate"):
        found.append(f"rates: {rate(pool, k, after)}")
        if after["deficit"][k]:
            found.append("rates: with a deficit")
        if after["treasury"][k] > before["treasury"][k]:
            found.append("treasury: share of interest")
    return found


def rate(pool: Any, k: int, seen: dict[str, Any]) -> str:
    """Where a reserve stands on its curve."""
    debt = seen["scaled_debt"][k] * seen["borrow_index"][k] // RAY
    if not debt:
        return "no debt"
    used = debt / (debt + seen["cash"][k])
    optimal = pool.terms[k]["optimal_bps"] / 10_000
    return (
        "everything lent out"
        if used == 1.0
        else "beyond the optimum"
        if used > optimal
        else "below the optimum"
    )


def liquidation(
    pool: Any, inputs: dict[str, Any], before: dict[str, Any], after: dict[str, Any]
) -> list[str]:
    c, d, u = inputs["collateral"], inputs["debt"], inputs["borrower"]
    of = "other_" if pool.seen.index(u) else ""
    owed, held = before[of + "owed"][d], before[of + "supplied"][c]
    owed_usd, held_usd = (x * pool.price(k) // pool.units[k] for x, k in ((owed, d), (held, c)))
    found = []
    if before[of + "health"] <= 95 * 10**16:
        found.append("all, health at most 0.95")
    elif pool.RULES == "v3.0":
        found.append("half of the debt")
    elif min(owed_usd, held_usd) < 2_000 * USD:
        found.append("all, below 2,000 USD")
    elif 2 * owed_usd <= before[of + "debt_usd"]:
        found.append("all, less than half of the debts")
    else:
        found.append("half of all debts")
    found.append(
        "takes part of the collateral"
        if after[of + "supplied"][c]
        else "takes all collateral of the reserve"
    )
    found.append(
        "repays part of the debt" if after[of + "owed"][d] else "repays all debt of the reserve"
    )
    found.append(
        "with a protocol fee" if pool.terms[c]["protocol_fee_bps"] else "without a protocol fee"
    )
    for k, more in enumerate(after["deficit"]):
        if more > before["deficit"][k]:
            found.append("leaves a deficit" if k == d else "leaves a deficit in another reserve")
    if c == d:
        found.append("same token on both sides")
    if category := pool.category(u):
        inside = c in pool.setup["categories"][category - 1]["collateral"]
        found.append("bonus of the category" if inside else "collateral outside the category")
    if sum(after["isolated_debt"]) < sum(before["isolated_debt"]):
        found.append("isolated debt falls")
    return found
