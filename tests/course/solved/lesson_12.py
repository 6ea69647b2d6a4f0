"""12, as somebody solves it in an account, and how they get it wrong."""

from __future__ import annotations

from course.own_account import own_account
from course.playing import WrongAttempt

AROUND = own_account
"""What the lesson is played in; whoever only runs the cells has none."""

YES = """
if not lab.is_set_up:
    lab.set_up()
"""
TEARDOWN = "lab.teardown()"
ELSEWHERE = """
workspace = lab.client.taskrouter.v1.workspaces(lab.workspace_sid)
workspace.workflows(lab.workflow_sid).update(assignment_callback_url="http://127.0.0.1:9/somebody_else")
lab.taskrouter.set_activity("Alice", "Available")
task = lab.create_task({"selected_language": "es"})
lab.stream.wait_for(lambda entry: getattr(entry.data, "event_type", "") == "reservation.created", timeout=10)
"""
"""The Workflow calls somebody else."""

INSTEAD = {"your-turn-yes": YES, "your-turn-teardown": TEARDOWN}
AFTER: dict[str, str] = {}
BY_RUNNING: frozenset[int] = frozenset()

WRONG = (
    WrongAttempt(step=1, instead={"sign-in": ""}, hint="Write TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"),
    WrongAttempt(step=2, hint='Press "Set up" below the plan'),
    WrongAttempt(step=3, hint="it waits for your yes to the plan (step 2)"),
    WrongAttempt(
        step=3,
        instead={**INSTEAD, "traffic": "", "task": ELSEWHERE},
        hint="no callback with a right signature has come to this notebook",
    ),
    WrongAttempt(step=6, instead={"your-turn-yes": YES}, hint="Run lab.teardown()."),
)
