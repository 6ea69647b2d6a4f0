"""06 as somebody writes it who has understood it, and as those do who have not yet."""

from __future__ import annotations

from course.playing import WrongAttempt

INSTEAD = {
    "your-turn-wrap": 'talk = talk.update(reservation_status="wrapping")\n'
    'second = lab.create_task({"selected_language": "es"})\n'
    "look(first)\n"
    "look(second)",
    "your-turn-complete": 'workspace.tasks(first.sid).update(assignment_status="completed", reason="Solved")\n'
    "look(first)\n"
    "look(second)",
    "your-turn-timeout": "seconds = 1200\nlab.clock.advance(seconds)\nlook(call)",
    "your-turn-back": 'alice = alice.update(activity_sid=activities["Available"])\nlook(call)',
    "your-turn-activity": 'workspace.update(timeout_activity_sid=activities["Unavailable"])\n'
    "lab.clock.advance(seconds)\n"
    "look(call)",
    "your-turn-ttl": "lab.clear_tasks()\n"
    'alice = alice.update(activity_sid=activities["Available"])\n'
    """wish = '{"selected_language": "es"}'\n"""
    "short = workspace.tasks.create(workflow_sid=lab.workflow_sid, attributes=wish, timeout=300)\n"
    "lab.clock.advance(300)\n"
    "look(short)",
    "your-turn-cancel": 'workspace.tasks(caller.sid).update(assignment_status="canceled", reason="She hung up")\n'
    "look(caller)",
}

AFTER: dict[str, str] = {}

BY_RUNNING: frozenset[int] = frozenset()

WRONG = (
    WrongAttempt(
        step=2,
        instead={"your-turn-timeout": "seconds = 120\nlab.clock.advance(seconds)\nlook(call)"},
        hint="this Workflow gives a Worker 1,200 s",
    ),
    WrongAttempt(
        step=3,
        instead={
            "your-turn-timeout": INSTEAD["your-turn-timeout"],
            "your-turn-back": 'bob = workspace.workers.list(friendly_name="Bob")[0]\n'
            'bob.update(activity_sid=activities["Available"])\n'
            "look(call)",
        },
        hint="You set Bob to Available",
    ),
    WrongAttempt(
        step=5,
        instead={
            "your-turn-ttl": "lab.clear_tasks()\n"
            'alice = alice.update(activity_sid=activities["Available"])\n'
            """wish = '{"selected_language": "es"}'\n"""
            "short = workspace.tasks.create(workflow_sid=lab.workflow_sid, attributes=wish, timeout=5)\n"
            "lab.clock.advance(300)\n"
            "look(short)"
        },
        hint="Your Task's time was over after 5 s",
    ),
)
