"""Takes the Workspaces of lessons away, so that a lesson can begin anew."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from labkit import limits
from labkit.course.lesson_names import FIRST, lesson_named, number_of, workspace_name
from labkit.course.lessons import LESSONS
from labkit.display import Result, Section
from labkit.taskrouter.errors import asking

_QUICKSTART_STAYS = (
    "The first lesson works in the quickstart's Workspace, which is not taken away. lab.clear_tasks() ends its Tasks."
)


@dataclass(frozen=True, slots=True, repr=False)
class ClearedLessons(Result):
    """Which Workspaces were taken away.

    Attributes:
        names: of those Workspaces.
        note: what else is to be said.
    """

    names: tuple[str, ...] = ()
    note: str = ""

    def _sections(self) -> tuple[Section]:
        return (Section(self.headline),)

    @property
    def headline(self) -> str:
        """It in a sentence or two."""
        gone = f"Taken away, with all that was in {'it' if len(self.names) == 1 else 'them'}: {', '.join(self.names)}."
        return " ".join(filter(None, (gone if self.names else "", self.note)))


def lesson_workspaces(*, beside: str) -> dict[str, str]:
    """The name of the Workspace of each lesson that has one of its own, by the lesson's name.

    Args:
        beside: the name of the quickstart's Workspace. Where that is too long for a lesson's, the lesson is left out.
    """
    own = [lesson for lesson in LESSONS if lesson != FIRST]
    room = limits.MAX_NAME_CHARACTERS - len(beside) - len(": ")
    return {lesson: workspace_name(lesson, beside=beside) for lesson in own if len(lesson) <= room}


def lessons_among(names: Iterable[str], *, beside: str) -> list[int]:
    """The numbers of the lessons whose Workspaces are among these names, in the course's order."""
    there = {name.casefold() for name in names}
    found = lesson_workspaces(beside=beside)
    return [number_of(lesson) for lesson, name in found.items() if name.casefold() in there]


def clear_lessons(
    client: Any, lesson: object = None, *, beside: str, may_go: Callable[[str], bool] = lambda _sid: True
) -> ClearedLessons:
    """Take away a lesson's Workspace, or those of all lessons; never the quickstart's.

    Args:
        client: from `labkit.taskrouter.client.connect`.
        lesson: its number or name; None for all.
        beside: the name of the quickstart's Workspace.
        may_go: whether the Workspace of this SID may be taken away; others of a lesson's name are left, and named.

    Raises:
        SettingsError: there is no such lesson.
        TaskRouterError: TaskRouter refused, or did not answer; what was taken away before stays away.
    """
    names = lesson_workspaces(beside=beside)
    if lesson is not None:
        name = lesson_named(lesson)
        if name == FIRST:
            return ClearedLessons(note=_QUICKSTART_STAYS)
        names = {name: workspace_name(name, beside=beside)}
    found = _workspaces_called(client, names.values())
    gone = [each for each in found if may_go(each.sid)]
    _delete(client, gone)
    left = ", ".join(each.friendly_name for each in found if each not in gone)
    notes = ("" if gone else "There was nothing to take away.", _LEFT.format(left) if left else "")
    return ClearedLessons(tuple(each.friendly_name for each in gone), " ".join(filter(None, notes)))


_LEFT = "Left, because the lab did not make them in this account: {}. lab.teardown() takes back what it made in them."


def _workspaces_called(client: Any, names: Collection[str]) -> list[Any]:
    """Those of these names, letter case aside."""
    wanted = {name.casefold() for name in names}
    with asking("list the Workspaces"):
        there = client.taskrouter.v1.workspaces.list(page_size=limits.MAX_PAGE_SIZE)
    return [each for each in there if each.friendly_name.casefold() in wanted]


def _delete(client: Any, workspaces: Iterable[Any]) -> None:
    """With all that is in them (docs: /docs/taskrouter/api/workspace#delete-a-workspace-resource)."""
    for each in workspaces:
        with asking(f"delete the Workspace {each.friendly_name!r}"):
            client.taskrouter.v1.workspaces(each.sid).delete()
