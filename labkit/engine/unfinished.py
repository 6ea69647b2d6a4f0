"""Work that one command begins and that is too long for it: the rest is done in slices, so that others come in between.

Each slice is a unit of work of its own, with its own fixed point and its own commit, and all that is promised of the
state holds after each. What is left stands in a record's field, so that a sandbox that was killed goes on with it; this
is only the order in which to look. An entry whose record has moved on since is passed over.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

RE_EVALUATED_AT_ONCE = 100
"""Tasks; some 20 ms."""
MOVES_AT_ONCE = 100
"""Targets that one Task leaves in one unit of work; some 10 ms."""
JUDGED_AT_ONCE = 5_000
"""Workers that are asked a TaskQueue's expression; some 10 ms."""
JUDGED_CHARACTERS_AT_ONCE = 1_000_000
"""The same for a long expression: its characters, for each Worker; some 20 ms."""


class Work(IntEnum):
    """What is to go on."""

    RE_EVALUATION = 1
    """Waiting Tasks follow a Workflow's new configuration (`Workflow.re_evaluating`)."""
    JUDGING = 2
    """Workers are asked a TaskQueue's expression (`TaskQueue.judged_through`)."""
    MOVING = 3
    """A Task goes through the targets of its Workflow (`Task.is_moving`)."""


class Unfinished(NamedTuple):
    """One record's work that is to go on."""

    work: Work
    workspace_sid: str
    sid: str
