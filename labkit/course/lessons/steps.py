"""What the steps of several lessons ask of a record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

from labkit.callback_events import EventCallback
from labkit.course.record import LessonRecord
from labkit.error_codes import ErrorCode
from labkit.vocabulary import EventType, Instruction

AT_ONCE = timedelta(seconds=1)
"""What one step brings about happens at one moment."""


def happened(kind: EventType) -> Callable[[LessonRecord], bool]:
    """Whether there is an event of this type."""
    return lambda record: bool(record.of(kind))


def accepted_after(answer: Instruction | None) -> Callable[[LessonRecord], bool]:
    """Whether a Reservation was accepted whose assignment callback got this answer; None stands for `{}`."""
    return lambda record: any(record.accepted_after(answer))


def refused(path: str, *, code: ErrorCode = ErrorCode.INVALID) -> Callable[[LessonRecord], bool]:
    """Whether TaskRouter refused a request of this kernel's, of a path with this piece in it and with this code."""
    return lambda record: any(path in each.get("path", "") and each.get("code") == code for each in record.calls)


def moves(record: LessonRecord, *, worker: str = "", activity: str = "") -> list[EventCallback]:
    """The changes of Activity, oldest first.

    Args:
        record: what the check was given.
        worker: only those of the Worker of this name.
        activity: only those into the Activity of this name.
    """
    return [
        event
        for event in record.of(EventType.WORKER_ACTIVITY_UPDATE)
        if event.worker_name == (worker or event.worker_name)
        and event.worker_activity_name == (activity or event.worker_activity_name)
    ]


def sent_to(record: LessonRecord, event: EventCallback) -> list[str]:
    """The names of the Activities to which the Worker of an event changed at the same moment."""
    at = event.happened(record.heard)
    return [
        move.worker_activity_name
        for move in moves(record)
        if move.worker_sid == event.worker_sid and abs(move.happened(record.heard) - at) < AT_ONCE
    ]


def asked(record: LessonRecord, method: str, ending: str = "") -> Iterator[Mapping[str, Any]]:
    """Of this kernel's requests that TaskRouter took: what was asked for, the parameters of path and form.

    Args:
        record: what the check was given.
        method: of the requests, such as `POST`.
        ending: of their paths.
    """
    return (parameters for path, parameters in _taken(record, method) if path.endswith(ending))


def by_rest(record: LessonRecord, **parameters: str) -> Counter[str]:
    """How often this kernel's requests have asked this of something, by the SID with which their paths end."""
    taken = _taken(record, "POST")
    return Counter(path.rpartition("/")[2] for path, told in taken if parameters.items() <= told.items())


def _taken(record: LessonRecord, method: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for call in record.calls:
        path, _, query = str(call.get("path", "")).partition("?")
        if call.get("method") == method and (call.get("status") or 500) < 400:
            yield path, {**{name: values[-1] for name, values in parse_qs(query).items()}, **call.get("form", {})}
