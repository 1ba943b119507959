"""What happens to a stablecoin with Dutch auctions: prices fall, lots are bought or not, and begin anew."""

from __future__ import annotations

import random
from typing import Any

from tests.onchain.generate import maker_lives
from tests.onchain.generate.maker_lives import BORROWERS, FINE, KEEPERS, RAY, WAD, Life
from tests.onchain.sequences import ALL

KINDS = ("calm", "crash", "crash", "nobody buys", "dust", "hole", "limit")
WEIGHTS = {
    "lock": 4, "free": 5, "borrow": 7, "repay": 6, "set_price": 8, "bark": 24, "take": 36, "redo": 10,
}  # fmt: skip


def draw_setup(rng: random.Random) -> tuple[dict[str, int], dict[str, Any]]:
    """Terms as they were in use from 2021, and beyond."""
    decimals, setup = maker_lives.draw_setup(rng)
    for name in ("beg", "ttl", "tau", "lump"):
        del setup[name]
    kind = setup["kind"] = rng.choice(KINDS)
    usual = setup["usual"]
    setup |= {
        "dust": round(usual * (0.3 if kind == "dust" else rng.choice((0.01, 0.1)))) * WAD,
        "debt_limit": round(usual * (2.0 if kind == "limit" else 1e3)) * WAD,
        # No sum of whole tabs, for there the contract's last unit decides.
        "hole": round(usual * (rng.uniform(0.4, 2.0) if kind in ("hole", "dust") else 1e3) * WAD),
        "tip": rng.choice((0, 0, 5, 300)) * WAD,
        "chip": rng.choice((0, 1, 20)) * WAD // 1_000,
        "buf": rng.choice((105, 120, 130)) * WAD // 100,
        "cut": rng.choice((90, 99, 99, 97)) * WAD // 100,
        "step": rng.choice((60, 90, 90, 300)),
        "tail": rng.choice((1_800, 7_200, 8_400)),
        "cusp": rng.choice((30, 40, 75)) * WAD // 100 + 123,  # on no step
    }
    return decimals, setup


class DutchLife(Life):
    """One sequence, drawn from the state that it has come to."""

    def draw(self, rng: random.Random) -> tuple[str, dict[str, Any], int]:
        self.rng = rng
        seconds = rng.choice((0, 12, 12, 12, 60, 600))
        if self.opening:
            verb, account = self.opening.pop(0)
            return verb, getattr(self, f"_{verb}")(account), 12
        verb = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if verb in ("take", "redo") and not self.session.under_way():
            verb = rng.choice(("bark", "set_price"))
        if verb == "bark" and not self._unsafe() and rng.random() < 0.8:
            verb = "set_price"
        if verb == "take":
            seconds = rng.choice((0, 12, 12, self.setup["step"], 8 * self.setup["step"]))
        if verb == "redo" and rng.random() < 0.6:
            seconds = rng.choice((self.setup["tail"] + 1, 40 * self.setup["step"]))
        if self.kind == "nobody buys" and verb == "take" and rng.random() < 0.5:
            verb, seconds = "redo", self.setup["tail"] // 2
        account = rng.choice(BORROWERS)
        if verb == "repay" and not self.session.owed(account):
            verb = "lock"  # of nothing there is nothing to repay
        return verb, getattr(self, f"_{verb}")(account), seconds

    def _bark(self, account: int) -> dict[str, Any]:
        return self._bite(account)

    def _number(self, is_stale: bool) -> int:
        """An auction that has to be restarted, or none such; sometimes any, or one that has ended."""
        every = self.session.under_way()
        if self.rng.random() < 0.06:
            return int(self.rng.randint(1, max(every) + 1))
        fitting = [number for number, one in every.items() if bool(one["needs_reset"]) == is_stale]
        if fitting and self.rng.random() < 0.85:
            return int(self.rng.choice(fitting))
        return int(self.rng.choice(list(every)))

    def _redo(self, account: int) -> dict[str, Any]:
        return {"account": self.rng.choice((*KEEPERS, account)), "number": self._number(True)}

    def _take(self, account: int) -> dict[str, Any]:
        number = self._number(False)
        buyer = account if self.rng.random() < 0.1 else self.rng.choice(KEEPERS)
        one = self.session.under_way().get(number)
        size: int | str = ALL
        most_price = 0
        if one is not None:
            size = self._size(one)
            if self.rng.random() < 0.15:
                most_price = round(one["price_now"] * self.rng.choice((0.5, 0.98, 1.02)))
        return {"account": buyer, "number": number, "size": size, "most_price": most_price}

    def _size(self, one: dict[str, int]) -> int | str:
        """All, a part, or as much as leaves hardly anything to be auctioned."""
        lot, tab, price = one["lot"], one["tab"], max(one["price_now"], 1)
        least = self.setup["dust"] * self.setup["chop"] // WAD * RAY  # of a tab that is left
        how = self.rng.choice(("all", "part", "part", "over", "dust", "dust"))
        size = {
            "all": 0,
            "part": round(lot * self.rng.uniform(0.05, 0.9)),
            "over": round(lot * 1.5),
            "dust": round(max(tab - least * self.rng.uniform(0.05, 0.95), 0) / price),
        }[how]
        return max(size, lot // FINE, 1_000) if size else ALL
