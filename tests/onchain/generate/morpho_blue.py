"""Morpho Blue with its adaptive-curve rate on their own bytecode: one isolated market and its accounts.

Morpho is compiled from its package with the settings of its build file. The rate contract comes from a
package that carries the sources of several protocols; it is the file of morpho-blue-irm at the commit
which that package names. Source: Morpho Blue (2023).
"""

from __future__ import annotations

import random
from typing import Any

from eth_abi import encode
from eth_utils import keccak

from tests.onchain.generate.aave_contracts import OUTPUT, Deployer, Unlinked, compile_all
from tests.onchain.generate.chain import OWNER, Chain, Contract
from tests.onchain.generate.morpho_branches import BRANCHES, taken
from tests.onchain.generate.morpho_lives import Life, draw_setup
from tests.onchain.sequences import ALL

__all__ = ["BRANCHES", "Session", "draw_setup"]

NAME = "morpho_blue"
N_SAMPLE, N_FULL = 140, 300
MORPHO, RATE = "@morpho-org/morpho-blue", "sphere-mezo-solidity-files"
CONTRACTS = [f"{MORPHO} 1.0.0 Morpho", f"{RATE} 1.2.0 AdaptiveCurveIrm"]
FEE_RECIPIENT = "0x" + "77" * 20
UNITS = {
    **dict.fromkeys("kind n_accounts loan_balances collateral_balances price".split(), "exact"),
    **dict.fromkeys("account borrower".split(), "exact"),
    **dict.fromkeys("lltv fee rate_at_target borrow_rate".split(), "wad"),
    **dict.fromkeys("assets lent borrowed cash owed repaid loan_wallet".split(), "loan"),
    **dict.fromkeys("shares repaid_shares".split(), "shares"),
    # What is seen of shares is cut to base units of the loan: a unit of a share is a millionth of one.
    **dict.fromkeys("moved supply_shares borrow_shares fee_shares held_shares owed_shares".split(), "loan"),
    **dict.fromkeys("collateral seized pledged collateral_wallet".split(), "collateral"),
}  # fmt: skip
SUMS: tuple[str, ...] = ()
FEWEST = 20
REASONS = [
    "Panic(17)", "inconsistent input", "insufficient collateral", "insufficient liquidity",
    "position is healthy", "transfer reverted", "transferFrom reverted", "zero assets",
]  # fmt: skip
VIRTUAL_SHARES, WAD = 10**6, 10**18
PRICE_SCALE = 10**36
LEAST_LOANS = 1_000  # millionths of a token, of all loans together
# Of mappings; in the first two words of a market the lower halves are assets, the upper ones shares.
POSITION_SLOT, MARKET_SLOT = 2, 3


def contracts() -> dict[str, Unlinked]:
    """Morpho, the rate contract, and the tokens and oracle of the harness."""
    plain = {"evmVersion": "paris", "outputSelection": {"*": {"*": OUTPUT}}}
    built = {**plain, "viaIR": True, "metadata": {"bytecodeHash": "none"}}
    most = {"optimizer": {"enabled": True, "runs": 999_999}}
    less = {"optimizer": {"enabled": True, "runs": 200}}
    morpho = compile_all(
        "solc-0.8.19", ("morpho/src/Morpho.sol",), {"morpho/": MORPHO}, built | most
    )
    main = "rates/domains/morphoIrm/contracts/AdaptiveCurveIrm.sol"
    rate = compile_all("solc-0.8.27", (main,), {"rates/": RATE}, built | less)
    harness = compile_all("solc-0.8.27", ("lending.sol",), {}, plain | less)
    return {**rate, **morpho, **harness}


class Session:
    """One market; every account lends, borrows or liquidates for itself."""

    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None:
        self.chain = chain = Chain()
        self.setup = setup
        self.branches: list[str] = []
        self.unit = max(1, 10 ** decimals["loan"] // 10**6)
        self.users = [
            f"0x{0xC0 + k:02x}" + "00" * 18 + f"{k:02x}" for k in range(setup["n_accounts"])
        ]
        deployer = Deployer(chain, contracts())
        self.morpho = deployer.deploy("Morpho", OWNER)
        self.rate = deployer.deploy("AdaptiveCurveIrm", self.morpho.address)
        self.oracle = deployer.deploy("Oracle")
        self.flash = deployer.deploy("FlashBorrower")
        self.loan = deployer.deploy("Token", decimals["loan"])
        self.collateral = deployer.deploy("Token", decimals["collateral"])
        tokens = (self.loan.address, self.collateral.address)
        self.terms = (*tokens, self.oracle.address, self.rate.address, setup["lltv"])
        self.id = keccak(encode(["address"] * 4 + ["uint256"], self.terms))
        for name, *values in (
            ("enableIrm", self.rate.address),
            ("enableLltv", setup["lltv"]),
            ("setFeeRecipient", FEE_RECIPIENT),
            ("createMarket", self.terms),
        ):
            self.morpho.send(OWNER, name, *values)
        if setup["fee"]:
            self.morpho.send(OWNER, "setFee", self.terms, setup["fee"])
        self.oracle.send(OWNER, "setPrice", setup["price"])
        for token, name in ((self.loan, "loan_balances"), (self.collateral, "collateral_balances")):
            for user, balance in zip(self.users, setup[name], strict=True):
                token.send(OWNER, "set", user, balance)
        self.seen = [0]
        self.one_of_rate = 0  # the interest of 1e-18 a second, in which a rate is counted
        self.life = Life(self)

    def draw(self, rng: random.Random) -> tuple[str, dict[str, Any], int]:
        return self.life.draw(rng)

    def do(self, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        numbers = [inputs[name] for name in ("borrower", "account") if name in inputs]
        self.seen = list(dict.fromkeys(numbers))
        _, _, borrowed, _, updated, _ = self.morpho.call("market", self.id)
        done = self._done(verb, inputs)
        elapsed = self.morpho.call("market", self.id)[4] - updated
        self.one_of_rate = borrowed * elapsed // WAD
        return done

    def _done(self, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        if self.life.opening is None:  # a nudged life: only its values are of interest
            return getattr(self, f"do_{verb}")(**inputs) or {}
        before = self.observe()
        done = getattr(self, f"do_{verb}")(**inputs) or {}
        self.branches += taken(self, verb, inputs, before, self.observe())
        return done

    def do_supply(self, account: int, assets: int, shares: int) -> dict[str, int]:
        return self._two("supply", account, assets, shares, self.users[account], b"")

    def do_withdraw(self, account: int, assets: int, shares: int | str) -> dict[str, int]:
        """``"all"`` the shares that the account has."""
        held = self.position(account)[0] if shares == ALL else shares
        user = self.users[account]
        return self._two("withdraw", account, assets, held, user, user)

    def do_borrow(self, account: int, assets: int | str, shares: int) -> dict[str, int]:
        """``"cash"``: all that the market has."""
        wanted = self.cash() if assets == "cash" else assets
        user = self.users[account]
        return self._two("borrow", account, wanted, shares, user, user)

    def do_repay(self, account: int, assets: int, shares: int | str) -> dict[str, int]:
        owed = self.position(account)[1] if shares == ALL else shares
        return self._two("repay", account, assets, owed, self.users[account], b"")

    def do_supply_collateral(self, account: int, pledged: int) -> None:
        self._send(account, "supplyCollateral", pledged, self.users[account], b"")

    def do_withdraw_collateral(self, account: int, pledged: int | str) -> None:
        held = self.position(account)[2] if pledged == ALL else pledged
        user = self.users[account]
        self._send(account, "withdrawCollateral", held, user, user)

    def do_liquidate(
        self, account: int, borrower: int, seized: int | str, repaid_shares: int | str
    ) -> dict[str, int]:
        """Of one, ``"all"`` that the borrower has or owes, or so much; the other is 0."""
        _, owed, held = self.position(borrower)
        some = held if seized == ALL else seized
        part = owed if repaid_shares == ALL else repaid_shares
        got, paid = self._send(account, "liquidate", self.users[borrower], some, part, b"")
        return {"seized": got, "repaid": paid}

    def do_accrue(self, account: int) -> None:
        self._send(account, "accrueInterest")

    def do_flash_loan(self, account: int, assets: int) -> None:
        token = self.loan.address
        self.flash.send(self.users[account], "borrow", self.morpho.address, token, assets)

    def do_set_price(self, account: int, price: int) -> None:
        """The account only says whose position is looked at afterwards."""
        self.oracle.send(OWNER, "setPrice", price)

    def _two(self, name: str, account: int, *arguments: Any) -> dict[str, int]:
        assets, shares = self._send(account, name, *arguments)
        return {"assets": assets, "moved": shares // VIRTUAL_SHARES}

    def _send(self, account: int, name: str, *arguments: Any) -> Any:
        return self.morpho.send(self.users[account], name, self.terms, *arguments)

    def position(self, account: int) -> tuple[int, int, int]:
        """Supply shares, borrow shares and collateral."""
        supply, borrow, collateral = self.morpho.call("position", self.id, self.users[account])
        return supply, borrow, collateral

    def cash(self) -> int:
        return int(self.loan.call("balanceOf", self.morpho.address))

    def totals(self) -> tuple[int, int, int, int]:
        """Supply assets and shares, borrow assets and shares, with interest up to now."""
        saved = self.chain.save()
        self._send(0, "accrueInterest")
        found = self.morpho.call("market", self.id)[:4]
        self.chain.restore(saved)
        supply, supply_shares, borrow, borrow_shares = found
        return supply, supply_shares, borrow, borrow_shares

    def observe(self) -> dict[str, Any]:
        """Shares as they are written, what they are worth now, and the accounts of the last operation."""
        stored = self.morpho.call("market", self.id)
        supply, supply_shares, borrow, borrow_shares = self.totals()
        fee_shares = self.morpho.call("position", self.id, FEE_RECIPIENT)[0]
        # At the state of the last accrual: the rate that the next second begins with.
        fresh = (*stored[:4], self.chain.seconds, stored[5])
        per_second = self.rate.call("borrowRateView", self.terms, fresh)
        users = [self.users[number] for number in self.seen]
        positions = [self.position(number) for number in self.seen]
        lenders = stored[1] - fee_shares
        owed = [
            shares * (borrow + 1) // (borrow_shares + VIRTUAL_SHARES) for _, shares, _ in positions
        ]
        return {
            "supply_shares": lenders // VIRTUAL_SHARES,
            "borrow_shares": stored[3] // VIRTUAL_SHARES,
            "fee_shares": fee_shares // VIRTUAL_SHARES,
            "lent": lenders * (supply + 1) // (supply_shares + VIRTUAL_SHARES),
            "borrowed": borrow,
            "cash": self.cash(),
            "rate_at_target": self.rate.call("rateAtTarget", self.id),  # both by the second
            "borrow_rate": per_second,
            "held_shares": [held // VIRTUAL_SHARES for held, _, _ in positions],
            "owed_shares": [shares // VIRTUAL_SHARES for _, shares, _ in positions],
            "owed": owed,
            "collateral": [pledged for _, _, pledged in positions],
            "loan_wallet": [self.loan.call("balanceOf", user) for user in users],
            "collateral_wallet": [self.collateral.call("balanceOf", user) for user in users],
        }

    def grain(self) -> dict[str, int]:
        """A unit of the loan is a million of its shares; of loan and collateral one is the coarser."""
        price = self.oracle.call("price")
        worth = {"loan": price // PRICE_SCALE, "collateral": PRICE_SCALE // max(price, 1)}
        return {"shares": VIRTUAL_SHARES, **{name: max(1, each) for name, each in worth.items()}}

    def round_again(self, rng: random.Random | None) -> None:
        """Round once more what the contract rounds by itself: interest, the rate, and that at target."""
        rate = self._slot(0)
        step = 1 if rng is None else rng.choice((-1, 0, 1))
        self._write(self.rate, rate, self.chain.evm.storage(self.rate.address, rate) + step)
        first = self._slot(MARKET_SLOT)
        supply, borrow = (self.chain.evm.storage(self.morpho.address, first + k) for k in (0, 1))
        if borrow % 2**128 > 0 and (rng is None or rng.random() < 0.5):
            one = 1 + self.one_of_rate
            self._write(self.morpho, first, supply + one)
            self._write(self.morpho, first + 1, borrow + one)
            if self.setup["fee"]:
                user = bytes.fromhex(FEE_RECIPIENT[2:]).rjust(32, b"\0")
                own = keccak(user + self._slot(POSITION_SLOT).to_bytes(32, "big"))
                fees = int.from_bytes(own, "big")
                held = self.chain.evm.storage(self.morpho.address, fees)
                shares = VIRTUAL_SHARES * (1 + self.one_of_rate * self.setup["fee"] // WAD)
                self._write(self.morpho, fees, held + shares)
                self._write(self.morpho, first, supply + one + (shares << 128))

    def _slot(self, place: int) -> int:
        """Where a mapping at this place keeps what it has on the market."""
        return int.from_bytes(keccak(self.id + place.to_bytes(32, "big")), "big")

    def _write(self, contract: Contract, slot: int, value: int) -> None:
        self.chain.evm.insert_account_storage(contract.address, slot, value)

    def is_over(self) -> bool:
        """Of so few units each rounding is a large part."""
        return 0 < self.totals()[2] < LEAST_LOANS * self.unit
