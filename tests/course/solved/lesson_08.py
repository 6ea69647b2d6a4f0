"""08 as a learner solves it, and three ways to get it wrong."""

from __future__ import annotations

from course.playing import WrongAttempt

_ACCEPT = """
for offer in workspace.tasks({task}.sid).reservations.list(reservation_status="pending")[:1]:
    offer.update(reservation_status="accepted")
"""
_MAIL = """
if "mail" not in [each.unique_name for each in workspace.task_channels.list()]:
    workspace.task_channels.create(friendly_name="Mail", unique_name="mail")
workspace.tasks.create(workflow_sid=lab.workflow_sid, task_channel="mail")
"""

INSTEAD = {
    "your-turn-call": 'workspace.tasks.create(workflow_sid=lab.workflow_sid, task_channel="voice")',
    "your-turn-capacity": 'workspace.workers(alice.sid).worker_channels("chat").update(capacity=3)',
    "your-turn-channel": _MAIL,
    "your-turn-open": "video.update(available=True)",
    "your-turn-emergencies": """
for name in ("Bob", "Carol"):
    lab.taskrouter.set_activity(name, "Available")
emergencies = workspace.task_queues.list(friendly_name="Emergencies")[0]
workspace.task_queues(emergencies.sid).update(max_reserved_workers=3)
""",
    "your-turn-expression": """
everyone = workspace.task_queues.list(friendly_name="Everyone")[0]
workspace.task_queues(everyone.sid).update(target_workers="worker.channel.voice.assigned_tasks == 0")
""",
}

AFTER = {
    "your-turn-channel": _MAIL,  # whoever runs the cell again is not refused
    "taken": _ACCEPT.format(task="chat"),  # Accept on a chat's card in the Inbox
    "urgent": _ACCEPT.format(task="urgent"),  # Accept on one of the three cards
}

BY_RUNNING: frozenset[int] = frozenset()

WRONG = (
    WrongAttempt(
        step=1,
        instead={**INSTEAD, "your-turn-call": "workspace.tasks.create(workflow_sid=lab.workflow_sid)"},
        after=AFTER,
        hint="The Task that you created after the two chats is on default, not on voice.",
    ),
    WrongAttempt(
        step=2,
        instead={
            **INSTEAD,
            "your-turn-capacity": 'workspace.workers(alice.sid).worker_channels("voice").update(capacity=3)',
        },
        after=AFTER,
        hint="You gave Alice room on voice, and the Tasks that wait are on chat.",
    ),
    WrongAttempt(
        step=6,
        instead={
            **INSTEAD,
            "your-turn-emergencies": """
for name in ("Bob", "Carol"):
    lab.taskrouter.set_activity(name, "Available")
queue = workspace.task_queues.list(friendly_name="Everyone")[0]
workspace.task_queues(queue.sid).update(max_reserved_workers=3)
""",
        },
        after=AFTER,
        hint="Everyone reserves up to 3 Workers now, and Emergencies still 1.",
    ),
    WrongAttempt(
        step=8,
        instead={
            **INSTEAD,
            "your-turn-expression": """
everyone = workspace.task_queues.list(friendly_name="Everyone")[0]
workspace.task_queues(everyone.sid).update(target_workers="worker.channel.voice.assigned_tasks > 0")
""",
        },
        after=AFTER,
        hint="does not fit a Worker without a call",
    ),
)
