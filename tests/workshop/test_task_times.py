"""What the room's Events say of its Tasks: who waits, and how long those waited who were taken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from workshop.room.task_times import MOST_TASKS, RoomTasks, last_at_work, waits_of

MORNING = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


def told(kind: str, task: str = "WT1", *, at: float, queue: str = "English", worker: str = "") -> dict[str, str]:
    """The form of an event callback, so many seconds after the morning."""
    moment = int((MORNING + timedelta(seconds=at)).timestamp() * 1000)
    worked = {"WorkerName": worker} if worker else {}
    return {"EventType": kind, "TaskSid": task, "TaskQueueName": queue, "TimestampMs": str(moment), **worked}


LIFE = [
    told("task.created", at=0, queue=""),
    told("task-queue.entered", at=0),
    told("reservation.created", at=1, worker="ana"),
    told("reservation.accepted", at=4, worker="ana"),
    told("task.completed", at=60),
]


@pytest.mark.parametrize("order", list(permutations(range(5)))[::7])
def test_a_tasks_life_is_the_same_in_whatever_order_it_is_told(order: tuple[int, ...]) -> None:
    """Events come late, and twice."""
    tasks = RoomTasks()
    for index in (*order, 0, 3):
        tasks.hear(LIFE[index])

    [task] = tasks.tasks
    assert (task.queue, task.worker, task.waits, task.waited_seconds) == ("English", "ana", False, 4.0)
    assert task.ended == MORNING + timedelta(seconds=60)


def test_a_queue_says_who_waits_since_when_and_how_long_the_others_did() -> None:
    """Half of them, and 95 of a hundred."""
    tasks = RoomTasks()
    for number in range(1, 101):
        tasks.hear(told("task.created", f"WT{number}", at=0))
        tasks.hear(told("reservation.accepted", f"WT{number}", at=number, worker="ana"))
    tasks.hear(told("task.created", "WT200", at=30))
    tasks.hear(told("task.created", "WT201", at=20))
    tasks.hear(told("task.created", "WT202", at=10))
    tasks.hear(told("task.canceled", "WT202", at=11))

    [row] = tasks.queue_rows()

    assert (row.name, row.waiting, row.accepted) == ("English", 2, 100)
    assert row.oldest == MORNING + timedelta(seconds=20)
    assert (row.median_seconds, row.p95_seconds) == (50, 95)
    assert len(waits_of(tasks.tasks)) == 100


def test_somebody_was_last_at_work_when_a_task_was_taken_or_ended() -> None:
    """Of all that they had; a Task that nobody took is nobody's work."""
    tasks = RoomTasks()
    for event in LIFE:
        tasks.hear(event)
    tasks.hear(told("reservation.accepted", "WT2", at=30, worker="ana"))
    tasks.hear(told("reservation.accepted", "WT3", at=50, worker="ben"))
    tasks.hear(told("task.canceled", "WT4", at=70))

    found = last_at_work(tasks.tasks)

    assert found == {"ana": MORNING + timedelta(seconds=60), "ben": MORNING + timedelta(seconds=50)}


def test_a_task_of_which_the_room_hears_late_has_its_age() -> None:
    """The service was started again in the middle of it."""
    tasks = RoomTasks()

    tasks.hear({**told("reservation.created", at=100), "TaskAge": "40"})

    assert tasks.tasks[0].created == MORNING + timedelta(seconds=60)


def test_a_second_acceptance_is_no_first_one() -> None:
    """A transfer is accepted too."""
    tasks = RoomTasks()
    for fields in (*LIFE[:4], told("reservation.accepted", at=30, worker="ben")):
        tasks.hear(fields)

    assert (tasks.tasks[0].worker, tasks.tasks[0].waited_seconds) == ("ana", 4.0)


@pytest.mark.parametrize(
    "fields",
    [{}, {"TaskSid": "WT1"}, {"TaskSid": "WT1", "TimestampMs": "x"}, {"TaskSid": "WT1", "Timestamp": "9" * 30}],
)
def test_what_is_no_event_of_a_task_says_nothing(fields: dict[str, str]) -> None:
    """A Worker's, say."""
    tasks = RoomTasks()
    tasks.hear(fields)

    assert tasks.tasks == []


def test_the_oldest_are_forgotten() -> None:
    """A room is open for a day, and a service may be for a month."""
    tasks = RoomTasks()
    for number in range(MOST_TASKS + 5):
        tasks.hear(told("task.created", f"WT{number}", at=0))

    assert (len(tasks.tasks), tasks.tasks[0].sid) == (MOST_TASKS, "WT5")
