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

REASONS = (
    "ok",
    "insufficient balance",
    "bad amount",
    "slippage limit",
    "no liquidity",
    "health too low",
    "not liquidatable",
    "would leave dust",
    "cap exceeded",
    "cannot pay gas",
    "expired",
    "mempool full",
    "price already waiting",
    "journal full",
    "nothing to do",
    "replaced by a prior duty",
)
