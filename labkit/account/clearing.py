"""Takes lessons' Workspaces away in an account, where only those that the lab made may go."""

from __future__ import annotations

from typing import Any

from labkit.account.memory import AccountMemory
from labkit.course.clearing import ClearedLessons, clear_lessons
from labkit.workspace_file.kinds import PartKind


def clear_made_lessons(memory: AccountMemory, client: Any, lesson: object = None, *, beside: str) -> ClearedLessons:
    """As `labkit.course.clearing.clear_lessons`; a Workspace of a lesson's name that the lab did not make is left.

    Raises:
        AccountMemoryError: what the lab made cannot be read, so nothing is taken away.
    """
    every = ((known.name, each) for known in memory.workspaces() for each in known.made)
    made = {each.sid: name for name, each in every if each.sid and each.kind == PartKind.WORKSPACE}
    cleared = clear_lessons(client, lesson, beside=beside, may_go=made.__contains__)
    for sid, name in made.items():
        if name in cleared.names:
            memory.forget(name, sid=sid)
    return cleared
