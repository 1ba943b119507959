"""A pool of Aave since v3.3 on its own bytecode: reserves and accounts by number.

The accounts are plain addresses that approve everything; prices are set at will. What is read after an
operation are the pool's own views. Source: Aave v3 technical paper (2022); aave-v3-origin 3.6.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from eth_abi import encode

from tests.onchain.generate.aave_contracts import (
    SETTINGS,
    Deployer,
    Unlinked,
    compile_all,
    since_v33,
)
from tests.onchain.generate.chain import OWNER, Chain, Contract
from tests.onchain.sequences import ALL

TREASURY = "0x" + "77" * 20
NOBODY = "0x" + "00" * 20
MAX = 2**256 - 1
VARIABLE_RATE = 2
# The contract rounds both sides of a position to 1e-8 USD: of less than 100 USD its health factor is
# not known to 1e-9.
LEAST_FOR_HEALTH = 100 * 10**8
# Names of the harness; its compiler is the one of the newer contracts.
HARNESS = ("lending.sol",)
# In the order of the contract's answer; the mean threshold and loan-to-value are seen in the others.
ACCOUNT_VALUES = ("collateral_usd", "debt_usd", "available_usd", "", "", "health")
RESERVE_VALUES = (
    "liquidity_index", "borrow_index", "supply_rate", "borrow_rate", "scaled_supply", "scaled_debt",
    "cash", "treasury", "deficit", "isolated_debt",
)  # fmt: skip


class Pool:
    """One market; what is named ``do_...`` is a transaction."""

    SPEC: ClassVar[str] = "SHANGHAI"
    RULES: ClassVar[str] = "v3.3"

    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None:
        self.setup = setup
        self.chain = chain = Chain(self.SPEC)
        self.terms = setup["reserves"]
        self.units = [10 ** decimals[f"token{k}"] for k in range(len(self.terms))]
        self.users = [
            f"0x{0xC0 + k:02x}" + "00" * 18 + f"{k:02x}" for k in range(setup["n_accounts"])
        ]
        harness = compile_all("solc-0.8.27", HARNESS, {}, {**SETTINGS, "evmVersion": "paris"})
        self.deployer = Deployer(chain, {**self.contracts(), **harness})
        self.tokens = [
            self.deployer.deploy("Token", decimals[f"token{k}"]) for k in range(len(self.terms))
        ]
        self.oracle = self.deployer.deploy("Oracle")
        self.flash = self.deployer.deploy("FlashBorrower")
        self.reader = self.deployer.deploy("Reader")
        self.pool: Contract
        self.configurator: Contract
        self.receipts: list[Contract] = []
        self.debts: list[Contract] = []
        self.deploy()
        for k, terms in enumerate(self.terms):
            self.open_reserve(k, terms)
        for number, category in enumerate(setup["categories"], start=1):
            self.open_category(number, category)
        self.questions: dict[tuple[int, ...], bytes] = {}  # calldata of all views, by accounts
        self.seen: list[int] = [0]  # accounts of the last operation

    def contracts(self) -> dict[str, Unlinked]:
        return since_v33()

    def deploy(self) -> None:
        make = self.deployer.deploy
        provider = make("PoolAddressesProvider", "market", OWNER)
        strategy = make("DefaultReserveInterestRateStrategyV2", provider.address)
        pool = make("PoolInstance", provider.address, strategy.address)
        self.start(provider, pool, make("PoolConfiguratorInstance"))
        receipt = make("ATokenInstance", self.pool.address, NOBODY, TREASURY).address
        debt = make("VariableDebtTokenInstance", self.pool.address, NOBODY).address
        rates = ("optimal_bps", "base_bps", "slope1_bps", "slope2_bps")
        inputs = [
            (
                receipt, debt, token.address, "a", "a", "v", "v", b"",
                encode(["uint16", "uint32", "uint32", "uint32"], [terms[name] for name in rates]),
            )
            for token, terms in zip(self.tokens, self.terms, strict=True)
        ]  # fmt: skip
        self.configurator.send(OWNER, "initReserves", inputs)
        self.configurator.send(OWNER, "updateFlashloanPremium", self.setup["flash_premium_bps"])
        self.find_claims("ATokenInstance", "VariableDebtTokenInstance")

    def start(self, provider: Contract, pool: Contract, configurator: Contract) -> None:
        """Roles, proxies and the oracle."""
        provider.send(OWNER, "setACLAdmin", OWNER)
        roles = self.deployer.deploy("ACLManager", provider.address)
        provider.send(OWNER, "setACLManager", roles.address)
        roles.send(OWNER, "addPoolAdmin", OWNER)
        provider.send(OWNER, "setPoolImpl", pool.address)
        provider.send(OWNER, "setPoolConfiguratorImpl", configurator.address)
        provider.send(OWNER, "setPriceOracle", self.oracle.address)
        self.pool = self.deployer.at(pool.artifact.name, provider.call("getPool"))
        self.configurator = self.deployer.at(
            configurator.artifact.name, provider.call("getPoolConfigurator")
        )

    def find_claims(self, receipt: str, debt: str) -> None:
        for token in self.tokens:
            found = self.pool.call("getReserveData", token.address)
            self.receipts.append(self.deployer.at(receipt, found[8]))
            self.debts.append(self.deployer.at(debt, found[10]))

    def open_reserve(self, k: int, terms: dict[str, Any]) -> None:
        token = self.tokens[k].address

        def set_(name: str, *values: Any) -> None:
            self.configurator.send(OWNER, name, token, *values)

        self.oracle.send(OWNER, "setAssetPrice", token, terms["price_usd"])
        if terms["debt_ceiling"]:
            set_("setDebtCeiling", terms["debt_ceiling"])
        set_(
            "configureReserveAsCollateral",
            terms["ltv_bps"], terms["threshold_bps"], terms["bonus_bps"],
        )  # fmt: skip
        set_("setReserveBorrowing", terms["is_borrowable"])
        set_("setReserveFlashLoaning", True)
        set_("setReserveFactor", terms["reserve_factor_bps"])
        set_("setBorrowableInIsolation", terms["is_borrowable_in_isolation"])
        set_("setSupplyCap", terms["supply_cap"])
        set_("setBorrowCap", terms["borrow_cap"])
        set_("setLiquidationProtocolFee", terms["protocol_fee_bps"])
        for user, balance in zip(self.users, terms["balances"], strict=True):
            self.tokens[k].send(OWNER, "set", user, balance)

    def open_category(self, number: int, category: dict[str, Any]) -> None:
        numbers = (category["ltv_bps"], category["threshold_bps"], category["bonus_bps"])
        self.configurator.send(OWNER, "setEModeCategory", number, *numbers, "category")
        for name, what in (("collateral", "Collateral"), ("borrowable", "Borrowable")):
            for k in category[name]:
                token = self.tokens[k].address
                self.configurator.send(OWNER, f"setAsset{what}InEMode", token, number, True)

    # Transactions.
    def do(self, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        return getattr(self, f"do_{verb}")(**inputs) or {}

    def do_supply(self, account: int, reserve: int, amount: int) -> None:
        name = "supply(address,uint256,address,uint16)"
        self._send(account, name, self._token(reserve), amount, self.users[account], 0)

    def do_withdraw(self, account: int, reserve: int, amount: int | str) -> None:
        """Any amount; ``"all"`` that the account has, ``"cash"``: all that the reserve has."""
        wanted = self.cash(reserve) if amount == "cash" else MAX if amount == ALL else amount
        self._send(account, "withdraw", self._token(reserve), wanted, self.users[account])

    def do_borrow(self, account: int, reserve: int, amount: int | str) -> None:
        wanted = self.cash(reserve) if amount == "cash" else amount
        name = "borrow(address,uint256,uint256,uint16,address)"
        token = self._token(reserve)
        self._send(account, name, token, wanted, VARIABLE_RATE, 0, self.users[account])

    def do_repay(self, account: int, reserve: int, amount: int | str) -> None:
        wanted = MAX if amount == ALL else amount
        name = "repay(address,uint256,uint256,address)"
        self._send(account, name, self._token(reserve), wanted, VARIABLE_RATE, self.users[account])

    def do_use_as_collateral(self, account: int, reserve: int, is_used: bool) -> None:
        name = "setUserUseReserveAsCollateral(address,bool)"
        self._send(account, name, self._token(reserve), is_used)

    def do_enter_category(self, account: int, category: int) -> None:
        self._send(account, "setUserEMode", category)

    def do_liquidate(
        self, account: int, borrower: int, collateral: int, debt: int, debt_amount: int | str
    ) -> dict[str, int]:
        """What the liquidator has paid and received, unless it is the same token."""
        before = self.wallet(account, debt), self.wallet(account, collateral)
        self._send(
            account, "liquidationCall(address,address,address,uint256,bool)",
            self._token(collateral), self._token(debt), self.users[borrower],
            MAX if debt_amount == ALL else debt_amount, False,
        )  # fmt: skip
        if collateral == debt:
            return {}
        repaid = before[0] - self.wallet(account, debt)
        return {"repaid": repaid, "seized": self.wallet(account, collateral) - before[1]}

    def do_flash_loan(self, account: int, reserve: int, amount: int) -> None:
        """The account's own contract borrows, and pays the premium out of the account's money."""
        token, user = self.tokens[reserve], self.users[account]
        held = token.call("balanceOf", user)
        token.send(OWNER, "set", self.flash.address, held)
        token.send(OWNER, "set", user, 0)
        try:
            self._send(
                account, "flashLoanSimple", self.flash.address, token.address, amount, b"", 0
            )
        finally:
            token.send(OWNER, "set", user, token.call("balanceOf", self.flash.address))
            token.send(OWNER, "set", self.flash.address, 0)

    def do_set_price(self, account: int, reserve: int, price_usd: int) -> None:
        """The account only says whose position is looked at afterwards."""
        self.oracle.send(OWNER, "setAssetPrice", self._token(reserve), price_usd)

    def looked_at(self, inputs: dict[str, Any]) -> list[int]:
        """The accounts of an operation: the borrower first, if there is one."""
        numbers = [inputs[name] for name in ("borrower", "account") if name in inputs]
        return list(dict.fromkeys(numbers))

    def _token(self, reserve: int) -> str:
        return self.tokens[reserve].address

    def _send(self, account: int, name: str, *arguments: Any) -> None:
        self.pool.send(self.users[account], name, *arguments)

    # Views.
    def cash(self, k: int) -> int:
        return int(self.pool.call("getVirtualUnderlyingBalance", self._token(k)))

    def price(self, k: int) -> int:
        return int(self.oracle.call("getAssetPrice", self._token(k)))

    def data(self, k: int) -> Any:
        return self.pool.call("getReserveData", self._token(k))

    def was_touched_now(self, k: int) -> bool:
        return bool(self.data(k)[6] == self.chain.seconds)

    def category(self, account: int) -> int:
        return int(self.pool.call("getUserEMode", self.users[account]))

    def account(self, number: int) -> dict[str, int]:
        """Collateral, debt, what may be borrowed, mean threshold and LTV, health (0 without debt)."""
        names = (
            "collateral_usd",
            "debt_usd",
            "available_usd",
            "threshold_bps",
            "ltv_bps",
            "health",
        )
        found = self.pool.call("getUserAccountData", self.users[number])
        values = dict(zip(names, found, strict=True))
        values["health"] = 0 if values["health"] == MAX else values["health"]
        return values

    def supplied(self, account: int, k: int) -> int:
        return int(self.receipts[k].call("balanceOf", self.users[account]))

    def owed(self, account: int, k: int) -> int:
        return int(self.debts[k].call("balanceOf", self.users[account]))

    def wallet(self, account: int, k: int) -> int:
        return int(self.tokens[k].call("balanceOf", self.users[account]))

    def observe(self) -> dict[str, Any]:
        """What is seen, without the health factors that are rounding."""
        out = self.look()
        for of in ("", "other_")[: len(self.seen)]:
            if min(out[of + "collateral_usd"], out[of + "debt_usd"]) < LEAST_FOR_HEALTH:
                del out[of + "health"]
        return out

    def look(self) -> dict[str, Any]:
        """Every reserve, and the accounts of the last operation; in one call, for speed."""
        every = range(len(self.tokens))
        words = self.read(tuple(self.seen))
        out: dict[str, Any] = {name: [] for name in RESERVE_VALUES}
        for _ in every:
            for name, value in self.reserve_values(words).items():
                out[name].append(value)
        for place, _ in enumerate(self.seen):
            of = "other_" if place else ""
            data = {name: next(words) for name in ACCOUNT_VALUES}
            data["health"] = 0 if data["health"] == MAX else data["health"]
            out |= {of + name: value for name, value in data.items() if name}
            for name in ("supplied", "owed", "wallet"):
                out[of + name] = [next(words) for _ in every]
        return out

    def read(self, seen: tuple[int, ...]) -> Iterator[int]:
        """The words that all views answer."""
        if seen not in self.questions:
            every = range(len(self.tokens))
            views = [view for k in every for view in self.reserve_views(k)]
            for user in (self.users[number] for number in seen):
                views.append((self.pool, "getUserAccountData", user))
                for claims in (self.receipts, self.debts, self.tokens):
                    views += [(claims[k], "balanceOf", user) for k in every]
            targets = [contract.address for contract, *_ in views]
            calls = [contract.calldata(name, *values) for contract, name, *values in views]
            self.questions[seen] = self.reader.calldata("read", targets, calls)
        answer = self.reader.ask(self.questions[seen])
        n_bytes = int.from_bytes(answer[32:64], "big")
        for at in range(64, 64 + n_bytes, 32):
            yield int.from_bytes(answer[at : at + 32], "big")

    def reserve_views(self, k: int) -> list[Any]:
        token = self._token(k)
        return [
            (self.pool, "getReserveNormalizedIncome", token),
            (self.pool, "getReserveNormalizedVariableDebt", token),
            (self.pool, "getReserveData", token),
            (self.receipts[k], "scaledTotalSupply"),
            (self.debts[k], "scaledTotalSupply"),
            (self.pool, "getVirtualUnderlyingBalance", token),
            (self.pool, "getReserveDeficit", token),
            (self.receipts[k], "scaledBalanceOf", TREASURY),
        ]

    def reserve_values(self, words: Iterator[int]) -> dict[str, int]:
        """In the order of the views; the words of a reserve's data stand as in the contract."""
        liquidity_index, borrow_index = next(words), next(words)
        data = [next(words) for _ in range(15)]
        supply, debt, cash, deficit, treasury = (next(words) for _ in range(5))
        # Rates to 1e-18 a year: a float has no more of a reserve of which almost nothing is lent.
        # A fee of liquidation is receipts of the treasury; here all that is the treasury's is one number.
        return {
            "liquidity_index": liquidity_index,
            "borrow_index": borrow_index if debt else data[3],  # the view grows even without debt
            "supply_rate": data[2] // 10**9,
            "borrow_rate": data[4] // 10**9,
            "scaled_supply": supply - treasury,
            "scaled_debt": debt,
            "cash": cash,
            "treasury": data[12] + treasury,
            "deficit": deficit,
            "isolated_debt": data[14],
        }
