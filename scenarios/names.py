"""The nearest known name: every unknown name is answered with it.

Distance is the number of letters inserted, deleted, replaced or swapped with their neighbour:
Damerau (1964), "A technique for computer detection and correction of spelling errors", in the
restricted form that edits no letter twice.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

LONGEST = 64  # letters compared; longer names are nobody's misspelling


def edit_distance(one: str, other: str) -> int:
    """Least number of one-letter edits between two words."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def nearest(word: object, known: Iterable[str], taken: Collection[str] = ()) -> str | None:
    """The known name that ``word`` most likely meant, or None if nothing is near.

    Of names equally near, one that is not ``taken`` wins: a key that is missing from its table is
    likelier to have been meant than one that stands there already.
    """
    if not isinstance(word, str) or not word or len(word) > LONGEST:
        return None
    spelt = word.lower()

    def rank(name: str) -> tuple[int, bool, float, str]:
        likeness = difflib.SequenceMatcher(None, spelt, name.lower()).ratio()
        return (edit_distance(spelt, name.lower()), name in taken, -likeness, name)

    ranked = sorted(map(rank, known))
    if ranked and ranked[0][0] <= max(2, len(word) // 3):
        return ranked[0][3]
    return None


def listed(known: Iterable[str], limit: int = 12) -> str:
    """Known names as they stand in a message: the first few, in order of declaration."""
    names = list(known)
    return ", ".join(names[:limit]) + (", ..." if len(names) > limit else "")
