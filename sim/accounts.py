"""Kinds of account. Everyone who can hold a token is an account; kinds are contiguous in number."""

NOBODY = -1  # the other side of a mint or a burn

OUTSIDE = 0  # the rest of the world, with a declared finite inventory
BUILDER = 1
POOL = 2
MARKET = 3
OPERATOR = 4
KEEPER = 5
TRADER = 6
DEPOSITOR = 7
VAULT = 8
SHARE_VAULT = 10  # vaults whose shares are tokens, and their curators
REDEMPTION = 11  # modules that issue a coin and redeem it
CUSTODY = 9  # what a keeper or trader has sold outside and not yet been paid

NAMES = (
    "outside",
    "builder",
    "pool",
    "market",
    "operator",
    "keeper",
    "trader",
    "depositor",
    "vault",
    "custody",
    "share_vault",
    "redemption",
)
