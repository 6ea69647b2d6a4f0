"""A Task's status as its Reservations have it: TaskRouter does not say everything, and says it late.

Pure functions. What TaskRouter has said in its own order is the word that counts; what these add is what follows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from labkit.live.views import FINAL, HOLDS, ReservationView, TaskView, TransferView, task_rank
from labkit.vocabulary import ReservationStatus, TaskStatus

TAKEN = (ReservationStatus.ACCEPTED, ReservationStatus.WRAPPING)
WAITING = (TaskStatus.PENDING, TaskStatus.RESERVED)


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


def concluded_in_transfer(said: str, held: Collection[str], *, waits: bool, said_since: bool) -> str:
    """The status of a Task that is or was handed over.

    It has several Reservations: that of the Worker who hands it over stays accepted, or is wrapped up, while the other
    Worker is asked. So the furthest Reservation decides nothing, and TaskRouter's newest word counts, which may lead
    back. A Task with a pending Reservation is reserved, and one that waits for the next is pending.

    Args:
        said: what the Task was said to be last.
        held: the statuses of its Reservations that are known.
        waits: whether a transfer is under way that nobody has taken.
        said_since: whether that was said after the transfer began and its last Reservation ended.
    """
    if ReservationStatus.PENDING in held:
        return TaskStatus.RESERVED
    if waits:
        return said if said_since and said not in WAITING else TaskStatus.PENDING
    if said in WAITING:
        if ReservationStatus.ACCEPTED in held:  # taken, failed or canceled: the Event that tells of it is under way
            return TaskStatus.ASSIGNED
        return said if said_since else TaskStatus.PENDING
    return said


def held_by(reservations: Iterable[ReservationView], task: TaskView) -> str:
    """The status of a Task of which these Reservations are known."""
    if task_rank(task.status) == FINAL:
        return task.status
    known = list(reservations)
    statuses = [each.status for each in known]
    transfer = task.transfer
    moments = [each.ended_at for each in known] + [transfer.began_at if transfer else None]
    last = max((each for each in moments if each is not None), default=None)
    said_since = last is None or (task.as_of is not None and task.as_of > last)
    if not _is_transferred(task, known):
        return concluded(task.status, statuses, said_since=said_since)
    waits = transfer is not None and not any(_takes(each, transfer) for each in known)
    return concluded_in_transfer(task.said or task.status, statuses, waits=waits, said_since=said_since)


def _is_transferred(task: TaskView, known: Sequence[ReservationView]) -> bool:
    taken = sum(each.status in TAKEN for each in known)
    return task.was_handed_over or bool(task.transfers) or taken > 1 or any(each.by_transfer for each in known)


def _takes(reservation: ReservationView, transfer: TransferView) -> bool:
    """Whether the Task was handed over with this Reservation, which the transfer has made and no earlier one."""
    if reservation.status not in TAKEN or not reservation.by_transfer:
        return False
    if reservation.transfer_sid:
        return reservation.transfer_sid == transfer.sid
    created, began = reservation.created_at, transfer.began_at
    return reservation.sid != transfer.reservation_sid and (created is None or began is None or created >= began)
