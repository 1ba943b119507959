"""Why tokens moved: one code on every transfer, mint and burn. Who paid whom is read off these."""

BIRTH = 0
SWAP = 1
LIQUIDITY = 2
SUPPLY = 3
WITHDRAW = 4
BORROW = 5
REPAY = 6
LIQUIDATION = 7
DEFICIT = 8
GAS = 9
TIP = 10
OUTSIDE_TRADE = 11
SETTLEMENT = 12
OUTSIDE_LOAN = 13
REPRICING = 14
DEPOSIT = 15
REDEMPTION = 16
FLASH_LOAN = 17
ISSUE = 18  # a stablecoin made for whoever borrows it ...
RETIRE = 19  # ... and taken out of the world when it is repaid
STAKING = 20  # ether that staking has earned, or slashing taken

NAMES = (
    "birth",
    "swap",
    "liquidity",
    "supply",
    "withdraw",
    "borrow",
    "repay",
    "liquidation",
    "deficit",
    "gas",
    "tip",
    "outside_trade",
    "settlement",
    "outside_loan",
    "repricing",
    "deposit",
    "redemption",
    "flash_loan",
    "issue",
    "retire",
    "staking",
)
N_CAUSES = len(NAMES)
