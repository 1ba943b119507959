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
from sim.tables import CONCENTRATED, MINT_AND_BURN, UNDERLYING
from sim.venues.any_pool import is_basket
from sim.venues.bands import row_of
from sim.venues.positions import holdings

(
    SUPPLY, POOL_BOOKS, RESERVE_BOOKS, EXCHANGE_BOOKS, GAS_BOOKS, SHARE_BOOKS, ISSUE_BOOKS, COIN_BOOKS,
    POSITION_BOOKS, CLAIM_BOOKS, MODULE_BOOKS, BAND_BOOKS, CUSTODY_BOOKS,
) = range(1, 14)  # fmt: skip
BOOKS = (
    "", "supply", "pool books", "reserve books", "exchange books", "gas books", "share vault books",
    "books of issued coin", "coin books", "position books", "claims on pools",
    "books of redemption modules", "books of bands", "custody books",
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
def _pool_sides(world, row):
    """Both reserves of a pool against what its account holds, then its shares against those issued."""
    pool = world.venues.pools[row // 3]
    if row % 3 == 2 and pool.lp_token < 0:
        return pool.token0, 0.0, 0.0  # its shares are those of its positions
    if row % 3 == 2:
        return pool.lp_token, _issued(world.ledger, pool.lp_token), pool.lp_supply
    token = pool.token0 if row % 3 == 0 else pool.token1
    if is_basket(pool):  # it has coin books
        return token, 0.0, 0.0
    booked = pool.reserve0 if row % 3 == 0 else pool.reserve1
    return token, balance(world.ledger, token, pool.account), booked


@kernel
def _position_sides(world, row):
    """The liquidity of a shared position against its tokens in issue."""
    position = world.venues.positions[row]
    if position.token < 0:
        return 0, 0.0, 0.0
    return position.token, _issued(world.ledger, position.token), position.liquidity


@kernel
def _claim_sides(world, row):
    """A reserve of a concentrated pool against all that its positions and the protocol may take out."""
    venues = world.venues
    p = 0
    while venues.pools[p].kind != CONCENTRATED or venues.pools[p].state != row // 2:
        p += 1
    pool = venues.pools[p]
    state = venues.concentrated[row // 2]
    claimed = state.protocol_owed0 if row % 2 == 0 else state.protocol_owed1
    for k in range(state.first_position, state.first_position + state.n_positions):
        amount0, amount1 = holdings(venues, k)
        claimed += amount0 if row % 2 == 0 else amount1
    if row % 2 == 0:
        return pool.token0, pool.reserve0, claimed
    return pool.token1, pool.reserve1, claimed


@kernel
def _reserve_sides(world, row):
    """The cash of a reserve against what its account holds, then receipts and debts against those issued."""
    reserve = world.venues.reserves[row // 3]
    if row % 3 == 0:
        return reserve.token, balance(world.ledger, reserve.token, reserve.account), reserve.cash
    token = reserve.receipt_token if row % 3 == 1 else reserve.debt_token
    booked = reserve.scaled_supply if row % 3 == 1 else reserve.scaled_debt
    return token, _issued(world.ledger, token), booked


@kernel
def _share_sides(world, row):
    """What a share vault keeps idle, and the shares that stand in line there, against what its account holds;
    then its shares against those issued."""
    vault = world.venues.share_vaults[row // 3]
    if row % 3 == 0:
        return vault.token, balance(world.ledger, vault.token, vault.account), vault.idle
    if row % 3 == 1:
        waiting = balance(world.ledger, vault.share_token, vault.account)
        return vault.share_token, waiting, vault.waiting_shares
    return vault.share_token, _issued(world.ledger, vault.share_token), vault.supply


@kernel
def _gas_sides(world, row):
    """Base fees and tips that a chain has counted against what was paid, and what its builder keeps."""
    chain = world.chains.table[row // 3]
    token = chain.native_token
    if row % 3 == 2:
        return token, balance(world.ledger, token, chain.builder), chain.tips_paid
    cause = causes.GAS if row % 3 == 0 else causes.TIP
    counted = chain.fees_burned if row % 3 == 0 else chain.tips_paid
    return token, world.ledger.flow[cause, token], counted


@kernel
def _issue_sides(world, token):
    """Coin issued and not retired against what reserves and modules say of it; nothing of other tokens."""
    said = 0.0
    for r in range(world.venues.reserves.shape[0]):
        if world.venues.reserves[r].token == token:
            said += world.venues.reserves[r].issued
    for m in range(world.venues.redemptions.shape[0]):
        module = world.venues.redemptions[m]
        if module.coin == token:
            said += module.issued
        if module.kind == MINT_AND_BURN and module.reserve_token == token:
            said += world.venues.virtual_pools[module.state].volatile_issued
    flow = world.ledger.flow
    return token, flow[causes.ISSUE, token] - flow[causes.RETIRE, token], said


@kernel
def _module_sides(world, row):
    """The reserve of a module, then the tolls that it has kept, against what its account holds."""
    module = world.venues.redemptions[row // 2]
    token = module.reserve_token if row % 2 == 0 else module.coin
    booked = module.reserve if row % 2 == 0 else module.fees
    return token, balance(world.ledger, token, module.account), booked


@kernel
def _band_sides(world, row):
    """What a market's pool holds, collateral then coin, against the sum of its bands."""
    venues = world.venues
    market = venues.banded[row // 2]
    pool = venues.pools[market.pool]
    total = 0.0
    for n in range(market.lowest_used, market.highest_used + 1):
        band = venues.bands[row_of(market, n)]
        total += band.collateral if row % 2 == 0 else band.coin
    if row % 2 == 0:
        return pool.token0, pool.reserve0, total
    return pool.token1, pool.reserve1, total


@kernel
def _sides(world, books, row):
    """One line of the books: the token, what the ledger says of it, and what the book says."""
    if books == POOL_BOOKS:
        return _pool_sides(world, row)
    if books == RESERVE_BOOKS:
        return _reserve_sides(world, row)
    if books == GAS_BOOKS:
        return _gas_sides(world, row)
    if books == SHARE_BOOKS:
        return _share_sides(world, row)
    if books == POSITION_BOOKS:
        return _position_sides(world, row)
    if books == CLAIM_BOOKS:
        return _claim_sides(world, row)
    if books == EXCHANGE_BOOKS:
        exchange = world.venues.exchanges[row]
        held = balance(world.ledger, exchange.token, exchange.account)
        return exchange.token, held, exchange.inventory
    if books == ISSUE_BOOKS:
        return _issue_sides(world, row)
    if books == MODULE_BOOKS:
        return _module_sides(world, row)
    if books == BAND_BOOKS:
        return _band_sides(world, row)
    if books == COIN_BOOKS:
        coin = world.venues.coins[row]
        held = balance(world.ledger, coin.token, world.venues.pools[coin.pool].account)
        return coin.token, held, coin.balance + coin.protocol_fee
    return row, _supply(world.ledger, row), _issued(world.ledger, row)


@kernel
def _n_lines(world, books):
    """Lines of these books: one a token, exchange or position, two or three a pool, reserve or chain."""
    if books == POOL_BOOKS:
        return 3 * world.venues.pools.shape[0]
    if books == RESERVE_BOOKS:
        return 3 * world.venues.reserves.shape[0]
    if books == GAS_BOOKS:
        return 3 * world.chains.table.shape[0]
    if books == SHARE_BOOKS:
        return 3 * world.venues.share_vaults.shape[0]
    if books == EXCHANGE_BOOKS or books == ISSUE_BOOKS:
        return world.venues.exchanges.shape[0]
    if books == POSITION_BOOKS:
        return world.venues.positions.shape[0]
    if books == CLAIM_BOOKS:
        return 2 * world.venues.concentrated.shape[0]
    if books == COIN_BOOKS:
        return world.venues.coins.shape[0]
    if books == MODULE_BOOKS:
        return 2 * world.venues.redemptions.shape[0]
    if books == BAND_BOOKS:
        return 2 * world.venues.banded.shape[0]
    return world.tokens.shape[0]


@kernel
def audit(world):
    """Compare all books, line by line; True if they agree."""
    ledger = world.ledger
    holds = True
    for books in range(SUPPLY, BAND_BOOKS + 1):
        for row in range(_n_lines(world, books)):
            token, left, right = _sides(world, books, row)
            holds = _agree(world, books, row, token, left, right) and holds
    for c in range(world.cohorts.table.shape[0]):
        if world.cohorts.table[c].settlement_slots > 0:
            holds = _custody_agrees(world, c) and holds
    for token in range(world.tokens.shape[0]):
        ledger.gross[token] = 0.0
        ledger.moves[token] = 0
    return holds
