"""01, as somebody solves it, and how they get it wrong."""

from __future__ import annotations

from course.playing import WrongAttempt

LUNCH = """
activities = {each.friendly_name: each.sid for each in workspace.activities.list()}
if "Lunch" not in activities:
    workspace.activities.create(friendly_name="Lunch", available=False)
"""
ALICE = """
speaks_both = {"languages": ["en", "es"]}
alice = put(workspace.workers, "Alice", attributes=json.dumps(speaks_both))
"""
QUEUES = """
for_spanish = 'languages HAS "es"'
for_english = 'languages HAS "en"'
spanish = put(workspace.task_queues, "Customer Care Requests - Spanish", target_workers=for_spanish)
english = put(workspace.task_queues, "Customer Care Requests - English", target_workers=for_english)
"""
FILTERS = """
spanish_tasks = 'selected_language == "es"'
english_tasks = 'selected_language == "en"'
"""
DEFAULT = """
everybody = workspace.task_queues.list(friendly_name="Sample Queue")[0].sid
routing = {"filters": filters, "default_filter": {"queue": everybody}}
workflow = workflow.update(configuration=json.dumps({"task_routing": routing}))
ask_for_help({"selected_language": "fr"})
"""
ALICE_COMES = """
available = workspace.activities.list(friendly_name="Available")[0]
alice.update(activity_sid=available.sid)
"""

INSTEAD = {
    "your-turn-lunch": LUNCH,
    "your-turn-alice": ALICE,
    "your-turn-queues": QUEUES,
    "your-turn-filters": FILTERS,
    "your-turn-default": DEFAULT,
}
AFTER = {"first-task": ALICE_COMES}
BY_RUNNING = frozenset[int]()

WRONG = (
    WrongAttempt(
        step=1,
        instead={**INSTEAD, "your-turn-lunch": LUNCH.replace("available=False", "available=True")},
        after=AFTER,
        hint="Your Activity Lunch says available=True",
    ),
    WrongAttempt(
        step=2,
        instead={**INSTEAD, "your-turn-alice": ALICE.replace('["en", "es"]', '"en, es"')},
        after=AFTER,
        hint='Alice\'s languages are the text "en, es"',
    ),
    WrongAttempt(
        step=3,
        instead={**INSTEAD, "your-turn-queues": QUEUES.replace('HAS "es"', '== "es"')},
        after=AFTER,
        hint='Your expression languages == "es" compares the whole list',
    ),
    WrongAttempt(
        step=5,
        instead={**INSTEAD, "your-turn-filters": FILTERS.replace('"es"', '"spanish"')},
        after=AFTER,
        hint='Your filter says selected_language == "spanish", and the Task says "es"',
    ),
)
