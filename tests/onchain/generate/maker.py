"""Maker's multi-collateral Dai as it was in March 2020: Vat, Jug, Spotter, Cat, Vow and Flipper.

One kind of collateral. Amounts of coin are asked for in units of 1e-18, as a user's proxy does: the fee is
dripped first, and the debt that belongs to an amount rounded up. Prices are poked at once.
"""

from __future__ import annotations

import random
from typing import Any

from tests.onchain.generate.chain import OWNER, Chain, Contract
from tests.onchain.generate.maker_contracts import deploy_oracle, make
from tests.onchain.generate.maker_lives import N_ACCOUNTS, Life, draw_setup
from tests.onchain.sequences import ALL

__all__ = ["Session", "draw_setup"]

NAME = "maker"
N_SAMPLE, N_FULL = 60, 250
CONTRACTS = [
    f"@makerdao/testchain 1.0.7 {name}"
    for name in ("Vat", "Jug", "Spotter", "Cat", "Vow", "Flipper")
]
COINS = "debt_limit dust owed coins amount result bid tab all_owed".split()
COLLATERALS = "lump locked lot gems wanted_lot size".split()
UNITS = {
    **dict.fromkeys("account owner number bidder open kind usual".split(), "exact"),
    **dict.fromkeys(("ttl", "tau"), "seconds"),
    **dict.fromkeys("price ratio chop beg".split(), "wad"),
    "fee_per_second": "ray",
    **dict.fromkeys(COINS, "coin"),
    **dict.fromkeys(COLLATERALS, "collateral"),
}  # fmt: skip
SUMS: tuple[str, ...] = ()
FEWEST = 40  # a quarter of them open positions
NO_REASON = ""  # less coin or collateral than is to be moved
REASONS = [
    "Vat/ceiling-exceeded", "Vat/not-safe", "Vat/dust", "Cat/not-unsafe",
    "Flipper/already-finished-tic", "Flipper/already-finished-end", "Flipper/lot-not-matching",
    "Flipper/higher-than-tab", "Flipper/bid-not-higher", "Flipper/insufficient-increase",
    "Flipper/not-matching-bid", "Flipper/lot-not-lower", "Flipper/insufficient-decrease",
    "Flipper/not-finished", "Flipper/bid-already-placed", NO_REASON,
]  # fmt: skip
BRANCHES = [
    "repay: all",
    "repay: part",
    "bite: all of the collateral",
    "bite: one lot of several",
    "bite: the collateral is worth less than the debt",
    "bid: the first",
    "bid: overbids somebody",
    "bid: overbids himself",
    "bid: covers the tab",
    "bid: next to nothing",
    "bid: for less of the lot",
    "deal: the debt is covered",
    "deal: less than the debt was bid",
    "deal: the auction's time was over, the bid's not",
    "deal: a part of the lot has gone back",
    "restart of an auction without a bid",
]
ILK = b"ETH-A".ljust(32, b"\0")
WAD, RAY = 10**18, 10**27
LENDER = "0x" + "55" * 20  # coin that was not borrowed here comes from him
TREASURY = "0x" + "66" * 20  # where fees go, so that the rest of the result can be told apart


def word(text: str) -> bytes:
    """A name as the contracts take it."""
    return text.encode().ljust(32, b"\0")


class Session:
    """The contracts, wired to each other as on the day of their deployment."""

    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None:
        self.chain, self.setup = Chain(), setup
        self.branches: list[str] = []
        self.vat = make(self.chain, "Vat")
        vat = self.vat.address
        self.jug, self.spotter = (make(self.chain, name, vat) for name in ("Jug", "Spotter"))
        self.vow = make(self.chain, "Vow", vat, OWNER, OWNER)
        self.oracle = deploy_oracle(self.chain)
        self.users = [f"0x{0xB0 + number:02x}" + "77" * 19 for number in range(N_ACCOUNTS)]
        self.begun: dict[int, tuple[int, int]] = {}  # by auction: debt in 1e-45, and lot
        self._wire(setup)
        house = self.open_house(setup)
        for user, gems, coins in zip(self.users, setup["gems"], setup["coins"], strict=True):
            self.vat.send(OWNER, "slip", ILK, user, gems)
            self.vat.send(OWNER, "suck", LENDER, user, coins * RAY)
            self.vat.send(user, "hope", house.address)
        self.life = self.begin_life()

    def begin_life(self) -> Any:
        return Life(self)

    def _wire(self, setup: dict[str, Any]) -> None:
        for each in (self.jug, self.spotter):
            self.vat.send(OWNER, "rely", each.address)
        self.vat.send(OWNER, "init", ILK)
        self.jug.send(OWNER, "init", ILK)
        self.vat.send(OWNER, "file(bytes32,uint256)", word("Line"), 2**200)
        for name, value in (("line", setup["debt_limit"] * RAY), ("dust", setup["dust"] * RAY)):
            self.vat.send(OWNER, "file(bytes32,bytes32,uint256)", ILK, word(name), value)
        self.jug.send(OWNER, "file(bytes32,address)", word("vow"), TREASURY)
        duty = RAY + setup["fee_per_second"]
        self.jug.send(OWNER, "file(bytes32,bytes32,uint256)", ILK, word("duty"), duty)
        self.spotter.send(
            OWNER, "file(bytes32,bytes32,address)", ILK, word("pip"), self.oracle.address
        )
        ratio = setup["ratio"] * (RAY // WAD)
        self.spotter.send(OWNER, "file(bytes32,bytes32,uint256)", ILK, word("mat"), ratio)
        self._poke(setup["price"])

    def open_house(self, setup: dict[str, Any]) -> Contract:
        """The contracts that liquidate; the one that a bidder's coin has to be trusted with."""
        vat = self.vat.address
        self.cat, self.flip = make(self.chain, "Cat", vat), make(self.chain, "Flip", vat, ILK)
        for each in (self.cat, self.flip):
            self.vat.send(OWNER, "rely", each.address)
        for each in (self.flip, self.vow):
            each.send(OWNER, "rely", self.cat.address)
        self.cat.send(OWNER, "file(bytes32,address)", word("vow"), self.vow.address)
        for name, value in (("chop", setup["chop"] * (RAY // WAD)), ("lump", setup["lump"])):
            self.cat.send(OWNER, "file(bytes32,bytes32,uint256)", ILK, word(name), value)
        self.cat.send(OWNER, "file(bytes32,bytes32,address)", ILK, word("flip"), self.flip.address)
        for name in ("beg", "ttl", "tau"):
            self.flip.send(OWNER, "file", word(name), setup[name])
        return self.flip

    # ------------------------------------------------------------------ what is done

    def draw(self, rng: random.Random) -> tuple[str, dict[str, Any], int]:
        return self.life.draw(rng)

    def do(self, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        self.jug.send(OWNER, "drip", ILK)
        answer: dict[str, Any] = getattr(self, f"do_{verb}")(**inputs) or {}
        return answer

    def do_set_price(self, account: int, price: int) -> None:
        self._poke(price)

    def _poke(self, price: int) -> None:
        self.oracle.send(OWNER, "set", price)
        self.spotter.send(OWNER, "poke", ILK)

    def do_lock(self, account: int, size: int) -> None:
        self._frob(account, size, 0)

    def do_free(self, account: int, size: int) -> None:
        self._frob(account, -size, 0)

    def do_borrow(self, account: int, amount: int) -> None:
        self._frob(account, 0, -(-amount * RAY // self.rate()))

    def do_repay(self, account: int, amount: int | str) -> None:
        art = self.urn(account)[1]
        part = art if amount == ALL else min(int(amount) * RAY // self.rate(), art)
        self._frob(account, 0, -part)
        self.branches.append(BRANCHES[0 if part == art else 1])

    def _frob(self, account: int, dink: int, dart: int) -> None:
        user = self.users[account]
        self.vat.send(user, "frob", ILK, user, user, user, dink, dart)

    def do_bite(self, account: int, owner: int) -> None:
        ink, art = self.urn(owner)
        number = self.cat.send(self.users[account], "bite", ILK, self.users[owner])
        lot = self.bid(number)["lot"]
        left = self.urn(owner)[1]
        debt = (art - left) * self.rate()
        self.begun[number] = (debt, lot)
        self.branches.append(BRANCHES[2 if lot == ink else 3])
        if ink * self.oracle.call("price") < art * self.rate() // 10**9:
            self.branches.append(BRANCHES[4])

    def do_bid(self, account: int, number: int, amount: int | str, wanted_lot: int) -> None:
        """``amount`` "all" is the tab; a ``wanted_lot`` of 0 is all that is on offer."""
        one = self.bid(number)
        rad = one["tab"] if amount == ALL else int(amount) * RAY
        lot = wanted_lot or one["lot"]
        is_covered = one["bid"] == one["tab"]
        self.flip.send(self.users[account], "dent" if is_covered else "tend", number, lot, rad)
        bidder = self._bidder(one)
        self.branches.append(BRANCHES[5 if bidder < 0 else 7 if bidder == account else 6])
        if rad == one["tab"] and not is_covered:
            self.branches.append(BRANCHES[8])
        if rad < one["tab"] // 1_000:
            self.branches.append(BRANCHES[9])
        if is_covered:
            self.branches.append(BRANCHES[10])

    def do_deal(self, account: int, number: int) -> None:
        one = self.bid(number)
        self.flip.send(self.users[account], "deal", number)
        debt, lot = self.begun[number]
        self.branches.append(BRANCHES[11 if one["bid"] >= debt else 12])
        if one["expires"] >= self.chain.seconds:
            self.branches.append(BRANCHES[13])
        if one["lot"] < lot:
            self.branches.append(BRANCHES[14])

    def do_restart(self, account: int, number: int) -> None:
        self.flip.send(self.users[account], "tick", number)
        self.branches.append(BRANCHES[15])

    # ------------------------------------------------------------------ what can be seen

    def rate(self) -> int:
        """What a unit of normalised debt would owe if its fee were dripped now."""
        return int(self.jug.call("drip", ILK))

    def urn(self, account: int) -> tuple[int, int]:
        ink, art = self.vat.call("urns", ILK, self.users[account])
        return int(ink), int(art)

    def owed(self, account: int) -> int:
        return self.urn(account)[1] * self.rate() // RAY

    def bid(self, number: int) -> dict[str, int]:
        bid, lot, guy, tic, end, _, _, tab = self.flip.call("bids", number)
        return {
            "bid": bid, "lot": lot, "guy": int(guy, 16), "expires": tic, "ends": end, "tab": tab,
        }  # fmt: skip

    def under_way(self) -> dict[int, dict[str, int]]:
        """Auctions that have not ended, by number."""
        every = {n: self.bid(n) for n in range(1, self.flip.call("kicks") + 1)}
        return {number: one for number, one in every.items() if one["guy"]}

    def _bidder(self, one: dict[str, int]) -> int:
        """The number of the best bidder, -1 where there is none: the contract has who started it."""
        if one["expires"] == 0:
            return -1
        return [int(user, 16) for user in self.users].index(one["guy"])

    def observe(self) -> dict[str, Any]:
        under_way = self.under_way()
        return {
            **self.observe_debts(),
            "open": list(under_way),
            "bidder": [self._bidder(one) for one in under_way.values()],
            "bid": [one["bid"] // RAY for one in under_way.values()],
            "tab": [one["tab"] // RAY for one in under_way.values()],
            "lot": [one["lot"] for one in under_way.values()],
        }

    def observe_debts(self) -> dict[str, Any]:
        """Positions, what everybody holds, and what auctions have left to the protocol."""
        every = range(N_ACCOUNTS)
        net = self.vat.call("dai", self.vow.address) - self.vat.call("sin", self.vow.address)
        return {
            "locked": [self.urn(each)[0] for each in every],
            "owed": [self.owed(each) for each in every],
            "gems": [self.vat.call("gem", ILK, user) for user in self.users],
            "coins": [self.vat.call("dai", user) // RAY for user in self.users],
            "all_owed": self.vat.call("ilks", ILK)[0] * self.rate() // RAY,
            "result": net // RAY,
        }

    def grain(self) -> dict[str, int]:
        return {}

    def round_again(self, rng: random.Random | None) -> dict[str, int]:
        """Nothing is rounded on behalf of the protocol but to 1e-27 of a base unit."""
        return {}

    def is_over(self) -> bool:
        return False
