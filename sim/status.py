"""Why a transaction reverted. A kernel returns one of these; it never raises."""

OK = 0
INSUFFICIENT_BALANCE = 1
BAD_AMOUNT = 2
SLIPPAGE = 3
NO_LIQUIDITY = 4
HEALTH_TOO_LOW = 5
NOT_LIQUIDATABLE = 6
WOULD_LEAVE_DUST = 7
CAP_EXCEEDED = 8
OUT_OF_GAS_MONEY = 9
EXPIRED = 10
MEMPOOL_FULL = 11
TOO_SOON = 12
JOURNAL_FULL = 13
NOTHING_TO_DO = 14
REPLACED = 15
NOT_CONVERGED = 50
TOO_LARGE = 51
NO_AUCTION = 60
NEEDS_RESET = 61
CANNOT_RESET = 62
AUCTION_OVER = 63
NOT_FINISHED = 64
BID_TOO_LOW = 65
AUCTION_LIMIT = 66
QUEUE_ONLY = 70
QUEUE_FULL = 71
LTV_ZERO = 16
LTV_EXCEEDED = 17
NOT_BORROWABLE = 18
NOT_IN_ISOLATION = 19
CEILING_EXCEEDED = 20
NOT_COLLATERAL = 21
NOTHING_OWED = 22
SELF_LIQUIDATION = 23
NOT_REPAID = 24
NO_SUCH_MODE = 25
DEBT_NOT_IN_MODE = 26
COLLATERAL_NOT_IN_MODE = 27
PRICE_LIMIT = 52
BAD_RANGE = 53
NO_POSITION = 54
TOO_MUCH_LIQUIDITY = 55
TABLE_FULL = 56
NO_AUCTION = 61
NEEDS_RESET = 62
CANNOT_RESET = 63
AUCTION_OVER = 64
NOT_FINISHED = 65
BID_TOO_LOW = 66
AUCTION_LIMIT = 67
RESERVE_DRY = 80
CLOSED = 81
BELOW_MINIMUM = 82
DAILY_CAP_EXCEEDED = 83
NO_REQUEST = 84
NOT_FINAL = 85
SOLD_IN_PART = 90
BAND_IN_USE = 91
DEBT_TOO_HIGH = 92
NO_LOAN = 93

REASONS = {
    OK: "ok",
    INSUFFICIENT_BALANCE: "insufficient balance",
    BAD_AMOUNT: "bad amount",
    SLIPPAGE: "slippage limit",
    NO_LIQUIDITY: "no liquidity",
    HEALTH_TOO_LOW: "health too low",
    NOT_LIQUIDATABLE: "not liquidatable",
    WOULD_LEAVE_DUST: "would leave dust",
    CAP_EXCEEDED: "cap exceeded",
    OUT_OF_GAS_MONEY: "cannot pay gas",
    EXPIRED: "expired",
    MEMPOOL_FULL: "mempool full",
    TOO_SOON: "price already waiting",
    JOURNAL_FULL: "journal full",
    NOTHING_TO_DO: "nothing to do",
    REPLACED: "replaced by a prior duty",
    NOT_CONVERGED: "no convergence",
    TOO_LARGE: "more than the pool allows at once",
    QUEUE_ONLY: "redemptions wait in line here",
    QUEUE_FULL: "the line is full",
    LTV_ZERO: "loan-to-value is zero",
    LTV_EXCEEDED: "loan-to-value exceeded",
    NOT_BORROWABLE: "not borrowable here",
    NOT_IN_ISOLATION: "not borrowable in isolation",
    CEILING_EXCEEDED: "debt ceiling exceeded",
    NOT_COLLATERAL: "not used as collateral",
    NOTHING_OWED: "nothing owed",
    SELF_LIQUIDATION: "own position",
    NOT_REPAID: "flash loan not repaid",
    NO_SUCH_MODE: "no such e-mode",
    DEBT_NOT_IN_MODE: "debt not allowed in this e-mode",
    COLLATERAL_NOT_IN_MODE: "collateral worthless in this e-mode",
    PRICE_LIMIT: "price limit on the wrong side",
    BAD_RANGE: "not a range of ticks of this pool",
    NO_POSITION: "no position",
    TOO_MUCH_LIQUIDITY: "too much liquidity on a tick",
    TABLE_FULL: "no room for another tick or position",
    NO_AUCTION: "no such auction",
    NEEDS_RESET: "auction needs a reset",
    CANNOT_RESET: "auction needs no reset",
    AUCTION_OVER: "auction is over",
    NOT_FINISHED: "auction not finished",
    BID_TOO_LOW: "bid too low",
    AUCTION_LIMIT: "no room for another auction",
    RESERVE_DRY: "reserve is dry",
    CLOSED: "closed now",
    BELOW_MINIMUM: "below the minimum",
    DAILY_CAP_EXCEEDED: "daily cap exceeded",
    NO_REQUEST: "no such request",
    NOT_FINAL: "request not finalised",
    SOLD_IN_PART: "part of the collateral is sold already",
    BAND_IN_USE: "a band that should take collateral holds coin",
    DEBT_TOO_HIGH: "more debt than the bands would cover",
    NO_LOAN: "no loan",
}
