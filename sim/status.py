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
NOT_CONVERGED = 16
TOO_LARGE = 17
QUEUE_ONLY = 70
QUEUE_FULL = 71

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
}
