"""What is expected of every refusal: one line, within a second, that survives a journey between processes."""

from __future__ import annotations

import pathlib
import pickle
import time
from collections.abc import Sequence
from typing import Any

import pytest

from scenarios.load import load
from sim.errors import InputError

SECONDS = 1.0


def refused(name: Any, overrides: Sequence[str] = (), **changes: Any) -> InputError:
    """Load and expect one clear refusal, within a second."""
    begun = time.perf_counter()
    with pytest.raises(InputError) as caught:
        load(name, overrides, changes or None)
    assert time.perf_counter() - begun < SECONDS
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 1200
    assert caught.value.exit_code == 2
    assert str(pickle.loads(pickle.dumps(caught.value))) == message
    return caught.value


def written(folder: pathlib.Path, text: str | bytes, name: str = "mine.toml") -> pathlib.Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def extended(folder: pathlib.Path, text: str) -> InputError:
    """The refusal of a calm market with this at its end."""
    path = written(folder, 'schema = 1\nextends = "calm_market"\n' + text)
    error = refused(path)
    assert str(path) in str(error)
    return error
