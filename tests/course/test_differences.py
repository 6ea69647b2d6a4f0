"""What the checks of 01 to 04 say of likely wrong attempts, on made-up records.

`test_wrong_attempts.py` plays some of them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from course.made_up import SPANISH, START, Told, answer, checked, events, of_reservation, reserved

from labkit.course import LessonRecord
from labkit.course.workspace_now import WorkflowCallbacks
from labkit.taskrouter.quickstart import WORKFLOW_NAME, task_queue_name
from labkit.taskrouter.records import TaskRecord

ENGLISH = task_queue_name("English")


def created(task: str = "WT1", **attributes: Any) -> Told:
    return "task.created", {"task_sid": task, "task_attributes": attributes, "task_queue_name": SPANISH}


def open_task(status: str, **attributes: Any) -> TaskRecord:
    return TaskRecord(
        sid="WT1",
        attributes=attributes,
        assignment_status=status,
        task_queue_name=SPANISH,
        workflow_name=WORKFLOW_NAME,
        task_channel="default",
        priority=0,
        age=61,
        date_created=START,
        date_updated=START,
    )


def workers(activity: str = "Available", **alice: Any) -> dict[str, Any]:
    return {"workers": [{"friendly_name": "Alice", "activity": activity, "attributes": alice}]}


def queues(spanish: str = 'languages HAS "es"') -> dict[str, Any]:
    return {"task_queues": [{"friendly_name": SPANISH, "target_workers": spanish}]}


def workflow(spanish: str, english: str = 'selected_language == "en"', **more: Any) -> dict[str, Any]:
    filters = [
        {"expression": spanish, "targets": [{"queue": SPANISH}]},
        {"expression": english, "targets": [{"queue": ENGLISH}]},
    ]
    configuration = {"task_routing": {"filters": filters, **more}}
    return {"workflows": [{"friendly_name": WORKFLOW_NAME, "configuration": configuration}]}


CASES: dict[str, tuple[int, dict[str, Any], str]] = {
    "01 another word for the languages": (
        2,
        {"workspace": workers(speaks=["en", "es"])},
        "The word for it is languages",
    ),
    "01 a language is missing": (
        2,
        {"workspace": workers(languages=["es"])},
        'Alice\'s languages are ["es"], and they should be ["en", "es"]',
    ),
    "01 everybody speaks Spanish": (
        3,
        {"workspace": queues("1 == 1")},
        "Your expression 1 == 1 picks Alice and Bob, and Alice should be picked",
    ),
    "01 the first filter takes all": (5, {"workspace": workflow("1 == 1")}, "which fits every Task"),
    "01 the filters are exchanged": (
        5,
        {"workspace": workflow('selected_language == "en"', 'selected_language == "es"')},
        f'A Task that says "es" is sent to {ENGLISH}, and should go to {SPANISH}',
    ),
    "01 Alice is not there": (
        6,
        {"workspace": workers("Offline"), "events": events(("task-queue.entered", created()[1]))},
        f"A Task waits in {SPANISH}, and Alice is Offline",
    ),
    "01 only the default filter is left": (
        7,
        {"workspace": workflow("1 == 2", "1 == 2", default_filter={"queue": ENGLISH})},
        "See step 5",
    ),
    "02 no instruction in the answer": (5, {"answers": [answer('{"accept": true}')]}, "which has no instruction in it"),
    "02 no such instruction": (5, {"answers": [answer('{"instruction": "acept"}')]}, 'the instruction "acept"'),
    "02 a quick Task was left to a person": (
        6,
        {"answers": [answer("{}")], "events": events(reserved(task_attributes={"minutes": 3}))},
        "For 3 minutes your view answered {}, and it should accept",
    ),
    "03 made another way": (2, {"events": events(created(made_by="curl"))}, 'Your Task says "made_by": "curl"'),
    "03 a customer without a plan": (
        3,
        {"events": events(created(customer={"name": "Zoë"}))},
        'Your customer is {"name": "Zoë"}: there is no plan in it',
    ),
    "03 a customer who is flat": (3, {"events": events(created(name="Zoë"))}, "into an object, under customer"),
    "03 nobody is there for the urgent one": (
        4,
        {
            "workspace": workers("Offline"),
            "events": events(("task.created", {**created(wish="urgent")[1], "task_priority": 9})),
        },
        "Your Task waits, and Alice is Offline",
    ),
    "03 the urgent one was alone": (
        4,
        {
            "workspace": workers(),
            "events": events(("task.created", {**created(wish="urgent")[1], "task_priority": 9}), reserved()),
        },
        "Alice had a Task already when your urgent one came, or nothing else waited",
    ),
    "03 more time than a minute": (5, {"tasks": [open_task("pending", wish="soon")]}, "Your Task is 61 seconds old"),
    "04 rejected in place of accepted": (
        1,
        {"events": events(of_reservation("reservation.rejected", task_attributes={"wish": "a lost suitcase"}))},
        "The Reservation for a lost suitcase was rejected",
    ),
    "04 rejected and stayed": (
        2,
        {"workspace": workers(), "events": events(of_reservation("reservation.rejected"))},
        "Alice rejected, and is still Available",
    ),
    "04 the clock has not moved far enough": (
        3,
        {"events": events(reserved()), "callback_urls": {WORKFLOW_NAME: WorkflowCallbacks("", "", 1_200)}},
        "The newest Reservation is 5 min old, and a Worker has 20 min",
    ),
    "04 not yet accepted": (
        4,
        {"events": events(reserved(), of_reservation("reservation.timeout")), "tasks": [open_task("reserved")]},
        "its new Reservation is pending. Accept that one",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_difference_is_named(case: str) -> None:
    """With the values that were read."""
    number, known, said = CASES[case]
    record = LessonRecord(heard=START + timedelta(minutes=5), **known)
    step = checked(case.split(maxsplit=1)[0], number, record)
    assert not step.done
    assert said in step.difference
