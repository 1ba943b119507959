"""Lending markets: their tables, their interest, and what a position is worth.

Receipts and debts are stored scaled, the indices live here; indices are written at interactions and
viewed in between, as on chain. Everything is judged at the *oracle* price. A pooled market is many reserves
that count together; an isolated one has a collateral that is not lent, and a loan whose indices are the
prices of its shares (``sim/venues/isolated.py``).
Source: Aave v3 technical paper (2022); aave-v3-origin, ReserveLogic and GenericLogic.
"""

from __future__ import annotations

from sim.compile import formula, kernel
from sim.formulas import interest
from sim.formulas.liquidation import V30, whole_bps
from sim.ledger import balance
from sim.records import n_words, record
from sim.tables import BANDS, ISOLATED
from sim.units import SECONDS_PER_YEAR
from sim.venues import isolated
from sim.venues.lending_standing import category_of, counts, in_mode, standing_of

# ``state`` of a pooled market is its first e-mode; ``rules`` say which liquidations it knows.
MARKET = record(
    "flash_fee_fraction",
    "account first_reserve n_reserves kind state n_emodes rules standing_token has_flash_loans",
)

# ``rest``: what one float cannot hold of a sum (lending_claims.py)
# ``treasury_receipts``: what of ``treasury_scaled`` has been minted, and so counts as supply when somebody
# asks for all of it; the rest is promised.
# ``issued``: coin of this reserve that the market itself has made and not taken back (collateralized_debt.py)
RESERVE = record(
    "ltv_fraction threshold_fraction bonus_fraction base_rate_per_year slope1_per_year "
    "slope2_per_year optimal_utilisation reserve_factor_fraction supply_cap borrow_cap "
    "cash scaled_supply scaled_supply_rest scaled_debt scaled_debt_rest "
    "treasury_scaled treasury_receipts deficit issued "
    "liquidity_index borrow_index supply_rate_per_year borrow_rate_per_year updated_seconds "
    "liquidation_fee_fraction debt_ceiling isolated_debt flash_lent rate_at_target_per_year unit",
    "account token receipt_token debt_token feed asset market kind rules is_borrowable "
    "is_isolated_loan",
)
RESERVE_WORDS = n_words(RESERVE)


@kernel
def liquidity_index_now(reserve, now_seconds):
    """What a scaled receipt is worth now, in underlying."""
    if reserve.kind == ISOLATED:
        return isolated.supply_price_now(reserve, now_seconds)
    elapsed = now_seconds - reserve.updated_seconds
    return reserve.liquidity_index * interest.linear_growth(reserve.supply_rate_per_year, elapsed)


@kernel
def borrow_index_now(reserve, now_seconds):
    """What a scaled debt amounts to now, in underlying; it grows only while somebody owes something."""
    if reserve.kind == BANDS:  # there the grid of bands rises with it, whoever owes
        elapsed = now_seconds - reserve.updated_seconds
        return reserve.borrow_index * interest.linear_growth(reserve.borrow_rate_per_year, elapsed)
    if reserve.scaled_debt == 0.0:
        return reserve.borrow_index
    if reserve.kind == ISOLATED:
        return isolated.debt_price_now(reserve, now_seconds)
    elapsed = now_seconds - reserve.updated_seconds
    if reserve.rules == V30:
        growth = interest.compound_growth(reserve.borrow_rate_per_year, elapsed)
    else:
        growth = interest.series_growth(reserve.borrow_rate_per_year, elapsed)
    return reserve.borrow_index * growth


@formula
def most_asked_for(reserve):
    """All receipts there are, the treasury's too: nobody may ask for more, whatever the cash."""
    return (reserve.scaled_supply + reserve.treasury_receipts) * reserve.liquidity_index


@kernel
def interest_owed(reserve, now_seconds):
    """What has been added to all debts since the index was last written, computed directly."""
    elapsed = now_seconds - reserve.updated_seconds
    if reserve.kind == BANDS:
        grown = reserve.borrow_rate_per_year * elapsed / SECONDS_PER_YEAR
    elif reserve.rules == V30:
        grown = interest.compound_growth_less_one(reserve.borrow_rate_per_year, elapsed)
    else:
        grown = interest.series_growth_less_one(reserve.borrow_rate_per_year, elapsed)
    return reserve.scaled_debt * reserve.borrow_index * grown


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
    if reserve.kind == ISOLATED:
        isolated.accrue(reserve, now_seconds)
        return
    liquidity_index = liquidity_index_now(reserve, now_seconds)
    borrow_index = borrow_index_now(reserve, now_seconds)
    interest_earned = interest_owed(reserve, now_seconds)
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
    if reserve.kind == ISOLATED:
        isolated.set_rates(reserve)
        return
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
def position(ledger, markets, emodes, reserves, feeds, row, account, now_seconds):
    """Collateral, threshold-weighted collateral, borrowing power and debt of an account, in oracle USD."""
    collateral_usd = 0.0
    weighted_usd = 0.0
    borrowable_usd = 0.0
    debt_usd = 0.0
    market = markets[row]
    standing = standing_of(ledger, market, account)
    category = category_of(standing)
    for place in range(market.n_reserves):
        reserve = reserves[market.first_reserve + place]
        price_usd = feeds[reserve.feed].price_usd
        if counts(standing, place):
            value_usd = collateral_of(ledger, reserve, account, now_seconds) * price_usd
            threshold = reserve.threshold_fraction
            ltv = reserve.ltv_fraction
            if in_mode(emodes, market, category, place):
                threshold = emodes[market.state + category - 1].threshold_fraction
                ltv = emodes[market.state + category - 1].ltv_fraction
            collateral_usd += value_usd
            weighted_usd += value_usd * threshold
            borrowable_usd += value_usd * ltv
        debt_usd += debt_of(ledger, reserve, account, now_seconds) * price_usd
    if market.rules == V30 and collateral_usd > 0.0:  # it knows the mean threshold in whole bps
        weighted_usd = collateral_usd * whole_bps(weighted_usd / collateral_usd)
    return collateral_usd, weighted_usd, borrowable_usd, debt_usd
