"""Redemption modules: their table, and the two movements that all of them are made of.

A module stands ready to issue a coin for a reserve token and to take it back for one. While it can, nobody
sells the coin for less than it pays; whoever comes after the reserve is gone holds what the market says it is
worth. So a module turns a fall of the price into a fall of the reserve, and then all of it back at once.
What a module issues is its debt, and it counts with the issuers of the outside world, as what stands behind
an asset does.
Source: MIP29, Peg Stability Module (2021); Krugman (1979), A Model of Balance-of-Payments Crises, for what
speculators do to a peg that is defended with a finite reserve.
"""

from __future__ import annotations

from sim import causes, status
from sim.compile import formula, kernel
from sim.formulas import redemption as par
from sim.ledger import issue_coin, retire_coin, transfer
from sim.records import place_of, record

# Books first; then what shocks do; then terms. ``cap`` is the most coin in issue; ``fees`` are coin.
REDEMPTION = record(
    "reserve issued fees locked_fraction is_halted rumour "
    "reserve_at_birth cap fee_in_fraction fee_out_fraction",
    "kind state account coin reserve_token coin_asset reserve_asset",
)
BOOKS, N_BOOKS = place_of(REDEMPTION, "reserve"), 3
MOVES = 3  # transfers of one conversion at most
NEARLY = 1.0 - 1e-12  # of what a module could just pay: the rest is rounding


@formula
def payable(module):
    """Reserve tokens that a module could pay out if it were asked now."""
    return par.payable(module.reserve, module.locked_fraction * module.reserve_at_birth)


@kernel
def take_in(ledger, module, sender, taken, made, toll):
    """Reserve tokens in, coin out: what is issued to the sender and, as a toll, to the module itself."""
    code = transfer(
        ledger, module.reserve_token, sender, module.account, taken, causes.REDEMPTION
    )  # fmt: skip
    if code == status.OK:
        code = issue_coin(ledger, module.coin, module.account, sender, made, causes.ISSUE)
    if code == status.OK and toll > 0.0:
        code = issue_coin(ledger, module.coin, module.account, module.account, toll, causes.ISSUE)
    module.reserve = module.reserve + taken
    module.issued = module.issued + made + toll
    module.fees = module.fees + toll
    return code


@kernel
def pay_out(ledger, module, sender, retired, toll, paid):
    """Coin in, reserve tokens out: what is redeemed is no more, and the toll is the module's."""
    code = retire_coin(ledger, module.coin, module.account, sender, retired, causes.RETIRE)
    if code == status.OK and toll > 0.0:
        code = transfer(ledger, module.coin, sender, module.account, toll, causes.REDEMPTION)
    if code == status.OK:
        code = transfer(
            ledger, module.reserve_token, module.account, sender, paid, causes.REDEMPTION
        )  # fmt: skip
    module.reserve = max(module.reserve - paid, 0.0)
    module.issued = max(module.issued - retired, 0.0)
    module.fees = module.fees + toll
    return code
