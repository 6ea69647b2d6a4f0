"""What a click on the button of a status line does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from labkit.background import JobOutcome
from labkit.widgets.base import text_of
from labkit.widgets.status.lines import StatusLine

Remedy = Callable[[str], str | None]
"""Does what a line offers, by its `action`; may return a sentence that is shown."""


def remedied(message: Mapping[str, Any], *, lines: Sequence[StatusLine], remedy: Remedy) -> JobOutcome | str | None:
    """Do what a page asks for by a click on a line's button, if a line still offers it."""
    action = text_of(message, "remedy")
    if action not in {line["action"] for line in lines if line["action"]}:
        return JobOutcome(ok=False, text="This is not offered any more.")
    return remedy(action)
