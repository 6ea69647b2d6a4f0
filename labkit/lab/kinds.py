"""What differs between a lab of one's own and a lab in a room: of which parts it is put together, chosen here alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labkit.lab.connection import Connection
from labkit.lab.course_controls import CourseControls
from labkit.lab.progress_sharing import reporter_for
from labkit.lab.running_parts import RunningParts
from labkit.room.progress_report import ProgressReporter
from labkit.sandbox_client.client import SANDBOX_OWNER


@dataclass(frozen=True, slots=True, kw_only=True)
class LabKind:
    """The parts of a lab.

    Attributes:
        connection: makes the line to TaskRouter; arguments and errors as for `Connection`.
        course: the lessons.
        reporter: makes what tells a workshop how far the learner is; arguments as for `reporter_for`.
        parts: what needs the Workspace.
        owner: who may do everything to the sandbox, in words.
    """

    connection: Callable[..., Connection]
    course: type[CourseControls]
    reporter: Callable[..., ProgressReporter | None]
    parts: type[RunningParts]
    owner: str


def kind_of(mode: str) -> LabKind:
    """The parts of a lab of this mode."""
    return _in_room() if mode == "room" else _OWN


_OWN = LabKind(
    connection=Connection, course=CourseControls, reporter=reporter_for, parts=RunningParts, owner=SANDBOX_OWNER
)


def _in_room() -> LabKind:
    from labkit.lab.room_connection import RoomConnection
    from labkit.lab.room_course import RoomCourse
    from labkit.lab.room_parts import RoomParts

    return LabKind(
        connection=lambda settings, *, stream, starting: RoomConnection(settings, stream=stream),  # noqa: ARG005
        course=RoomCourse,
        reporter=lambda *_, **__: None,  # the course is played elsewhere
        parts=RoomParts,
        owner="the instructor",
    )
