"""Undefined is null with a reason, never 0."""

from __future__ import annotations


class Undefined:
    """The reasons why some measures of a summary are null, by dotted name."""

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}

    def null(self, name: str, reason: str) -> None:
        """Say why ``name`` is null."""
        self.reasons[name] = reason

    def ratio(self, name: str, part: float, whole: float, reason: str) -> float | None:
        """``part / whole``, or null because there is no whole."""
        if whole > 0.0:
            return part / whole
        self.null(name, reason)
        return None
