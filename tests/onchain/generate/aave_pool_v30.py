"""A pool of Aave v3.0 on the bytecode of its package: the rules before v3.3.

Half or all of a debt may be repaid, whatever its size; what a liquidation leaves unpaid stays with the
borrower. It floors the cube of a rate by the second to 1e-27: over more than three weeks its borrow index
misses the sum it stands for by more than 1e-9, so that at most a day passes between two operations here.
Source: Aave v3 technical paper (2022); core-v3 1.19.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from tests.onchain.generate.aave_contracts import Unlinked, names_of_v30, v30
from tests.onchain.generate.aave_pool import MAX, NOBODY, TREASURY, Pool
from tests.onchain.generate.chain import OWNER, Reverted

RAY = 10**27
RAY_PER_BPS = 10**23
ALL_BPS = 10_000


class PoolV30(Pool):
    """The same transactions and views; roles, rates and categories are set in the older ways."""

    RULES: ClassVar[str] = "v3.0"

    def contracts(self) -> dict[str, Unlinked]:
        self.names = names_of_v30()
        return v30()

    def deploy(self) -> None:
        make = self.deployer.deploy
        provider = make("PoolAddressesProvider", "market", OWNER)
        data = make("AaveProtocolDataProvider", provider.address)
        provider.send(OWNER, "setPoolDataProvider", data.address)
        self.start(provider, make("Pool", provider.address), make("PoolConfigurator"))
        receipt, stable, debt = (
            make(name, self.pool.address).address
            for name in ("AToken", "StableDebtToken", "VariableDebtToken")
        )
        inputs = []
        for token, terms, unit in zip(self.tokens, self.terms, self.units, strict=True):
            names = ("optimal_bps", "base_bps", "slope1_bps", "slope2_bps")
            rates = [terms[name] * RAY_PER_BPS for name in names]
            # Nothing is lent at a stable rate: its parameters do not matter.
            strategy = make(
                "DefaultReserveInterestRateStrategy", provider.address, *rates, 0, 0, 0, 0, RAY
            )
            inputs.append((
                receipt, stable, debt, len(str(unit)) - 1, strategy.address, token.address,
                TREASURY, NOBODY, "a", "a", "v", "v", "s", "s", b"",
            ))  # fmt: skip
        self.configurator.send(OWNER, "initReserves", inputs)
        premium = self.setup["flash_premium_bps"]
        self.configurator.send(OWNER, "updateFlashloanPremiumTotal", premium)
        self.configurator.send(OWNER, "updateFlashloanPremiumToProtocol", ALL_BPS)
        self.find_claims("AToken", "VariableDebtToken")

    def open_reserve(self, k: int, terms: dict[str, Any]) -> None:
        """A reserve has no rates before somebody has used it."""
        super().open_reserve(k, terms)
        self.tokens[k].send(OWNER, "set", OWNER, self.units[k])
        supply = "supply(address,uint256,address,uint16)"
        self.configurator.send(OWNER, "setSupplyCap", self._token(k), 0)
        self.pool.send(OWNER, supply, self._token(k), self.units[k], OWNER, 0)
        self.pool.send(OWNER, "withdraw", self._token(k), MAX, OWNER)
        self.tokens[k].send(OWNER, "set", OWNER, 0)
        self.configurator.send(OWNER, "setSupplyCap", self._token(k), terms["supply_cap"])

    def open_category(self, number: int, category: dict[str, Any]) -> None:
        """An asset is of one category, where it is both collateral and borrowable."""
        numbers = (category["ltv_bps"], category["threshold_bps"], category["bonus_bps"])
        self.configurator.send(OWNER, "setEModeCategory", number, *numbers, NOBODY, "category")
        for k in category["collateral"]:
            self.configurator.send(OWNER, "setAssetEModeCategory", self._token(k), number)

    def _send(self, account: int, name: str, *arguments: Any) -> None:
        """It reverts with a number in words."""
        try:
            super()._send(account, name, *arguments)
        except Reverted as reverted:
            raise Reverted(self.names.get(str(reverted), str(reverted))) from None

    def cash(self, k: int) -> int:
        return int(self.tokens[k].call("balanceOf", self.receipts[k].address))

    def reserve_views(self, k: int) -> list[Any]:
        cash = (self.tokens[k], "balanceOf", self.receipts[k].address)
        *first, _, _, treasury = super().reserve_views(k)
        return [*first, cash, treasury]

    def reserve_values(self, words: Iterator[int]) -> dict[str, int]:
        def with_deficit() -> Iterator[int]:
            """The words of the newer contract, which has a deficit before the treasury's receipts."""
            for place, word in enumerate(words):
                if place == PLACE_OF_DEFICIT:
                    yield 0
                yield word

        return super().reserve_values(with_deficit())


PLACE_OF_DEFICIT = 2 + 15 + 3
