"""10: the log, EventsFilter, statistics now and over a period, and the service level."""

from __future__ import annotations

from labkit.course.lesson import Lesson, LessonStep
from labkit.course.lessons.steps import asked, moves
from labkit.course.record import LessonRecord
from labkit.vocabulary import EventType

WANTED_TYPES = frozenset({EventType.TASK_CREATED, EventType.TASK_COMPLETED})
THRESHOLD = "20"
SERVED_BY_BOB = 5


# --- 1: the log of a Task ---------------------------------------------------------------------------------------------


def _log_of_a_task(record: LessonRecord) -> bool:
    return any("TaskSid" in each for each in asked(record, "GET", "/Events"))


def _log_of_all(record: LessonRecord) -> str | None:
    if all({"Minutes", "StartDate"} & set(each) for each in asked(record, "GET", "/Events")):
        return None
    return "You asked for all Events of the Workspace. Name the Task as task_sid, and you get its own."


# --- 2: EventsFilter --------------------------------------------------------------------------------------------------


def _filters(record: LessonRecord) -> list[str]:
    return [str(each["EventsFilter"]) for each in asked(record, "POST") if each.get("EventsFilter")]


def _types(events_filter: str) -> set[str]:
    return {each.strip() for each in events_filter.split(",")} - {""}


def _filtered(record: LessonRecord) -> bool:
    return any(_types(each) == WANTED_TYPES for each in _filters(record))


def _filtered_otherwise(record: LessonRecord) -> str | None:
    filters = _filters(record)
    if not filters:
        return None
    types = _types(filters[-1])
    if unknown := sorted(types - set(EventType)):
        return f'Your filter has "{unknown[0]}", and there is no such type. Types have commas between them.'
    if missing := sorted(WANTED_TYPES - types):
        return f'Your filter, "{filters[-1]}", leaves out {missing[0]}.'
    return f'Your filter, "{filters[-1]}", lets more through than the two types.'


# --- 3 and 4: statistics ----------------------------------------------------------------------------------------------


def _real_time(record: LessonRecord) -> bool:
    return any(True for _ in asked(record, "GET", "/RealTimeStatistics"))


def _splits(record: LessonRecord) -> list[str]:
    return [
        str(each["SplitByWaitTime"])
        for ending in ("/CumulativeStatistics", "/Statistics")
        for each in asked(record, "GET", ending)
        if "SplitByWaitTime" in each
    ]


def _split(record: LessonRecord) -> bool:
    return any(THRESHOLD in split.split(",") for split in _splits(record))


def _split_elsewhere(record: LessonRecord) -> str | None:
    splits = _splits(record)
    return f"You split at {splits[-1]} seconds, and it shall be {THRESHOLD}." if splits else None


# --- 5: one more at the desk ------------------------------------------------------------------------------------------


def _served_by_bob(record: LessonRecord) -> int:
    return sum(event.worker_name == "Bob" for event in record.of(EventType.RESERVATION_ACCEPTED))


def _bob_served(record: LessonRecord) -> bool:
    return _served_by_bob(record) >= SERVED_BY_BOB


def _bob_did_not_serve(record: LessonRecord) -> str | None:
    activities = [move.worker_activity_name for move in moves(record, worker="Bob")]
    if not activities or activities[-1] == "Offline":
        return None
    now = activities[-1]
    if now != "Available":
        return f"Bob is {now}, an Activity in which nobody is offered a Task."
    return f"Bob is Available, and has accepted {_served_by_bob(record)} Tasks since. Play the hour once more."


LESSON = Lesson(
    "Events and statistics",
    (
        LessonStep(
            "The log was asked for the Events of one Task",
            _log_of_a_task,
            "Have workspace.events.list give the Events of the Task.",
            "It takes task_sid, and the SID of the Task is task.sid.",
            "events = workspace.events.list(task_sid=task.sid)",
            differences=(_log_of_all,),
        ),
        LessonStep(
            "EventsFilter let task.created and task.completed through, and nothing else",
            _filtered,
            "Put the two types into events_filter, with a comma between them.",
            "It is one text, not a list: the first type, a comma, the second type.",
            'events_filter = "task.created,task.completed"',
            differences=(_filtered_otherwise,),
        ),
        LessonStep(
            "Real-time statistics were asked for",
            _real_time,
            "Run the cell that asks the English TaskQueue how things stand now.",
            "It is workspace.task_queues(english.sid).real_time_statistics().fetch().",
            "workspace.task_queues(english.sid).real_time_statistics().fetch()",
        ),
        LessonStep(
            "Statistics of a period were asked for, split at a wait of 20 seconds",
            _split,
            "Give fetch a second argument, split_by_wait_time.",
            'In `level`, fetch takes start_date=since and split_by_wait_time="20", which is a text.',
            'figures = statistics.fetch(start_date=since, split_by_wait_time="20")',
            differences=(_split_elsewhere,),
        ),
        LessonStep(
            "Bob has served customers as well",
            _bob_served,
            "Make Bob Available, then play the hour once more.",
            'lab.taskrouter.set_activity takes "Bob" and "Available"; after it, busy_hour(lab).',
            'lab.taskrouter.set_activity("Bob", "Available")\nbusy_hour(lab)',
            differences=(_bob_did_not_serve,),
        ),
    ),
    minutes=20,
    goal="You will be able to read what happened from the log, and to say how good a day was.",
)
