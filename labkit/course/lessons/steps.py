"""What the steps of several lessons ask of a record."""

from __future__ import annotations

from collections.abc import Callable

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
