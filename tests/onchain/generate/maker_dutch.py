"""Maker's Liquidations 2.0 of 2021: Dog, Clipper and the price that falls by steps, on the Vat of 2019.

The debt positions are those of ``maker.py``, in the same contracts; the auctions are Dutch. The older system
needs only to trust the new one, as it did on the day that governance replaced the English auctions.
"""

from __future__ import annotations

from typing import Any

from tests.onchain.generate import maker
from tests.onchain.generate.chain import OWNER, Contract
from tests.onchain.generate.maker import ILK, NO_REASON, RAY, WAD, word
from tests.onchain.generate.maker_contracts import make, put
from tests.onchain.generate.maker_dutch_lives import DutchLife, draw_setup
from tests.onchain.sequences import ALL

__all__ = ["draw_setup"]

NAME = "maker_dutch"
N_SAMPLE, N_FULL = 60, 250
CONTRACTS = [
    *(f"@makerdao/testchain 1.0.7 {name}" for name in ("Vat", "Jug", "Spotter", "Vow")),
    *(
        f"@makerdao/testchain 1.1.33-beta5 {name}"
        for name in ("Dog", "Clipper", "StairstepExponentialDecrease")
    ),
]
COINS = "debt_limit dust hole tip owed coins amount result tab all_owed dirt paid".split()
COLLATERALS = "locked lot gems size received".split()
UNITS = {
    **dict.fromkeys("account owner number open kind usual needs_reset".split(), "exact"),
    **dict.fromkeys(("step", "tail"), "seconds"),
    **dict.fromkeys("price ratio chop chip buf cut cusp".split(), "wad"),
    **dict.fromkeys(("fee_per_second", "price_now", "most_price"), "ray"),
    **dict.fromkeys(COINS, "coin"),
    **dict.fromkeys(COLLATERALS, "collateral"),
}
SUMS: tuple[str, ...] = ()
FEWEST = 40  # a quarter of them open positions
REASONS = [
    "Vat/ceiling-exceeded", "Vat/not-safe", "Vat/dust", "Dog/not-unsafe",
    "Dog/liquidation-limit-hit", "Dog/dusty-auction-from-partial-liquidation",
    "Clipper/not-running-auction", "Clipper/needs-reset", "Clipper/too-expensive",
    "Clipper/no-partial-purchase", "Clipper/cannot-reset", NO_REASON,
]  # fmt: skip
BRANCHES = [
    "repay: all",
    "repay: part",
    "bark: all of the position",
    "bark: as much as the hole has room for",
    "bark: all, as dust would be left",
    "bark: the collateral is worth less than the debt",
    "bark: with a reward",
    "take: a part",
    "take: less than asked for, so that an auction is left",
    "take: the tab, the rest goes back",
    "take: the whole lot for the tab or less",
    "take: the whole lot for less than the debt",
    "take: above the price of the oracle",
    "take: below half of the first price",
    "redo: the time is over",
    "redo: the price has fallen too far",
    "redo: with a reward",
    "redo: too small for a reward",
]


class Session(maker.Session):
    """The same positions before another auction house."""

    def begin_life(self) -> DutchLife:
        return DutchLife(self)

    def open_house(self, setup: dict[str, Any]) -> Contract:
        vat = self.vat.address
        self.dog = make(self.chain, "Dog", OWNER, vat)
        self.clip = make(
            self.chain, "Clip", OWNER, vat, self.spotter.address, self.dog.address, ILK
        )
        self.calc = put(self.chain, "StairstepExponentialDecrease")
        for trusting, trusted in (
            (self.vat, self.dog), (self.vat, self.clip), (self.vow, self.dog),
            (self.dog, self.clip), (self.clip, self.dog),
        ):  # fmt: skip
            trusting.send(OWNER, "rely", trusted.address)
        for each in (self.dog, self.clip):
            each.send(OWNER, "file(bytes32,address)", word("vow"), self.vow.address)
        self.clip.send(OWNER, "file(bytes32,address)", word("calc"), self.calc.address)
        self.dog.send(OWNER, "file(bytes32,bytes32,address)", ILK, word("clip"), self.clip.address)
        self.dog.send(OWNER, "file(bytes32,uint256)", word("Hole"), 2**200)
        for name, value in (("chop", setup["chop"]), ("hole", setup["hole"] * RAY)):
            self.dog.send(OWNER, "file(bytes32,bytes32,uint256)", ILK, word(name), value)
        finer = RAY // WAD
        for name, value in (
            ("buf", setup["buf"] * finer), ("tail", setup["tail"]),
            ("cusp", setup["cusp"] * finer), ("chip", setup["chip"]), ("tip", setup["tip"] * RAY),
        ):  # fmt: skip
            self.clip.send(OWNER, "file(bytes32,uint256)", word(name), value)
        for name, value in (("cut", setup["cut"] * finer), ("step", setup["step"])):
            self.calc.send(OWNER, "file(bytes32,uint256)", word(name), value)
        self.clip.send(OWNER, "upchost")
        return self.clip

    # ------------------------------------------------------------------ what is done

    def do_bark(self, account: int, owner: int) -> None:
        ink, art = self.urn(owner)
        room = (self.setup["hole"] * RAY - self._dirt()) * WAD // self.setup["chop"]
        user = self.users[account]
        number = self.dog.send(user, "bark", ILK, self.users[owner], user)
        left = self.urn(owner)[1]
        self.begun[number] = ((art - left) * self.rate(), ink)
        what = 3 if left else 4 if room < art * self.rate() else 2
        self.branches.append(BRANCHES[what])
        if ink * self.oracle.call("price") < art * self.rate() // 10**9:
            self.branches.append(BRANCHES[5])
        if self._is_rewarding():
            self.branches.append(BRANCHES[6])

    def do_take(
        self, account: int, number: int, size: int | str, most_price: int
    ) -> dict[str, Any]:
        """``size`` "all" is all of the lot; a ``most_price`` of 0 is any price."""
        user = self.users[account]
        before, (owner, lot, _, top) = self._held(user), self._sale(number)
        price = self.clip.call("getStatus", number)[1]
        wanted = 2**255 if size == ALL else int(size)
        self.clip.send(user, "take", number, wanted, most_price or 2**255, user, b"")
        after = self._held(user)
        paid, received = before[0] - after[0], after[1] - before[1]
        if number in self.under_way():
            is_less = received < min(wanted, lot)
            self.branches.append(BRANCHES[8 if is_less else 7])
        elif received < lot or user == owner:
            self.branches.append(BRANCHES[9])
        else:
            self.branches.append(BRANCHES[11 if paid * RAY < self.begun[number][0] else 10])
        if price > self.oracle.call("price") * (RAY // WAD):
            self.branches.append(BRANCHES[12])
        if 2 * price < top:
            self.branches.append(BRANCHES[13])
        debt, whole = self.begun[number]
        self.begun[number] = (max(debt - paid * RAY, 0), whole)
        if user == owner:  # what of the lot has gone back to him is not told from what he bought
            return {"paid": paid}
        return {"paid": paid, "received": received}

    def do_redo(self, account: int, number: int) -> None:
        _, _, began, _ = self._sale(number)
        user = self.users[account]
        before = self._held(user)[0]
        self.clip.send(user, "redo", number, user)
        is_late = self.chain.seconds - began > self.setup["tail"]
        self.branches.append(BRANCHES[14 if is_late else 15])
        if self._is_rewarding():
            self.branches.append(BRANCHES[16 if self._held(user)[0] > before else 17])

    def _is_rewarding(self) -> bool:
        return bool(self.setup["tip"] or self.setup["chip"])

    # ------------------------------------------------------------------ what can be seen

    def _held(self, user: str) -> tuple[int, int]:
        """Coin and collateral of somebody."""
        return self.vat.call("dai", user) // RAY, self.vat.call("gem", ILK, user)

    def _sale(self, number: int) -> tuple[str, int, int, int]:
        """Whose it was, the lot, when the auction began and at which price."""
        _, _, lot, owner, began, top = self.clip.call("sales", number)
        return str(owner), int(lot), int(began), int(top)

    def _dirt(self) -> int:
        return int(self.dog.call("ilks", ILK)[3])

    def under_way(self) -> dict[int, dict[str, int]]:
        """Auctions that have not ended, by number."""
        names = ("needs_reset", "price_now", "lot", "tab")
        return {
            number: dict(zip(names, map(int, self.clip.call("getStatus", number)), strict=True))
            for number in sorted(self.clip.call("list"))
        }

    def observe(self) -> dict[str, Any]:
        under_way = self.under_way()
        return {
            **self.observe_debts(),
            "dirt": self._dirt() // RAY,
            "open": list(under_way),
            "needs_reset": [one["needs_reset"] for one in under_way.values()],
            "price_now": [one["price_now"] for one in under_way.values()],
            "tab": [one["tab"] // RAY for one in under_way.values()],
            "lot": [one["lot"] for one in under_way.values()],
        }
