"""Mint and burn: a coin for one dollar's worth of a volatile token at the oracle's price, and back.

The module keeps nothing: what comes in is burned and what goes out is new, so it can always pay, in a token
that is worth less the more of it is made. It believes in one dollar a coin whatever a coin costs elsewhere,
and in the oracle of the volatile token, whose lag is a gift to whoever trades against it.
What the spread keeps is never made; on the chain it was, for the voters of the oracle, or was burned.
Source: Terra Core, x/market, keeper/swap.go (ComputeSwap, ApplySwapToPool) and keeper.go (ReplenishPools).
"""

from __future__ import annotations

from sim import causes, status
from sim.compile import kernel
from sim.formulas import mint_and_burn as formulas
from sim.journal import remember
from sim.ledger import issue_coin, retire_coin
from sim.records import n_words, record

# ``delta`` and ``base_pool`` in coin; ``volatile_issued`` is what it has made less what it has burned.
VIRTUAL_POOLS = record(
    "delta volatile_issued base_pool min_spread_fraction recovery_blocks block_seconds", "feed"
)
POOL_WORDS = n_words(VIRTUAL_POOLS)
STEP = 0.01  # of spread: what whoever trades at once accepts beyond the first token's


@kernel
def recover(pools, seconds):
    """The virtual pools go back to rest for so long."""
    blocks = seconds / pools.block_seconds
    pools.delta = formulas.recovered(pools.delta, blocks, pools.recovery_blocks)


@kernel
def pays(pools, volatile_usd, is_burn, amount):
    """What comes out for so much coin (``is_burn``), or for so many volatile tokens."""
    if is_burn:
        spread = formulas.burn_spread(
            amount, pools.base_pool, pools.delta, pools.min_spread_fraction
        )  # fmt: skip
        return amount * (1.0 - spread) / volatile_usd
    offered = amount * volatile_usd
    spread = formulas.mint_spread(offered, pools.base_pool, pools.delta, pools.min_spread_fraction)
    return offered * (1.0 - spread)


@kernel
def most(pools, volatile_usd, is_burn):
    """What can be traded at once before the spread grows by a hundredth over that of the first token."""
    least = pools.min_spread_fraction
    if is_burn:
        first = formulas.burn_spread(0.0, pools.base_pool, pools.delta, least)
        return formulas.most_burned(pools.base_pool, pools.delta, min(first + STEP, 1.0 - STEP))
    first = formulas.mint_spread(0.0, pools.base_pool, pools.delta, least)
    worth = formulas.most_minted(pools.base_pool, pools.delta, min(first + STEP, 1.0 - STEP))
    return worth / volatile_usd


@kernel
def convert(ledger, module, pools, feeds, tx, amount, is_burn, receipt):
    """Burn what comes in, make what goes out."""
    volatile_usd = feeds[pools.feed].price_usd
    out = pays(pools, volatile_usd, is_burn, amount)
    receipt.amount_out = out
    receipt.oracle_price_usd = volatile_usd
    if out < tx.limit:
        return status.SLIPPAGE
    if not is_burn and module.issued + out > module.cap:
        return status.CEILING_EXCEEDED
    remember(ledger.journal, ledger.memory, pools.address, POOL_WORDS)
    made = module.reserve_token if is_burn else module.coin
    code = retire_coin(ledger, tx.token_in, module.account, tx.sender, amount, causes.RETIRE)
    if code == status.OK:
        code = issue_coin(ledger, made, module.account, tx.sender, out, causes.ISSUE)
    if is_burn:
        module.issued = module.issued - amount
        pools.volatile_issued = pools.volatile_issued + out
        pools.delta = pools.delta + amount
    else:
        module.issued = module.issued + out
        pools.volatile_issued = pools.volatile_issued - amount
        pools.delta = pools.delta - out
    return code
