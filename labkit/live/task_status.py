"""A Task's status as its Reservations have it: TaskRouter does not say everything, and says it late.

Pure functions. What TaskRouter has said in its own order is the word that counts; what these add is what follows.
"""

from __future__ import annotations

from collections.abc import Iterable

from labkit.live.views import HOLDS, ReservationView, TaskView, task_rank
from labkit.vocabulary import TaskStatus


def concluded(status: str, reservations: Iterable[str], *, said_since: bool) -> str:
    """A Task's status as its Reservations have it.

    When the last open Reservation of a Task ends without acceptance, the Task is pending again, and TaskRouter has no
    Event for that: `reservation.timeout` itself still says `reserved`. So it is concluded here. A Task that is further
    along than its Reservations tell is what it was said to be.

    Args:
        status: what the Task was said to be last.
        reservations: the statuses of its Reservations that are known.
        said_since: whether that was said after the last of them ended.
    """
    held = [HOLDS[each] for each in reservations if each in HOLDS]
    if held:
        furthest = max(held, key=task_rank)
        return furthest if task_rank(furthest) >= task_rank(status) else status
    return status if said_since or status != TaskStatus.RESERVED else TaskStatus.PENDING


def held_by(reservations: Iterable[ReservationView], task: TaskView) -> str:
    """The status of a Task of which these Reservations are known."""
    known = list(reservations)
    ended = max((each.ended_at for each in known if each.ended_at is not None), default=None)
    said_since = ended is None or (task.as_of is not None and task.as_of > ended)
    return concluded(task.status, (each.status for each in known), said_since=said_since)
