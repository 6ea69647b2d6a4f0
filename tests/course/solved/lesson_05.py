"""05 as somebody writes it who has understood it, and as those do who have not yet."""

from __future__ import annotations

from course.playing import WrongAttempt

from labkit.course.lessons import LESSONS

_LATE = LESSONS["05_accept_by_instruction"].steps[2].solution
"""As `lab.solution(3)` shows it, when Alice is still where the step before has sent her."""

INSTEAD = {
    "your-turn-accept": 'answer = {"instruction": "accept"}\ntask = try_answer()',
    "your-turn-reject": 'answer = {"instruction": "reject", "activity_sid": activities["Unavailable"]}\n'
    "task = try_answer()",
    "your-turn-late": _LATE.replace("seconds = 6", "seconds = 5.2"),
    "your-turn-stuck": "stuck = workspace.tasks(task.sid).reservations.list()[0]\n"
    'stuck = stuck.update(reservation_status="accepted")',
    "your-turn-fallback": "lab.clear_tasks()\n"
    "workflow = workflow.update(fallback_assignment_callback_url=fallback_url)\n"
    "task = try_answer()",
}

AFTER = {
    # Whoever reads on until it is over sees the late answer; nobody's cell waits for it.
    "your-turn-late": "late = lambda entry: entry.kind == 'exchange' and entry.data['milliseconds'] > 5000\n"
    "assert lab.stream.wait_for(late, timeout=20)",
}

BY_RUNNING: frozenset[int] = frozenset()

WRONG = (
    WrongAttempt(
        step=1,
        instead={"your-turn-accept": 'answer = "accept"\ntask = try_answer()'},
        hint="TaskRouter wants a JSON object",
    ),
    WrongAttempt(
        step=2,
        instead={
            "your-turn-reject": 'answer = {"instruction": "reject", "activity_sid": "Unavailable"}\ntask = try_answer()'
        },
        hint="It wants the Activity's SID",
    ),
    WrongAttempt(
        step=5,
        instead={
            "your-turn-fallback": "lab.clear_tasks()\n"
            "workflow = workflow.update(fallback_assignment_callback_url=broken_url)\n"
            "task = try_answer()"
        },
        hint="The fallback URL is the first address once more",
    ),
)
