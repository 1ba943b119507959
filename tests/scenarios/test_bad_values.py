"""Values that cannot be, and keys that nothing would use, are refused by name."""

from __future__ import annotations

import pathlib

import pytest

from scenarios.build import build
from scenarios.load import load
from sim.errors import InputError
from tests.scenarios.refusals import extended, refused


@pytest.mark.parametrize(
    "override, told",
    [
        ("cohorts.eth_loop.tvl_usd=nan", "finite"),
        ("cohorts.eth_loop.tvl_usd=inf", "finite"),
        ("cohorts.eth_loop.tvl_usd=1e999", "finite"),
        ("cohorts.eth_loop.tvl_usd=1" + "0" * 400, "finite"),
        ("cohorts.eth_loop.tvl_usd=-5", "greater than 0"),
        ("cohorts.eth_loop.tvl=-5 USD", "greater than 0"),
        ("cohorts.eth_loop.tvl_usd=true", "expected a number"),
        ("cohorts.eth_loop.tvl_usd=much", "expected a number"),
        ("cohorts.eth_loop.n_rows=0", "greater than or equal to 1"),
        ("cohorts.eth_loop.n_rows=2.5", "expected a whole number"),
        ("cohorts.eth_loop.n_rows=true", "expected a whole number"),
        ("cohorts.eth_loop.n_rows=1" + "0" * 30, "less than or equal"),
        ("cohorts.eth_loop.target_health=nan", "finite"),
        ("cohorts.eth_loop.target_health=0.9", "between 1.001 and 20"),
        ("cohorts.eth_loop.target_health=true", "expected a number"),
        ("cohorts.eth_loop.target_health=1" + "0" * 400, "finite"),
        ("cohorts.eth_loop.target_health.low=0.5", "between"),
        ("cohorts.eth_loop.target_health.low=3", "must not exceed high"),
        ('cohorts.eth_loop.target_health={distribution="unifrm",low=1.1,high=2}', "uniform"),
        ('cohorts.eth_loop.target_health={distribution="uniform",low=1.1}', "needs 'high'"),
        ('cohorts.eth_loop.target_health={distribution="uniform",low=1.1,hgh=2}', "'high'"),
        (
            'cohorts.eth_loop.target_health={distribution="normal",mean=9,std=0.1,low=1.1,high=2}',
            "nothing of this normal distribution",
        ),
        (
            'cohorts.eth_loop.target_health={distribution="normal",mean=1.5,std=0,low=1.1,high=2}',
            "greater than 0",
        ),
        (
            'cohorts.eth_loop.size={distribution="lognormal",median=-1,sigma=1,low=1,high=2}',
            "greater than 0",
        ),
        ("cohorts.eth_loop.size=[1, 2]", "expected a number"),
        ("cohorts.eth_loop.asset=USDC", "name a risky asset"),
        ("cohorts.eth_loop.asset=3", "expected text"),
        ("cohorts.eth_loop.attention=120 %", "less than or equal to 1"),
        ("cohorts.liquidators.bids_per_block={low=1}", "expected a number"),
        ("cohorts.liquidators.bids_per_block=100", "between 1 and 64"),
        ("cohorts.liquidators.outside_access=1", "expected true or false"),
        ('cohorts.eth_loop.pools=["btc_usdc"]', "does not trade ETH"),
        ('cohorts.eth_loop.pools=["eth_usdc", "eth_usdc"]', "names a pool twice"),
        ("assets.ETH.price_usd=0", "greater than 0"),
        ("assets.ETH.depth=0 USD", "greater than 0"),
        ("assets.ETH.is_cash=true", "exactly one asset must have is_cash"),
        ("assets.USDC.is_cash=false", "exactly one asset must have is_cash"),
        ("assets.ETH.decimals=18.0", "expected a whole number"),
        ('pools.eth_usdc.tokens=["USDC", "ETH"]', "trades against the cash"),
        ('pools.eth_usdc.tokens=["ETH"]', "pools.eth_usdc.tokens"),
        ("pools.eth_usdc.tokens=ETH", "expected a list"),
        ("reserves.core_eth.ltv=90 %", "exceeds threshold_fraction"),
        ("reserves.core_eth.bonus=30 %", "exceeds 1"),
        ("reserves.core_btc.asset=ETH", "is a feed of BTC"),
        ("reserves.core_usdc.utilisation=0 %", "utilisation_fraction is 0"),
        ("feeds.eth_usd.mode=fixed", "is required for mode 'fixed'"),
        ("feeds.eth_usd.fixed_price_usd=3", "does not use 'fixed_price_usd'"),
        ("time.start=2020-03-12T01:00:00", "time zone is missing"),
        ("time.start='yesterday'", "expected a moment"),
        ("time.start=0001-01-01T00:00:00+12:00", "range of dates"),
        ("time.slot_seconds=0", "greater than 0"),
        ("time.slot_seconds=true", "expected a number"),
        ("time.slot=zzz", "expected a duration"),
        ("time.horizon_blocks=0", "greater than or equal to 1"),
        ("time.horizon_blocks=10.5", "expected a whole number"),
        ("homogeneity.timing_fraction=1.5", "less than or equal to 1"),
        ("chains.main.gas_target=5e6", "only 'eip1559' uses 'gas_target'"),
        ("chains.main.base_fee=0 gwei", "greater than 0"),
        ("chains.main.demand_elasticity=0", "greater than or equal to 0.01"),
        ("assets.USDC.depth=1 bn USD", "the cash has no impact"),
        ("assets.USDC.permanent_fraction=0.5", "the cash has no impact"),
        ("assets.USDC.half_life=10 min", "the cash has no impact"),
        ("reserves.core_eth.slope1=3 % per year", "only the cash, USDC, can be borrowed"),
        ("reserves.core_eth.utilisation=5 %", "only the cash, USDC, can be borrowed"),
        ("reserves.core_usdc.ltv=75 %", "the cash is no collateral"),
        ("reserves.core_usdc.supply_cap=1 M USD", "the cash is no collateral"),
        ("cohorts.eth_cppi.gas_tank=9 USD", "pays gas from the asset itself"),
        ("cohorts.eth_balanced.gas_tank_usd=500.0", "pays gas from the asset itself"),
        ("cohorts.usdc_lenders.tvl=1 bn USD", "cohorts.usdc_lenders.tvl_usd already says"),
        ("shocks.congestion.start=31 h", "begins after the horizon"),
        ("shocks.eth_path.start=31 h", "begins after the horizon"),
        ("shocks.eth_path.anchors=[[0, 194.97]]", "at least two"),
        ("shocks.eth_path.anchors=[[1, 100.0], [0, 90.0]]", "times must increase"),
        ("shocks.eth_path.anchors=[[0, 100.0], [0, 90.0]]", "times must increase"),
        ("shocks.eth_path.anchors=[[0, 100.0], [1, -5.0]]", "greater than 0"),
        ("shocks.eth_path.anchors=[[0, 100.0, 3], [1, 5.0]]", "anchors"),
        ("shocks.eth_path.anchors=3", "expected a list"),
        ("shocks.eth_path.until=2020-03-12T01:00:00Z", "with a file only"),
        ("shocks.eth_path.asset=BTC", "price path of the same asset"),
        ("shocks.congestion.ramp=30 h", "exceeds duration_seconds"),
        ("shocks.congestion.multiple=0", "greater than 0"),
        ("title=3", "expected text"),
        ("sources=[3]", "expected text"),
    ],
)
def test_values_that_cannot_be(override: str, told: str) -> None:
    assert told in str(refused("black_thursday_2020", [override]))


THINNER = 'shock = "liquidity_withdrawal"\nasset = "ETH"\n'


@pytest.mark.parametrize(
    "shock, told",
    [
        ('shock = "price_gap"\nasset = "USDC"\nsize_fraction = -1.0', "greater than -1"),
        ('shock = "price_gap"\nasset = "USDC"', "size_fraction: is required"),
        ('shock = "price_gap"\nasset = "USDX"\nsize = "-8 %"', "'USDC'"),
        ('shock = "price_gap"\nasset = "USDC"\nsize = "-8 %"\nmultiple = 3', "no key 'multiple'"),
        ('asset = "USDC"', "shock: is required"),
        ('shock = "oracle_stall"\nfeed = "eth_usb"\nduration = "1 h"', "'eth_usd'"),
        ('shock = "oracle_stall"\nfeed = "eth_usd"\nduration = "0 h"', "greater than 0"),
        ('shock = "keeper_outage"\ncohort = "eth_loop"\nduration = "1 h"', "cohort of keepers"),
        ('shock = "liquidity_withdrawal"\npool = "eth_usdc"\nfraction = 1.1', "equal to 1"),
        ('shock = "liquidity_withdrawal"\nfraction = 0.1', "neither is given"),
        (f"{THINNER}pool = 'eth_usdc'\nfraction = 0.1", "both are given"),
        (f"{THINNER}fraction = 1.0", "no depth at all"),
        (f"{THINNER}fraction = 0.1\nduration = '1 h'", "recovery_seconds: is required, 600 s"),
        (f"{THINNER}fraction = 0.1\nrecovery = '1 h'", "for good does not come back"),
        (
            f"{THINNER}fraction = 0.1\nduration = '1 h'\nrecovery = '9 min'",
            "recovery_seconds = 540.0: depth must come back more slowly than impact decays: with "
            "assets.ETH.half_life_seconds = 600 and fraction = 0.1, in 600 s at least",
        ),
        (f"{THINNER}fraction = 0.9\nduration = '1 h'\nrecovery = '2 h'", "in 7791 s at least"),
        ('shock = "liquidity_withdrawal"\nasset = "USDC"\nfraction = 0.1', "is the cash"),
        (
            'shock = "liquidity_withdrawal"\npool = "eth_usdc"\nfraction = 0.1\nrecovery = "1 h"',
            "the providers of a pool come back at once",
        ),
        ('shock = "volatility"\nasset = "ETH"\nmultiple = -1\nduration = "1 h"', "greater than 0"),
        ('shock = "price_path"\nasset = "ETH"\nvolatility_per_year = 1', "kind: is required"),
        (
            'shock = "price_path"\nasset = "ETH"\nvolatility_per_year = 1\nkind = "market"',
            "neither is given",
        ),
        (
            'shock = "price_path"\nasset = "ETH"\nvolatility_per_year = 1\nkind = "market"\n'
            'file = "x.csv"\nanchors = [[0, 1], [1, 2]]',
            "both are given",
        ),
    ],
)
def test_shocks_that_cannot_be(tmp_path: pathlib.Path, shock: str, told: str) -> None:
    assert told in str(extended(tmp_path, f'[[shocks]]\nname = "it"\n{shock}\n'))


def test_depth_outside_cannot_be_cut_where_a_recorded_price_is_the_market(
    tmp_path: pathlib.Path,
) -> None:
    path = (
        '[[shocks]]\nname = "path"\nshock = "price_path"\nasset = "ETH"\nvolatility_per_year = 1\n'
        'kind = "market"\nanchors = [[0, 1], [1, 2]]\n'
    )
    withdrawal = f'[[shocks]]\nname = "it"\n{THINNER}fraction = 0.1\n'
    assert "recorded market path" in str(extended(tmp_path, path + withdrawal))


def test_what_only_the_other_choice_uses(tmp_path: pathlib.Path) -> None:
    target = '[[chains]]\nname = "main"\nfee_market = "first_price"\ngas_target = 5e6\n'
    assert "only 'eip1559' uses 'gas_target'" in str(extended(tmp_path, target))
    assert "exceeds gas_limit" in str(refused("calm_market", ["chains.main.gas_target=99e9"]))
    fixed = '[[feeds]]\nname = "usdc_usd"\nmode = "fixed"\nfixed_price_usd = 1\n'
    for key in ('heartbeat = "1 h"', "deviation_fraction = 0.1", 'delay = "1 h"', "tip_gwei = 3"):
        told = str(extended(tmp_path, f"{fixed}{key}\n"))
        assert f"feeds.usdc_usd.{key.partition(' ')[0]} = " in told
        assert "mode 'fixed' does not use" in told


@pytest.mark.parametrize(
    "key",
    ["assets.ETH.depth", "reserves.core_eth.threshold", "reserves.core_usdc.optimal_utilisation"],
)
def test_what_is_used_and_has_no_default_is_required(key: str) -> None:
    assert f"{key}_" in str(refused("calm_market", remove=[key]))
    assert "is required" in str(refused("calm_market", remove=[key]))


def test_two_lenders_cannot_both_fill_a_reserve() -> None:
    lender = {"strategy": "lender", "n_rows": 2, "reserve_asset": "USDC"}
    told = str(refused("calm_market", cohorts=[{"name": "more", **lender}]))
    assert "cohorts.more supplies reserves.core_usdc as well" in told
    one = {"name": "idle", **lender, "reserve_asset": "ETH"}
    assert "nobody can borrow ETH" in str(refused("calm_market", cohorts=[one]))


def test_lenders_who_bring_less_than_is_borrowed_are_refused_at_birth() -> None:
    changes = {"remove": ["reserves.core_usdc.utilisation"], "cohorts.usdc_lenders.tvl": "1 M USD"}
    with pytest.raises(InputError, match="borrowed from reserves.core_usdc at birth") as caught:
        build(load("calm_market", changes=changes), 7)
    assert caught.value.key == "cohorts.usdc_lenders.tvl_usd"
    assert caught.value.exit_code == 2


def test_a_pool_that_nobody_fills_and_debt_that_nobody_lends() -> None:
    error = refused("calm_market", remove=["cohorts.btc_usdc_providers"])
    assert "no liquidity_provider cohort" in str(error)
    assert "which no lender supplies" in str(
        refused("calm_market", remove=["cohorts.usdc_lenders"])
    )
    assert "no reserve of ETH" in str(refused("calm_market", remove=["reserves.core_eth"]))
