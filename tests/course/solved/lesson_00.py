"""Start here, as a learner does it: with the mouse, in the form, the Workers panel and the Inbox."""

from __future__ import annotations

from course.playing import WrongAttempt

CREATE = 'task = lab.create_task({"selected_language": "es"})'
AVAILABLE = 'lab.taskrouter.set_activity("Alice", "Available")'
ACCEPT = """
[reservation] = lab.taskrouter.open_reservations()
lab.taskrouter.accept(reservation.task_sid, reservation.sid)
"""
COMPLETE = "lab.taskrouter.complete(task.sid)"

INSTEAD: dict[str, str] = {}
AFTER = {
    "first-steps": "\n".join((CREATE, AVAILABLE, ACCEPT)),
    "events": COMPLETE,
    "answer-accept": CREATE,
    "traffic": COMPLETE,
}
BY_RUNNING: frozenset[int] = frozenset()

WRONG = (
    WrongAttempt(
        step=2,
        after={**AFTER, "first-steps": "\n".join((AVAILABLE, CREATE, ACCEPT))},
        hint="Alice was Available already, so TaskRouter reserved your Task at once",
    ),
    WrongAttempt(
        step=3,
        after={"first-steps": f'{CREATE}\nlab.taskrouter.set_activity("Bob", "Available")'},
        hint="Bob became Available, and does not speak Spanish",
    ),
    WrongAttempt(
        step=7,
        after={"first-steps": AFTER["first-steps"], "events": COMPLETE, "answer-nothing": CREATE},
        hint="The newest callback was answered {}, so nobody has decided",
    ),
)
