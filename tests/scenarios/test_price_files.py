"""Price files: read as recorded, or refused with the file, the time and the reason."""

from __future__ import annotations

import datetime
import os
import pathlib
import time
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from scenarios.load import load, loads
from scenarios.paths import exogenous
from scenarios.price_files import read_prices
from scenarios.schema import Scenario
from scenarios.schema.shocks import PricePath
from sim.errors import InputError

START = datetime.datetime(2020, 3, 12, tzinfo=datetime.UTC)
HOURS = 48
HOUR_ALONE = ("shocks.congestion.start=10 min", "time.horizon=1 h", "time.settle_blocks=0")


def bars(asset: str = "ETH", first: float = 194.0) -> pl.DataFrame:
    """Hourly bars that fall by 1 % each: the layout of a recorded file, made up."""
    opens = first * 0.99 ** np.arange(HOURS)
    return pl.DataFrame(
        {
            "timestamp": [START + datetime.timedelta(hours=hour) for hour in range(HOURS)],
            "asset": [asset] * HOURS,
            "open": opens,
            "high": opens * 1.001,
            "low": opens * 0.98,
            "close": opens * 0.99,
            "volume": [1.0] * HOURS,
        }
    )


@pytest.fixture
def recorded(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "hourly.parquet"
    pl.concat([bars(), bars("BTC", 7900.0)]).sort("timestamp", "asset").write_parquet(path)
    return path


def from_file(path: object, *more: str) -> Scenario:
    told = [f"shocks.eth_path.file={path}", "shocks.eth_path.kind=market", *more]
    return load("black_thursday_2020", told)


def path_of(scenario: Scenario) -> PricePath:
    shock = scenario.shocks[0]
    assert isinstance(shock, PricePath)
    return shock


def test_a_file_takes_the_place_of_anchors(recorded: pathlib.Path) -> None:
    shock = path_of(from_file(recorded))
    assert shock.anchors is None
    assert shock.file == str(recorded)
    assert shock.from_ == "2020-03-12T01:00:00Z"
    assert shock.until == "2020-03-13T09:00:06Z"  # the end of the run: 32 h in blocks of 13 s
    short = path_of(from_file(recorded, *HOUR_ALONE))
    assert short.until == "2020-03-12T02:00:01Z"
    long = path_of(from_file(recorded, "time.horizon=90 h"))
    assert long.until == "2020-03-14T00:00:00Z"  # the end of the file


def test_prices_are_those_of_the_asset_in_the_window(recorded: pathlib.Path) -> None:
    prices = read_prices(recorded, "BTC", "2020-03-12T01:30:00Z", "2020-03-12T04:00:00Z")
    assert prices.open is not None
    assert prices.open[0] == 7900.0 * 0.99  # the bar that is open at the start
    assert len(prices.close) == 4
    assert prices.time_seconds[0] == (START + datetime.timedelta(hours=1)).timestamp()
    whole = read_prices(recorded, "ETH")
    assert len(whole.close) == HOURS


@pytest.mark.parametrize("stamp", ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%s", "%s000"])
def test_times_in_a_csv_file(tmp_path: pathlib.Path, stamp: str) -> None:
    path = tmp_path / "prices.csv"
    rows = [START + datetime.timedelta(hours=hour) for hour in range(3)]
    told = [row.strftime(stamp.replace("%s", str(int(row.timestamp())))) for row in rows]
    path.write_text("timestamp,close\n" + "".join(f"{at},{5 - i}\n" for i, at in enumerate(told)))
    prices = read_prices(path, "ETH")
    assert prices.time_seconds.tolist() == [row.timestamp() for row in rows]
    assert prices.close.tolist() == [5.0, 4.0, 3.0]
    assert prices.open is prices.high is prices.low is None


def test_columns_with_other_names(recorded: pathlib.Path) -> None:
    pl.read_parquet(recorded).rename({"timestamp": "date", "asset": "symbol"}).write_parquet(
        recorded
    )
    with pytest.raises(InputError, match="has no column 'timestamp'"):
        from_file(recorded)
    named = from_file(recorded, 'shocks.eth_path.columns={timestamp="date",asset="symbol"}')
    assert loads(named.to_toml()) == named
    with pytest.raises(InputError, match="Did you mean 'timestamp'"):
        from_file(recorded, 'shocks.eth_path.columns={timestmp="date"}')


def test_a_file_is_named_by_its_content(recorded: pathlib.Path, tmp_path: pathlib.Path) -> None:
    here = from_file(recorded)
    copied = tmp_path / "elsewhere"
    copied.write_bytes(recorded.read_bytes())
    there = from_file(copied)
    assert here.scenario_hash == there.scenario_hash
    assert here != there
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    ((path, digest),) = here.external_files()
    (inputs / digest).write_bytes(path.read_bytes())
    run = tmp_path / "scenario.toml"
    run.write_text(here.to_toml(inputs="inputs"))
    assert str(tmp_path) not in run.read_text()
    again = load(run)
    assert again.scenario_hash == here.scenario_hash
    assert again.to_toml(inputs="inputs") == run.read_text()
    bars().head(40).write_parquet(inputs / digest)
    with pytest.raises(InputError, match="the file has changed"):
        load(run)


Damage = Callable[[pl.DataFrame], pl.DataFrame]
AT = pl.int_range(pl.len()) == 7


def without_row(frame: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([frame[:7], frame[8:]])


def with_value(column: str, value: float | None) -> Damage:
    return lambda frame: frame.with_columns(pl.when(AT).then(value).otherwise(column).alias(column))


@pytest.mark.parametrize(
    "damage, told",
    [
        (without_row, "gap: 7200 s until the next price, where the others are 3600 s apart"),
        (lambda frame: frame.reverse(), "unsorted times"),
        (lambda frame: pl.concat([frame[:7], frame[6:]]), "duplicate time"),
        (with_value("close", None), "column 'close' has nan"),
        (with_value("close", float("nan")), "column 'close' has nan"),
        (with_value("low", -3.0), "column 'low' has -3"),
        (with_value("low", 1e6), "outside low and high"),
        (with_value("high", 1e300), "column 'high' has 1e+300: a price lies between"),
        (with_value("low", 1e-300), "column 'low' has 1e-300: a price lies between"),
        (lambda frame: frame.drop("close"), "has no column 'close'"),
        (lambda frame: frame.drop("high"), "has no column 'high'"),
        (lambda frame: frame.with_columns(close=pl.lit("much")), "does not hold numbers"),
        (lambda frame: frame.with_columns(timestamp=pl.lit("noon")), "not a time such as"),
        (lambda frame: frame.with_columns(timestamp=pl.lit(True)), "does not hold times"),
        (lambda frame: frame.with_columns(asset=pl.lit("ETC")), "has no prices of this asset"),
        (lambda frame: frame[:0], "has no prices of this asset"),
        (lambda frame: frame[:0].drop("asset"), "has no rows"),
        (lambda frame: frame[5:], "before the first price"),
        (lambda frame: frame.with_columns(timestamp=pl.lit(None)), "a time is missing"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: pathlib.Path, damage: Damage, told: str) -> None:
    path = tmp_path / "prices.parquet"
    damage(bars()).write_parquet(path)
    begun = time.perf_counter()
    with pytest.raises(InputError) as caught:
        from_file(path)
    assert time.perf_counter() - begun < 1.0
    assert told in str(caught.value)
    assert "prices.parquet" in str(caught.value)
    assert "shocks.eth_path" in str(caught.value)


@pytest.mark.parametrize(
    "override, told",
    [
        ("until=2020-03-20T00:00:00Z", "after the last price"),
        ("until=2020-03-12T00:30:00Z", "not after from"),
        ("from=2020-03-01T00:00:00Z", "before the first price"),
        ("from=2020-03-12T01:00:00", "the time zone is missing"),
        ("columns={close='clos'}", "Did you mean 'close'"),
        ("file_sha256=abc", "not allowed"),
        ("asset=USDC", "has no prices of this asset"),
    ],
)
def test_windows_that_the_file_does_not_hold(
    recorded: pathlib.Path, override: str, told: str
) -> None:
    with pytest.raises(InputError) as caught:
        from_file(recorded, f"shocks.eth_path.{override}")
    assert told in str(caught.value)


@pytest.mark.parametrize("parts", ["bars", "closes"])
@pytest.mark.parametrize("horizon", ["5 min", "1 h", "90 min", "3 h"])
def test_what_is_filled_in_reads_back_and_what_lies_after_the_run_does_not_count(
    tmp_path: pathlib.Path, parts: str, horizon: str
) -> None:
    """Bars from 00:00 to 06:00, then a gap; the run begins at 01:00 and is over before it."""
    path = tmp_path / "prices.parquet"
    whole = bars() if parts == "bars" else bars().drop("open", "high", "low")
    told = [*HOUR_ALONE, f"time.horizon={horizon}", "shocks.congestion.start=1 min"]
    usd = []
    for frame in (whole, pl.concat([whole[:7], whole[9:]])):
        frame.write_parquet(path)
        scenario = from_file(path, *told)
        assert loads(scenario.to_toml()) == scenario
        assert loads(scenario.to_toml()).resolved() == scenario.resolved()
        usd.append(exogenous(scenario, 7).fundamental_price_usd)
        assert exogenous(loads(scenario.to_toml()), 7).fundamental_price_usd.tobytes() == (
            usd[-1].tobytes()
        )
    assert usd[0].tobytes() == usd[1].tobytes()
    pl.concat([whole[:2], whole[3:]]).write_parquet(path)
    if horizon in ("90 min", "3 h") or parts == "closes":
        with pytest.raises(InputError, match="gap: 7200 s"):
            from_file(path, *told)


def test_a_price_without_a_bar_stands_at_its_timestamp(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "prices.parquet"
    closes = bars().drop("open", "high", "low")
    closes.write_parquet(path)
    scenario = from_file(path)
    usd = exogenous(scenario, 7).fundamental_price_usd[:, 0]
    row = scenario.time.burn_in_blocks
    assert usd[row] == closes["close"][1]  # the run begins at 01:00
    assert usd[row + round(3600 / 13)] == closes["close"][2]


def test_a_missing_file_is_answered_with_the_nearest(recorded: pathlib.Path) -> None:
    with pytest.raises(InputError, match="no such file") as caught:
        from_file(recorded.with_name("hourli.parquet"))
    assert caught.value.nearest == "hourly.parquet"
    with pytest.raises(InputError, match="expected a CSV or Parquet file"):
        from_file(recorded.parent)
    with pytest.raises(InputError):
        from_file("a\0b")
    with pytest.raises(InputError):
        from_file("x" * 5000)
    with pytest.raises(InputError):
        from_file(os.devnull)


def test_corrupt_files_are_refused_quietly(
    recorded: pathlib.Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = recorded.read_bytes()
    rng = np.random.default_rng(7)
    wrecks = [b"", b"PAR1", whole[: len(whole) // 2], b"\xff\xfe\x00,\n" * 50, b"timestamp,close\n"]
    for _ in range(40):  # bits flipped in the footer, which says where everything is
        flipped = bytearray(whole)
        for place in rng.integers(len(whole) * 2 // 3, len(whole), 4):
            flipped[place] ^= 1 << int(rng.integers(8))
        wrecks.append(bytes(flipped))
    refusals = [refusal for wreck in wrecks if (refusal := of_wreck(recorded, wreck)) is not None]
    assert len(refusals) > 30
    assert all("hourly.parquet" in refusal and "\n" not in refusal for refusal in refusals)
    assert capfd.readouterr().err == ""


def of_wreck(path: pathlib.Path, wreck: bytes) -> str | None:
    path.write_bytes(wreck)
    try:
        from_file(path)
    except InputError as error:
        return str(error)
    return None
