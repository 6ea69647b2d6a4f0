"""RoomCourse: the course as a lab in a room sees it, which is elsewhere: each plays it in a lab of their own."""

from __future__ import annotations

from collections.abc import Mapping

from labkit.course import Report, Solution
from labkit.course.clearing import ClearedLessons
from labkit.course.progress import LessonProgress
from labkit.errors import LabError
from labkit.lab.course_controls import CourseControls

ELSEWHERE = (
    "This lab is in the room that all share, and a lesson is played in a lab of your own: open its notebook, whose "
    "first cell starts that."
)


class RoomCourse(CourseControls):
    """Says where the course is. Arguments as for `CourseControls`."""

    def begin(self) -> None:
        """Nothing: no lesson begins here."""

    def check(self, lesson: object, *, step: int | None) -> Report:  # noqa: ARG002
        """Refused. Raises LabError."""
        raise LabError(ELSEWHERE)

    def solution(self, step: int | None, *, lesson: object) -> Solution:  # noqa: ARG002
        """Refused. Raises LabError."""
        raise LabError(ELSEWHERE)

    def clear(self, lesson: object) -> ClearedLessons:  # noqa: ARG002
        """Refused. Raises LabError."""
        raise LabError(ELSEWHERE)

    def _read_progress(self) -> tuple[Mapping[str, LessonProgress], str]:
        return {}, ELSEWHERE
