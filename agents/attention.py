"""Attention: the share of its triggers that an agent acts on, so that any of them has a slow twin.

A trigger that is missed comes again in the next slot, so a share of 0.05 acts after 20 slots on average.
Each cohort owns eight streams of draws; the offsets say what each is for.
"""

from __future__ import annotations

from sim.compile import formula
from sim.view import chance

ATTENTION, PHASE, CHOICE = 0, 1, 2


@formula
def is_attentive(view, cohort, account):
    """Whether this agent pays attention in this slot."""
    if cohort.attention_fraction >= 1.0:
        return True
    return chance(view, cohort.stream + ATTENTION, account) < cohort.attention_fraction
