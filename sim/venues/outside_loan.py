"""Capital that the outside world lends for the length of one transaction, and takes back before it ends.

It is what a keeper without frictions works with: whoever cannot return it has bought what it cannot sell, and
the whole transaction reverts.
"""

from __future__ import annotations

from sim import causes, status
from sim.compile import boundary
from sim.journal import has_room, remember
from sim.ledger import transfer
from sim.transaction import OUTSIDE_LOAN
from sim.venues.outside import EXCHANGE_WORDS


@boundary(int)
def apply(ledger, exchanges, tx, amount, receipt):
    """Lend ``amount`` of an asset out of the outside world's inventory, or take it back."""
    exchange = exchanges[tx.row]
    if not amount > 0.0:
        return status.BAD_AMOUNT
    if not has_room(ledger.journal, EXCHANGE_WORDS, 0):
        return status.JOURNAL_FULL
    remember(ledger.journal, ledger.memory, exchange.address, EXCHANGE_WORDS)
    lends = tx.kind == OUTSIDE_LOAN
    payer = exchange.account if lends else tx.sender
    receiver = tx.sender if lends else exchange.account
    code = transfer(ledger, exchange.token, payer, receiver, amount, causes.OUTSIDE_LOAN)
    if code != status.OK:
        return code
    exchange.inventory = exchange.inventory + (-amount if lends else amount)
    receipt.token = exchange.token
    receipt.venue = exchange.account
    receipt.amount_in = amount
    return status.OK
