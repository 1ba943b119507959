"""A scenario: everything that is run, validated, with every default filled in, and never changed.

``scenario.with_(...)`` gives another one; ``scenario.resolved()`` and ``scenario.to_toml()`` write it out;
``scenario.scenario_hash`` names it, whatever the order of its keys and the wording of its title.
"""

from __future__ import annotations

import functools
import hashlib
import pathlib
from typing import Any, Literal

from pydantic import ConfigDict, Field, InstanceOf, PrivateAttr

from agents.parameters import Distribution
from scenarios.names import nearest
from scenarios.read import Layer
from scenarios.schema.build import (
    keys_of,
)
from scenarios.schema.cohorts import Cohort, used_keys
from scenarios.schema.laws import as_value
from scenarios.schema.redemptions import Redemption
from scenarios.schema.share_vaults import Placement, ShareVault
from scenarios.schema.shocks import PricePath, Shock
from scenarios.schema.unused import unused_keys
from scenarios.schema.values import Table
from scenarios.schema.world import (
    CHANNELS,
    Asset,
    Chain,
    Channels,
    Emode,
    Feed,
    Homogeneity,
    Market,
    Pool,
    Record,
    Reserve,
    Time,
)
from scenarios.write import canonical_json, toml
from sim.errors import InputError

PROSE = ("title", "question", "sources", "description")


class Scenario(Table):
    """What a scenario file says."""

    model_config = ConfigDict(ignored_types=(functools.cached_property,))

    schema_version: Literal[1] = Field(alias="schema")
    title: str
    question: str = ""
    sources: tuple[str, ...] = ()
    time: Time
    record: Record = Field(default_factory=Record)
    homogeneity: Homogeneity = Field(default_factory=Homogeneity)
    channels: Channels = Field(default_factory=Channels)
    assets: tuple[Asset, ...]
    chains: tuple[Chain, ...]
    feeds: tuple[Feed, ...] = ()
    pools: tuple[Pool, ...] = ()
    markets: tuple[Market, ...] = ()
    reserves: tuple[Reserve, ...] = ()
    emodes: tuple[Emode, ...] = ()
    share_vaults: tuple[ShareVault, ...] = ()
    placements: tuple[Placement, ...] = ()
    redemptions: tuple[Redemption, ...] = ()
    cohorts: tuple[InstanceOf[Cohort], ...] = ()
    shocks: tuple[InstanceOf[Shock], ...] = ()
    _layers: tuple[Layer, ...] = PrivateAttr(default=())
    _name: str = PrivateAttr(default="")

    @property
    def name(self) -> str:
        """The name of the preset or file that this came from."""
        return self._name

    @property
    def cash(self) -> Asset:
        """The one asset that everything is quoted in."""
        return next(asset for asset in self.assets if asset.is_cash)

    @property
    def cdps(self) -> tuple[Market, ...]:
        """The markets of debt positions, in order of declaration."""
        return tuple(market for market in self.markets if market.kind == "cdp")

    @property
    def banded(self) -> tuple[Market, ...]:
        """The markets of soft liquidation, in order of declaration."""
        return tuple(market for market in self.markets if market.kind == "bands")

    @property
    def scenario_hash(self) -> str:
        """SHA-256 (hex) of everything but prose; a price file counts by its content, not by its place."""
        return hashlib.sha256(canonical_json(_meaning(self.resolved())).encode()).hexdigest()

    def resolved(self) -> dict[str, Any]:
        """The scenario as plain tables, with every default; what is unlimited or absent is None.

        A key that does nothing in this scenario is left out.
        """
        tables = _plain(self)
        for one in unused_keys(self):
            place = getattr(self, one.array).index(one.row)
            del tables[one.array][place][one.key]
        return tables

    def to_toml(self, inputs: str | None = None) -> str:
        """The resolved scenario as TOML; with ``inputs``, price files are named ``inputs/<sha256>``."""
        tables = self.resolved()
        for shock in tables["shocks"] if inputs is not None else ():
            if shock.get("file") is not None:
                shock["file"] = f"{inputs}/{shock['file_sha256']}"
        return toml(tables)

    def external_files(self) -> list[tuple[pathlib.Path, str]]:
        """The price files this scenario reads, each with its SHA-256."""
        paths = [
            shock
            for shock in self.shocks
            if isinstance(shock, PricePath) and shock.file is not None
        ]
        return [(pathlib.Path(str(shock.file)), str(shock.file_sha256)) for shock in paths]

    def with_(self, **changes: Any) -> Scenario:
        """Another scenario: ``with_(time={"horizon_blocks": 100})``, ``with_(**{"cohorts.x.n_rows": 5})``."""
        from scenarios.load import scenario_from  # load imports this file

        return scenario_from(self._layers, changes=changes, name=self._name)

    def without(self, *channels: str) -> Scenario:
        """The same scenario with some channels frictionless: ``without("oracle_lag")``."""
        for name in channels:
            if name not in CHANNELS:
                problem = f"no such channel (there are: {', '.join(CHANNELS)})"
                raise InputError(None, "channels", name, problem, nearest(name, CHANNELS))
        return self.with_(channels=dict.fromkeys(channels, False))

    def price_taking(self) -> Scenario:
        """Run P: everybody acts, every channel is frictionless."""
        return self.without(*CHANNELS)

    def frozen(self) -> Scenario:
        """Run F: nobody acts, so that what is lost is the shock alone."""
        return self.with_(channels={"trading": False})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scenario) and self.resolved() == other.resolved()

    def __hash__(self) -> int:
        return hash(self.scenario_hash)

    def __repr__(self) -> str:
        return f"Scenario({self._name!r}: {self.title!r}, {self.scenario_hash[:12]})"

    def __str__(self) -> str:
        return repr(self)


def _plain(value: Any) -> Any:
    """Models, distributions and tuples as what TOML knows."""
    if isinstance(value, Distribution):
        return as_value(value)
    if isinstance(value, Cohort):
        common = {key: _plain(getattr(value, key)) for key in used_keys(value.strategy)}
        return {**common, **{key: _plain(own) for key, own in value.parameters.items()}}
    if isinstance(value, Table):
        return {key: _plain(getattr(value, field)) for key, field in keys_of(type(value)).items()}
    return [_plain(part) for part in value] if isinstance(value, tuple) else value


def _meaning(tables: Any) -> Any:
    """Resolved tables without prose and without places on this machine's disk."""
    if isinstance(tables, list):
        return [_meaning(part) for part in tables]
    if not isinstance(tables, dict):
        return tables
    left_out = (*PROSE, "file") if tables.get("file_sha256") else PROSE
    return {key: _meaning(value) for key, value in tables.items() if key not in left_out}
