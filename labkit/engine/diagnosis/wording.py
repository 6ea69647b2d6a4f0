"""How values, names and numbers stand in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from labkit.display import shown
from labkit.expressions import Trace

NAMED = 3
"""Names in a sentence, before the rest are only counted."""


def listed(names: Sequence[str], *, conjunction: str = "and") -> str:
    """``Alice``, ``Alice and Bob``, ``Alice, Bob, Carol and 4 more``; nobody is counted alone."""
    kept = list(names if len(names) <= NAMED + 1 else names[:NAMED])
    if len(names) > len(kept):
        which = "one of " if conjunction == "or" else ""
        return f"{', '.join(kept)} {conjunction} {which}{len(names) - NAMED:,} more"
    return f" {conjunction} ".join(filter(None, (", ".join(kept[:-1]), *kept[-1:])))


def capital(text: str) -> str:
    """The text with its first letter large, and a full stop."""
    ended = text if text.endswith((".", "!", "?")) else f"{text}."
    return ended[:1].upper() + ended[1:]


def reads(pairs: Iterable[tuple[str, Any]]) -> str:
    """``languages is ["en"], level is not set``."""
    return ", ".join(f"{name} is {'not set' if value is None else shown(value)}" for name, value in pairs)


def culprit(trace: Trace) -> Trace:
    """The smallest part that makes a false expression false; of several, the first."""
    while True:
        false = [child for child in trace.children if not child.value]
        if not false or false[0].reason != trace.reason:  # AND takes over its part's reason; OR and NOT have their own
            return trace
        trace = false[0]


def why_false(trace: Trace) -> str:
    """``languages is ["en"], without "es"``; of alternatives and of NOT, with the values that were read."""
    part = culprit(trace)
    values = f" ({reads(part.reads)})" if part.children and part.reads else ""
    return f"{part.reason.removesuffix('.')}{values}"
