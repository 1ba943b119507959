"""LLAMMA: the AMM of curve-stablecoin, compiled from its source, and its lender in exact integers.

The source is in no package; ``sources.json`` says which file of which commit, and ``vyper_source.py`` where
to put it. Three borrowers, one trader and an oracle that says what it is told.
"""

from __future__ import annotations

import math
import random
from typing import Any

from tests.onchain.generate.chain import OWNER, Reverted
from tests.onchain.generate.llamma_controller import WAD, Books, Controller
from tests.onchain.generate.packages import artifact
from tests.onchain.generate.vyper_source import from_repository, of_ours
from tests.onchain.sequences import ALL

NAME = "llamma"
CONTRACTS = ["curvefi/curve-stablecoin 0d726b1 AMM, compiled by vyper 0.4.3"]
N_SAMPLE, N_FULL = 60, 300
SUMS: tuple[str, ...] = ()
FEWEST = 20
N_USERS = 3
USERS = ["0x" + f"{k + 1:02x}" * 20 for k in range(N_USERS)]
TRADER = "0x" + "b2" * 20
PLENTY = 10**40
YEAR = 365 * 86_400
BESIDE = 3  # bands looked at on either side of the active one
UNITS = {
    **dict.fromkeys(("amplification", "account", "n_bands", "token_in", "token_out"), "exact"),
    **dict.fromkeys(("active_band", "first_band", "last_band"), "exact"),
    **dict.fromkeys(("price", "base_price", "fee", "loan_discount"), "wad"),
    **dict.fromkeys(("liquidation_discount", "rate", "fraction", "spot_price"), "wad"),
    **dict.fromkeys(("oracle_price", "rate_mul", "coin_in_band", "collateral_in_band"), "wad"),
    **dict.fromkeys(("surplus", "full_surplus"), "coin"),  # health times debt
    **dict.fromkeys(("debt", "amount", "paid", "owed", "coin", "coin_if_sold"), "coin"),
    **dict.fromkeys(("pledged", "collateral_out"), "collateral"),
    **dict.fromkeys(("held", "collateral_if_bought"), "collateral"),
    "amount_in": "{token_in}",
    "amount_out": "{token_out}",
    "least_out": "{token_out}",
    "most_in": "{token_in}",
}
REASONS = [
    "Slippage", "Debt too high", "Need more ticks", "Need less ticks", "Amount too low",
    "Already in underwater mode", "Loan doesn't exist", "Not enough rekt",
]  # fmt: skip
BRANCHES = [
    "coin in: within one band",
    "coin in: over two bands or more",
    "coin in: over ten bands or more",
    "collateral in: within one band",
    "collateral in: over two bands or more",
    "collateral in: over ten bands or more",
    "the bands cannot fill the trade",
    "nothing to trade with",
    "fee raised after a jump of the oracle",
    "oracle held back after a jump",
    "a loan begins at the active band or above",
    "repay: all, with coin in the bands",
    "repay: part, placed anew",
    "repay: part, while being converted",
    "liquidate: all",
    "liquidate: part",
    "two loans in one band",
    "coins of different decimals",
    "with interest",
]


def draw_setup(rng: random.Random) -> tuple[dict[str, int], dict[str, Any]]:
    """Terms as they are in use and wider; the base price is apart from the price in half of them."""
    a = rng.choice([30, 50, 100, 100, 200])
    price = int(10.0 ** rng.uniform(-1.0, 5.0) * WAD)
    last = int(rng.choice([0.03, 0.06, 0.1]) * WAD)
    setup = {
        "amplification": a,
        "base_price": int(price * rng.choice([1.0, 1.0, rng.uniform(0.5, 2.0)])),
        "price": price,
        "fee": int(rng.choice([0.0001, 0.002, 0.006, 0.019]) * WAD),
        "liquidation_discount": last,
        "loan_discount": last + int(rng.choice([0.01, 0.03, 0.05]) * WAD),
        "rate": int(rng.choice([0.0, 0.02, 0.1, 1.0]) * WAD / YEAR),
    }
    return {"coin": rng.choice([18, 18, 6]), "collateral": rng.choice([18, 18, 8])}, setup


class Session:
    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None:
        self.chain = chain = Books()
        self.branches: list[str] = []
        self.decimals, self.setup = decimals, setup
        self.coin_unit = 10 ** (18 - decimals["coin"])
        self.collateral_unit = 10 ** (18 - decimals["collateral"])
        token = artifact("@uniswap/v2-periphery", "build/ERC20.json")
        self.tokens = [chain.deploy(token, PLENTY, sender=TRADER) for _ in range(2)]
        self.feed = chain.deploy(of_ours("llamma/PriceFeed.vy"), setup["price"])
        a = setup["amplification"]
        self.amm = chain.deploy(
            from_repository("curve-stablecoin", "llamma"),
            self.tokens[0].address, self.coin_unit, self.tokens[1].address, self.collateral_unit,
            a, math.isqrt(10**36 * a // (a - 1)), 0, setup["base_price"], setup["fee"], 0,
            self.feed.address,
        )  # fmt: skip
        self.amm.send(OWNER, "set_admin", OWNER)
        for each in self.tokens:
            each.send(TRADER, "approve", self.amm.address, 2**256 - 1)
        self.traded = (0, setup["price"])  # when, and at which oracle price
        self.lender = Controller(chain, self.amm, setup, (self.coin_unit, self.collateral_unit))

    # ------------------------------------------------------------------ what can be seen

    def observe(self) -> dict[str, Any]:
        call = self.amm.call
        active = call("active_band")
        beside = range(active - BESIDE, active + BESIDE + 1)
        loans = [self._loan(user) for user in USERS]
        return {
            "spot_price": call("get_p"),
            "oracle_price": call("price_oracle"),
            "rate_mul": call("get_rate_mul"),
            "active_band": active,
            "coin_in_band": [call("bands_x", n) for n in beside],
            "collateral_in_band": [call("bands_y", n) for n in beside],
            **{name: [loan[name] for loan in loans] for name in loans[0]},
        }

    def _loan(self, user: str) -> dict[str, int]:
        debt = self.lender.debt(user)
        names = (
            "owed", "coin", "held", "coin_if_sold", "collateral_if_bought", "surplus",
            "full_surplus", "first_band", "last_band",
        )  # fmt: skip
        if not self.amm.call("has_liquidity", user):
            return dict.fromkeys(names, 0)
        discount = self.chain.loans[user].discount
        return dict(
            zip(
                names,
                (
                    debt,
                    *self.amm.call("get_sum_xy", user),
                    self.amm.call("get_x_down", user),
                    self.amm.call("get_y_up", user),
                    self.lender.health(user, debt, False, discount) * debt // WAD,
                    self.lender.health(user, debt, True, discount) * debt // WAD,
                    *self.amm.call("read_user_tick_numbers", user),
                ),
                strict=True,
            )
        )

    def grain(self) -> dict[str, int]:
        """One of the coarser token in the other."""
        price = self.feed.call("price")
        coin, collateral = self.coin_unit, self.collateral_unit
        return {
            "coin": max(1, collateral * price // WAD // coin),
            "collateral": max(1, coin * WAD // price // collateral),
        }

    def round_again(self, rng: random.Random | None) -> dict[str, int]:
        return {}

    def is_over(self) -> bool:
        return False

    # ------------------------------------------------------------------ what is done

    def do(self, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        if self.decimals["coin"] != self.decimals["collateral"]:
            self.branches.append("coins of different decimals")
        if self.setup["rate"] > 0:
            self.branches.append("with interest")
        done: dict[str, Any] = getattr(self, verb)(**inputs)
        return done

    def set_price(self, price: int) -> dict[str, Any]:
        self.feed.send(OWNER, "set_price", price)
        if self.amm.call("price_oracle") != price:
            self.branches.append("oracle held back after a jump")
        return {}

    def sell(self, token_in: str, token_out: str, amount_in: int, least_out: int) -> dict[str, Any]:
        return self._trade("exchange", token_in, amount_in, least_out)

    def buy(self, token_in: str, token_out: str, amount_out: int, most_in: int) -> dict[str, Any]:
        return self._trade("exchange_dy", token_in, amount_out, most_in)

    def _trade(self, name: str, token_in: str, amount: int, limit: int) -> dict[str, Any]:
        i = 0 if token_in == "coin" else 1
        before = self.amm.call("active_band")
        amounts = self.amm.send(TRADER, name, i, 1 - i, amount, limit, TRADER)
        n = abs(self.amm.call("active_band") - before) + 1
        price = self.amm.call("price_oracle")
        if self.chain.seconds < self.traded[0] + 120 and price != self.traded[1]:
            self.branches.append("fee raised after a jump of the oracle")
        self.traded = (self.chain.seconds, price)
        for least, text in ((10, "over ten bands or more"), (2, "over two bands or more")):
            if n >= least:
                self.branches.append(f"{token_in} in: {text}")
        if amounts[0] == 0:
            self.branches.append("nothing to trade with")
        elif n == 1:
            self.branches.append(f"{token_in} in: within one band")
        if name == "exchange" and 0 < amounts[0] < amount:
            self.branches.append("the bands cannot fill the trade")
        return {"amount_in": amounts[0], "amount_out": amounts[1]}

    def create_loan(self, account: int, pledged: int, debt: int, n_bands: int) -> dict[str, Any]:
        active = self.amm.call("active_band")
        self.lender.create(USERS[account], pledged, debt, n_bands)
        self._into(pledged)
        first, last = self.amm.call("read_user_tick_numbers", USERS[account])
        if first <= active:
            self.branches.append("a loan begins at the active band or above")
        for other in USERS:
            if other != USERS[account] and self.amm.call("has_liquidity", other):
                low, high = self.amm.call("read_user_tick_numbers", other)
                if low <= last and first <= high:
                    self.branches.append("two loans in one band")
        return {}

    def add_collateral(self, account: int, pledged: int) -> dict[str, Any]:
        self.lender.change(USERS[account], pledged, 0)
        self._into(pledged)
        return {}

    def remove_collateral(self, account: int, pledged: int) -> dict[str, Any]:
        self.lender.change(USERS[account], -pledged, 0)
        self._out(0, pledged)
        return {}

    def borrow_more(self, account: int, debt: int) -> dict[str, Any]:
        self.lender.change(USERS[account], 0, debt)
        return {}

    def repay(self, account: int, amount: int | str) -> dict[str, Any]:
        user = USERS[account]
        is_converting = self.amm.call("get_sum_xy", user)[0] > 0
        wanted = 2**255 if amount == ALL else int(amount)
        paid, coin, collateral = self.lender.repay(user, wanted)
        self._out(coin, collateral)
        if user in self.chain.loans:
            what = "while being converted" if is_converting else "placed anew"
            self.branches.append(f"repay: part, {what}")
        elif coin > 0:
            self.branches.append("repay: all, with coin in the bands")
        return {"paid": paid}

    def liquidate(self, account: int, fraction: int) -> dict[str, Any]:
        debt, coin, collateral = self.lender.liquidate(USERS[account], fraction)
        self._out(coin, collateral)
        self.branches.append("liquidate: all" if fraction == WAD else "liquidate: part")
        return {"paid": max(debt - coin, 0), "collateral_out": collateral}

    def _into(self, collateral: int) -> None:
        self.tokens[1].send(TRADER, "transfer", self.amm.address, collateral)

    def _out(self, coin: int, collateral: int) -> None:
        for token, amount in zip(self.tokens, (coin, collateral), strict=True):
            token.send(OWNER, "transferFrom", self.amm.address, TRADER, amount)

    # ------------------------------------------------------------------ what is drawn

    def draw(self, rng: random.Random) -> tuple[str, dict[str, Any], int]:
        seconds = rng.choice([0, 12, 12, 60, 600, 600, 86_400])
        users = [k for k in range(N_USERS) if USERS[k] in self.chain.loans]
        if not users or (len(users) < N_USERS and rng.random() < 0.4):
            free = [k for k in range(N_USERS) if k not in users]
            return "create_loan", self._draw_loan(rng, rng.choice(free)), seconds
        verbs = ["set_price"] * 5 + ["sell"] * 6 + ["buy"] * 4 + ["repay"] * 3 + ["liquidate"] * 2
        verb = rng.choice([*verbs, "add_collateral", "remove_collateral", "borrow_more"])
        account = rng.choice(users)
        if verb not in ("set_price", "sell", "buy") and rng.random() < 0.1:
            account = rng.randrange(N_USERS)  # who may have no loan
        inputs: dict[str, Any] = getattr(self, f"_draw_{verb}")(rng, account)
        return verb, inputs, seconds

    def _draw_loan(self, rng: random.Random, account: int) -> dict[str, Any]:
        pledged = int(10.0 ** rng.uniform(-2.0, 4.0) * 10 ** self.decimals["collateral"])
        if rng.random() < 0.03:
            pledged = rng.randint(1, 3000)
        n_bands = rng.choice([4, 4, 5, 10, 10, 20, 50, rng.randint(4, 50)])
        if rng.random() < 0.1:
            n_bands = rng.choice([3, 51])
        most = self._most(pledged, max(n_bands, 4))
        share = rng.choice([0.3, 0.7, 0.9, 0.981, 0.9953, 1.02])  # at the edge of no band
        return {
            "account": account,
            "pledged": pledged,
            "debt": max(1, int(most * share)),
            "n_bands": n_bands,
        }

    def _most(self, pledged: int, n_bands: int) -> int:
        price = self.amm.call("price_oracle")
        effective = self.lender.effective(pledged * self.collateral_unit, n_bands)
        return int(effective * price // WAD // self.coin_unit)

    def _draw_set_price(self, rng: random.Random, account: int) -> dict[str, Any]:
        """A walk around where the loans are; sometimes a jump."""
        price = self.feed.call("price")
        first, last = self.amm.call("read_user_tick_numbers", USERS[account])
        edge = self.amm.call("p_oracle_up", rng.randint(first - 2, last + 2))
        kind = rng.random()
        if kind < 0.5:
            return {"price": int(edge * rng.uniform(0.99, 1.01))}
        return {"price": int(price * math.exp(rng.gauss(0.0, 0.2 if kind < 0.65 else 0.02)))}

    def _draw_sell(self, rng: random.Random, account: int) -> dict[str, Any]:
        """To the oracle's price as an arbitrageur would, or anything, either way."""
        token_in = rng.choice(["coin", "collateral"])
        kind = rng.random()
        amount, is_up = 0, True
        if kind < 0.6:
            try:
                amount, is_up = self.amm.call("get_amount_for_price", self.feed.call("price"))
                token_in = "coin" if is_up else "collateral"
                # A little less or more: just to the end of a band is to one side of it by rounding.
                amount = int(amount * rng.choice((0.9999, 1.0001)))
            except Reverted:
                amount = 0
        if kind >= 0.6 or amount == 0:
            amount = self._some(rng, token_in)
        least = 0
        if rng.random() < 0.2:
            i = 0 if token_in == "coin" else 1
            least = int(self.amm.call("get_dy", i, 1 - i, amount) * rng.uniform(0.9, 1.1))
        return {
            "token_in": token_in, "token_out": other(token_in),
            "amount_in": max(1, amount), "least_out": least,
        }  # fmt: skip

    def _some(self, rng: random.Random, symbol: str) -> int:
        """An amount that is something beside what the loans are worth."""
        user = rng.choice([user for user in USERS if user in self.chain.loans])
        coin, collateral = self.amm.call("get_sum_xy", user)
        price = self.feed.call("price")
        worth = coin * self.coin_unit + collateral * self.collateral_unit * price // WAD
        if symbol == "coin":
            whole = worth // self.coin_unit
        else:
            whole = worth * WAD // price // self.collateral_unit
        return max(1, int(whole * 10.0 ** rng.uniform(-4.0, 0.7)))

    def _draw_buy(self, rng: random.Random, account: int) -> dict[str, Any]:
        token_out = rng.choice(["coin", "collateral"])
        amount = self._some(rng, token_out)
        if rng.random() < 0.7:
            held = self.tokens[0 if token_out == "coin" else 1].call("balanceOf", self.amm.address)
            amount = max(1, int(held * rng.random()))
        return {
            "token_in": other(token_out), "token_out": token_out,
            "amount_out": amount, "most_in": 2**128,
        }  # fmt: skip

    def _draw_add_collateral(self, rng: random.Random, account: int) -> dict[str, Any]:
        held = self.amm.call("get_sum_xy", USERS[account])[1]
        return {"account": account, "pledged": max(1, int(held * rng.uniform(0.01, 1.0)))}

    def _draw_remove_collateral(self, rng: random.Random, account: int) -> dict[str, Any]:
        held = self.amm.call("get_sum_xy", USERS[account])[1]
        return {"account": account, "pledged": max(1, int(held * rng.choice([0.01, 0.1, 0.5])))}

    def _draw_borrow_more(self, rng: random.Random, account: int) -> dict[str, Any]:
        debt = self.lender.debt(USERS[account])
        return {"account": account, "debt": max(1, int(debt * rng.choice([0.01, 0.1, 0.5])))}

    def _draw_repay(self, rng: random.Random, account: int) -> dict[str, Any]:
        debt = self.lender.debt(USERS[account])
        if rng.random() < 0.3:
            return {"account": account, "amount": ALL}
        return {"account": account, "amount": max(1, int(debt * rng.uniform(0.01, 0.9)))}

    def _draw_liquidate(self, rng: random.Random, account: int) -> dict[str, Any]:
        return {"account": account, "fraction": rng.choice([WAD, WAD // 2, WAD // 10])}


def other(symbol: str) -> str:
    return "collateral" if symbol == "coin" else "coin"
