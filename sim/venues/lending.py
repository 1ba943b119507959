"""A pooled lending market in the manner of Aave v3: its tables, its interest, and what a position is worth.

Receipts and debts are stored scaled, the indices live here; indices are written at interactions and
viewed in between, as on chain. Everything is judged at the *oracle* price.
Source: Aave v3 technical paper (2022); aave-v3-origin, ReserveLogic and GenericLogic (v3.3).
"""

from __future__ import annotations

from sim.compile import formula, kernel
from sim.formulas import interest
from sim.ledger import balance
from sim.records import n_words, record

MARKET = record("", "account first_reserve n_reserves kind state")

# ``issued``: coin of this reserve that the market itself has made and not taken back (collateralized_debt.py)
RESERVE = record(
    "ltv_fraction threshold_fraction bonus_fraction base_rate_per_year slope1_per_year "
    "slope2_per_year optimal_utilisation reserve_factor_fraction supply_cap borrow_cap "
    "cash scaled_supply scaled_debt treasury_scaled deficit issued "
    "liquidity_index borrow_index supply_rate_per_year borrow_rate_per_year updated_seconds",
    "account token receipt_token debt_token feed asset market",
)
RESERVE_WORDS = n_words(RESERVE)


@formula
def liquidity_index_now(reserve, now_seconds):
    """What a scaled receipt is worth now, in underlying."""
    elapsed = now_seconds - reserve.updated_seconds
    return reserve.liquidity_index * interest.linear_growth(reserve.supply_rate_per_year, elapsed)


@formula
def borrow_index_now(reserve, now_seconds):
    """What a scaled debt amounts to now, in underlying."""
    elapsed = now_seconds - reserve.updated_seconds
    return reserve.borrow_index * interest.compound_growth(reserve.borrow_rate_per_year, elapsed)


@formula
def utilisation(reserve):
    """Share of what was supplied that is lent out, at the indices last written."""
    debt = reserve.scaled_debt * reserve.borrow_index
    if debt <= 0.0:
        return 0.0
    return debt / (reserve.cash + debt)


@formula
def paid_fraction(reserve, now_seconds):
    """The share of a claim on a reserve that something stands behind: a deficit falls on all claims alike."""
    claims = (reserve.scaled_supply + reserve.treasury_scaled) * liquidity_index_now(
        reserve, now_seconds
    )
    if claims <= 0.0:
        return 1.0
    return max(1.0 - reserve.deficit / claims, 0.0)


@formula
def residual(reserve, now_seconds):
    """Underlying that nobody has claimed yet: compound interest owed less linear interest promised."""
    claims = (reserve.scaled_supply + reserve.treasury_scaled) * liquidity_index_now(
        reserve, now_seconds
    )
    debt = reserve.scaled_debt * borrow_index_now(reserve, now_seconds)
    return reserve.cash + debt + reserve.deficit - claims - reserve.issued


@formula
def left_to_treasury(reserve, now_seconds):
    """What a reserve owns less what lenders own of it and the coin it has issued: nothing is lost."""
    owned = reserve.cash + reserve.scaled_debt * borrow_index_now(reserve, now_seconds)
    lent = reserve.scaled_supply * liquidity_index_now(reserve, now_seconds)
    return owned - lent * paid_fraction(reserve, now_seconds) - reserve.issued


@kernel
def accrue(reserve, now_seconds):
    """Write both indices up to now; the protocol's share of the interest goes to its treasury."""
    if now_seconds <= reserve.updated_seconds:
        return
    liquidity_index = liquidity_index_now(reserve, now_seconds)
    borrow_index = borrow_index_now(reserve, now_seconds)
    interest_earned = reserve.scaled_debt * (borrow_index - reserve.borrow_index)
    reserve.treasury_scaled = (
        reserve.treasury_scaled
        + interest_earned * reserve.reserve_factor_fraction / liquidity_index
    )
    reserve.liquidity_index = liquidity_index
    reserve.borrow_index = borrow_index
    reserve.updated_seconds = now_seconds


@kernel
def set_rates(reserve):
    """Rates follow utilisation after the action."""
    used = utilisation(reserve)
    reserve.borrow_rate_per_year = interest.borrow_rate_per_year(
        used,
        reserve.base_rate_per_year,
        reserve.slope1_per_year,
        reserve.slope2_per_year,
        reserve.optimal_utilisation,
    )
    # A deficit is owed to lenders and paid for by nobody: it dilutes what borrowers pay.
    debt = reserve.scaled_debt * reserve.borrow_index
    paying = debt / (reserve.cash + debt + reserve.deficit) if debt > 0.0 else 0.0
    reserve.supply_rate_per_year = interest.supply_rate_per_year(
        reserve.borrow_rate_per_year, paying, reserve.reserve_factor_fraction
    )


@formula
def collateral_of(ledger, reserve, account, now_seconds):
    """Underlying that an account's receipts stand for now."""
    scaled = balance(ledger, reserve.receipt_token, account)
    return scaled * liquidity_index_now(reserve, now_seconds)


@formula
def debt_of(ledger, reserve, account, now_seconds):
    """Underlying that an account owes now."""
    scaled = balance(ledger, reserve.debt_token, account)
    return scaled * borrow_index_now(reserve, now_seconds)


@kernel
def position(ledger, markets, reserves, feeds, row, account, now_seconds):
    """Collateral, threshold-weighted collateral, borrowing power and debt of an account, in oracle USD."""
    collateral_usd = 0.0
    weighted_usd = 0.0
    borrowable_usd = 0.0
    debt_usd = 0.0
    first = markets[row].first_reserve
    for k in range(first, first + markets[row].n_reserves):
        reserve = reserves[k]
        price_usd = feeds[reserve.feed].price_usd
        value_usd = collateral_of(ledger, reserve, account, now_seconds) * price_usd
        collateral_usd += value_usd
        weighted_usd += value_usd * reserve.threshold_fraction
        borrowable_usd += value_usd * reserve.ltv_fraction
        debt_usd += debt_of(ledger, reserve, account, now_seconds) * price_usd
    return collateral_usd, weighted_usd, borrowable_usd, debt_usd
