"""How values, names and numbers stand in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from labkit.display import shown
from labkit.expressions import Trace

NAMED = 3
"""Names in a sentence, before the rest are only counted."""


def listed(names: Sequence[str], *, conjunction: str = "and") -> str:
    """``Alice``, ``Alice and Bob``, ``Alice, Bob, Carol and 4 more``."""
    kept = list(names[:NAMED])
    if len(names) > NAMED:
        return f"{', '.join(kept)} and {len(names) - NAMED} more"
    return f" {conjunction} ".join(filter(None, (", ".join(kept[:-1]), *kept[-1:])))


def capital(text: str) -> str:
    """The text with its first letter large, and a full stop."""
    ended = text if text.endswith((".", "!", "?")) else f"{text}."
    return ended[:1].upper() + ended[1:]


def reads(pairs: Iterable[tuple[str, Any]]) -> str:
    """``languages = ["en"], level is missing``."""
    return ", ".join(f"{name} is missing" if value is None else f"{name} = {shown(value)}" for name, value in pairs)


def culprit(trace: Trace) -> Trace:
    """The smallest part that makes a false expression false; of several, the first."""
    while True:
        false = [child for child in trace.children if not child.value]
        if not false or false[0].reason != trace.reason:  # AND takes over its part's reason; OR and NOT have their own
            return trace
        trace = false[0]


_SAID_BY_VALUES = (", so ", ", which is ")
"""In reasons that the values alone would tell: the comparison was a fair one."""


def why_false(trace: Trace) -> str:
    """``languages HAS "es" is false (languages = ["en"])``, with the reason where the values alone do not say it."""
    part = culprit(trace)
    if part.reads and any(words in part.reason for words in _SAID_BY_VALUES):
        return f"{part.text} is false ({reads(part.reads)})"
    return f"{part.text} is false: {part.reason.rstrip('.')}"
