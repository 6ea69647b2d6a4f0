"""How far this computer's clock is from Twilio's, by the `Date` of an answer; nothing from outside is imported."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from labkit.display import duration

REMARK_SECONDS = 60
"""From here on a token's first or last minute is missed."""


def seconds_ahead(date: str | None) -> float | None:
    """How many seconds this computer's clock is ahead; fewer than none where it is behind.

    Args:
        date: the header as it came; None, or no date in it, gives None.
    """
    try:
        return (datetime.now(UTC) - parsedate_to_datetime(date or "")).total_seconds()
    except (TypeError, ValueError):
        return None


def clock_is_off(seconds: float) -> str:
    """That the clock is so many seconds ahead, or behind, in minutes; a sentence without its end."""
    minutes = duration(round(abs(seconds) / 60) * 60)
    return f"This computer's clock is {minutes} {'ahead of' if seconds > 0 else 'behind'} Twilio's"
