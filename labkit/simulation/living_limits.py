"""How much a contact centre may be that lives in a sandbox: others use it while a day of it is played."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_DAY_SECONDS = 24 * 3600.0

MOST_WORKERS = 200
MOST_SPEED = 10_000.0
"""Seconds of the sandbox's in one of the computer's."""
MOST: Mapping[str, float] = MappingProxyType(
    {
        "calls_per_hour": 10_000.0,
        "hours": 24.0,
        "talk_seconds": _DAY_SECONDS,
        "wrap_up_seconds": _DAY_SECONDS,
        "patience_seconds": _DAY_SECONDS,
        "answer_seconds": _DAY_SECONDS,
        "away_seconds": _DAY_SECONDS,
        "break_every_seconds": _DAY_SECONDS,
        "break_seconds": _DAY_SECONDS,
        "missed": 1.0,
    }
)
"""Of each number of a `ContactCentre`."""
