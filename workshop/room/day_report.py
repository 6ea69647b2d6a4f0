"""The day as a report: who did which lessons, which hints many were told, and the callers of the common contact centre.

Names stand in it only of those who share how far they are, and nothing that callers or participants have written. Pure:
made from its values. It is a page without a script, rows for a spreadsheet, or JSON.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from labkit.course.lessons import LESSONS
from labkit.display import counted, date_and_time, duration
from labkit.live.queue_metrics import quantile
from workshop.room.progress import CourseStanding, LessonStanding
from workshop.room.task_times import QueueRow, TaskTimes, waits_of

_MOST_HINTS = 20
_STYLE = (
    "body{max-width:70rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif}"
    "table{border-collapse:collapse;margin:0 0 1.5rem}th,td{padding:.25rem 1rem .25rem 0;text-align:left;"
    "vertical-align:top;border-top:1px solid #8886}thead th{border:0}h1{font-size:1.5rem}h2{font-size:1.1rem}"
    ":root{color-scheme:light dark}"
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for the beginning of a formula."""


def day_report(
    people: Mapping[str, CourseStanding],
    *,
    tasks: Sequence[TaskTimes],
    queues: Sequence[QueueRow],
    known: Iterable[str],
    now: datetime,
) -> dict[str, Any]:
    """The report as values for JSON.

    Args:
        people: how far those are who share it.
        tasks: of the common contact centre.
        queues: its TaskQueues.
        known: names of the participants who have joined it, or have had a server.
        now: aware.
    """
    waited, by_worker = waits_of(tasks), _by_worker(tasks)
    return {
        "version": 1,
        "made": now.isoformat(timespec="seconds"),
        "participants": [_person(name, people[name], by_worker.get(name, [])) for name in sorted(people)],
        "without_a_name": len(set(known) - set(people)),
        "lessons": [_lesson(name, people.values()) for name in LESSONS],
        "hints": _hints(people.values()),
        "contact_centre": {
            "tasks": len(tasks),
            "accepted": len(waited),
            "waiting": sum(task.waits for task in tasks),
            "median_seconds": quantile(waited, 0.5),
            "p95_seconds": quantile(waited, 0.95),
            "queues": [
                {
                    "name": row.name,
                    "accepted": row.accepted,
                    "median_seconds": row.median_seconds,
                    "p95_seconds": row.p95_seconds,
                }
                for row in queues
            ],
        },
    }


def as_csv(report: Mapping[str, Any]) -> str:
    """A row for each participant, a column for each lesson."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["participant", *LESSONS, "hints told", "Tasks accepted", "median wait in seconds"])
    for person in report["participants"]:
        done = [_done_of(person["lessons"].get(name)) for name in LESSONS]
        rows.writerow(
            [_cell(person["name"]), *done, person["hints_told"], person["accepted"], person["median_seconds"]]
        )
    return out.getvalue()


def as_html(report: Mapping[str, Any]) -> str:
    """A page to keep, which loads nothing."""
    centre = report["contact_centre"]
    without = report["without_a_name"]
    note = f"{counted(without, 'participant')} more had a server or took part, and shared nothing." if without else ""
    waits = f"half waited at most {_long(centre['median_seconds'])}, 95 of 100 at most {_long(centre['p95_seconds'])}"
    callers = f"{counted(centre['tasks'], 'Task')}, {centre['accepted']} accepted; {waits}."
    made = date_and_time(datetime.fromisoformat(report["made"]))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A day in the room</title>'
        f"<style>{_STYLE}</style></head><body><h1>A day in the room, {escape(made)} UTC</h1>"
        f"<h2>Participants</h2>{_people_table(report)}<p>{escape(note)}</p>"
        f"<h2>Lessons</h2>{_lessons_table(report)}"
        f"<h2>Hints that were told most</h2>{_hints_table(report)}"
        f"<h2>The common contact centre</h2><p>{escape(callers)}</p>{_queues_table(centre)}"
        "</body></html>\n"
    )


def _by_worker(tasks: Iterable[TaskTimes]) -> dict[str, list[TaskTimes]]:
    """The Tasks that each took: looked through once, and not anew for each participant."""
    found: dict[str, list[TaskTimes]] = {}
    for task in tasks:
        found.setdefault(task.worker, []).append(task)
    return found


def _person(name: str, standing: CourseStanding, own: Sequence[TaskTimes]) -> dict[str, Any]:
    lessons = {
        lesson: {"done": _done(lesson, each), "steps": len(LESSONS[lesson].needed)}
        for lesson, each in standing.lessons.items()
        if lesson in LESSONS
    }
    told = sum(missed.times for each in standing.lessons.values() for missed in each.missed.values())
    median = quantile(waits_of(own), 0.5)
    return {"name": name, "lessons": lessons, "hints_told": told, "accepted": len(own), "median_seconds": median}


def _lesson(name: str, people: Iterable[CourseStanding]) -> dict[str, Any]:
    begun = [standing.lessons[name] for standing in people if name in standing.lessons]
    complete = sum(_done(name, each) == len(LESSONS[name].needed) for each in begun)
    return {"name": name, "title": LESSONS[name].title, "begun": len(begun), "complete": complete}


def _hints(people: Iterable[CourseStanding]) -> list[dict[str, Any]]:
    """The steps whose hint most people were told."""
    told, times = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for standing in people:
        for lesson, each in standing.lessons.items():
            for step, missed in each.missed.items():
                told[lesson, step] += 1
                times[lesson, step] += missed.times
    return [
        {"lesson": lesson, "step": step, "people": number, "times": times[lesson, step]}
        for (lesson, step), number in told.most_common(_MOST_HINTS)
    ]


def _done(lesson: str, standing: LessonStanding) -> int:
    return sum(title in standing.ticked for title in LESSONS[lesson].needed)


def _done_of(lesson: Mapping[str, int] | None) -> str:
    return f"{lesson['done']} of {lesson['steps']}" if lesson else ""


def _people_table(report: Mapping[str, Any]) -> str:
    rows = [
        [
            person["name"],
            ", ".join(f"{name[:2]}: {_done_of(each)}" for name, each in sorted(person["lessons"].items())),
            person["hints_told"],
            person["accepted"],
            _long(person["median_seconds"]),
        ]
        for person in report["participants"]
    ]
    return _table(["Participant", "Steps done in each lesson", "Hints told", "Tasks accepted", "Median wait"], rows)


def _lessons_table(report: Mapping[str, Any]) -> str:
    rows = [[f"{each['name'][:2]} {each['title']}", each["begun"], each["complete"]] for each in report["lessons"]]
    return _table(["Lesson", "Begun by", "Completed by"], rows)


def _hints_table(report: Mapping[str, Any]) -> str:
    rows = [[each["lesson"][:2], each["step"], each["people"], each["times"]] for each in report["hints"]]
    return _table(["Lesson", "Step", "People", "Times"], rows)


def _queues_table(centre: Mapping[str, Any]) -> str:
    rows = [
        [each["name"], each["accepted"], _long(each["median_seconds"]), _long(each["p95_seconds"])]
        for each in centre["queues"]
    ]
    return _table(["TaskQueue", "Accepted", "Half within", "95 of 100 within"], rows)


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f"<th>{escape(each)}</th>" for each in columns)
    body = "".join(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _long(seconds: float | None) -> str:
    return "" if seconds is None else duration(seconds)


def _cell(text: str) -> str:
    """A text that no spreadsheet computes."""
    return f"'{text}" if text.startswith(_FORMULA) else text
