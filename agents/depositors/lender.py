"""Lenders: they supply what others borrow, and wait. Every debt has one of them on its other side."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Lender:
    """No rule of its own: a lender bears interest, deficits and illiquidity."""
