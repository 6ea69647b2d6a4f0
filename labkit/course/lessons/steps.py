"""What the steps of several lessons ask of a record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs

from labkit.course.record import LessonRecord
from labkit.error_codes import ErrorCode
from labkit.vocabulary import EventType, Instruction


def happened(kind: EventType) -> Callable[[LessonRecord], bool]:
    """Whether there is an event of this type."""
    return lambda record: bool(record.of(kind))


def accepted_after(answer: Instruction | None) -> Callable[[LessonRecord], bool]:
    """Whether a Reservation was accepted whose assignment callback got this answer; None stands for `{}`."""
    return lambda record: any(record.accepted_after(answer))


def refused(path: str, *, code: ErrorCode = ErrorCode.INVALID) -> Callable[[LessonRecord], bool]:
    """Whether TaskRouter refused a request of this kernel's, of a path with this piece in it and with this code."""
    return lambda record: any(path in each.get("path", "") and each.get("code") == code for each in record.calls)


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
