"""What the checks of 08 to 11 say of likely wrong attempts, on made-up records."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from course.made_up import START, Told, checked, events, moved

from labkit.course import LessonRecord
from labkit.course.lessons import LESSONS
from labkit.course.lessons.load_and_staffing import days


def record(*told: Told, **more: Any) -> LessonRecord:
    """These events, one a second, read an hour later."""
    return LessonRecord(heard=START + timedelta(hours=1), events=events(*told), **more)


def offer(kind: str, sid: str, *, worker: str = "Alice", channel: str = "chat", task: str = "WT1") -> Told:
    fields = {"reservation_sid": sid, "worker_name": worker, "task_channel_unique_name": channel, "task_sid": task}
    return f"reservation.{kind}", fields


def room(channel: str, capacity: int, *, worker: str = "Alice") -> Told:
    fields = {"worker_name": worker, "task_channel_unique_name": channel, "worker_channel_capacity": str(capacity)}
    return "worker.capacity.update", fields


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (room("chat", 2), "Alice has room for 2 chats now, and it shall be 3."),
        (room("voice", 3), "You gave Alice room on voice"),
        (room("chat", 3, worker="Bob"), "You gave Bob room for chats, and it is Alice who has them."),
    ],
)
def test_08_room_that_does_not_help(change: Any, hint: str) -> None:
    """Too little, on another channel, or for somebody else."""
    assert hint in checked("08_multitasking", 2, record(offer("created", "WR1"), change)).difference


def test_08_two_chats_at_a_time_need_room_for_three() -> None:
    """The second offer alone is not what was asked for."""
    [_, step, *_] = LESSONS["08_multitasking"].steps
    offers = (offer("created", "WR1"), offer("created", "WR2", task="WT2"))
    assert not step.done(record(room("chat", 2), *offers))
    assert step.done(record(room("chat", 3), *offers))
    assert not step.done(record(room("chat", 3), offers[0], offer("completed", "WR1"), offers[1]))


@pytest.mark.parametrize(
    ("expression", "hint"),
    [
        ("worker.channel.voice.assigned_tasks > 0", "does not fit a Worker without a call"),
        ("worker.channel.chat.assigned_tasks == 0", "fits a Worker with a call just as well"),
        ("worker.channel.voice.available_capacity_percentage == 100", ""),
    ],
)
def test_08_an_expression_is_tried_on_a_worker_with_a_call_and_without(expression: str, hint: str) -> None:
    """So any that does it is right, however it is written."""
    seen = record(workspace={"task_queues": [{"friendly_name": "Everyone", "target_workers": expression}]})
    step = checked("08_multitasking", 8, seen)
    assert step.done == (hint == "")
    assert hint in step.difference


def test_09_what_rest_did_was_not_done_on_a_page() -> None:
    """An Activity, and an acceptance."""
    set_by_rest = record(
        moved("Alice", "Available"),
        calls=[
            {"method": "POST", "path": "/v1/W/Workers/WKAlice", "status": 200, "form": {"ActivitySid": "WAAvailable"}}
        ],
    )
    [by_page, accepted, *_] = LESSONS["09_agents_browser"].steps
    assert not by_page.done(set_by_rest)
    assert "was set to Available by REST" in checked("09_agents_browser", 1, set_by_rest).difference
    assert by_page.done(record(moved("Alice", "Available")))
    call = {"method": "POST", "path": "/v1/T/Reservations/WR1", "form": {"ReservationStatus": "accepted"}}
    by_rest = record(offer("accepted", "WR1"), calls=[{**call, "status": 200}])
    assert not accepted.done(by_rest)
    assert "accepted by REST" in checked("09_agents_browser", 2, by_rest).difference
    assert accepted.done(record(offer("accepted", "WR1"), calls=[{**call, "status": 400}]))


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("task.created", "leaves out task.completed"),
        ("task.created;task.completed", "there is no such type"),
        ("task.created,task.completed,task.canceled", "lets more through"),
        ("task.created, task.completed", ""),
    ],
)
def test_10_a_filter_is_read_as_taskrouter_reads_it(given: str, hint: str) -> None:
    """Blanks after commas are allowed."""
    call = {"method": "POST", "path": "/v1/Workspaces/WS1", "status": 200, "form": {"EventsFilter": given}}
    step = checked("10_events_and_statistics", 2, record(calls=[call]))
    assert step.done == (hint == "")
    assert hint in step.difference


def test_11_a_day_goes_from_the_first_who_comes_to_the_last_who_goes() -> None:
    """Breaks do not end it; who waited at most 20 seconds counts, and who gave up does not."""
    call = ("task.created", {})
    answered = ("reservation.accepted", {"worker_name": "Alice", "task_age": "20"})
    late = ("reservation.accepted", {"worker_name": "Bob", "task_age": "21"})
    first, second, rest = days(
        record(
            *(moved("Alice", "Available"), moved("Bob", "Available"), call, answered),
            *(moved("Alice", "Unavailable"), call, late, call, ("task.canceled", {})),
            *(moved("Bob", "Offline"), moved("Alice", "Offline")),
            *(moved("Bob", "Available"), call, late, moved("Bob", "Offline")),
        )
    )
    assert (first.callers, first.level, first.workers) == (3, 1 / 3, {"Alice", "Bob"})
    assert (second.callers, second.level, second.workers) == (1, 0.0, {"Bob"})
    assert rest.callers == 0
