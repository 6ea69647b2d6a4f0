"""11 as a learner solves it, and three ways to get it wrong. The days are short: an hour says enough."""

from __future__ import annotations

from course.playing import WrongAttempt

_PLAY = """
day = lab.simulation(workers={workers}, **(usual | {{"hours": 1}}))
day.start()
lab.clock.advance(seconds=5400)
"""
"""Start is pressed, and the day goes by: its settings are the cell's, but for its length."""
_QUICK = dict.fromkeys(("simulate", "overload", "short", "patience", "teams", "rest"), "")
"""What is played headless has no part in any step."""


def _played(workers: int) -> str:
    return _PLAY.format(workers=workers)


INSTEAD = {**_QUICK, "your-turn-workers": "workers = 8"}
AFTER = {
    "live": _played(5),
    "enough-live": _played(8),
    "human-day": """
day = lab.simulation(workers=8, **human)
day.start()
day.take_over("Alice")
workspace = lab.client.taskrouter.v1.workspaces(lab.workspace_sid)
offers = []
while not offers:
    lab.clock.advance(seconds=10)
    alice = workspace.workers.list(friendly_name="Alice")[0]
    offers = workspace.workers(alice.sid).reservations.list(reservation_status="pending")
offers[0].update(reservation_status="accepted")
day.stop()
""",
}
BY_RUNNING: frozenset[int] = frozenset()

WRONG = (
    WrongAttempt(step=1, instead=INSTEAD, after={"live": _played(9)}, hint="That is enough. Play a day with five."),
    WrongAttempt(
        step=2,
        instead={**INSTEAD, "your-turn-workers": "workers = 6"},
        after={"enough-live": _played(6)},
        hint="and 80% are wanted.",
    ),
    WrongAttempt(
        step=2,
        instead={**INSTEAD, "your-turn-workers": "workers = 12"},
        after={"enough-live": _played(12)},
        hint="Fewer Workers are enough.",
    ),
)
