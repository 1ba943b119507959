"""A peg module: one coin for one token of the reserve, both ways, up to a ceiling and down to the last token.

It issues coin against a stablecoin that it keeps, so its reserve is exactly what it has issued. The contract
reverts where the ceiling of its debt would be exceeded (``Vat/ceiling-exceeded``) and where it is asked for
more than it holds. Its own calls name reserve tokens; here a sale names what goes in, as everywhere.
Source: MakerDAO, dss-psm (DssPsm, ``sellGem`` and ``buyGem``); MIP29 (2021).
"""

from __future__ import annotations

from sim import status
from sim.compile import kernel
from sim.formulas import redemption as par
from sim.venues.redemption import NEARLY, pay_out, payable, take_in


@kernel
def pays(module, is_redemption, amount):
    """What comes out for so much that goes in."""
    if is_redemption:
        return par.after_toll_out(amount, module.fee_out_fraction)
    return amount - par.toll_in(amount, module.fee_in_fraction)


@kernel
def most(module, is_redemption):
    """How much it takes now: coin until it is dry, reserve tokens up to the ceiling."""
    if is_redemption:
        return NEARLY * payable(module) * (1.0 + module.fee_out_fraction)
    return NEARLY * max(module.cap - module.issued, 0.0)


@kernel
def convert(ledger, module, tx, amount, is_redemption, receipt):
    """Issue against reserve tokens, or redeem."""
    out = pays(module, is_redemption, amount)
    receipt.amount_out = out
    if out < tx.limit:
        return status.SLIPPAGE
    if is_redemption:
        if out > payable(module):
            return status.RESERVE_DRY
        return pay_out(ledger, module, tx.sender, out, amount - out, out)
    if module.issued + amount > module.cap:
        return status.CEILING_EXCEEDED
    return take_in(ledger, module, tx.sender, amount, out, amount - out)
