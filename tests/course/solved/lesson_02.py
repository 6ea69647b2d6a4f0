"""02, as somebody solves it, and how they get it wrong."""

from __future__ import annotations

from course.playing import WrongAttempt

NOTHING = """
def my_view():
    return {}


my_url = lab.callbacks.serve("mine", my_view)
"""
URL = "workflow = workflow.update(assignment_callback_url=my_url)"
ACCEPT = """
def my_view():
    return {"instruction": "accept"}


lab.callbacks.serve("mine", my_view)
second_task = lab.create_task({"selected_language": "es"})
callback_of(second_task)
"""
DECIDE = """
import json

from flask import request


def my_view():
    minutes = json.loads(request.form["TaskAttributes"])["minutes"]
    return {"instruction": "accept"} if minutes <= 5 else {}
"""

INSTEAD = {
    "your-turn-view": NOTHING,
    "your-turn-url": URL,
    "your-turn-instruction": ACCEPT,
    "your-turn-decide": DECIDE,
}
AFTER: dict[str, str] = {}
BY_RUNNING = {3}

WRONG = (
    WrongAttempt(step=2, instead={**INSTEAD, "your-turn-url": ""}, hint="and not your view. Give it my_url"),
    WrongAttempt(
        step=4,
        instead={"your-turn-view": NOTHING.replace("{}", '"{}"'), "your-turn-url": URL}
        | dict.fromkeys(("your-turn-instruction", "accepted-event", "your-turn-decide", "decided", "wrong-answer"), ""),
        hint="Your view answered {} with status 200 as text/html; charset=utf-8, which TaskRouter cannot read",
    ),
    WrongAttempt(
        step=6,
        instead={**INSTEAD, "your-turn-decide": DECIDE.replace(" <= 5", " <= 60")},
        hint='For 45 minutes your view answered {"instruction":"accept"}, and it should leave it to a person',
    ),
)
