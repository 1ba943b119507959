"""Stories in which every verb of a family of venues moves its tokens, audited on the way.

A story says which modules it is about (``MODULES``, by their first letters) and tells itself anew each time:
``tell()`` returns whether every audit held. ``tests/sim/test_conservation.py`` plants faults into them.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType


def stories() -> list[ModuleType]:
    """All stories but the one of the block itself, which is everybody else's."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [importlib.import_module(f"{__name__}.{name}") for name in names if name != "block"]


def story_of(module: str) -> ModuleType:
    """The story in which a module moves tokens."""
    for story in stories():
        if module.startswith(story.MODULES):
            return story
    return importlib.import_module(f"{__name__}.block")
