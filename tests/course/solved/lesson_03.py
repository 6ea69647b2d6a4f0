"""03, as somebody solves it, and how they get it wrong."""

from __future__ import annotations

from course.playing import WrongAttempt

HTTP = """
import requests

attributes = {"selected_language": "es", "made_by": "http"}
form = {"WorkflowSid": lab.workflow_sid, "Attributes": json.dumps(attributes)}
me = (lab.client.username, lab.client.password)
answer = requests.post(url, auth=me, data=form, timeout=5)
"""
BY_THE_LIBRARY = """
attributes = json.dumps({"selected_language": "es", "made_by": "http"})
form = {"WorkflowSid": lab.workflow_sid, "Attributes": attributes}
workspace.tasks.create(workflow_sid=lab.workflow_sid, attributes=attributes)
import requests
"""
CUSTOMER = """
attributes = {"selected_language": "en", "customer": {"name": "Zoë O'Hara", "plan": "gold"}}
create(json.dumps(attributes))
"""
URGENT = 'urgent = create(json.dumps({"selected_language": "es", "wish": "urgent"}), priority=10)'
ALICE_COMES = """
available = workspace.activities.list(friendly_name="Available")[0]
workspace.workers.list(friendly_name="Alice")[0].update(activity_sid=available.sid)
"""
SHORT = 'short = create(json.dumps({"selected_language": "en", "wish": "soon"}), timeout=60)'
CHAT = 'chat = create(json.dumps({"selected_language": "es", "wish": "a chat"}), task_channel="chat")'

INSTEAD = {
    "your-turn-http": HTTP,
    "your-turn-attributes": CUSTOMER,
    "your-turn-priority": URGENT,
    "your-turn-timeout": SHORT,
    "your-turn-channel": CHAT,
}
AFTER = {"your-turn-priority": ALICE_COMES}
BY_RUNNING = {1}

WRONG = (
    WrongAttempt(
        step=2,
        instead={**INSTEAD, "your-turn-http": BY_THE_LIBRARY},
        after=AFTER,
        hint="was created by Twilio's library",
    ),
    WrongAttempt(
        step=3,
        instead={
            **INSTEAD,
            "your-turn-attributes": CUSTOMER.replace('{"name": "Zoë O\'Hara", "plan": "gold"}', '"Zoë"'),
        },
        after=AFTER,
        hint="Make it an object",
    ),
    WrongAttempt(
        step=4,
        instead={**INSTEAD, "your-turn-priority": URGENT.replace("priority=10", "priority=0")},
        after=AFTER,
        hint="Your urgent Task has priority 0",
    ),
    WrongAttempt(
        step=6,
        instead={**INSTEAD, "your-turn-channel": CHAT.replace('task_channel="chat"', 'task_channel="sms"')},
        after=AFTER,
        hint="Your chat is on the TaskChannel sms",
    ),
)
