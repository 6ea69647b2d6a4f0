"""The assignment callback, whose cells do all of it."""

from __future__ import annotations

from course.playing import WrongAttempt

INSTEAD: dict[str, str] = {}
AFTER: dict[str, str] = {}
BY_RUNNING = frozenset({2, 3, 4, 5})

WITHOUT_INSTRUCTION = """
second_task = lab.create_task({"selected_language": "es"})
callback_of(second_task)
lab.clear_tasks()
"""
WRONG = (
    WrongAttempt(
        step=5,
        instead={"instruction": WITHOUT_INSTRUCTION, "accepted-event": "", "function": ""},
        hint='Have your view return {"instruction": "accept"}',
    ),
)
