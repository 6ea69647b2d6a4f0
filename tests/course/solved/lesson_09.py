"""09 as a learner solves it, and four ways to get it wrong.

What is clicked on an agent page goes to TaskRouter with the Worker's token: here by the request that the page's SDK
makes.
"""

from __future__ import annotations

from course.playing import WrongAttempt

_PAGE = '''
import requests


def on_page(name, path, version="v1", **params):
    """What the page of this Worker asks, by the Worker SDK."""
    worker = lab.client.taskrouter.v1.workspaces(lab.workspace_sid).workers.list(friendly_name=name)[0]
    path = f"Workspaces/{lab.workspace_sid}/Workers/{worker.sid}{path}"
    body = {"url": path, "method": "POST", "params": params, "token": lab.worker_token(name).reveal()}
    bridge = f"{lab.taskrouter_url}/v1/wschannels"
    return requests.post(bridge, json=body, headers={"apiVersion": version}, timeout=5)


def press_activity(name, activity):
    found = lab.client.taskrouter.v1.workspaces(lab.workspace_sid).activities.list(friendly_name=activity)
    on_page(name, "", ActivitySid=found[0].sid)


def press(name, task, status, while_it_is):
    for each in task.reservations.list(reservation_status=while_it_is):
        if each.worker_name == name:
            on_page(name, f"/Reservations/{each.sid}", ReservationStatus=status)


def transfer(name, task, to, mode):
    for each in task.reservations.list(reservation_status="accepted"):
        if each.worker_name == name:
            on_page(name, "/Transfers", "v2", ReservationSid=each.sid, TaskSid=task.sid, To=to, Mode=mode)
'''
_BOB = 'workspace.workers.list(friendly_name="Bob")[0].sid'
_SPANISH = 'workspace.task_queues.list(friendly_name="Customer Care Requests - Spanish")[0].sid'
_OFFERED = 'workspace.tasks({task}.sid).reservations.list(reservation_status="pending")'
_ACCEPT_BY_REST = f"for each in {_OFFERED.format(task='task')}:\n    each.update(reservation_status='accepted')"

AFTER = {
    "page": f"{_PAGE}\npress_activity('Alice', 'Available')",
    "first-task": "press('Alice', task, 'accepted', 'pending')",
    "second-task": """
press('Alice', task, 'wrapping', 'accepted')
press('Alice', task, 'completed', 'wrapping')
press('Alice', next_task, 'accepted', 'pending')
press('Alice', next_task, 'completed', 'accepted')
""",
    "third-task": "press('Alice', task, 'accepted', 'pending')",
    "page-of-bob": f"""
press_activity('Bob', 'Available')
transfer('Alice', task, {_BOB}, 'WARM')
""",
    "reservations": """
press('Bob', task, 'accepted', 'pending')
press('Alice', task, 'completed', 'accepted')
""",
    "warm-check": f"""
transfer('Bob', task, {_SPANISH}, 'COLD')
press('Alice', task, 'accepted', 'pending')
""",
    "timeline": """
press('Bob', task, 'completed', 'wrapping')
press('Alice', task, 'completed', 'accepted')
""",
}
INSTEAD = {
    "your-turn-role": """
activity = workspace.activities.list(friendly_name="Unavailable")[0]
bob = workspace.workers.list(friendly_name="Bob")[0]
token = lab.worker_token("Alice", role="supervisor")
ask(token.reveal(), "POST", f"Workers/{bob.sid}", ActivitySid=activity.sid)
"""
}

BY_RUNNING: frozenset[int] = frozenset()

WRONG = (
    WrongAttempt(
        step=2,
        instead=INSTEAD,
        after={
            **AFTER,
            "first-task": _ACCEPT_BY_REST,
            "second-task": "lab.clear_tasks()",
            "third-task": "lab.clear_tasks()",
            "page-of-bob": "",
            "reservations": "",
            "warm-check": "",
        },
        hint="It was accepted by REST: by a cell, or in the Inbox. Press Accept on the agent page.",
    ),
    WrongAttempt(
        step=3,
        instead=INSTEAD,
        after={
            "page": AFTER["page"],
            "first-task": AFTER["first-task"],
            "second-task": "press('Alice', task, 'completed', 'accepted')",
        },
        hint="Press Wrap up first, then Complete.",
    ),
    WrongAttempt(
        step=4,
        instead=INSTEAD,
        after={
            **AFTER,
            "page-of-bob": f"""
press_activity('Bob', 'Available')
transfer('Alice', task, {_BOB}, 'COLD')
""",
        },
        hint="Your newest transfer was COLD to a Worker, and this one is WARM to a Worker.",
    ),
    WrongAttempt(
        step=5,
        instead=INSTEAD,
        after={**AFTER, "timeline": "press('Bob', task, 'completed', 'wrapping')"},
        hint="The Task was handed over, and is not completed yet",
    ),
)
