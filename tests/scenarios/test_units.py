"""Units stand in the name or in the value, never in both, and mean what they say."""

from __future__ import annotations

import math

import pytest

from scenarios.units import bare_names, is_quantity, name_units, other_spelling
from sim.errors import InputError

KEYS = (
    "delay_seconds",
    "patience_blocks",
    "tvl_usd",
    "fee_fraction",
    "spread_bps",
    "base_fee_gwei",
    "gas_reserve_eth",
    "volatility_per_year",
    "fraction",
    "multiplier",
)


def read(key: str, value: object, slot_seconds: float = 12.0) -> dict[str, object]:
    return name_units({key: value}, KEYS, "table", slot_seconds)


@pytest.mark.parametrize(
    "key, said, full, number",
    [
        ("delay", "1 h", "delay_seconds", 3600.0),
        ("delay", "90s", "delay_seconds", 90.0),
        ("delay", "1.5 min", "delay_seconds", 90.0),
        ("delay", "2 d", "delay_seconds", 172_800.0),
        ("delay", "3 blocks", "delay_seconds", 36.0),
        ("patience", "25 blocks", "patience_blocks", 25),
        ("patience", "5 min", "patience_blocks", 25),
        ("patience", "13 s", "patience_blocks", 2),  # the part of a block counts as one
        ("tvl", "200 M USD", "tvl_usd", 200e6),
        ("tvl", "0.2 bn USD", "tvl_usd", 200e6),
        ("tvl", "5k USD", "tvl_usd", 5000.0),
        ("tvl", "1_000 USD", "tvl_usd", 1000.0),
        ("fee", "30 bps", "fee_fraction", 0.003),
        ("fee", "5 %", "fee_fraction", 0.05),
        ("fee", "2.7 %", "fee_fraction", 0.027),  # to the last bit
        ("fee", "-8%", "fee_fraction", -0.08),
        ("spread", "30 bps", "spread_bps", 30.0),
        ("spread", "0.3 %", "spread_bps", 30.0),
        ("base_fee", "13 gwei", "base_fee_gwei", 13.0),
        ("gas_reserve", "2 ETH", "gas_reserve_eth", 2.0),
        ("volatility", "70 % per year", "volatility_per_year", 0.7),
        ("volatility", "70 %/year", "volatility_per_year", 0.7),
        ("volatility", "0.7 per year", "volatility_per_year", 0.7),
    ],
)
def test_a_value_with_a_unit(key: str, said: str, full: str, number: float) -> None:
    result = read(key, said)
    assert result == {full: number}
    assert type(result[full]) is type(number)


def test_a_name_with_a_unit_takes_a_number_as_it_is() -> None:
    assert read("delay_seconds", 90) == {"delay_seconds": 90}
    assert read("fraction", 0.5) == {"fraction": 0.5}
    assert read("multiplier", "3") == {"multiplier": "3"}  # no unit here: the schema refuses text


@pytest.mark.parametrize(
    "key, said, told",
    [
        ("delay", 3600, "the unit is missing: write delay_seconds"),
        ("delay", "3600", "the unit is missing"),
        ("tvl", 5.0, "the unit is missing"),
        ("delay_seconds", "1 h", "the name already carries the unit"),
        ("delay_seconds", "3600", "the name already carries the unit"),
        ("fraction", "20 %", "the name already carries the unit"),
        ("delay_seconds", "long", "expected a number"),
        ("delay", "30 bps", "expected a duration"),
        ("delay", "1 hr", "unit 'hr': expected a duration"),
        ("delay", "long", "expected a duration"),
        ("delay", True, "expected a duration"),
        ("delay", [1], "expected a duration"),
        ("tvl", "200 M", "expected an amount in USD"),
        ("tvl", "200 m USD", "expected an amount in USD"),
        ("tvl", "200 ETH", "expected an amount in USD"),
        ("fee", "5", "the unit is missing"),
        ("fee", "5 USD", "expected a share"),
        ("base_fee", "13 wei", "expected a price of gas"),
        ("volatility", "70 %", "expected a rate"),
        ("delay", "nan s", "expected a duration"),
        ("delay", "", "expected a duration"),
        ("delay", "9" * 200 + " s", "expected a duration"),
    ],
)
def test_units_that_are_missing_double_or_wrong(key: str, said: object, told: str) -> None:
    with pytest.raises(InputError, match="^table.") as caught:
        read(key, said)
    assert told in str(caught.value)


def test_a_misspelt_unit_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        read("delay", "1 hours s")
    assert caught.value.nearest == "hours"
    with pytest.raises(InputError) as caught:
        read("patience", "3 hors")
    assert caught.value.nearest == "hours"


def test_both_spellings_at_once_are_refused() -> None:
    with pytest.raises(InputError, match="keep one of the two"):
        name_units({"delay": "1 h", "delay_seconds": 3600}, KEYS, "table", 12.0)


def test_numbers_beyond_floating_point_stay_numbers() -> None:
    assert read("delay", "1e400 s") == {"delay_seconds": math.inf}  # refused by the schema
    assert read("tvl", "1e-400 USD") == {"tvl_usd": 0.0}


def test_the_numbers_of_a_distribution_carry_the_unit() -> None:
    law = {"distribution": "uniform", "low": "1 %", "high": "30 bps"}
    assert read("fee", law) == {
        "fee_fraction": {"distribution": "uniform", "low": 0.01, "high": 0.003}
    }
    with pytest.raises(InputError, match="table.fee.low = 0.01: the unit is missing"):
        read("fee", {**law, "low": 0.01})


def test_a_later_layer_may_use_the_other_spelling() -> None:
    assert other_spelling("delay", "1 h", {"delay_seconds": 3}) == "delay_seconds"
    assert other_spelling("delay_seconds", 3, {"delay": "1 h"}) == "delay"
    assert other_spelling("pool", "eth_usdc", {"pool_fraction": 1}) is None
    assert other_spelling("pool_fraction", 1, {"pool": "eth_usdc"}) is None


def test_what_is_a_quantity() -> None:
    assert bare_names(KEYS)["tvl"] == "tvl_usd"
    assert "fraction" not in bare_names(KEYS).values()
    assert is_quantity("1 h")
    assert not is_quantity("3pool")
    assert not is_quantity("eth_usdc")
    assert not is_quantity(3)
