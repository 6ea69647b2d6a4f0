"""How far a learner is, shared with the instructor of a workshop: what is said of it, sent of it, and switched off.

Only where a workshop's hub has told the address of its room. What goes there names lessons and steps of the course,
which are done and how often each hint was told; nothing that the learner has written.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from labkit.background import Work
from labkit.course.progress import LessonProgress
from labkit.display import Result, Section
from labkit.errors import RoomError
from labkit.room.client import RoomClient, hub_token
from labkit.room.progress_report import ProgressReporter

ROOM_URL = "LABKIT_ROOM_URL"
"""Where the hub says to every server what room there is."""
SECONDS = 3.0
"""For one report: a lab that is stopped waits for it."""
_PATH = "progress"

SHARED = (
    "The instructor of this workshop sees how far you are in the course: your lesson, which of its steps are done, and "
    "which hints you were told. Nothing of your code, your Tasks or your Workers is sent. "
    "labkit.share_progress(False) switches it off, and what was sent is deleted."
)
NOT_SHARED = "The instructor of this workshop does not see how far you are. labkit.share_progress(True) shares it."


@dataclass(frozen=True, slots=True, repr=False)
class SharingAnswer(Result):
    """What holds after a choice, in a sentence."""

    said: str

    def _sections(self) -> tuple[Section]:
        return (Section(self.said),)


def reporter_for(
    home: Path, *, submit: Callable[[Work], object], environ: Mapping[str, str] | None = None
) -> ProgressReporter | None:
    """What tells the room; None where there is none.

    Args:
        home: the lab's, where the choice is remembered.
        submit: runs something in the background.
        environ: says where the room is; this process's by default.
    """
    env = os.environ if environ is None else environ
    try:
        room = RoomClient(env.get(ROOM_URL, ""), hub_token(env))
    except RoomError:
        return None  # a lab that wants to be in the room says why
    return ProgressReporter(
        home,
        post=partial(room.post, _PATH, seconds=SECONDS),
        delete=partial(room.delete, _PATH, seconds=SECONDS),
        submit=submit,
    )


def sharing_note(reporter: ProgressReporter | None) -> str:
    """What the first cell says about it; nothing where there is no workshop."""
    if reporter is None:
        return ""
    return SHARED if reporter.choice.shares else NOT_SHARED


def as_report(lesson: str | None, progress: Mapping[str, LessonProgress]) -> dict[str, Any]:
    """What is sent: the lesson, and of each that was begun the titles of its steps, with no moments.

    Args:
        lesson: the one that the lab was started for, by its name.
        progress: how far the learner is, by the lesson's name.
    """
    return {
        "lesson": lesson,
        "lessons": {
            name: {"ticked": sorted(each.ticked), "missed": dict(each.missed)} for name, each in progress.items()
        },
    }


def chosen(reporter: ProgressReporter | None, *, shares: bool) -> SharingAnswer:
    """Choose, and say what holds now.

    Raises:
        LabError: it holds, but cannot be kept.
    """
    if reporter is None:
        return SharingAnswer("This lab is in no workshop, so nothing is shared with anybody.")
    deleted = reporter.choose(shares=shares)
    if shares:
        return SharingAnswer(SHARED)
    told = "What was sent is deleted." if deleted else "The room does not answer; what was sent is deleted later."
    return SharingAnswer(f"Nothing more is sent. {told} labkit.share_progress(True) shares it again.")
