"""11: how many Workers a contact centre needs, by formula, by simulation, and played in the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from labkit.course.lesson import Lesson, LessonStep
from labkit.course.lessons.steps import by_rest
from labkit.course.record import LessonRecord
from labkit.vocabulary import EventType

LEAST_CALLERS = 40
"""Fewer say little."""
LEVEL, WITHIN_SECONDS = 0.8, 20
WORKERS_FOR_IT = 8
"""What 80/20 takes with 60 calls an hour of five minutes each, by Erlang C."""


@dataclass(slots=True)
class PlayedDay:
    """One day of the simulation, by TaskRouter's log.

    Attributes:
        callers: how many came.
        waits: of those who were answered, in seconds.
        gave_up: how many were not.
        workers: the names of those who answered.
    """

    callers: int = 0
    waits: list[int] = field(default_factory=list)
    gave_up: int = 0
    workers: set[str] = field(default_factory=set)

    @property
    def level(self) -> float:
        """The share of those who did not wait too long; 0 where it was nobody."""
        over = len(self.waits) + self.gave_up
        return sum(wait <= WITHIN_SECONDS for wait in self.waits) / over if over else 0.0

    def __str__(self) -> str:
        return (
            f"With {len(self.workers)} Workers {self.level:.0%} of {self.callers} callers were answered within "
            f"{WITHIN_SECONDS} seconds"
        )


def days(record: LessonRecord) -> Iterator[PlayedDay]:
    """The days that were played, oldest first: from when somebody comes to work until all have gone home."""
    day, present = PlayedDay(), set[str]()
    for event in record.events:
        if event.event_type == EventType.WORKER_ACTIVITY_UPDATE:
            was_present = bool(present)
            change = present.discard if event.worker_activity_name == "Offline" else present.add
            change(event.worker_name)
            if was_present and not present:
                yield day
                day = PlayedDay()
        elif event.event_type == EventType.TASK_CREATED:
            day.callers += 1
        elif event.event_type == EventType.TASK_CANCELED:
            day.gave_up += 1
        elif event.event_type == EventType.RESERVATION_ACCEPTED:
            day.waits.append(event.task_age or 0)
            day.workers.add(event.worker_name)
    yield day


def _full(record: LessonRecord) -> list[PlayedDay]:
    return [day for day in days(record) if len(day.waits) + day.gave_up >= LEAST_CALLERS]


def _too_few_worked(record: LessonRecord) -> bool:
    return any(day.level < LEVEL for day in _full(record))


def _enough_worked(record: LessonRecord) -> bool:
    return any(day.level >= LEVEL and len(day.workers) <= WORKERS_FOR_IT for day in _full(record))


def _not_long_enough(record: LessonRecord) -> str | None:
    newest = [*days(record)][-1]
    if _full(record) or not newest.callers:
        return None
    return f"So far {newest.callers} callers came. Let the day go on until there are {LEAST_CALLERS} at least."


def _all_were_answered(record: LessonRecord) -> str | None:
    full = _full(record)
    return f"{full[-1]}. That is enough. Play a day with five." if full else None


def _another_number(record: LessonRecord) -> str | None:
    full = _full(record)
    if not full:
        return None
    if full[-1].level < LEVEL:
        return f"{full[-1]}, and {LEVEL:.0%} are wanted."
    return f"{full[-1]}. Fewer Workers are enough."


def _accepted_yourself(record: LessonRecord) -> bool:
    by_you = by_rest(record, ReservationStatus="accepted")
    return any(event.reservation_sid in by_you for event in record.of(EventType.RESERVATION_ACCEPTED))


def _too_late(record: LessonRecord) -> str | None:
    missed = record.of(EventType.RESERVATION_TIMEOUT)
    if not missed:
        return None
    return f"{missed[-1].worker_name} let the time of a Reservation run out. Take over, then press Accept in the Inbox."


LESSON = Lesson(
    "Load and staffing",
    (
        LessonStep(
            "A day was played with too few Workers",
            _too_few_worked,
            "Press Start in the panel with five Workers, and wait until the day is over.",
            "The panel is what lab.simulation(workers=5, **usual) shows. Its method start() does what the button does.",
            "lab.simulation(workers=5, **usual).start()",
            differences=(_not_long_enough, _all_were_answered),
        ),
        LessonStep(
            "A day was played at 80/20, with as few Workers as it takes",
            _enough_worked,
            "Find the smallest number for which labkit.erlang_c says 80 percent, then press Start with it.",
            "It is more than the load of five, and less than ten.",
            "workers = 8\nlab.simulation(workers=8, **usual).start()",
            differences=(_not_long_enough, _another_number),
        ),
        LessonStep(
            "You were one of the Workers, and accepted a call",
            _accepted_yourself,
            "While a day runs, press Take over beside Alice in the panel, then Accept in the Inbox.",
            "Whoever has a call when you take over is offered no other before it is completed. "
            "There are nine seconds for an answer. A slower day can be chosen in the form of the panel.",
            'day = lab.simulation(workers=8, **human)\nday.start()\nday.take_over("Alice")\n'
            "Then press Accept on a card of Alice's in the Inbox.",
            differences=(_too_late,),
        ),
    ),
    minutes=20,
    goal="You will be able to say how many Workers a contact centre needs, and how sure you are.",
    workspace="load_and_staffing",
)
