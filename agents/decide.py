"""The switchboard: which rule a cohort follows. Adding a strategy adds one branch here."""

from __future__ import annotations

from agents.depositors import coin_holder, liquidity_provider, share_holder
from agents.keepers import auction_keeper, liquidator
from agents.traders import arbitrageur, noise, patient_arbitrageur, peg_arbitrageur
from agents.vaults import band_borrower, cppi, fixed_weight, leveraged_loop, volatility_target
from sim.compile import kernel


@kernel
def decide(view, first, last):
    """Let the compiled cohorts from ``first`` to before ``last`` decide, in order of declaration."""
    if view.now[0].is_trading == 0:
        return
    for c in range(first, last):
        cohort = view.cohorts.table[c]
        if cohort.is_python == 0:
            if cohort.strategy == 1:
                fixed_weight.decide(view, c)
            elif cohort.strategy == 2:
                cppi.decide(view, c)
            elif cohort.strategy == 3:
                leveraged_loop.decide(view, c)
            elif cohort.strategy == 4:
                volatility_target.decide(view, c)
            elif cohort.strategy == 5:
                band_borrower.decide(view, c)
            elif cohort.strategy == 20:
                liquidator.decide(view, c)
            elif cohort.strategy == 21 or cohort.strategy == 22:
                auction_keeper.decide(view, c)
            elif cohort.strategy == 30:
                arbitrageur.decide(view, c)
            elif cohort.strategy == 31:
                noise.decide(view, c)
            elif cohort.strategy == 32:
                peg_arbitrageur.decide(view, c)
            elif cohort.strategy == 33:
                patient_arbitrageur.decide(view, c)
            elif cohort.strategy == 40:
                liquidity_provider.decide(view, c)
            elif cohort.strategy == 42:
                share_holder.decide(view, c)
            elif cohort.strategy == 43:
                coin_holder.decide(view, c)
