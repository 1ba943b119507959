"""An issuer who mints and redeems a coin at par, at a counter that has opening hours.

The reserve of a coin that is backed by money lies with banks: some of it may be locked there, and at night
and on weekends nobody can be paid. The price of the coin is then what people believe of Monday. There is a
least amount, which keeps small holders out, and a cap on what is redeemed in a day (UTC).
Source: the weekend of 11 and 12 March 2023, when 3.3 of some 40 billion USD behind USDC lay at a bank that
had been closed and redemptions waited for Monday. No contract runs this, so there is none to match.
"""

from __future__ import annotations

from sim import status
from sim.compile import formula, kernel
from sim.formulas import redemption as par
from sim.journal import remember
from sim.records import n_words, record
from sim.venues.redemption import NEARLY, pay_out, payable, take_in

ISSUER_TERMS = record(
    "redeemed_today minimum daily_cap opens_seconds closes_seconds start_unix_seconds",
    "day weekdays",
)
TERM_WORDS = n_words(ISSUER_TERMS)


@formula
def is_open(terms, now_seconds):
    """Whether the counter is open; the clock counts from the recorded start."""
    return par.is_open(
        terms.start_unix_seconds + now_seconds,
        terms.opens_seconds, terms.closes_seconds, terms.weekdays,
    )  # fmt: skip


@formula
def redeemed_today(terms, now_seconds):
    """Coin redeemed since midnight."""
    is_same_day = terms.day == par.day_of(terms.start_unix_seconds + now_seconds)
    return terms.redeemed_today if is_same_day else 0.0


@kernel
def pays(module, is_redemption, amount):
    """What comes out for so much that goes in: the fee is kept."""
    fee_fraction = module.fee_out_fraction if is_redemption else module.fee_in_fraction
    return par.after_fee(amount, fee_fraction)


@kernel
def most(module, terms, is_redemption, now_seconds):
    """How much it takes now; nothing where that is closed, or less than the least amount."""
    if not is_open(terms, now_seconds):
        return 0.0
    if is_redemption:
        found = min(payable(module) / (1.0 - module.fee_out_fraction), module.issued)
        found = min(found, max(terms.daily_cap - redeemed_today(terms, now_seconds), 0.0))
    else:
        found = max(module.cap - module.issued, 0.0) / (1.0 - module.fee_in_fraction)
    return NEARLY * found if found > terms.minimum else 0.0


@kernel
def convert(ledger, module, terms, tx, amount, is_redemption, now_seconds, receipt):
    """Mint against reserve tokens, or redeem, if the counter is open."""
    out = pays(module, is_redemption, amount)
    receipt.amount_out = out
    if not is_open(terms, now_seconds):
        return status.CLOSED
    if amount < terms.minimum:
        return status.BELOW_MINIMUM
    if out < tx.limit:
        return status.SLIPPAGE
    if not is_redemption:
        if module.issued + out > module.cap:
            return status.CEILING_EXCEEDED
        return take_in(ledger, module, tx.sender, amount, out, 0.0)
    today = redeemed_today(terms, now_seconds) + amount
    if today > terms.daily_cap:
        return status.DAILY_CAP_EXCEEDED
    if out > payable(module) or amount > module.issued:
        return status.RESERVE_DRY
    remember(ledger.journal, ledger.memory, terms.address, TERM_WORDS)
    terms.day = par.day_of(terms.start_unix_seconds + now_seconds)
    terms.redeemed_today = today
    return pay_out(ledger, module, tx.sender, amount, 0.0, out)
