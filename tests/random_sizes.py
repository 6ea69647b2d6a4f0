"""How much chance a test takes: little before a commit, more in CI, and very much in `make soak`."""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")


def sized(quick: T, *, ci: T, soak: T) -> T:
    """The size that LABKIT_HYPOTHESIS asks for: `ci`, `soak`, or the first without it."""
    return {"ci": ci, "soak": soak}.get(os.environ.get("LABKIT_HYPOTHESIS", ""), quick)
