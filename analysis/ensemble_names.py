"""Which number was meant: its whole dotted name, the end of one, or one of two words of the headline."""

from __future__ import annotations

from collections.abc import Sequence

from scenarios.names import listed, nearest
from sim.errors import InputError

SHORT = {
    "loss_fraction": "losses.system.loss_at_worst_fraction",
    "bad_debt_fraction": "liquidations.bad_debt_over_debt",
}


def resolve(name: str, known: Sequence[str]) -> str:
    """The name among those that are known; refuses what none or several of them end in."""
    if name in known:
        return name
    if SHORT.get(name) in known:
        return SHORT[name]
    ends = [full for full in known if full.endswith(f".{name}")]
    if len(ends) == 1:
        return ends[0]
    if ends:
        raise InputError(None, None, name, f"could be any of: {listed(ends)}")
    last = {full.rpartition(".")[2]: full for full in known}
    near = nearest(name, known) or last.get(nearest(name, last) or "")
    problem = f"there is no such number among {len(known)}"
    raise InputError(None, None, name, problem, near)
