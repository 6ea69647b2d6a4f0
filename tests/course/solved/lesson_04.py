"""04, as somebody solves it, and how they get it wrong."""

from __future__ import annotations

from course.playing import WrongAttempt

ACCEPT = """
reservation = workspace.tasks(suitcase.sid).reservations(of_task[0].sid)
reservation.update(reservation_status="accepted")
"""
REJECT = """
answer(reservation, reservation_status="rejected", worker_activity_sid=activities["Unavailable"])
"""
IN_TWO_REQUESTS = """
answer(reservation, reservation_status="rejected")
lab.clock.advance(1)
bob.update(activity_sid=activities["Unavailable"])
"""
CLOCK = "lab.clock.advance(1200)"
AGAIN = """
alice.update(activity_sid=activities["Available"])
for each in workspace.tasks(invoice.sid).reservations.list(reservation_status="pending"):
    answer(each, reservation_status="accepted")
"""

INSTEAD = {
    "your-turn-accept": ACCEPT,
    "your-turn-reject": REJECT,
    "your-turn-clock": CLOCK,
    "your-turn-again": AGAIN,
}
AFTER: dict[str, str] = {}
BY_RUNNING = frozenset[int]()

WRONG = (
    WrongAttempt(
        step=1,
        instead={
            "your-turn-accept": ACCEPT.replace("reservation.update(", "answer(reservation, ").replace('ed")', '")')
        },
        hint='You asked for the status "accept". It is called "accepted"',
    ),
    WrongAttempt(step=2, instead={**INSTEAD, "your-turn-reject": IN_TWO_REQUESTS}, hint="say both in one request"),
    WrongAttempt(
        step=3,
        instead={**INSTEAD, "your-turn-clock": CLOCK.replace("1200", "120")},
        hint="and a Worker has 20 min",
    ),
    WrongAttempt(
        step=4,
        instead={**INSTEAD, "your-turn-again": AGAIN.replace('alice.update(activity_sid=activities["Available"])', "")},
        hint="The Task is pending, and Alice is Offline",
    ),
)
