"""What happens to a stablecoin: positions are opened, prices fall, lots are auctioned, some for nothing.

The next operation makes sense in the state that the contracts are in, or deliberately none.
"""

from __future__ import annotations

import math
import random
from typing import Any

from tests.onchain.sequences import ALL

KINDS = ("calm", "crash", "crash", "zero bids", "large", "dust", "limit")
BORROWERS, KEEPERS = (0, 1, 2), (3, 4)
N_ACCOUNTS = 5
WAD, RAY = 10**18, 10**27
SECONDS_PER_YEAR = 365 * 86_400
FINE = 10**9  # nobody asks finer than that: a double could not tell enough from too little
WEIGHTS = {
    "lock": 4, "free": 6, "borrow": 7, "repay": 6, "set_price": 7, "bite": 16, "bid": 44, "deal": 10,
    "restart": 4,
}  # fmt: skip


def draw_setup(rng: random.Random) -> tuple[dict[str, int], dict[str, Any]]:
    """Terms as they were around 2020, and beyond."""
    kind = rng.choice(KINDS)
    price = round(10.0 ** rng.uniform(0.5, 4.0) * WAD)
    ratio = rng.choice((101, 125, 150, 175)) * WAD // 100
    # Coin that a position owes: the debt of a lot times its penalty has to stay below 2^256 of 1e-72.
    usual = 10.0 ** rng.uniform(2.0, 4.3)
    lump = usual / (price / WAD) * (rng.uniform(0.2, 0.8) if kind == "large" else 3.0)
    fee_per_year = rng.choice((0.0, 0.005, 0.08, 0.5))
    setup = {
        "kind": kind,
        "usual": round(usual),
        "price": price,
        "ratio": ratio,
        "fee_per_second": int(math.expm1(math.log1p(fee_per_year) / SECONDS_PER_YEAR) * RAY),
        "chop": rng.choice((100, 105, 113, 113)) * WAD // 100,
        "beg": rng.choice((103, 105, 105, 150)) * WAD // 100,
        "ttl": rng.choice((600, 10_800, 21_600)),
        "tau": rng.choice((7_200, 7_200, 172_800)),
        "lump": round(lump * WAD),
        "dust": round(usual * (0.3 if kind == "dust" else 0.01)) * WAD,
        "debt_limit": round(usual * (2.0 if kind == "limit" else 1e3)) * WAD,
        "gems": [round(20.0 * usual / (price / WAD) * WAD) for _ in range(N_ACCOUNTS)],
        "coins": [
            round(usual * (8.0 if each in KEEPERS else 0.05)) * WAD for each in range(N_ACCOUNTS)
        ],
    }
    return {"collateral": 18, "coin": 18}, setup


class Life:
    """One sequence, drawn from the state that it has come to."""

    def __init__(self, session: Any) -> None:
        self.session, self.setup = session, session.setup
        self.kind, self.usual = self.setup["kind"], self.setup["usual"]
        self.opening = [(verb, each) for each in BORROWERS for verb in ("lock", "borrow")]

    def draw(self, rng: random.Random) -> tuple[str, dict[str, Any], int]:
        self.rng = rng
        seconds = rng.choice((0, 12, 12, 12, 60, 600, 3_600))
        if self.opening:
            verb, account = self.opening.pop(0)
            return verb, getattr(self, f"_{verb}")(account), 12
        verb = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if verb == "bid":
            seconds = rng.choice((0, 12, 12, 60, 600))
        if verb in ("bid", "deal", "restart") and not self.session.under_way():
            verb = rng.choice(("bite", "set_price"))
        if verb == "bite" and not self._unsafe() and rng.random() < 0.7:
            verb = "set_price"
        if verb in ("deal", "restart") and rng.random() < 0.6:
            seconds = rng.choice((self.setup["ttl"], self.setup["tau"])) + rng.choice((0, 1, 12))
        account = rng.choice(BORROWERS)
        if verb == "repay" and not self.session.owed(account):
            verb = "lock"  # of nothing there is nothing to repay
        return verb, getattr(self, f"_{verb}")(account), seconds

    # ------------------------------------------------------------------ positions

    def _price(self) -> float:
        return float(self.session.oracle.call("price") / WAD)

    def _room(self, account: int) -> float:
        """Coin that the account may still borrow, in whole coins."""
        ink, _ = self.session.urn(account)
        return (
            float(ink * self._price() * WAD / self.setup["ratio"] - self.session.owed(account))
            / WAD
        )

    def _unsafe(self) -> list[int]:
        return [each for each in BORROWERS if self._room(each) < 0.0]

    def _lock(self, account: int) -> dict[str, Any]:
        usual = 2.0 * self.usual * self.setup["ratio"] / WAD / self._price()
        held = self.session.vat.call("gem", b"ETH-A".ljust(32, b"\0"), self.session.users[account])
        size = round(usual * math.exp(self.rng.gauss(-0.5, 0.4)) * WAD)
        if not self.opening and self.rng.random() < 0.2:
            size = held + max(held // FINE, 1_000)
        return {"account": account, "size": max(size, 1)}

    def _free(self, account: int) -> dict[str, Any]:
        ink, art = self.session.urn(account)
        room = self._room(account) * self.setup["ratio"] / self._price()
        size = (
            self.rng.choice((0.3, 0.999, 1.001, 1.5)) * room
            if art
            else self.rng.choice((0.5, 1)) * ink
        )
        return {"account": account, "size": min(max(int(size), 1_000), max(ink, 1_000))}

    def _borrow(self, account: int) -> dict[str, Any]:
        share = self.rng.choice((0.5, 0.9, 0.999, 1.001, 1.2))
        if self.opening:
            share = self.rng.choice((0.6, 0.9, 0.99))
        amount = max(self._room(account), self.usual / 50) * share
        if self.rng.random() < 0.1:
            amount = self.setup["dust"] / WAD * 0.5
        return {"account": account, "amount": max(round(amount * WAD), 1_000)}

    def _repay(self, account: int) -> dict[str, Any]:
        owed = self.session.owed(account)
        share = self.rng.choice((0.1, 0.5, 0.9, 0.98))
        amount = ALL if self.rng.random() < 0.35 else max(int(owed * share), 1_000)
        return {"account": account, "amount": amount}

    def _set_price(self, account: int) -> dict[str, Any]:
        price = self._price()
        factor = math.exp(self.rng.gauss(0.0, 0.1))
        ink, art = self.session.urn(account)
        if (
            art and self.rng.random() < 0.75
        ):  # to where this account is hardly safe, or not any more
            at = self.session.owed(account) * self.setup["ratio"] / WAD / ink
            factor = at / price * self.rng.choice((1.0001, 0.9999, 0.95, 0.9, 0.8, 0.5))
        return {"account": account, "price": max(round(price * factor * WAD), 10**12)}

    # ------------------------------------------------------------------ auctions

    def _bite(self, account: int) -> dict[str, Any]:
        unsafe = self._unsafe()
        owner = self.rng.choice(unsafe) if unsafe and self.rng.random() < 0.9 else account
        return {"account": self.rng.choice(KEEPERS), "owner": owner}

    def _one(self) -> tuple[int, dict[str, int]]:
        under_way = self.session.under_way()
        number = self.rng.choice(list(under_way))
        return number, under_way[number]

    def _deal(self, account: int) -> dict[str, Any]:
        return {"account": self.rng.choice((*KEEPERS, account)), "number": self._one()[0]}

    _restart = _deal

    def _bid(self, account: int) -> dict[str, Any]:
        number, one = self._one()
        bidder = account if self.rng.random() < 0.1 else self.rng.choice(KEEPERS)
        if one["guy"] and one["expires"] and self.rng.random() < 0.15:
            addresses = [int(user, 16) for user in self.session.users]
            bidder = addresses.index(one["guy"])  # against himself
        drawn = self._dent(one) if one["bid"] == one["tab"] else self._tend(one)
        return {"account": bidder, "number": number, **drawn}

    def _tend(self, one: dict[str, int]) -> dict[str, Any]:
        """While the debt is not covered: more coin for the whole lot."""
        bid, tab, beg = one["bid"] // RAY, one["tab"] // RAY, self.setup["beg"]
        least = bid * beg // WAD + bid // FINE + 1
        how = self.rng.choice(
            (
                "least",
                "least",
                "more",
                "more",
                "all",
                "all",
                "all",
                "equal",
                "little",
                "over",
                "lot",
            )
        )
        if bid and self.rng.random() < 0.2:
            how = "little"
        if self.kind == "zero bids" and bid == 0 and self.rng.random() < 0.7:
            how = "nothing"
        amount: int | str = {
            "least": max(least, 1_000_000),
            "more": max(least, round(tab * self.rng.random())),
            "all": ALL,
            "equal": max(bid, 1),
            "little": bid + max(bid * (beg - WAD) // WAD // 2, 1),
            "over": round(tab * 1.01) + 1,
            "lot": max(least, tab // 2),
            "nothing": 1_000_000,
        }[how]
        if how in ("least", "more", "lot", "nothing") and int(amount) > tab:
            amount = ALL
        return {"amount": amount, "wanted_lot": one["lot"] // 2 if how == "lot" else 0}

    def _dent(self, one: dict[str, int]) -> dict[str, Any]:
        """Once it is covered: the same coin for less of the lot."""
        lot, beg = one["lot"], self.setup["beg"]
        how = self.rng.choice(("enough", "enough", "much", "much", "little", "equal", "coin"))
        wanted = {
            "enough": lot * WAD // beg - lot // FINE - 1,
            "much": round(lot * self.rng.uniform(0.5, 0.9)),
            "little": lot - max((lot - lot * WAD // beg) // 2, 1),
            "equal": lot,
            "coin": lot // 2,
        }[how]
        amount = one["tab"] // RAY // 2 if how == "coin" else ALL
        return {"amount": amount, "wanted_lot": max(wanted, 1)}
