"""The conservation audit: balances against mints and burns, and every venue's books against the ledger.

Tolerance: 1e-9 of the gross flow since the last audit plus 1e-15 of the supply an operation. What rounding
had added up to by the last audit is remembered, so that a long run is judged as strictly as a short one.
A breach stops the run; ``log.n[3]`` says which books disagree, ``log.n[2]`` which token.
"""

from __future__ import annotations

from sim import causes
from sim.compile import kernel
from sim.fields import SETTLES_AT, field
from sim.ledger import balance
from sim.tables import UNDERLYING

SUPPLY, POOL_BOOKS, RESERVE_BOOKS, EXCHANGE_BOOKS, GAS_BOOKS, CUSTODY_BOOKS = 1, 2, 3, 4, 5, 6
BOOKS = (
    "", "supply", "pool books", "reserve books", "exchange books", "gas books", "custody books",
)  # fmt: skip
FLOW_TOLERANCE = 1e-9
SUPPLY_TOLERANCE = 1e-15


@kernel
def _supply(ledger, token):
    """Compensated sum of a token over all accounts, ascending."""
    total = 0.0
    lost = 0.0
    for group in range(ledger.offset.shape[1]):
        start = ledger.offset[token, group]
        if start >= 0:
            for k in range(start, start + ledger.first[group + 1] - ledger.first[group]):
                amount = ledger.balance[k]
                after = total + amount
                if total >= amount:
                    lost += (total - after) + amount
                else:
                    lost += (amount - after) + total
                total = after
    return total + lost


@kernel
def _agree(world, books, row, token, left, right):
    """Whether two sides have not drifted apart since the last audit; the first that have are kept."""
    ledger = world.ledger
    scale = abs(left) if world.tokens[token].kind == UNDERLYING else ledger.minted[token, 0]
    rounding = SUPPLY_TOLERANCE * scale * (ledger.moves[token] + 1)
    allowed = FLOW_TOLERANCE * ledger.gross[token] + rounding
    gap = left - right
    if abs(gap - ledger.drift[books, row]) <= allowed:
        ledger.drift[books, row] = gap
        return True
    _keep_breach(world, books, token, left, right)
    return False


@kernel
def _keep_breach(world, books, token, left, right):
    """Say which books disagree, unless others did before."""
    if world.log.n[3] == 0:
        world.log.n[2] = token
        world.log.n[3] = books
        world.log.breach[0] = left
        world.log.breach[1] = right


@kernel
def _issued(ledger, token):
    """Minted less burned since the beginning."""
    minted = ledger.minted[token, 0] - ledger.burned[token, 0]
    return minted + (ledger.minted[token, 1] - ledger.burned[token, 1])


@kernel
def _custody_agrees(world, c):
    """Whether nothing of a cohort waits in custody without a slot in which it is paid out."""
    cohort = world.cohorts.table[c]
    due = field(world.cohorts, c, SETTLES_AT)
    for row in range(cohort.n_rows):
        for a in range(world.venues.exchanges.shape[0]):
            token = world.venues.exchanges[a].token
            waits = balance(world.ledger, token, cohort.first_custody + row)
            if due[row] == 0.0 and waits != 0.0:
                _keep_breach(world, CUSTODY_BOOKS, token, waits, 0.0)
                return False
    return True


@kernel
def audit(world):
    """Compare all books; True if they agree."""
    ledger = world.ledger
    holds = True
    for token in range(world.tokens.shape[0]):
        supply = _supply(ledger, token)
        holds = _agree(world, SUPPLY, token, token, supply, _issued(ledger, token)) and holds
    for p in range(world.venues.pools.shape[0]):
        pool = world.venues.pools[p]
        held0 = balance(ledger, pool.token0, pool.account)
        held1 = balance(ledger, pool.token1, pool.account)
        issued = _issued(ledger, pool.lp_token)
        holds = _agree(world, POOL_BOOKS, 3 * p, pool.token0, held0, pool.reserve0) and holds
        holds = _agree(world, POOL_BOOKS, 3 * p + 1, pool.token1, held1, pool.reserve1) and holds
        holds = (
            _agree(world, POOL_BOOKS, 3 * p + 2, pool.lp_token, issued, pool.lp_supply) and holds
        )
    for r in range(world.venues.reserves.shape[0]):
        reserve = world.venues.reserves[r]
        cash = balance(ledger, reserve.token, reserve.account)
        supply = _issued(ledger, reserve.receipt_token)
        debt = _issued(ledger, reserve.debt_token)
        holds = _agree(world, RESERVE_BOOKS, 3 * r, reserve.token, cash, reserve.cash) and holds
        holds = (
            _agree(
                world,
                RESERVE_BOOKS,
                3 * r + 1,
                reserve.receipt_token,
                supply,
                reserve.scaled_supply,
            )
            and holds
        )
        holds = (
            _agree(world, RESERVE_BOOKS, 3 * r + 2, reserve.debt_token, debt, reserve.scaled_debt)
            and holds
        )
    for a in range(world.venues.exchanges.shape[0]):
        exchange = world.venues.exchanges[a]
        held = balance(ledger, exchange.token, exchange.account)
        holds = _agree(world, EXCHANGE_BOOKS, a, exchange.token, held, exchange.inventory) and holds
    for c in range(world.chains.table.shape[0]):
        chain = world.chains.table[c]
        token = chain.native_token
        burned = ledger.flow[causes.GAS, token]
        tips = ledger.flow[causes.TIP, token]
        kept = balance(ledger, token, chain.builder)
        holds = _agree(world, GAS_BOOKS, 3 * c, token, burned, chain.fees_burned) and holds
        holds = _agree(world, GAS_BOOKS, 3 * c + 1, token, tips, chain.tips_paid) and holds
        holds = _agree(world, GAS_BOOKS, 3 * c + 2, token, kept, chain.tips_paid) and holds
    for c in range(world.cohorts.table.shape[0]):
        if world.cohorts.table[c].settlement_slots > 0:
            holds = _custody_agrees(world, c) and holds
    for token in range(world.tokens.shape[0]):
        ledger.gross[token] = 0.0
        ledger.moves[token] = 0
    return holds
