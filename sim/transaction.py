"""One transaction record, and the receipt that its execution leaves.

A transaction is one or more legs that stand or fall together; legs follow each other in the mempool
and the first one says how many there are. ``amount = PROCEEDS`` in a later leg means what the swaps,
liquidations, auctions and conversions before it have brought in.
"""

from sim.records import record

SWAP = 1
ADD_LIQUIDITY = 2
REMOVE_LIQUIDITY = 3
REMOVE_AMOUNTS = 4  # so much of each coin, for as many shares as that takes
MINT_SHARES = 5  # so many shares, for as much as they cost
SWAP_EXACT_OUT = 6
COLLECT = 7  # the fees of a position
SUPPLY = 11
WITHDRAW = 12
BORROW = 13
REPAY = 14
LIQUIDATE = 15
FLASH_BORROW = 16
FLASH_REPAY = 17
USE_COLLATERAL = 18
SET_EMODE = 19
PUBLISH_PRICE = 21
OUTSIDE_TRADE = 31
OUTSIDE_LOAN = 32
OUTSIDE_RETURN = 33
DEPOSIT = 71
MINT_VAULT_SHARES = 72
WITHDRAW_ASSETS = 73
REDEEM = 74
REQUEST_REDEEM = 75
CLAIM_REDEMPTIONS = 76
CONVERT = 81  # one token into another at a redemption module
REQUEST = 82  # a place in the queue of one
CLAIM = 83
TAKE = 51
BID = 52
DEAL = 53
REDO = 54

KINDS = {
    SWAP: "swap",
    ADD_LIQUIDITY: "add_liquidity",
    REMOVE_LIQUIDITY: "remove_liquidity",
    REMOVE_AMOUNTS: "remove_amounts",
    MINT_SHARES: "mint_shares",
    SWAP_EXACT_OUT: "swap_exact_out",
    COLLECT: "collect",
    SUPPLY: "supply",
    WITHDRAW: "withdraw",
    BORROW: "borrow",
    REPAY: "repay",
    LIQUIDATE: "liquidation",
    FLASH_BORROW: "flash_borrow",
    FLASH_REPAY: "flash_repay",
    USE_COLLATERAL: "use_collateral",
    SET_EMODE: "set_emode",
    PUBLISH_PRICE: "publish_price",
    OUTSIDE_TRADE: "outside_trade",
    OUTSIDE_LOAN: "outside_loan",
    OUTSIDE_RETURN: "outside_return",
    DEPOSIT: "deposit",
    MINT_VAULT_SHARES: "mint_vault_shares",
    WITHDRAW_ASSETS: "withdraw_assets",
    REDEEM: "redeem",
    REQUEST_REDEEM: "request_redeem",
    CLAIM_REDEMPTIONS: "claim_redemptions",
    CONVERT: "convert",
    REQUEST: "request",
    CLAIM: "claim",
    TAKE: "take",
    BID: "bid",
    DEAL: "deal",
    REDO: "redo",
}

PROCEEDS = -1.0
MOST_COINS = 8  # of a pool: one transaction names an amount of each

# What the sequence number of a transaction says before and after its time in the mempool.
NEW, DONE = -1, -2

# Gas units of one verb: orders of magnitude of common mainnet calls, not verified against receipts.
GAS_UNITS = {
    SWAP: 130_000.0,
    ADD_LIQUIDITY: 180_000.0,
    REMOVE_LIQUIDITY: 180_000.0,
    REMOVE_AMOUNTS: 200_000.0,
    MINT_SHARES: 180_000.0,
    SWAP_EXACT_OUT: 130_000.0,
    COLLECT: 150_000.0,
    SUPPLY: 200_000.0,
    WITHDRAW: 220_000.0,
    BORROW: 280_000.0,
    REPAY: 190_000.0,
    LIQUIDATE: 450_000.0,
    FLASH_BORROW: 60_000.0,
    FLASH_REPAY: 60_000.0,
    USE_COLLATERAL: 90_000.0,
    SET_EMODE: 90_000.0,
    PUBLISH_PRICE: 150_000.0,
    OUTSIDE_TRADE: 0.0,
    OUTSIDE_LOAN: 0.0,
    OUTSIDE_RETURN: 0.0,
    DEPOSIT: 400_000.0,
    MINT_VAULT_SHARES: 400_000.0,
    WITHDRAW_ASSETS: 450_000.0,
    REDEEM: 450_000.0,
    REQUEST_REDEEM: 120_000.0,
    CLAIM_REDEMPTIONS: 450_000.0,
    CONVERT: 160_000.0,
    REQUEST: 160_000.0,
    CLAIM: 120_000.0,
    TAKE: 250_000.0,
    BID: 160_000.0,
    DEAL: 110_000.0,
    REDO: 130_000.0,
}

# Gas that a transaction has used by the time it reverts, against one that succeeds; not verified either.
REVERT_GAS_SHARE = 0.3

# What the sender acted on, if it acted on a price: the price, the log impact in it, and the slot it is from.
UNKNOWN = (
    -1
)  # is_endogenous: 1 if the price would not have moved anybody without that impact, 0 if it would

# What few verbs read stands last: amounts of further coins of a pool, and where a swap stops (0: nowhere).
TRANSACTION = record(
    "amount limit tip_gwei max_fee_gwei gas positions trigger_price_usd trigger_impact "
    "usd deficit_usd "  # what the leg did, filled in when it has been executed
    "amount1 amount2 amount3 amount4 amount5 amount6 amount7 sqrt_price_limit sqrt_price_limit_rest",
    "kind chain sender counterparty row token_in token_out submitted expires sequence legs cohort "
    "trigger_slot is_endogenous lower_tick upper_tick",
)

RECEIPT = record(
    "amount_in amount_out usd impact health_before oracle_price_usd market_price_usd deficit",
    "token venue",
)
