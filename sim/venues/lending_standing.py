"""How an account stands with a pooled market: its e-mode, and which of its receipts count as collateral.

An e-mode lends more against assets whose prices move together; so does contagion, when they cease to.
Isolation lets a doubtful asset be collateral only by itself and up to a ceiling, which bounds what its fall
can cost the others.
The standing is a token like any other, so that the journal, the audit and a checkpoint need not know of it:
``category + 256 x sum of 2^k`` over the reserves k that count. Where a market has none, all receipts count.
Source: Aave v3 technical paper (2022); aave-v3-origin, EModeConfiguration and UserConfiguration.
"""

from __future__ import annotations

from sim import causes, status
from sim.compile import formula, kernel
from sim.ledger import balance, burn, mint
from sim.records import record

# The bits of a set of reserves are by their place in the market.
EMODE = record("ltv_fraction threshold_fraction bonus_fraction", "collateral_bits borrowable_bits")

CATEGORIES = 256
NONE = -1  # this market knows no standing


@formula
def standing_of(ledger, market, account):
    """What an account has been allowed and has chosen."""
    if market.standing_token < 0:
        return NONE
    return int(balance(ledger, market.standing_token, account))


@formula
def category_of(standing):
    """Number of the account's e-mode, 0 if it is in none."""
    if standing < 0:
        return 0
    return standing % CATEGORIES


@formula
def has_bit(bits, place):
    """Whether a set of reserves holds this one."""
    return (bits >> place) & 1 == 1


@formula
def counts(standing, place):
    """Whether the receipts of this reserve are collateral of the account."""
    return standing < 0 or has_bit(standing // CATEGORIES, place)


@formula
def in_mode(emodes, market, category, place):
    """Whether the terms of an e-mode hold for this reserve."""
    return category > 0 and has_bit(emodes[market.state + category - 1].collateral_bits, place)


@kernel
def loan_to_value(emodes, market, reserve, place, category):
    """Loan-to-value of a reserve for an account of this category."""
    if in_mode(emodes, market, category, place):
        return emodes[market.state + category - 1].ltv_fraction
    return reserve.ltv_fraction


@kernel
def bonus_of(ledger, markets, emodes, reserve, place, account):
    """Bonus of whoever liquidates this collateral of an account."""
    market = markets[reserve.market]
    category = category_of(standing_of(ledger, market, account))
    if in_mode(emodes, market, category, place):
        return emodes[market.state + category - 1].bonus_fraction
    return reserve.bonus_fraction


@kernel
def write_standing(ledger, market, account, standing):
    """Give the account another standing."""
    change = standing - standing_of(ledger, market, account)
    if change > 0:
        return mint(ledger, market.standing_token, account, float(change), causes.SUPPLY)
    if change < 0:
        return burn(ledger, market.standing_token, account, float(-change), causes.SUPPLY)
    return status.OK


@kernel
def set_counts(ledger, market, account, place, is_collateral):
    """Let the receipts of one reserve count or not."""
    standing = standing_of(ledger, market, account)
    if standing < 0 or counts(standing, place) == is_collateral:
        return status.OK
    bit = CATEGORIES << place
    return write_standing(
        ledger, market, account, standing + bit if is_collateral else standing - bit
    )


@kernel
def isolated_by(market, reserves, standing):
    """The one reserve whose debt ceiling binds an account, or -1."""
    found = -1
    if standing < 0:
        return found
    for place in range(market.n_reserves):
        if counts(standing, place):
            if found >= 0:
                return -1
            found = market.first_reserve + place
    if found >= 0 and reserves[found].debt_ceiling > 0.0:
        return found
    return -1


@kernel
def may_count(market, emodes, reserves, row, standing):
    """Whether this reserve may be collateral of an account: worth something, and allowed beside the rest."""
    place = row - market.first_reserve
    reserve = reserves[row]
    if loan_to_value(emodes, market, reserve, place, category_of(standing)) == 0.0:
        return False
    if standing // CATEGORIES == 0:
        return True
    return isolated_by(market, reserves, standing) < 0 and reserve.debt_ceiling == 0.0
