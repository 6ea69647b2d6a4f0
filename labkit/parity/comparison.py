"""Where two plays of one scenario differ: answers, fields, events, their fields, codes and times."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from labkit.parity.record import ABSENT, LoggedEvent, PlayedScenario, StepRecord
from labkit.parity.roles import TIME

TOLERANCE_SECONDS = 5.0
"""How far two times may be apart: an account is asked over the internet, and its log has whole seconds."""
_DURATION = re.compile(r"(^|_)age$|_age_|duration|^(total|avg|min|max)$|wait_time")
"""Names of fields that count seconds."""


class Category(StrEnum):
    """What kind of thing differs."""

    ANSWER = "answer"
    FIELD = "field"
    EVENT = "event"
    EVENT_FIELD = "event field"
    CODE = "code"
    TIME = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParityDifference:
    """One thing that the two sides do not have alike.

    Attributes:
        category: what kind of thing it is.
        scenario, step: where.
        place: what of the step, such as `status`, `reason`, `task.canceled: task_age`.
        a, b: what either side said; `ABSENT` where it said nothing.
        choices: the sandbox's choices that this step would settle.
    """

    category: Category
    scenario: str
    step: str
    place: str
    a: Any
    b: Any
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Apart:
    """Of two steps: the category, the place, and what either says."""

    category: Category
    place: str
    a: Any
    b: Any


def differences(a: PlayedScenario, b: PlayedScenario) -> list[ParityDifference]:
    """Where two plays of one scenario differ, step by step."""
    claimed: dict[str, list[str]] = {}
    for claim in (*a.claims, *b.claims):
        if claim.choice not in claimed.setdefault(claim.step, []):
            claimed[claim.step].append(claim.choice)
    names = list(dict.fromkeys([each.name for each in a.steps] + [each.name for each in b.steps]))
    found = [(name, each) for name in names for each in _step(a.step(name), b.step(name))]
    if bool(a.cut_short) != bool(b.cut_short):
        found.append(("the end", _Apart(Category.ANSWER, "cut short", a.cut_short or ABSENT, b.cut_short or ABSENT)))
    return [
        ParityDifference(
            category=each.category,
            scenario=a.name,
            step=name,
            place=each.place,
            a=each.a,
            b=each.b,
            choices=tuple(claimed.get(name, ())),
        )
        for name, each in found
    ]


def _step(a: StepRecord | None, b: StepRecord | None) -> Iterator[_Apart]:
    if a is None or b is None:
        yield _Apart(Category.ANSWER, "step", ABSENT if a is None else "played", ABSENT if b is None else "played")
        return
    for place in ("status", "came"):
        if getattr(a, place) != getattr(b, place):
            yield _Apart(Category.ANSWER, place, getattr(a, place), getattr(b, place))
    for place in ("code", "message"):
        if getattr(a, place) != getattr(b, place):
            yield _Apart(Category.CODE, place, getattr(a, place), getattr(b, place))
    if a.seconds is not None and b.seconds is not None and abs(a.seconds - b.seconds) > TOLERANCE_SECONDS:
        yield _Apart(Category.TIME, "seconds until it was so", a.seconds, b.seconds)
    if (a.status or 0) // 100 == (b.status or 0) // 100:
        yield from _values("", a.answer, b.answer, Category.FIELD)
    yield from _values("header", dict(a.headers), dict(b.headers), Category.FIELD)
    yield from _values("callback", _indexed(a.callbacks), _indexed(b.callbacks), Category.FIELD)
    yield from _events(a.events or (), b.events or ())


def _indexed(values: Sequence[Any] | None) -> Mapping[str, Any]:
    return {str(number): each for number, each in enumerate(values or ())}


def _events(a: Sequence[LoggedEvent], b: Sequence[LoggedEvent]) -> Iterator[_Apart]:
    types_a, types_b = [each.type for each in a], [each.type for each in b]
    count_a, count_b = Counter(types_a), Counter(types_b)
    for kind in sorted({*types_a, *types_b}):
        if count_a[kind] != count_b[kind]:
            yield _Apart(Category.EVENT, f"how many {kind}", count_a[kind], count_b[kind])
    if count_a == count_b and types_a != types_b:
        yield _order(types_a, types_b)
    for kind in sorted(count_a & count_b):
        pairs = zip(_of_type(a, kind), _of_type(b, kind), strict=False)
        for number, (one, other) in enumerate(pairs, start=1):
            yield from _event(f"{kind} {number}" if count_a[kind] > 1 else kind, one, other)


def _order(a: Sequence[str], b: Sequence[str]) -> _Apart:
    """The part in which they are not in the same order."""
    same = SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes()
    moved = [each for each in same if each[0] != "equal"]
    begin, end = min(each[1] for each in moved), max(each[2] for each in moved)
    begin_b, end_b = min(each[3] for each in moved), max(each[4] for each in moved)
    return _Apart(Category.EVENT, "order", list(a[begin:end]), list(b[begin_b:end_b]))


def _of_type(events: Sequence[LoggedEvent], kind: str) -> list[LoggedEvent]:
    return [each for each in events if each.type == kind]


def _event(name: str, a: LoggedEvent, b: LoggedEvent) -> Iterator[_Apart]:
    if abs(a.after - b.after) > TOLERANCE_SECONDS:
        yield _Apart(Category.TIME, f"{name}: seconds since the first", a.after, b.after)
    for part, other in ((a.fields, b.fields), (a.data, b.data)):
        for each in _values("", dict(part), dict(other), Category.EVENT_FIELD):
            yield _Apart(each.category, f"{name}: {each.place}", each.a, each.b)


def _values(place: str, a: Any, b: Any, category: Category) -> Iterator[_Apart]:
    """Where two values are not alike, down to the single ones."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        for name in sorted({*a, *b}):
            yield from _values(f"{place}.{name}".lstrip("."), a.get(name, ABSENT), b.get(name, ABSENT), category)
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for number, (one, other) in enumerate(zip(a, b, strict=True)):
            yield from _values(f"{place}.{number}".lstrip("."), one, other, category)
    elif type(a) is not type(b) or a != b:
        times = _seconds(place, a), _seconds(place, b)
        if None in times:
            yield _Apart(category, place, a, b)
        elif abs(times[0] - times[1]) > TOLERANCE_SECONDS:  # type: ignore[operator]  # neither is None
            yield _Apart(Category.TIME, place, a, b)


def _seconds(place: str, value: Any) -> float | None:
    """How many seconds a value says; None if it is no time."""
    found = TIME.fullmatch(value) if isinstance(value, str) else None
    if found:
        return float(found[1])
    name = place.rpartition(".")[2]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if _DURATION.search(name) and (is_number or (isinstance(value, str) and value.isdecimal())):
        return float(value)
    return None
