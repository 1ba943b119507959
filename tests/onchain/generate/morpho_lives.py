"""Random lives of an isolated market: who does what next, by how much, at which extremes."""

from __future__ import annotations

import math
import random
from typing import Any

from tests.onchain.sequences import ALL

WAD, PRICE = 10**18, 10**36
KINDS = ("calm", "crash", "all lent out", "dust", "bad debt", "idle")
BORROWERS, LENDERS, LIQUIDATOR = (0, 1, 2), (3, 4), 5
N_ACCOUNTS = 6
# Those that governance has enabled.
LLTVS = tuple(part * 10**15 for part in (385, 625, 770, 860, 915, 945, 965, 980))
# Decimals and USD of loan and collateral.
PAIRS = (
    (6, 1.0, 18, 2_000.0),
    (6, 1.0, 8, 60_000.0),
    (18, 2_000.0, 18, 2_300.0),
    (18, 2_000.0, 8, 60_000.0),
    (6, 1.0, 6, 1.0),
)
DAY = 86_400
WEIGHTS = {
    "supply": 10, "withdraw": 11, "borrow": 14, "repay": 11, "supply_collateral": 5,
    "withdraw_collateral": 9, "liquidate": 20, "set_price": 11, "accrue": 5, "flash_loan": 4,
}  # fmt: skip
EMPHASIS: dict[str, dict[str, int]] = {
    "crash": {"liquidate": 32, "set_price": 14},
    "bad debt": {"liquidate": 32, "set_price": 14},
    "dust": {"liquidate": 32, "set_price": 14},
    "all lent out": {"borrow": 25, "withdraw": 20},
}


def draw_setup(rng: random.Random) -> tuple[dict[str, int], dict[str, Any]]:
    loan, loan_usd, collateral, collateral_usd = rng.choice(PAIRS)
    price = collateral_usd / loan_usd * math.exp(rng.gauss(0.0, 0.2))
    usd = 10 ** rng.uniform(4.0, 7.0)

    def balances(decimals: int, each_usd: float) -> list[int]:
        whole = [usd / each_usd * math.exp(rng.gauss(0.0, 1.0)) for _ in range(N_ACCOUNTS)]
        return [int(amount * 10**decimals) for amount in whole]

    setup = {
        "kind": rng.choice(KINDS),
        "n_accounts": N_ACCOUNTS,
        "price": int(price * 10 ** (36 + loan - collateral)),
        "lltv": rng.choice(LLTVS),
        "fee": rng.choice((0, 0, 10**17, 25 * 10**16)),
        "loan_balances": balances(loan, loan_usd),
        "collateral_balances": balances(collateral, collateral_usd),
    }
    return {"loan": loan, "collateral": collateral, "shares": loan + 6}, setup


class Life:
    """Draws the next operation by looking at the market as it stands, interest included."""

    def __init__(self, market: Any) -> None:
        self.market, self.setup, self.kind = market, market.setup, market.setup["kind"]
        self.opening: list[Any] | None = None
        self.has_just_moved = False  # the price

    def draw(self, rng: random.Random) -> tuple[str, dict[str, Any], int]:
        """Verb, inputs and the seconds that pass before it; what is drawn is drawn as of then."""
        self.rng = rng
        seconds = rng.choice((0, 0, 0, 12, 12, 1, 3_600, DAY, round(10 ** rng.uniform(0.0, 7.5))))
        if self.kind == "all lent out" and rng.random() < 0.4:
            seconds = 10 * DAY
        if self.opening is None:
            self.opening = self._open()
        chain = self.market.chain
        saved = chain.save()
        chain.advance(seconds)
        self.supply, self.supply_shares, self.loans, self.loan_shares = self.market.totals()
        self.price = self.market.oracle.call("price")
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

    def _open(self) -> list[Any]:
        rng = self.rng
        moves: list[Any] = []
        if self.kind != "idle" or rng.random() < 0.5:
            for account in LENDERS:
                part = rng.uniform(0.1, 0.9) * (0.05 if self.kind == "all lent out" else 1.0)
                amount = int(self.setup["loan_balances"][account] * part)
                moves.append(("supply", account, amount))
        for account in BORROWERS:
            part = 10 ** rng.uniform(-6.0, -3.0) if self.kind == "dust" else rng.uniform(0.05, 0.9)
            pledged = max(int(self.setup["collateral_balances"][account] * part), 10)
            moves += [("supply_collateral", account, pledged), ("borrow", account, 0)]
        if self.kind == "all lent out":
            moves += [("borrow all", account, 0) for account in BORROWERS]
        return moves

    def _opening(self) -> tuple[str, dict[str, Any]]:
        assert self.opening
        verb, account, amount = self.opening.pop(0)
        if verb == "borrow all":
            return "borrow", {"account": account, "assets": "cash", "shares": 0}
        if verb == "supply":
            return verb, {"account": account, "assets": amount, "shares": 0}
        if verb == "supply_collateral":
            return verb, {"account": account, "pledged": amount}
        room = int(
            max(self._limit(account) - self._owed(account), 0) * self.rng.uniform(0.5, 0.9999)
        )
        return verb, {
            "account": account,
            "assets": "cash" if room >= self._cash() else room,
            "shares": 0,
        }

    def _cash(self) -> int:
        return int(self.supply - self.loans)

    def _owed(self, account: int) -> int:
        """Rounded up, as the contract judges health."""
        shares = self.market.position(account)[1]
        return int(-(-shares * (self.loans + 1) // (self.loan_shares + 10**6)))

    def _limit(self, account: int) -> int:
        pledged = self.market.position(account)[2]
        return int(pledged * self.price // PRICE * self.setup["lltv"] // WAD)

    def _health(self, account: int) -> float:
        owed = self._owed(account)
        return self._limit(account) / owed if owed else math.inf

    def _either(self, account: int, assets: int, total: int, shares: int) -> dict[str, Any]:
        """The same amount, mostly in assets, else in shares; now and then nothing at all."""
        if self.rng.random() < 0.02:
            assets = 0
        if self.rng.random() < 0.7:
            return {"account": account, "assets": assets, "shares": 0}
        return {"account": account, "assets": 0, "shares": assets * (shares + 10**6) // (total + 1)}

    def _lent(self, account: int, assets: int) -> dict[str, Any]:
        return self._either(account, assets, self.supply, self.supply_shares)

    def _borrowed(self, account: int, assets: int) -> dict[str, Any]:
        return self._either(account, assets, self.loans, self.loan_shares)

    def _draw_supply(self) -> tuple[str, dict[str, Any]]:
        rng, account = self.rng, self.rng.choice((0, *LENDERS, *LENDERS))
        wallet = self.market.loan.call("balanceOf", self.market.users[account])
        part = int(wallet * rng.random() ** 3)
        amount = rng.choice((wallet + wallet // 1000 + 1000, 1000, *(part,) * 7))
        return "supply", self._lent(account, amount)

    def _draw_withdraw(self) -> tuple[str, dict[str, Any]]:
        rng, account = self.rng, self.rng.choice((0, *LENDERS, *LENDERS))
        shares = self.market.position(account)[0]
        has = shares * (self.supply + 1) // (self.supply_shares + 10**6)
        how = rng.choice(("all", "all", "part", "part", "part", "more", "over"))
        if how == "all":
            return "withdraw", {"account": account, "assets": 0, "shares": ALL}
        if how == "more":
            more = int(shares * 1.01) + 10**10
            return "withdraw", {"account": account, "assets": 0, "shares": more}
        over = min(int(self._cash() * 1.01) + 1000, has)
        return "withdraw", self._lent(account, int(has * rng.random()) if how == "part" else over)

    def _draw_borrow(self) -> tuple[str, dict[str, Any]]:
        rng, account = self.rng, self.rng.choice(BORROWERS)
        room = max(self._limit(account) - self._owed(account), 0)
        how = rng.choice(("part", "part", "limit", "limit", "cash", "dust", "over"))
        if how == "cash" or (self.kind == "all lent out" and rng.random() < 0.4):
            return "borrow", {"account": account, "assets": "cash", "shares": 0}
        amount = {
            "part": int(room * rng.random()),
            "limit": int(room * rng.choice((0.999, 0.99999, 1.00001, 1.01))),
            "dust": 1_000,
            "over": int(self._cash() * 1.01) + 1000,
        }[how]
        return "borrow", self._borrowed(account, amount)

    def _draw_repay(self) -> tuple[str, dict[str, Any]]:
        rng, account = self.rng, self.rng.choice(BORROWERS)
        owed = self._owed(account)
        how = rng.choice(("all", "all", "part", "part", "part", "more", "dust"))
        if how == "all":
            return "repay", {"account": account, "assets": 0, "shares": ALL}
        part = int(owed * rng.random())
        amount = {"part": part, "more": int(owed * 1.01) + 1000, "dust": min(1_000, owed)}[how]
        return "repay", self._borrowed(account, amount)

    def _draw_supply_collateral(self) -> tuple[str, dict[str, Any]]:
        account = self.rng.choice(BORROWERS)
        wallet = self.market.collateral.call("balanceOf", self.market.users[account])
        part = int(wallet * self.rng.random() ** 3)
        amount = self.rng.choice((0, wallet + wallet // 1000 + 1000, part, part, part))
        return "supply_collateral", {"account": account, "pledged": amount}

    def _draw_withdraw_collateral(self) -> tuple[str, dict[str, Any]]:
        rng, account = self.rng, self.rng.choice(BORROWERS)
        held = self.market.position(account)[2]
        need = self._owed(account) * WAD * PRICE // (self.setup["lltv"] * self.price)
        spare = max(held - need, 0)
        part = int(held * rng.random())
        edges = [int(spare * edge) for edge in (0.5, 0.999, 0.99999)]
        amount = rng.choice(
            (ALL, ALL, part, *edges, int(spare * 1.01) + 1, 0, int(held * 1.01) + 1000)
        )
        return "withdraw_collateral", {"account": account, "pledged": amount}

    def _draw_liquidate(self) -> tuple[str, dict[str, Any]]:
        rng = self.rng
        sick = [account for account in BORROWERS if self._health(account) < 1.0]
        if not sick and rng.random() < 0.8:
            return self._draw_set_price()
        borrower = rng.choice(sick) if sick and rng.random() < 0.97 else rng.choice(BORROWERS)
        _, shares, held = self.market.position(borrower)
        seized, repaid = rng.choice((
            (ALL, 0), (ALL, 0), (int(held * rng.random()), 0), (int(held * rng.random()), 0),
            (0, ALL), (0, ALL), (0, int(shares * rng.random())), (0, int(shares * rng.random())),
            (int(held * 1.01) + 1000, 0), (0, 0),
        ))  # fmt: skip
        return "liquidate", {
            "account": LIQUIDATOR, "borrower": borrower, "seized": seized, "repaid_shares": repaid,
        }  # fmt: skip

    def _draw_set_price(self) -> tuple[str, dict[str, Any]]:
        """Mostly to where one account's health is a certain number."""
        rng, account = self.rng, self.rng.choice(BORROWERS)
        health = self._health(account)
        wanted = self.price * math.exp(rng.gauss(0.0, 0.1))
        if 0.0 < health < math.inf and rng.random() < 0.85:
            near = (1 - 1e-5, 1 + 1e-5, 0.999, 1.001, 0.99, 0.97, 0.95, 0.9, 1.2, 1.6)
            far = (0.1, 0.5, 0.8)
            is_far = self.kind in ("bad debt", "dust") and rng.random() < 0.5
            wanted = self.price * rng.choice(far if is_far else near) / health
        return "set_price", {"account": account, "price": max(int(wanted), 1)}

    def _draw_accrue(self) -> tuple[str, dict[str, Any]]:
        return "accrue", {"account": 3}

    def _draw_flash_loan(self) -> tuple[str, dict[str, Any]]:
        part = self.rng.choice((0, 0.1, 0.5, 0.999, 1.01, 100))
        return "flash_loan", {"account": LIQUIDATOR, "assets": int(self._cash() * part)}
