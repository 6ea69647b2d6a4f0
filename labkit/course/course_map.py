"""The map of the course: where the learner is, what is done, what comes next, and how long it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from labkit.course.lesson import Lesson
from labkit.course.lesson_names import number_of
from labkit.course.lessons import LESSONS
from labkit.course.progress import LessonProgress
from labkit.display import Result, Section, Table, duration

_SECONDS_A_MINUTE = 60


class NotebookPlace(NamedTuple):
    """Where a lesson's notebook is: its file, to be named, and for a browser in Jupyter its path there and its URL.

    The latter two are empty where no Jupyter server has it.
    """

    file: str = ""
    path: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapEntry:
    """One lesson on the map.

    Attributes:
        name: its notebook's name.
        lesson: what it is.
        done: how many of its needed steps are ticked.
        steps: how many it has.
        begun: whether its first cell ran.
        is_here: whether this is its notebook.
        is_next: whether to go on there.
        place: where its notebook is.
    """

    name: str
    lesson: Lesson
    done: int
    steps: int
    begun: bool
    is_here: bool
    is_next: bool
    place: NotebookPlace = NotebookPlace()

    @property
    def complete(self) -> bool:
        """Whether all needed steps are ticked."""
        return self.done >= self.steps

    @property
    def how_far(self) -> str:
        """In words."""
        if self.complete:
            return "done"
        return f"{self.done} of {self.steps} steps" if self.begun else "not begun"

    @property
    def where(self) -> str:
        """Whether the learner is here, or goes on here; empty for the other lessons."""
        if self.is_next:
            return "you are here, go on" if self.is_here else "next"
        return "you are here" if self.is_here else ""


@dataclass(frozen=True, slots=True, repr=False)
class CourseMap(Result):
    """All lessons, in their order.

    Attributes:
        entries: one for each.
        trouble: why nobody knows how far the learner is, as a sentence; empty where it is known.
    """

    entries: tuple[MapEntry, ...]
    trouble: str = ""

    @property
    def headline(self) -> str:
        """How much is done, and how long the rest takes."""
        left = [entry for entry in self.entries if not entry.complete]
        if not left:
            return "You have done the whole course. Well done!"
        rest = duration(sum(entry.lesson.minutes for entry in left) * _SECONDS_A_MINUTE)
        return f"{len(self.entries) - len(left)} of {len(self.entries)} lessons done; the rest takes about {rest}."

    def _sections(self) -> tuple[Section]:
        rows = [
            (
                "✓" if entry.complete else "→" if entry.is_next else "·",
                f"{number_of(entry.name):02}",
                entry.lesson.title,
                f"{entry.lesson.minutes} min",
                entry.how_far,
                entry.where,
            )
            for entry in self.entries
        ]
        columns = ("", "", "Lesson", "Takes", "How far", "")
        return (Section(f"The course: {self.headline}", Table(columns, rows), foot=self.trouble),)


def course_map(
    progress: Mapping[str, LessonProgress],
    *,
    here: str | None = None,
    place_of: Callable[[str], NotebookPlace] = lambda _lesson: NotebookPlace(),
    trouble: str = "",
) -> CourseMap:
    """The map for this progress.

    Args:
        progress: how far the learner is, by the lessons' names.
        here: the lesson whose notebook this is.
        place_of: where a lesson's notebook is, by the lesson's name.
        trouble: why the progress is not known.
    """
    done = {name: _done(lesson, progress.get(name, LessonProgress())) for name, lesson in LESSONS.items()}
    following = _next(here, complete={name for name, (ticked, steps) in done.items() if ticked >= steps})
    entries = [
        MapEntry(
            name=name,
            lesson=lesson,
            done=done[name][0],
            steps=done[name][1],
            begun=progress.get(name, LessonProgress()).begun is not None,
            is_here=name == here,
            is_next=name == following,
            place=place_of(name),
        )
        for name, lesson in LESSONS.items()
    ]
    return CourseMap(tuple(entries), trouble)


def _done(lesson: Lesson, progress: LessonProgress) -> tuple[int, int]:
    """How many of the needed steps are ticked, and how many there are."""
    return sum(title in progress.ticked for title in lesson.needed), len(lesson.needed)


def _next(here: str | None, *, complete: set[str]) -> str | None:
    """Where to go on: here while this is not done, then the first after it that is not, then the first of all."""
    names = list(LESSONS)
    begin = names.index(here) if here in names else 0
    return next((name for name in [*names[begin:], *names[:begin]] if name not in complete), None)
