"""Misspelt keys: each key of each preset a letter wrong is refused, and the nearest name is the original."""

from __future__ import annotations

import copy
import random
import string
from collections.abc import Iterator
from typing import Any

import pytest

from scenarios.load import scenario_from
from scenarios.names import edit_distance, nearest
from scenarios.read import Layer, layers, preset_names
from sim.errors import InputError

MISSPELLINGS_A_KEY = 4


def one_letter_wrong(word: str, rng: random.Random) -> str:
    place, letter = rng.randrange(len(word)), rng.choice(string.ascii_lowercase)
    return rng.choice(
        (
            word[:place] + word[place + 1 :],
            word[:place] + letter + word[place:],
            word[:place] + letter + word[place + 1 :],
            word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :],
        )
    )


def places(table: dict[str, Any], path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every key, once for each kind of table."""
    for key, value in table.items():
        yield (*path, key)
        for place, row in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(row, dict):
                yield from places(row, (*path, key, place) if row is not value else (*path, key))


def kinds_of_key(table: dict[str, Any]) -> list[tuple[Any, ...]]:
    kinds: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for path in places(table):
        row = table[path[0]][path[1]] if len(path) > 2 and isinstance(path[1], int) else {}
        kind = (
            *(part for part in path if isinstance(part, str)),
            row.get("strategy"),
            row.get("shock"),
        )
        kinds.setdefault(kind, path)
    return list(kinds.values())


def answer(told: list[Layer], path: tuple[Any, ...], wrong: str) -> str | None:
    table = copy.deepcopy(told[-1].table)
    parent: Any = table
    for part in path[:-1]:
        parent = parent[part]
    renamed = {wrong if key == path[-1] else key: value for key, value in parent.items()}
    parent.clear()
    parent.update(renamed)
    before = told[:-1] if "extends" in table else []
    with pytest.raises(InputError) as caught:
        scenario_from([*before, Layer("misspelt.toml", table)])
    assert wrong in str(caught.value)
    assert "misspelt.toml" in str(caught.value)
    return caught.value.nearest


@pytest.mark.parametrize("preset", preset_names())
def test_the_nearest_name_of_a_key_misspelt_by_a_letter_is_the_original(preset: str) -> None:
    rng = random.Random(preset)
    told = layers(preset)
    asked, right = 0, 0
    for path in kinds_of_key(told[-1].table):
        for _ in range(MISSPELLINGS_A_KEY):
            wrong = one_letter_wrong(path[-1], rng)
            if wrong and wrong != path[-1]:
                asked += 1
                right += answer(told, path, wrong) == path[-1]
    assert asked > 20
    assert right >= 0.95 * asked


def test_a_swap_of_two_letters_is_one_edit() -> None:
    assert edit_distance("helath", "health") == 1
    assert nearest("helath", ["wealth", "health"]) == "health"
    assert nearest("something_else", ["health"]) is None
