"""Who exists and what each may hold: tokens, account groups and their numbers, in order of declaration.

Adding a cohort at the end of a scenario renumbers no account, and adds no column to anybody else.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

import numpy as np

from agents.strategies import STRATEGIES
from sim import accounts

if TYPE_CHECKING:
    import polars as pl

    from scenarios.schema import Scenario
    from scenarios.schema.cohorts import Cohort


SHARE_VAULTS = "share_vaults"  # the group of their accounts
REDEMPTIONS = "redemptions"  # likewise
PATIENT = "patient_arbitrageur"  # what such a cohort has in line at a module stands in its custody
UNSHARED = ("concentrated", "bands")  # kinds of pool whose shares are not alike


@dataclasses.dataclass(frozen=True)
class Group:
    """Accounts of one kind that may hold the same tokens."""

    name: str
    kind: int
    members: tuple[str, ...] | int  # names, or how many numbered ones
    tokens: tuple[int, ...]

    @property
    def n(self) -> int:
        """Number of accounts."""
        return self.members if isinstance(self.members, int) else len(self.members)


@dataclasses.dataclass(frozen=True)
class Layout:
    """Numbers of everything that has a name."""

    assets: tuple[str, ...]
    chains: tuple[str, ...]
    feeds: tuple[str, ...]
    pools: tuple[str, ...]
    markets: tuple[str, ...]
    reserves: tuple[str, ...]
    cohorts: tuple[str, ...]
    tokens: tuple[str, ...]
    groups: tuple[Group, ...]
    cohort_group: tuple[int, ...]  # account group of each cohort
    custody_group: tuple[int, ...]  # custody group of each cohort, or -1
    shared: tuple[str, ...] = ()  # pools whose shares are alike
    positions: tuple[
        str, ...
    ] = ()  # cohorts that share a range of a concentrated pool, pool by pool
    redemptions: tuple[str, ...] = ()  # modules that issue a coin and redeem it
    vault_shares: tuple[int, ...] = ()  # token of each share vault
    pool_shares: tuple[int, ...] = ()  # token of each of the pools whose shares are alike
    receipts: tuple[int, ...] = ()  # token of the receipts of each reserve
    debts: tuple[int, ...] = ()  # and of its debts
    first_position: int = 0  # token of the first of the shared positions

    @functools.cached_property
    def first(self) -> np.ndarray:
        """First account of each group, and the number of accounts at the end (n_groups + 1,)."""
        return np.concatenate([[0], np.cumsum([group.n for group in self.groups])]).astype(np.int64)

    @functools.cached_property
    def account_column(self) -> pl.Series:
        """The names of all accounts, and behind them a null for nobody."""
        import polars as pl

        names: list[str | None] = []
        for group in self.groups:
            if isinstance(group.members, int):
                names += [f"{group.name}.{place}" for place in range(group.members)]
            else:
                names += group.members
        return pl.Series([*names, None], dtype=pl.String)

    def account(self, number: int) -> str:
        """The name of an account: ``eth_loop.17``, ``eth_usdc``, ``main.builder``."""
        return self.account_names(np.array([number]))[0] if number >= 0 else ""

    def account_names(self, numbers: np.ndarray) -> list[str]:
        """The names of accounts."""
        of_group = np.searchsorted(self.first, numbers, side="right") - 1
        names = []
        places = (numbers - self.first[of_group]).tolist()
        for index, place in zip(of_group.tolist(), places, strict=True):
            group = self.groups[index]
            is_counted = isinstance(group.members, int)
            names.append(f"{group.name}.{place}" if is_counted else group.members[place])
        return names

    def lp_token(self, pool: int) -> int:
        """Token of a pool's shares: an asset if they can be pledged."""
        return self.pool_shares[self.shared.index(self.pools[pool])]

    def receipt_token(self, reserve: int) -> int:
        """Token of a reserve's receipts: an asset if they can be pledged."""
        return self.receipts[reserve]

    def vault_share_token(self, vault: int) -> int:
        """Token of a vault's shares: an asset if they can be pledged."""
        return self.vault_shares[vault]

    def standing_token(self, market: str) -> int:
        """Token that says how an account stands with a market, or -1."""
        name = f"standing.{market}@{self.chains[0]}"
        return self.tokens.index(name) if name in self.tokens else -1

    def group_of(self, name: str) -> int:
        """Number of a group of accounts."""
        return [group.name for group in self.groups].index(name)

    def first_of(self, name: str) -> int:
        """First account of a group."""
        return int(self.first[self.group_of(name)])

    def debt_token(self, reserve: int) -> int:
        """Token of a reserve's debts."""
        return self.debts[reserve]

    def position_token(self, position: int) -> int:
        """Token of the liquidity that a cohort has in a range."""
        return self.first_position + position

    def share_token(self, cohort: str, pool: int) -> int:
        """What a provider of a pool holds: a share of it, or of his range."""
        if cohort in self.positions:
            return self.position_token(self.positions.index(cohort))
        return self.lp_token(pool)


def borrowed_asset(scenario: Scenario, cohort: Cohort) -> str:
    """What a cohort borrows, and buys with: the cash unless it says otherwise."""
    return cohort.debt_asset or scenario.cash.name


def standing_markets(scenario: Scenario) -> tuple[str, ...]:
    """Markets that ask how an account stands: those with e-modes or debt ceilings."""
    asking = {mode.market for mode in scenario.emodes}
    asking |= {row.market for row in scenario.reserves if row.debt_ceiling_usd is not None}
    return tuple(market.name for market in scenario.markets if market.name in asking)


def collateral_and_debt(scenario: Scenario, cohort: Cohort) -> tuple[int, int]:
    """Reserves a borrowing cohort uses: its asset as collateral, what it borrows as debt; or (-1, -1)."""
    if cohort.market is None or cohort.asset is None:
        return -1, -1
    found = {
        reserve.asset: k
        for k, reserve in enumerate(scenario.reserves)
        if reserve.market == cohort.market
    }
    return found[cohort.asset], found[borrowed_asset(scenario, cohort)]


def _number(tokens: list[str], name: str, pledged: int | None) -> int:
    """The number of the token of a claim: that of the asset it is, if it can be pledged, or the next one."""
    if pledged is None:
        tokens.append(name)
        return len(tokens) - 1
    return pledged


def lay_out(scenario: Scenario) -> Layout:
    """Number everything a scenario names."""
    assets = tuple(asset.name for asset in scenario.assets)
    pools = tuple(pool.name for pool in scenario.pools)
    reserves = tuple(reserve.name for reserve in scenario.reserves)
    chain = scenario.chains[0].name
    tokens = [f"{asset}@{chain}" for asset in assets]
    shared = tuple(pool.name for pool in scenario.pools if pool.kind not in UNSHARED)
    ranges = {pool.name: providers_of(scenario, pool.name) for pool in scenario.pools}
    pledged = {claim: a for a, asset in enumerate(scenario.assets) for claim in asset.claims}
    pool_shares = [
        _number(tokens, f"LP.{name}@{chain}", pledged.get(("pool", name))) for name in shared
    ]
    receipts, debts = [], []
    for reserve in scenario.reserves:
        name = f"{reserve.asset}.{reserve.market}@{chain}"
        receipts.append(_number(tokens, f"a{name}", pledged.get(("receipt_of", reserve.name))))
        debts.append(_number(tokens, f"d{name}", None))
    first_position = len(tokens)
    tokens += [
        f"LP.{pool}.{cohort}@{chain}"
        for pool in pools
        if pool not in shared
        for cohort in ranges[pool]
    ]
    vault_shares = [
        _number(tokens, f"{vault.name}.share@{chain}", pledged.get(("share_vault", vault.name)))
        for vault in scenario.share_vaults
    ]
    tokens += [f"standing.{market}@{chain}" for market in standing_markets(scenario)]
    underlying = tuple(range(len(assets)))
    # The protocol's part of the fees is paid in shares to the pool's own account, but in coins in StableSwap.
    paid_in_shares = {
        pool.name
        for pool in scenario.pools
        if pool.protocol_fee_fraction > 0.0 and pool.kind != "stable_swap"
    }
    own_shares = tuple(
        token
        for name, token in zip(shared, pool_shares, strict=True)
        if name in paid_in_shares and token >= len(assets)  # it may hold any asset
    )
    native = assets.index(scenario.chains[0].native_asset)
    groups = [
        Group("outside", accounts.OUTSIDE, ("outside",), underlying),
        Group("builders", accounts.BUILDER, (f"{chain}.builder",), (native,)),
        Group("pools", accounts.POOL, pools, (*underlying, *own_shares)),
        Group(
            "markets",
            accounts.MARKET,
            tuple(market.name for market in scenario.markets),
            underlying,
        ),
        Group(
            "operators",
            accounts.OPERATOR,
            tuple(f"{feed.name}.operator" for feed in scenario.feeds),
            (native,),
        ),
    ]
    partial = Layout(
        assets,
        tuple(chain.name for chain in scenario.chains),
        tuple(feed.name for feed in scenario.feeds),
        pools,
        tuple(market.name for market in scenario.markets),
        reserves,
        tuple(cohort.name for cohort in scenario.cohorts),
        tuple(tokens),
        (),
        (),
        (),
        shared,
        tuple(cohort for pool in pools if pool not in shared for cohort in ranges[pool]),
        tuple(module.name for module in scenario.redemptions),
        tuple(vault_shares),
        tuple(pool_shares),
        tuple(receipts),
        tuple(debts),
        first_position,
    )
    if scenario.share_vaults:
        names = tuple(vault.name for vault in scenario.share_vaults)
        held = _held_by_share_vaults(scenario, partial)
        groups.append(Group(SHARE_VAULTS, accounts.SHARE_VAULT, names, held))
    if scenario.redemptions:
        groups.append(Group(REDEMPTIONS, accounts.REDEMPTION, partial.redemptions, underlying))
    cohort_group = []
    custody_group = []
    for cohort in scenario.cohorts:
        cohort_group.append(len(groups))
        kind = KIND_OF_ROLE[STRATEGIES[cohort.strategy].role]
        held = _may_hold(scenario, partial, cohort, native)
        groups.append(Group(cohort.name, kind, cohort.n_rows, held))
        custody_group.append(-1)
        if settlement_seconds(cohort) > 0.0 or cohort.strategy == PATIENT:
            custody_group[-1] = len(groups)
            name = f"{cohort.name}.custody"
            groups.append(Group(name, accounts.CUSTODY, cohort.n_rows, underlying))
    return dataclasses.replace(
        partial,
        groups=tuple(groups),
        cohort_group=tuple(cohort_group),
        custody_group=tuple(custody_group),
    )


def share_vault_names(layout: Layout) -> tuple[str, ...]:
    """The share vaults, in order of declaration."""
    groups = [group for group in layout.groups if group.kind == accounts.SHARE_VAULT]
    return tuple(name for group in groups for name in group.members)  # type: ignore[union-attr]


def providers_of(scenario: Scenario, pool: str) -> list[str]:
    """Cohorts that provide a pool's liquidity."""
    return [
        cohort.name
        for cohort in scenario.cohorts
        if cohort.strategy == "liquidity_provider" and cohort.pool == pool
    ]


KIND_OF_ROLE = {
    "vault": accounts.VAULT,
    "keeper": accounts.KEEPER,
    "trader": accounts.TRADER,
    "depositor": accounts.DEPOSITOR,
}


INSIDE = (
    accounts.POOL,
    accounts.MARKET,
    accounts.SHARE_VAULT,
    accounts.KEEPER,
    accounts.TRADER,
    accounts.DEPOSITOR,
    accounts.VAULT,
)


def is_inside(group: Group, scenario: Scenario) -> bool:
    """Whether a group belongs to the system whose losses are counted; what is in custody is its owner's.

    Outside are the outside world, block builders, oracle operators, issuers of coins and noise traders.
    """
    owner = group.name.removesuffix(".custody")
    noise = {cohort.name for cohort in scenario.cohorts if cohort.strategy == "noise_trader"}
    return owner not in noise and group.kind in (*INSIDE, accounts.CUSTODY)


def settlement_seconds(cohort: Cohort) -> float:
    """How long an outside sale takes to be paid."""
    delay = cohort.parameters.get("settlement_delay_seconds", 0.0)
    assert isinstance(delay, int | float)
    return float(delay)


def _may_hold(scenario: Scenario, layout: Layout, cohort: Cohort, native: int) -> tuple[int, ...]:
    """Tokens of a cohort's own accounts, without duplicates, ascending."""
    if cohort.role in ("keeper", "trader"):
        return tuple(range(len(layout.assets)))
    cash = layout.assets.index(scenario.cash.name)
    if cohort.strategy == "lender":
        reserve = lender_reserve(scenario, cohort)
        asset = layout.assets.index(scenario.reserves[reserve].asset)
        return tuple(sorted({asset, layout.receipt_token(reserve)}))
    if cohort.strategy == "liquidity_provider":
        pool = layout.pools.index(str(cohort.pool))
        sides = {layout.assets.index(side) for side in scenario.pools[pool].tokens}
        return tuple(sorted({*sides, native, layout.share_token(cohort.name, pool)}))
    if cohort.strategy == "share_holder":
        vault = [row.name for row in scenario.share_vaults].index(str(cohort.share_vault))
        asset = layout.assets.index(scenario.share_vaults[vault].asset or scenario.cash.name)
        return tuple(sorted({asset, native, layout.vault_share_token(vault)}))
    held = {layout.assets.index(str(cohort.asset)), cash, native}
    if cohort.strategy == "coin_holder":
        return tuple(sorted(held))
    collateral, debt = collateral_and_debt(scenario, cohort)
    if collateral >= 0:
        held |= {layout.receipt_token(collateral), layout.debt_token(debt)}
        held |= {layout.assets.index(borrowed_asset(scenario, cohort))}
        standing = layout.standing_token(str(cohort.market))
        held |= {standing} if standing >= 0 else set()
    return tuple(sorted(held))


def _held_by_share_vaults(scenario: Scenario, layout: Layout) -> tuple[int, ...]:
    """Assets, receipts of the reserves they lend to, and each other's shares."""
    held = {layout.assets.index(v.asset or scenario.cash.name) for v in scenario.share_vaults}
    held |= {layout.vault_share_token(v) for v in range(len(scenario.share_vaults))}
    held |= {
        layout.receipt_token(layout.reserves.index(place.reserve))
        for place in scenario.placements
        if place.reserve is not None
    }
    return tuple(sorted(held))


def lender_reserve(scenario: Scenario, cohort: Cohort) -> int:
    """The reserve a lender supplies."""
    for k, reserve in enumerate(scenario.reserves):
        if reserve.asset == cohort.reserve_asset and cohort.market in (None, reserve.market):
            return k
    raise AssertionError("the schema has checked that the reserve exists")
