"""A world at birth, told as plain data with names, becomes objects that know each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.reference.block_space import Chain
from tests.reference.depositors import Lender, LiquidityProvider
from tests.reference.exchange import Exchange
from tests.reference.keepers import Liquidator
from tests.reference.ledger import Account
from tests.reference.lending import Market, Reserve
from tests.reference.leveraged_loop import LeveragedLoop
from tests.reference.oracle import Feed
from tests.reference.participant import Cohort, Participant
from tests.reference.pool import Pool
from tests.reference.traders import Arbitrageur, NoiseTrader
from tests.reference.volatility_target import VolatilityTarget
from tests.reference.wealth import Token, Wealth
from tests.reference.weighted import BuyAndHold, Cppi, FixedWeight

if TYPE_CHECKING:
    from tests.reference.model import ReferenceModel

Row = dict[str, Any]

STRATEGIES: dict[str, type[Participant]] = {
    "buy_and_hold": BuyAndHold,
    "fixed_weight": FixedWeight,
    "cppi": Cppi,
    "leveraged_loop": LeveragedLoop,
    "volatility_target": VolatilityTarget,
    "liquidator": Liquidator,
    "arbitrageur": Arbitrageur,
    "noise_trader": NoiseTrader,
    "lender": Lender,
    "liquidity_provider": LiquidityProvider,
}


class World:
    """Everything that exists, by name; where a row names something, the object is put in its place."""

    def __init__(self, born: Row) -> None:
        self.account = {row["name"]: Account(**row) for row in born["accounts"]}
        self.asset = {row["name"]: Exchange(**self.linked(row)) for row in born["exchanges"]}
        self.feed = {row["name"]: Feed(**self.linked(row)) for row in born["feeds"]}
        self.pool = {row["name"]: Pool(**self.linked(row)) for row in born["pools"]}
        self.market = {
            name: Market(name, [], list(self.account.values())) for name in born["markets"]
        }
        self.reserve = {row["name"]: Reserve(**self.linked(row)) for row in born["reserves"]}
        for reserve in self.reserve.values():
            reserve.market.reserves.append(reserve)
        self.chain = Chain(**self.linked(born["chain"]))

    def linked(self, row: Row) -> Row:
        """The same row with objects instead of the names of what it refers to."""
        families = {
            "account": ("account", "operator", "builder", "custody"),
            "asset": ("asset", "asset0", "asset1", "native_asset"),
            "feed": ("feed",),
            "pool": ("route",),
            "market": ("market",),
            "reserve": ("collateral", "debt"),
        }
        found = dict(row)
        for family, keys in families.items():
            for key in set(keys) & set(row):
                by_name = getattr(self, family)
                name = row[key]
                if isinstance(name, list):
                    found[key] = [by_name[one] for one in name]
                else:
                    found[key] = None if name is None else by_name[name]
        return found


def tokens(world: World) -> dict[str, Token]:
    """What every token stands for."""
    builders = world.chain.builder.group
    found = {asset.token: Token("underlying", asset, builders) for asset in world.asset.values()}
    for pool in world.pool.values():
        found[pool.lp_token] = Token("lp", pool, pool.account.group)
    for reserve in world.reserve.values():
        found[reserve.receipt_token] = Token("receipt", reserve, reserve.account.group)
        found[reserve.debt_token] = Token("debt", reserve, reserve.account.group)
    return found


def bring_to_life(model: ReferenceModel, born: Row) -> None:
    """Accounts and venues, then those who decide, cohort by cohort and row by row."""
    world = World(born)
    model.accounts = list(world.account.values())
    model.exchanges = list(world.asset.values())
    model.feeds = list(world.feed.values())
    model.pools = list(world.pool.values())
    model.reserves = list(world.reserve.values())
    model.chain = world.chain
    model.cash = world.asset[born["cash"]]
    model.exchange_of = {exchange.token: exchange for exchange in model.exchanges}
    with_account: list[Any] = [*model.exchanges, *model.pools, *model.reserves]
    model.venue_accounts = list(
        {venue.account.name: venue.account for venue in with_account}.values()
    )
    model.inside = set(born["inside"])
    model.wealth = {name: Wealth(**row) for name, row in born["wealth"].items()}
    by_name = tokens(world)
    model.tokens = {name: by_name[name] for name in born["tokens"]}
    model.paid_usd = {}
    model.cohorts = []
    model.vault_of = {}
    for row in born["cohorts"]:
        told = world.linked({key: row[key] for key in row if key != "members"})
        strategy = STRATEGIES[told.pop("strategy")]
        cohort = Cohort(strategy=strategy, **told)
        model.cohorts.append(cohort)
        for number, member in enumerate(row["members"]):
            who = world.linked({"account": member["account"], "custody": member["custody"]})
            agent = strategy(
                model, cohort, number, who["account"], who["custody"], member["birth"],
                **member["parameters"],
            )  # fmt: skip
            if cohort.role == "vault":
                model.vault_of[agent.account.name] = agent
