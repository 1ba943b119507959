"""A curated vault at the prompt: previews, caps, a default that is booked at once, and a line."""

from __future__ import annotations

import pytest

import aftershock as af
from sim.audit import audit
from sim.errors import InputError


@pytest.fixture
def vault():
    return af.venues.ShareVault("USDC", {"safe": 600.0, "risky": 1e9}, idle_fraction=0.1)


def test_a_deposit_fills_the_queue_in_order_and_up_to_the_caps(vault):
    assert vault.preview_deposit(1_000.0) == 1_000.0
    assert vault.supply == 0.0
    assert vault.deposit(1_000.0, account="alice") == 1_000.0
    assert vault.idle == pytest.approx(100.0)
    assert vault.placed == pytest.approx({"safe": 600.0, "risky": 300.0})
    assert audit(vault._world)


def test_a_default_is_borne_by_all_shares_alike(vault):
    vault.deposit(1_000.0, account="alice")
    vault.borrow("risky", 200.0)
    assert vault.default("risky") == pytest.approx(200.0, rel=1e-6)
    assert vault.total_assets == pytest.approx(800.0, rel=1e-6)
    assert vault.preview_mint(10.0) == pytest.approx(8.0, rel=1e-6)
    assert vault.deposit(80.0, account="bob") == pytest.approx(100.0, rel=1e-6)
    assert vault.redeem(account="alice") == pytest.approx(800.0, rel=1e-6)
    assert audit(vault._world)


def test_whoever_comes_late_finds_nothing(vault):
    vault.deposit(500.0, account="alice")
    vault.deposit(500.0, account="bob")
    vault.borrow("safe", 550.0)  # of 600 lent there
    assert vault.liquid == pytest.approx(450.0)
    assert vault.withdraw(450.0, account="alice") == pytest.approx(450.0, rel=1e-9)
    with pytest.raises(af.venues.Reverted, match="no liquidity"):
        vault.withdraw(1.0, account="bob")


def test_a_line_is_served_in_order():
    vault = af.venues.ShareVault("USDC", {"only": 1e9}, in_line=True)
    for name in ("alice", "bob"):
        vault.deposit(100.0, account=name)
    with pytest.raises(af.venues.Reverted, match="wait in line"):
        vault.redeem(account="alice")
    vault.request_redeem(account="bob")
    vault.request_redeem(account="alice")
    assert vault.line == 2
    assert vault.pay_next() == pytest.approx(100.0)
    assert vault.balance("USDC", "bob") == pytest.approx(100.0)
    assert vault.pay_next() == pytest.approx(100.0)
    with pytest.raises(af.venues.Reverted, match="nothing to do"):
        vault.pay_next()


def test_the_last_in_line_is_paid_although_sums_are_rounded():
    vault = af.venues.ShareVault("USDC", {"only": 1e9}, in_line=True)
    names = [f"depositor {k}" for k in range(7)]
    for k, name in enumerate(names):
        vault.deposit(10.0**k / 3.0, account=name)
    for name in reversed(names):
        vault.request_redeem(account=name)
    for _ in names:
        vault.pay_next()
    assert vault.line == 0
    for k, name in enumerate(names):
        assert vault.balance("USDC", name) == pytest.approx(10.0**k / 3.0, rel=1e-7)
    assert audit(vault._world)


def test_interest_pays_the_performance_fee():
    vault = af.venues.ShareVault("USDC", {"only": 1e9}, performance_fee_fraction=0.2)
    vault.deposit(1_000.0, account="alice")
    vault.borrow("only", 900.0)
    vault.wait(365 * 86_400.0)
    earned = vault.total_assets - 1_000.0
    vault.deposit(1.0, account="bob")
    fee = vault.convert_to_assets(vault.balance("shares", "curator"))
    assert earned > 30.0
    assert fee == pytest.approx(0.2 * earned, rel=1e-6)


def test_what_cannot_be_is_refused_by_name(vault):
    with pytest.raises(InputError, match="performance_fee_fraction"):
        af.venues.ShareVault("USDC", {}, performance_fee_fraction=1.5)
    with pytest.raises(InputError, match="Did you mean 'risky'"):
        vault.borrow("riskyy", 1.0)


def test_the_picture_has_both_ways_to_be_paid(vault):
    vault.deposit(1_000.0)
    (axis,) = vault.plot().axes
    assert len(axis.lines) == 2
    assert "ShareVault" in vault._repr_html_()
