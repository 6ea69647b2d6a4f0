"""Course: the lessons, how far each is, and which comes next; a click opens a lesson's notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from labkit.background import JobOutcome, Jobs
from labkit.course.course_map import CourseMap, MapEntry
from labkit.course.lesson_names import number_of
from labkit.display import Section, sections_of
from labkit.widgets.base import EarlyPanel, Handler, script, style
from labkit.widgets.lab_parts import PanelParts


class CoursePanel(EarlyPanel):
    """The map of the course.

    Args:
        course: gives it as it is now.
        jobs: where it is asked for again.
    """

    title = "The course"
    _esm = script("course")
    _css = style("course")
    looks: ClassVar[frozenset[str]] = frozenset({"look"})

    def __init__(self, course: Callable[[], CourseMap], *, jobs: Jobs | None = None) -> None:
        self._course = course
        super().__init__(jobs=jobs)

    @classmethod
    def of_lab(cls, lab: PanelParts) -> CoursePanel:
        """The panel of a lab."""
        return cls(lab.course, jobs=lab.jobs)

    def __str__(self) -> str:
        return str(self._course())

    def pictured(self) -> Iterable[Section]:
        """The map as text has it."""
        return sections_of(self._course())

    def _content(self) -> dict[str, Any]:
        course = self._course()
        return {
            "headline": course.headline,
            "trouble": course.trouble,
            "lessons": [_shown(entry) for entry in course.entries],
        }

    def _handlers(self) -> Mapping[str, Handler]:
        return {"look": self._look}

    def _look(self, _message: Mapping[str, Any]) -> JobOutcome:
        """Another notebook may have ticked something."""
        self.refresh()
        return JobOutcome(ok=True)


def _shown(entry: MapEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "number": f"{number_of(entry.name):02}",
        "title": entry.lesson.title,
        "goal": _able_to(entry.lesson.goal),
        "minutes": entry.lesson.minutes,
        "done": entry.done,
        "steps": entry.steps,
        "howFar": entry.how_far,
        "where": entry.where,
        "complete": entry.complete,
        "here": entry.is_here,
        "next": entry.is_next,
        "file": entry.place.file,
        "path": entry.place.path,
        "url": entry.place.url,
    }


def _able_to(goal: str) -> str:
    """The goal without the words that each of them begins with."""
    short = goal.removeprefix("You will be able to ")
    return short[:1].upper() + short[1:]


PANEL = CoursePanel
