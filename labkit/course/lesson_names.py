"""How a lesson is called: by its number, by its notebook, and by the Workspace that it works in."""

from __future__ import annotations

from pathlib import PureWindowsPath

from labkit import limits
from labkit.course.lessons import LESSONS
from labkit.errors import SettingsError

FIRST = "00_start_here"
"""The one that works in the quickstart's Workspace; each other has one of its own."""


def lesson_named(given: object) -> str:
    """The name of a lesson's notebook, such as `07_routing`.

    Args:
        given: that name, a path that ends in it, or the lesson's number (`7`, `"7"`, `"07"`).

    Raises:
        SettingsError: there is no such lesson; the message lists those that there are.
    """
    text = str(given).strip()
    found = lesson_of(text) or next(
        (name for name in LESSONS if text.isdecimal() and int(text) == number_of(name)), None
    )
    if found is None:
        raise SettingsError(f"There is no lesson {given!r}. The lessons are: {', '.join(LESSONS)}.")
    return found


def lesson_of(path: str) -> str | None:
    """The lesson whose notebook this is, or a copy of it; None where it is none of the course's."""
    # A copy that Jupyter made is called 00_start_here-Copy1. A Windows path reads either slash.
    stem = PureWindowsPath(path).stem
    return next((name for name in LESSONS if stem == name or stem.startswith(f"{name}-")), None)


def number_of(lesson: str) -> int:
    """A lesson's place in the course, by its name."""
    return int(lesson.partition("_")[0])


def has_own_workspace(lesson: str | None) -> bool:
    """Whether the Workspace is a lesson's, which is the lab's alone; that of the quickstart may be its owner's."""
    return lesson not in (None, FIRST)


def workspace_name(lesson: str, *, beside: str) -> str:
    """The friendly name of a lesson's Workspace, such as `TaskRouter Lab: 07 routing`.

    Args:
        lesson: its name, as `lesson_named` gives it.
        beside: the name of the quickstart's Workspace (the setting `workspace`), which stands before that of each
            lesson, so that several learners can share one account.

    Raises:
        SettingsError: it would be too long for TaskRouter.
    """
    if lesson == FIRST:
        return beside
    name = f"{beside}: {lesson.replace('_', ' ')}"
    if len(name) > limits.MAX_NAME_CHARACTERS:
        raise SettingsError(
            f"The Workspace of this lesson would be called {name!r}, which is longer than the "
            f"{limits.MAX_NAME_CHARACTERS} characters that TaskRouter takes. Give a shorter workspace than {beside!r}."
        )
    return name
