"""Random lives of a pooled lending market: who does what next, by how much, at which extremes.

A life has a kind (a crash, positions of dust, everything lent out ...) that weighs what happens; amounts
are drawn around the limits that the contract enforces, so that about a third of all calls are refused.
"""

from __future__ import annotations

import math
import random
from typing import Any

from tests.onchain.generate.aave_setups import USD
from tests.onchain.sequences import ALL

BORROWERS, LENDER, LIQUIDATOR = (0, 1, 2), 4, 5
BPS = 10_000
WAD = 10**18
DAY = 86_400
WEIGHTS = {
    "supply": 7, "withdraw": 16, "borrow": 14, "repay": 10, "liquidate": 24, "set_price": 11,
    "use_as_collateral": 7, "enter_category": 5, "flash_loan": 5,
}  # fmt: skip
EMPHASIS: dict[str, dict[str, int]] = {
    "crash": {"liquidate": 36, "set_price": 15},
    "dust": {"liquidate": 36, "set_price": 15},
    "deficit": {"liquidate": 36, "set_price": 15},
    "category": {"enter_category": 10, "liquidate": 36, "set_price": 15},
    "isolated": {"use_as_collateral": 12, "borrow": 20, "repay": 22, "liquidate": 34},
    "all lent out": {"borrow": 26, "withdraw": 22},
}


class Life:
    """Draws the next operation by looking at the market as it stands."""

    def __init__(self, pool: Any) -> None:
        self.pool, self.terms, self.kind = pool, pool.terms, pool.setup["kind"]
        self.every = range(len(self.terms))
        self.is_older = pool.RULES == "v3.0"
        self.opening: list[Any] | None = None
        self.has_just_moved = False  # a price
        self.is_due: tuple[str, dict[str, Any]] | None = None  # at once, before anything else

    def draw(self, rng: random.Random) -> tuple[str, dict[str, Any], int]:
        """Verb, inputs and the seconds that pass before it; what is drawn is drawn as of then."""
        self.rng = rng
        if self.is_due:
            due, self.is_due = self.is_due, None
            return *due, 0
        seconds = rng.choice(
            (0, 0, 0, 0, 12, 12, 1, 3_600, DAY, round(10 ** rng.uniform(0.0, 7.5)))
        )
        if self.is_older:
            seconds = min(seconds, DAY)  # see aave_pool_v30
        if self.opening is None:
            self.opening = self._open()
        chain = self.pool.chain
        saved = chain.save()
        chain.advance(seconds)
        try:
            verb, inputs = self._opening() if self.opening else self._next()
        finally:
            chain.restore(saved)
        return verb, inputs, seconds

    def _next(self) -> tuple[str, dict[str, Any]]:
        weights = WEIGHTS | EMPHASIS.get(self.kind, {})
        verb = self.rng.choices(list(weights), weights=list(weights.values()))[0]
        if self.has_just_moved and self.rng.random() < 0.5:
            verb = "liquidate"
        self.has_just_moved = verb == "set_price"
        drawn: tuple[str, dict[str, Any]] = getattr(self, f"_draw_{verb}")()
        return drawn

    # The first moves: lenders bring cash, borrowers collateral, then they borrow.
    def _open(self) -> list[Any]:
        rng = self.rng
        moves: list[Any] = []
        usd = 10 ** (rng.uniform(0.0, 4.0) if self.kind == "dust" else rng.uniform(4.0, 6.5))
        for k in self.every:
            moves.append(
                ("supply", LENDER, k, int(self.pool.wallet(LENDER, k) * rng.uniform(0.2, 0.9)))
            )
        for account in BORROWERS:
            k = rng.choice((0, 3) if self.kind == "category" else (0, 2, 3))
            if self.kind == "isolated" and rng.random() < 0.85:
                k = 2
            moves.append(
                ("supply", account, k, self._worth(account, k, usd * math.exp(rng.gauss(0.0, 0.5))))
            )
            if self.terms[k]["debt_ceiling"]:
                moves.append(("use_as_collateral", account, k))
                j = rng.choice((0, 1, 3))  # which may not count beside it
                moves.append(("supply", account, j, self._worth(account, j, 0.2 * usd)))
            elif rng.random() < (0.8 if self.kind == "category" else 0.4):
                j = rng.choice(self.every)
                moves.append(("supply", account, j, self._worth(account, j, 0.2 * usd)))
            if self.kind == "category" and rng.random() < 0.8:
                moves.append(("enter_category", account))
            n_loans = (2, 3) if self.kind in ("crash", "deficit", "dust") else (1, 2)
            moves += [("borrow", account)] * rng.choice(n_loans)
        return moves

    def _opening(self) -> tuple[str, dict[str, Any]]:
        assert self.opening
        verb, account, *rest = self.opening.pop(0)
        if verb == "borrow":
            return self._draw_borrow(account)
        if verb == "enter_category":
            return verb, {"account": account, "category": 1}
        if verb == "use_as_collateral":
            return verb, {"account": account, "reserve": rest[0], "is_used": True}
        return verb, {"account": account, "reserve": rest[0], "amount": rest[1]}

    def _units(self, k: int, usd: float) -> int:
        return int(usd * self.pool.units[k] * USD / self.pool.price(k))

    def _worth(self, account: int, k: int, usd: float) -> int:
        return min(max(self._units(k, usd), 1_000), self.pool.wallet(account, k))

    def _usd(self, k: int, amount: int) -> float:
        return float(amount * self.pool.price(k) / USD / self.pool.units[k])

    def _anyone(self) -> int:
        return self.rng.choice((0, 0, 1, 1, 2, 2, 3, LENDER))

    def _held(self, account: int) -> list[int]:
        return [k for k in self.every if self.pool.supplied(account, k) > 0]

    def _owing(self, account: int) -> list[int]:
        return [k for k in self.every if self.pool.owed(account, k) > 0]

    def _one_of(self, some: list[int], chance: float = 0.93) -> int:
        """Mostly one of some reserves, now and then any."""
        return self.rng.choice(some if some and self.rng.random() < chance else list(self.every))

    def _draw_supply(self) -> tuple[str, dict[str, Any]]:
        rng, account, k = self.rng, self._anyone(), self.rng.choice(self.every)
        wallet, cap = self.pool.wallet(account, k), self.terms[k]["supply_cap"]
        part = int(wallet * rng.random() ** 3)
        amount = rng.choice((0, wallet + wallet // 1000 + 1000, 1000, *(part,) * 7))
        if cap and rng.random() < 0.5:
            room = cap * self.pool.units[k] - self.pool.receipts[k].call("totalSupply")
            amount = max(int(room * rng.choice((0.5, 0.999, 1.001, 2.0))), 0)
        return "supply", {"account": account, "reserve": k, "amount": amount}

    def _draw_withdraw(self) -> tuple[str, dict[str, Any]]:
        rng = self.rng
        is_run = self.kind == "all lent out"
        account = rng.choice((0, 1, 2, 3, LENDER, LENDER)) if is_run else self._anyone()
        k = self._one_of(self._held(account))
        has = self.pool.supplied(account, k)
        how = rng.choice(
            (
                *("all",) * 3,
                "part",
                "part",
                "more",
                "limit",
                "limit",
                "cash",
                "cash",
                "over",
                "none",
                "dust",
            )
        )
        if is_run and rng.random() < 0.6:
            how = "cash"
        choices: dict[str, int | str] = {
            "all": ALL,
            "part": int(has * rng.random()),
            "more": int(has * 1.01) + 1000,
            "cash": "cash" if has >= self.pool.cash(k) > 0 else int(has * 0.5),
            "over": min(int(self.pool.cash(k) * 1.01) + 1_000, has),
            "none": 0,
            "dust": 1_000,
            "limit": 0,
        }
        amount = choices[how]
        if how == "limit":
            data = self.pool.account(account)
            spare_usd = (
                data["collateral_usd"] * data["threshold_bps"] / BPS - data["debt_usd"]
            ) / USD
            edge = 1 + rng.choice((-1e-3, -1e-6, 1e-6, 1e-3, 0.1))
            amount = self._units(
                k, max(spare_usd, 0.0) / self.terms[k]["threshold_bps"] * BPS * edge
            )
        return "withdraw", {"account": account, "reserve": k, "amount": amount}

    def _draw_borrow(self, first: int | None = None) -> tuple[str, dict[str, Any]]:
        rng = self.rng
        account = rng.choice((0, 1, 2, 3)) if first is None else first
        k = rng.choice((0, 0, 3, 1) if self.kind == "category" else (0, 1, 1, 1, 2, 3))
        spare_usd, cash = self.pool.account(account)["available_usd"] / USD, self.pool.cash(k)
        cap = self.terms[k]["borrow_cap"]
        how = rng.choice(("part", "part", *("limit",) * 5, "cash", "dust", "none", "huge", "more"))
        if self.kind == "all lent out" and rng.random() < 0.5:
            how = "cash"
        if first is not None:
            how = "first"
        choices: dict[str, int | str] = {
            "first": min(self._units(k, spare_usd * rng.choice((0.4, 0.6, 0.9, 0.99))), cash),
            "part": min(self._units(k, spare_usd * rng.random()), cash),
            "limit": min(
                self._units(k, spare_usd * rng.choice((0.999, 0.9999, 1.001, 1.1, 1.1))), cash
            ),
            "cash": "cash",
            "dust": 1_000,
            "none": 0,
            "huge": self.pool.receipts[k].call("totalSupply") * 2 + 1,
            "more": int(cash * 1.001) + 1_000,
        }
        amount = choices[how]
        if amount == cash:  # a unit more would be another life
            amount = "cash"
        if cap and first is None and rng.random() < 0.4:
            room = cap * self.pool.units[k] - self.pool.debts[k].call("totalSupply")
            amount = max(int(room * rng.choice((0.5, 0.999, 1.001, 1.5))), 1_000)
        return "borrow", {"account": account, "reserve": k, "amount": amount}

    def _draw_repay(self) -> tuple[str, dict[str, Any]]:
        account = self.rng.choice(BORROWERS)
        k = self._one_of(self._owing(account))
        owes = self.pool.owed(account, k)
        part = int(owes * self.rng.random())
        amount = self.rng.choice((ALL, part, part, int(owes * 1.5) + 1_000, 0, 1_000))
        return "repay", {"account": account, "reserve": k, "amount": amount}

    def _draw_liquidate(self) -> tuple[str, dict[str, Any]]:
        rng = self.rng
        sick = [u for u in range(LENDER) if 0 < self.pool.account(u)["health"] < WAD]
        if not sick and rng.random() < 0.7:
            return self._draw_set_price()
        borrower = rng.choice(sick) if sick and rng.random() < 0.97 else rng.choice(BORROWERS)
        debt = self._one_of(self._owing(borrower), 0.9)
        collateral = self._one_of(self._held(borrower))
        both = sorted(set(self._held(borrower)) & set(self._owing(borrower)))
        if both and rng.random() < 0.4:
            collateral = debt = both[0]
        outside = sorted(set(self._held(borrower)) & {1, 2})  # a category has 0 and 3
        if self.kind == "category" and outside and rng.random() < 0.5:
            collateral = outside[0]
        owes = self.pool.owed(borrower, debt)
        part = int(owes * rng.random())
        amount = rng.choice(
            (ALL, ALL, ALL, owes, part, part, owes // 2, int(owes * 0.97), 1_000, 1_000, 100)
        )
        drawn = (
            "liquidate",
            {
                "account": LIQUIDATOR if rng.random() < 0.92 else borrower,
                "borrower": borrower,
                "collateral": collateral,
                "debt": debt,
                "debt_amount": amount,
            },
        )
        if collateral == debt and not self.pool.was_touched_now(debt):
            # v3.6.0 counts the treasury's share of the interest twice if it accrues in this call.
            self.is_due = drawn
            return "supply", {"account": LENDER, "reserve": debt, "amount": 10_000}
        return drawn

    def _draw_set_price(self) -> tuple[str, dict[str, Any]]:
        """Mostly to where one account's health is a certain number."""
        rng, account = self.rng, self.rng.choice(BORROWERS)
        data, held = self.pool.account(account), self._held(account)
        k = rng.choice(held or list(self.every))
        price = self.pool.price(k)
        if not data["health"] or rng.random() < 0.15:
            wanted = int(price * math.exp(rng.gauss(0.0, 0.1)))
        else:
            at = (
                1 - 1e-6,
                1 + 1e-6,
                0.999,
                1.01,
                0.95 + 1e-6,
                0.95 - 1e-6,
                0.96,
                0.98,
                0.94,
                0.9,
                0.8,
                0.5,
                1.3,
                1.6,
            )
            health = rng.choice(at)
            if self.kind in ("deficit", "dust") and rng.random() < 0.4:
                health = rng.choice((0.2, 0.5, 0.7, 0.85))
            elif self.kind == "dust" and rng.random() < 0.6:
                health = rng.choice((0.96, 0.98, 0.99))
            part = self._usd(k, self.pool.supplied(account, k)) * USD * self._threshold(account, k)
            rest = data["collateral_usd"] * data["threshold_bps"] - part
            need = health * data["debt_usd"] * BPS - rest
            wanted = int(price * need / part) if part > 0 and need > 0 else int(price * 0.8)
        return "set_price", {
            "account": account, "reserve": k, "price_usd": min(max(wanted, 1), 10**16),
        }  # fmt: skip

    def _threshold(self, account: int, k: int) -> int:
        category = self.pool.category(account)
        if category and k in self.pool.setup["categories"][category - 1]["collateral"]:
            return int(self.pool.setup["categories"][category - 1]["threshold_bps"])
        return int(self.terms[k]["threshold_bps"])

    def _draw_use_as_collateral(self) -> tuple[str, dict[str, Any]]:
        account = self.rng.choice((*BORROWERS, LENDER))
        k = self._one_of(self._held(account), 0.85)
        share = 0.75 if self.kind in ("isolated", "caps") else 0.5
        return "use_as_collateral", {
            "account": account,
            "reserve": k,
            "is_used": self.rng.random() < share,
        }

    def _draw_enter_category(self) -> tuple[str, dict[str, Any]]:
        category = self.rng.choice((0, 1, 1, 1, len(self.pool.setup["categories"]), 7))
        account = self.rng.choice((0, 1, 2, 3))
        return "enter_category", {"account": account, "category": category}

    def _draw_flash_loan(self) -> tuple[str, dict[str, Any]]:
        k = self.rng.choice(self.every)
        cash, part = self.pool.cash(k), self.rng.choice((1e-6, 0.1, 0.5, 0.9999, 1.01, 1.5, 50))
        amount = max(int(cash * part), 1)  # of nothing there is no loan
        return "flash_loan", {
            "account": self.rng.choice((3, LIQUIDATOR)),
            "reserve": k,
            "amount": amount,
        }
