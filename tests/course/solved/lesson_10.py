"""10 as a learner solves it, and four ways to get it wrong."""

from __future__ import annotations

from course.playing import WrongAttempt

_LEVEL = """
def level(since):
    figures = statistics.fetch(start_date=since, split_by_wait_time="{}")
    split = (figures.split_by_wait_time or {{}}).get("20")
    return split and split["below"]["reservations_accepted"]
"""
_FILTER = 'workspace.update(events_filter="{}")'

INSTEAD = {
    "your-turn-events": """
task = live()
events = workspace.events.list(task_sid=task.sid)
for event in reversed(events):
    print(event.event_type)
""",
    "your-turn-filter": _FILTER.format("task.created,task.completed"),
    "your-turn-level": _LEVEL.format("20"),
    "your-turn-bob": """
lab.taskrouter.set_activity("Bob", "Available")
began = lab.time()
busy_hour(lab)
print(level(began))
""",
}
AFTER: dict[str, str] = {}

BY_RUNNING = frozenset({3})
_SHORT = {
    "hour": """
from labkit.course.busy_hour import busy_hour

lab.clear_tasks()
began = lab.time()
busy_hour(lab, customers=3)
""",
    "queues": "",
    "plot": "",
    "your-turn-bob": "lab.clear_tasks()",
}
"""What has nothing to do with the attempt takes less time."""

WRONG = (
    WrongAttempt(
        step=1,
        instead={**_SHORT, "your-turn-events": "task = live()\nevents = workspace.events.list()"},
        after={},
        hint="Name the Task as task_sid, and you get its own.",
    ),
    WrongAttempt(
        step=2,
        instead={**_SHORT, "your-turn-filter": _FILTER.format("task.created,task.complete")},
        after={},
        hint='Your filter has "task.complete", and there is no such type.',
    ),
    WrongAttempt(
        step=4,
        instead={**_SHORT, "your-turn-level": _LEVEL.format("30")},
        after={},
        hint="You split at 30 seconds, and it shall be 20.",
    ),
    WrongAttempt(
        step=5,
        instead={
            **_SHORT,
            "your-turn-bob": 'lab.taskrouter.set_activity("Bob", "Unavailable")\nbusy_hour(lab, customers=3)',
        },
        after={},
        hint="Bob is Unavailable, an Activity in which nobody is offered a Task.",
    ),
)
