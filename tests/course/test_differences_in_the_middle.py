"""What the checks of 05 to 07 say of likely wrong attempts, on made-up records."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from course.made_up import MINE, START, Told, answer, checked, events, moved, of_reservation, reserved

from labkit.callbacks import Exchange
from labkit.course import LessonRecord
from labkit.course.workspace_now import WorkflowCallbacks

REJECT = '{"instruction": "reject", "activity_sid": "WA00000000000000000000000000000001"}'


def at_once(*told: Told) -> list[Any]:
    """All of them at one moment."""
    return [replace(event, at=START) for event in events(*told)]


def task_event(kind: str, task: str = "WT1", **more: Any) -> Told:
    return kind, {"task_sid": task, **more}


def exchange(path: str, status: int = 200, milliseconds: float = 5.0) -> Exchange:
    form = {"ReservationSid": "WR-WT1"}
    return Exchange(
        at=START,
        method="POST",
        path=f"/assignment_callback/{path}",
        url_seen=MINE,
        signed_url=MINE,
        form=form,
        status=status,
        milliseconds=milliseconds,
    )


def entered(queue: str, *, priority: int = 0, **attributes: Any) -> Told:
    return task_event("task-queue.entered", task_queue_name=queue, task_priority=priority, task_attributes=attributes)


def sent(*filters: dict[str, Any]) -> list[dict[str, Any]]:
    """A configuration that TaskRouter took."""
    configuration = json.dumps({"task_routing": {"filters": filters}})
    return [{"method": "POST", "path": "/Workflows/WW1", "form": {"Configuration": configuration}, "status": 200}]


def filter_of(name: str, expression: str = "1 == 1", *targets: dict[str, Any]) -> dict[str, Any]:
    return {"filter_friendly_name": name, "expression": expression, "targets": list(targets)}


CASES: dict[str, tuple[int, dict[str, Any], str]] = {
    "05 nothing": (1, {"answers": [answer("{}")]}, "Your view answered {}, which leaves the decision"),
    "05 a text": (1, {"answers": [answer("accept")]}, "'accept', and TaskRouter wants a JSON object"),
    "05 another field": (1, {"answers": [answer('{"do": "accept"}')]}, 'the field "do"'),
    "05 a capital letter": (1, {"answers": [answer('{"instruction": "Accept"}')]}, 'Your answer says "Accept"'),
    "05 a name for a SID": (
        2,
        {"answers": [answer('{"instruction": "reject", "activity_sid": "Unavailable"}')]},
        "It wants the Activity's SID",
    ),
    "05 a field that reject has not": (
        2,
        {"answers": [answer('{"instruction": "reject", "activity": "Unavailable"}')]},
        'the field "activity", which reject does not know',
    ),
    "05 sent to another Activity": (
        2,
        {
            "answers": [answer(REJECT)],
            "events": at_once(of_reservation("reservation.rejected"), moved("Alice", "Offline")),
        },
        "Your answer sent Alice to Offline",
    ),
    "05 not late enough": (3, {"exchanges": [exchange("late", milliseconds=4_004)]}, "Your view took 4 s"),
    "05 the Task in place of the Reservation": (
        4,
        {"calls": [{"method": "POST", "path": "/Tasks/WT1", "form": {}, "status": 400}]},
        "it is the Reservation that is accepted",
    ),
    "05 another Reservation": (
        4,
        {"answers": [answer('{"instruction": "acept"}'), answer('{"instruction": "accept"}', "WT2")]},
        "TaskRouter asks once about each",
    ),
    "05 the same address twice": (
        5,
        {"exchanges": [exchange("broken", 500), exchange("broken", 500)]},
        "The fallback URL is the first address once more",
    ),
    "05 the sound view as the first address": (
        5,
        {
            "answers": [replace(answer(""), status=500)],
            "callback_urls": {"W": WorkflowCallbacks(MINE.replace("mine", "fallback"), "", 1_200)},
        },
        "Leave the broken one there",
    ),
    "06 without wrapping": (
        1,
        {"events": events(task_event("task.completed", task_completed_reason="Solved"))},
        "You completed the Task while it was assigned",
    ),
    "06 wrapping and no further": (1, {"events": events(task_event("task.wrapup"))}, "Complete it"),
    "06 not far enough": (
        2,
        {"events": events(reserved()), "callback_urls": {"W": WorkflowCallbacks("", "", 1_200)}},
        "pending for 240 s, and this Workflow gives a Worker 1,200 s",
    ),
    "06 somebody else came": (
        3,
        {"events": events(of_reservation("reservation.timeout"), moved("Bob", "Available"))},
        "You set Bob to Available",
    ),
    "06 the default Activity": (
        4,
        {"workspace": {"workspace": {"default_activity": "Unavailable"}}},
        "You changed default_activity_sid",
    ),
    "06 no timeout since": (
        4,
        {"workspace": {"workspace": {"timeout_activity": "Unavailable"}}},
        "let one more Reservation run out of time",
    ),
    "06 minutes for seconds": (
        5,
        {"events": events(task_event("task.canceled", task_canceled_reason="Task TTL Exceeded or …", task_age=5))},
        "Your Task's time was over after 5 s",
    ),
    "06 no reason": (6, {"events": events(task_event("task.canceled"))}, "You canceled the Task without a reason"),
    "06 the Reservation in place of the Task": (
        6,
        {"events": events(of_reservation("reservation.canceled"))},
        "You canceled the Reservation",
    ),
    "07 both at once": (
        1,
        {"calls": sent(filter_of("Billing", 'topic == "billing" AND topic == "refund"'))},
        "asks for both at once",
    ),
    "07 one of the two": (
        1,
        {"calls": sent(filter_of("Billing", 'topic == "billing"'))},
        'takes the topic "billing", and not "refund"',
    ),
    "07 without quotes": (1, {"calls": sent(filter_of("Billing", "topic == billing"))}, "takes neither"),
    "07 the general filter first": (
        2,
        {"calls": sent(filter_of("Billing"), filter_of("Technical"), filter_of("VIP"))},
        "in the order Billing, Technical, VIP",
    ),
    "07 no priority": (2, {"events": events(entered("Everyone", vip=True))}, "without priority 10"),
    "07 too long a timeout": (
        3,
        {"calls": sent(filter_of("Technical", "1 == 1", {"timeout": 300}, {}))},
        "a timeout of 300 s",
    ),
    "07 the timeout in the last target": (
        3,
        {"calls": sent(filter_of("Technical", "1 == 1", {}, {"timeout": 30}))},
        "The timeout stands in your last target",
    ),
    "07 never true": (
        4,
        {"calls": sent(filter_of("Technical", "1 == 1", {"expression": "1 == 1", "skip_if": "1 == 0"}))},
        "Your skip_if is 1 == 0",
    ),
    "07 the lowest level first": (
        5,
        {"events": events(reserved(worker_name="Ben"), reserved("WT2", worker_name="Ben"))},
        "Your order asks Ben each time",
    ),
    "07 a name for a SID": (
        6,
        {"calls": sent(filter_of("Technical", "1 == 1", {"known_worker_sid": "task.agent"}))},
        "which is a name",
    ),
    "07 another attribute": (
        6,
        {"calls": sent(filter_of("Technical", "1 == 1", {"known_worker_friendly_name": "task.owner"}))},
        "looks for the name at task.owner",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_difference_is_named(case: str) -> None:
    """With the values that were read."""
    number, known, said = CASES[case]
    record = LessonRecord(heard=START + timedelta(minutes=4), **known)
    step = checked(case.split(maxsplit=1)[0], number, record)
    assert not step.done
    assert said in step.difference


@pytest.mark.parametrize(
    ("path", "done"), [("/Tasks/WT1", True), ("/Tasks/WT1/Reservations/WR1", True), ("/Workers/WK1", False)]
)
def test_06_a_step_without_an_arrow_is_one_of_a_task_or_a_reservation(path: str, done: bool) -> None:
    """A Worker whose Activity was asked for by its name is something else."""
    refusal = {"method": "POST", "path": path, "form": {}, "status": 400, "code": 20001}
    assert checked("06", 7, LessonRecord(heard=START, calls=[refusal])).done == done
