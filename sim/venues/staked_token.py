"""A staked token at its contract: ether in at the rate, and out again through a line that is served in order.

Staking is a conversion like any other. The way back is a request: the tokens are handed in, the request joins
the line, and once it is finalised, at the rate of that moment, its owner claims the ether whenever he likes.
A halt of the module (``redemption_halt``) closes the line to new requests: in June 2022 there was none
yet, and a pool was the only way out. A loss of its reserve (``reserve_loss``) is slashing: the rate falls.
What waits belongs to whoever waits: it stands in his custody, and at the prompt with the contract.
Source: Lido's contracts, Lido.sol and WithdrawalQueueBase.sol (2023). There the rate is set, and requests are
finalised, by a report once a day; here both happen in every block.
"""

from __future__ import annotations

from sim import causes, status
from sim.compile import formula, kernel
from sim.formulas import staked_token as formulas
from sim.journal import has_room, remember
from sim.ledger import balance, burn, mint, retire_coin, transfer
from sim.records import n_words, record
from sim.transaction import CLAIM, CONVERT, REQUEST
from sim.venues.oracle import RATE
from sim.venues.redemption import BOOKS, MOVES, N_BOOKS, take_in

# ``left_fraction`` is what slashing has left of the stake; ``locked`` is ether of finalised requests.
STAKED = record(
    "rate until_seconds left_fraction locked line_until_seconds "
    "reward_per_year fee_fraction ether_per_second min_delay_seconds",
    "first_request n_requests n_final queue queue_length",
)
# ``ether`` is what was asked for and, once it is final, what will be paid; a claimed request has no account.
WAITING = record("tokens ether ready_seconds", "account keeper")
STAKED_WORDS, WAITING_WORDS = n_words(STAKED), n_words(WAITING)
CLAIMED = -1
MOST_REQUESTS = 1e15  # ever: numbers of requests are whole


@formula
def wait_seconds(terms, now_seconds):
    """How long a request waits that joins the line now, if it is small."""
    return max(terms.line_until_seconds - now_seconds, terms.min_delay_seconds)


@kernel
def advance(ledger, venues, m, now_seconds):
    """Rewards and slashing since the last block, and the requests that have become final."""
    module = venues.redemptions[m]
    terms = venues.staked[module.state]
    before = terms.rate
    terms.rate = formulas.grown(
        terms.rate, terms.reward_per_year, terms.fee_fraction, now_seconds - terms.until_seconds
    )
    terms.until_seconds = now_seconds
    left_fraction = 1.0 - module.locked_fraction
    terms.rate = terms.rate * (left_fraction / terms.left_fraction)
    terms.left_fraction = left_fraction
    for row in range(venues.feeds.shape[0]):
        feed = venues.feeds[row]
        if feed.mode == RATE and feed.asset == module.coin_asset:
            feed.rate = terms.rate
    gained = (module.reserve - terms.locked) * (terms.rate / before - 1.0)
    if gained > 0.0:
        mint(ledger, module.reserve_token, module.account, gained, causes.STAKING)
    elif gained < 0.0:
        burn(ledger, module.reserve_token, module.account, -gained, causes.STAKING)
    module.reserve = module.reserve + gained
    while terms.n_final < terms.n_requests:
        number = terms.first_request + terms.n_final
        request = venues.waiting[terms.queue + number % terms.queue_length]
        if request.ready_seconds > now_seconds:
            return
        request.ether = formulas.paid(request.ether, request.tokens, terms.rate)
        terms.locked = terms.locked + request.ether
        terms.n_final = terms.n_final + 1


@kernel
def _stake(ledger, module, terms, tx, amount, receipt):
    """Ether for tokens at the rate."""
    out = amount / terms.rate
    receipt.amount_out = out
    if tx.token_in != module.reserve_token:
        return status.QUEUE_ONLY
    if out < tx.limit:
        return status.SLIPPAGE
    if module.issued + out > module.cap:
        return status.CEILING_EXCEEDED
    return take_in(ledger, module, tx.sender, amount, out, 0.0)


@kernel
def _request(ledger, venues, module, terms, tx, tokens, custody, now_seconds):
    """Hand in tokens and join the line."""
    if module.is_halted > 0.5:
        return status.CLOSED
    if terms.n_requests >= terms.queue_length:
        return status.QUEUE_FULL
    keeper = custody if custody >= 0 else module.account
    code = transfer(ledger, module.coin, tx.sender, keeper, tokens, causes.REDEMPTION)
    if code != status.OK:
        return code
    number = terms.first_request + terms.n_requests
    request = venues.waiting[terms.queue + number % terms.queue_length]
    remember(ledger.journal, ledger.memory, request.address, WAITING_WORDS)
    request.tokens = tokens
    request.ether = tokens * terms.rate
    request.account = tx.sender
    request.keeper = keeper
    request.ready_seconds = formulas.ready_seconds(
        now_seconds, terms.line_until_seconds, request.ether,
        terms.ether_per_second, terms.min_delay_seconds,
    )  # fmt: skip
    terms.line_until_seconds = max(now_seconds, terms.line_until_seconds)
    terms.line_until_seconds = terms.line_until_seconds + request.ether / terms.ether_per_second
    terms.n_requests = terms.n_requests + 1
    if keeper == module.account:
        module.fees = module.fees + tokens
    return status.OK


@kernel
def _claim(ledger, venues, module, terms, tx, number, receipt):
    """Ether for a request that is final, to whoever made it."""
    place = number - terms.first_request
    if not 0.0 <= place < terms.n_requests:
        return status.NO_REQUEST
    request = venues.waiting[terms.queue + int(number) % terms.queue_length]
    if request.account != tx.sender:
        return status.NO_REQUEST
    if place >= terms.n_final:
        return status.NOT_FINAL
    remember(ledger.journal, ledger.memory, request.address, WAITING_WORDS)
    # Several requests of one holder stand in one balance: the last may miss what rounding has taken.
    kept = min(request.tokens, balance(ledger, module.coin, request.keeper))
    code = retire_coin(ledger, module.coin, module.account, request.keeper, kept, causes.RETIRE)
    if code == status.OK:
        code = transfer(
            ledger, module.reserve_token, module.account, tx.sender, request.ether, causes.REDEMPTION
        )  # fmt: skip
    module.reserve = module.reserve - request.ether
    module.issued = module.issued - request.tokens
    if request.keeper == module.account:
        module.fees = max(module.fees - request.tokens, 0.0)
    terms.locked = max(terms.locked - request.ether, 0.0)
    receipt.amount_in = request.tokens
    receipt.amount_out = request.ether
    request.account = CLAIMED
    while terms.n_final > 0:
        first = venues.waiting[terms.queue + terms.first_request % terms.queue_length]
        if first.account != CLAIMED:
            break
        terms.first_request = terms.first_request + 1
        terms.n_requests = terms.n_requests - 1
        terms.n_final = terms.n_final - 1
    return code


@kernel
def apply(ledger, venues, module, tx, amount, custody, now_seconds, receipt):
    """Stake, request or claim; the amount of a claim is the number of its request."""
    terms = venues.staked[module.state]
    if not has_room(ledger.journal, N_BOOKS + STAKED_WORDS + WAITING_WORDS, MOVES):
        return status.JOURNAL_FULL
    remember(ledger.journal, ledger.memory, module.address + BOOKS, N_BOOKS)
    remember(ledger.journal, ledger.memory, terms.address, STAKED_WORDS)
    if tx.kind == CLAIM:
        receipt.token = module.coin
        if not 0.0 <= amount < MOST_REQUESTS:
            return status.NO_REQUEST
        return _claim(ledger, venues, module, terms, tx, amount, receipt)
    if not amount > 0.0:
        return status.BAD_AMOUNT
    if tx.kind == CONVERT:
        return _stake(ledger, module, terms, tx, amount, receipt)
    if tx.kind == REQUEST:
        receipt.token = module.coin
        return _request(ledger, venues, module, terms, tx, amount, custody, now_seconds)
    return status.NOTHING_TO_DO
