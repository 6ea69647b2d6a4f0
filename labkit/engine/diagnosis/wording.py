"""How values, names and numbers stand in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from labkit.display import duration, shown
from labkit.engine.diagnosis.findings import ReasonKind
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


_OF_SEVERAL: Mapping[ReasonKind, tuple[str, str, str]] = {
    ReasonKind.ROUTING_TARGET: (
        "is not the Worker to whom it was sent",
        "are not the Worker to whom it was sent",
        "is the Worker to whom it was sent",
    ),
    ReasonKind.QUEUE_EXPRESSION: (
        "does not match the TaskQueue",
        "do not match the TaskQueue",
        "matches the TaskQueue",
    ),
    ReasonKind.KNOWN_WORKER: (
        "is not the known Worker",
        "are not the known Worker",
        "is the known Worker",
    ),
    ReasonKind.TARGET_EXPRESSION: (
        "does not match the target's expression",
        "do not match the target's expression",
        "matches the target's expression",
    ),
    ReasonKind.ACTIVITY: (
        "is in an Activity that takes no Tasks",
        "are in Activities that take no Tasks",
        "is in an Activity that takes Tasks",
    ),
    ReasonKind.NO_CHANNEL: (
        "has no WorkerChannel for it",
        "have no WorkerChannel for it",
        "has a WorkerChannel for it",
    ),
    ReasonKind.CHANNEL_UNAVAILABLE: (
        "is not available on its channel",
        "are not available on its channel",
        "is available on its channel",
    ),
    ReasonKind.CAPACITY: (
        "has no room for it",
        "have no room for it",
        "has room for it",
    ),
    ReasonKind.HOLDS: (
        "has a Reservation of it already",
        "have a Reservation of it already",
        "is without a Reservation of it",
    ),
}
"""A reason in words, after one name, after several, and after "none of them"."""


def of_several(kind: ReasonKind, number: int) -> str:
    """A reason that so many Workers share, after their names or their number: ``have no room for it``."""
    one, more, _ = _OF_SEVERAL[kind]
    return one if number == 1 else more


def of_none(kind: ReasonKind) -> str:
    """A reason that keeps all of them from it, after ``none of the 3 Workers``: ``has room for it``."""
    return _OF_SEVERAL[kind][2]


def period(seconds: float) -> str:
    """How long, for a sentence: ``3 min 5 s``; nothing lasts 0 s."""
    return duration(seconds) if seconds >= 1 else "less than 1 s"


def times(number: int) -> str:
    """How often: ``once``, ``twice``, ``3 times``."""
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")


def full_stop(text: str) -> str:
    """The text as a sentence that ends once, also where a stranger's words are its end."""
    ended = text.removesuffix(".")
    return ended if ended.endswith((".", "!", "?", "…")) else f"{ended}."


def capital(text: str) -> str:
    """The text with its first letter large, and a full stop."""
    return full_stop(text[:1].upper() + text[1:])


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
