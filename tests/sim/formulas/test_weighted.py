"""Weighted pools against the constant product, and against fifty digits of powers."""

from __future__ import annotations

from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.formulas import constant_product
from sim.formulas import weighted as curve
from sim.formulas.protocol_fee import protocol_shares
from sim.venues.basket import COIN

getcontext().prec = 60
sizes = st.floats(1e-18, 0.3)
weights = st.floats(0.02, 0.98)


def pool_of(balances: tuple[float, ...], shares: tuple[float, ...]) -> np.recarray:
    coins = np.zeros(len(balances), COIN).view(np.recarray)
    coins["balance"], coins["weight"] = balances, shares
    return coins


@given(size=sizes, ratio=st.floats(1e-9, 1e9))
def test_two_equal_weights_are_a_constant_product(size, ratio):
    bought = curve.amount_out(size * 1e6, 1e6, 0.5, 1e6 * ratio, 0.5)
    by_product = constant_product.amount_out(size * 1e6, 1e6, 1e6 * ratio, 0.0)
    assert bought == pytest.approx(by_product, rel=1e-14)


@given(size=sizes, weight_in=weights, ratio=st.floats(1e-9, 1e9))
def test_what_is_bought_to_fifty_digits(size, weight_in, ratio):
    weight_out = 1.0 - weight_in
    exponent = Decimal(weight_in) / Decimal(weight_out)
    kept = 1_000_000 / (1_000_000 + Decimal(size * 1e6))
    exact = Decimal(1e6 * ratio) * (1 - (kept.ln() * exponent).exp())
    bought = curve.amount_out(size * 1e6, 1e6, weight_in, 1e6 * ratio, weight_out)
    assert bought == pytest.approx(float(exact), rel=1e-13)
    back = curve.amount_in(bought, 1e6, weight_in, 1e6 * ratio, weight_out)
    if bought < 0.99e6 * ratio:
        assert back == pytest.approx(size * 1e6, rel=1e-10)


@given(share=st.floats(1e-18, 2.0), fee=st.floats(0.0, 0.1))
def test_a_deposit_in_proportion_pays_no_fee(share, fee):
    coins = pool_of((1e3, 5.0, 2e6), (0.5, 0.3, 0.2))
    asked = share * np.array(coins["balance"])
    grown = np.expm1(curve.deposit_log_growth(coins, 0, 3, asked, fee))
    assert grown == pytest.approx(share, rel=1e-11)


@pytest.mark.parametrize("share", [1e-15, 1e-6, 0.1, 0.29])
@pytest.mark.parametrize("fee", [0.0, 0.003, 0.1])
def test_one_asset_in_and_out_agree_with_the_general_rule(share, fee):
    coins = pool_of((1e3, 5.0, 2e6), (0.5, 0.3, 0.2))
    paid = curve.one_in_for_shares(5.0, 0.3, share, fee)
    grown = np.expm1(curve.deposit_log_growth(coins, 0, 3, np.array([0.0, paid, 0.0]), fee))
    # The single-asset rule charges the fee on 1 - w of the amount, the general one on the excess over the
    # weighted mean change: the same share, 1 - w, before the fee is put on top.
    assert grown == pytest.approx(share, rel=2.0 * fee * (1.0 if share > 1e-3 else 0.3) + 1e-9)
    out = curve.one_out_for_shares(5.0, 0.3, share, fee)
    burned = -np.expm1(curve.withdrawal_log_growth(coins, 0, 3, np.array([0.0, -out, 0.0]), fee))
    assert burned == pytest.approx(share, rel=2.0 * fee * (1.0 if share > 1e-3 else 0.3) + 1e-9)


@pytest.mark.parametrize("price", [0.9, 0.5, 0.2])
def test_a_sale_to_a_price_ends_there(price):
    now = 0.997 * curve.spot_price(1e3, 0.8, 250.0, 0.2)
    sold = curve.sale_to(1e3, 0.8, 250.0, 0.2, 0.003, price * now)
    if sold < 300.0 / 0.997:  # the most of one swap
        after_in = 1e3 + 0.997 * sold
        after_out = 250.0 - curve.amount_out(0.997 * sold, 1e3, 0.8, 250.0, 0.2)
        found = 0.997 * curve.spot_price(after_in, 0.8, after_out, 0.2)
        assert found == pytest.approx(price * now, rel=1e-12)


def test_the_protocol_owns_its_part_of_the_growth():
    """Before 100 shares of value 1; fees make it 1.44 a share: 0.25 of 44 is what 8.27 new shares own."""
    shares = protocol_shares(100.0, 0.25, np.log(1.44))
    assert shares / (100.0 + shares) * 144.0 == pytest.approx(0.25 * 44.0, rel=1e-13)
