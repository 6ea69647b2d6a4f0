"""The day as a report: what was done and told, by the names of those who share it, and nobody else's."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from room_service import running_room

from labkit.course.lessons import LESSONS
from workshop.room.day_report import as_csv, as_html, day_report
from workshop.room.progress import CourseStanding
from workshop.room.task_times import RoomTasks

MORNING = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
LESSON = "07_routing"
STEPS = [step.title for step in LESSONS[LESSON].steps if not step.optional]


def standing(ticked: list[str], missed: dict[str, int]) -> CourseStanding:
    """Of somebody in the lesson."""
    report = {"lesson": LESSON, "lessons": {LESSON: {"ticked": ticked, "missed": missed}}}
    return CourseStanding(lesson=None, heard=MORNING).with_report(report, now=MORNING)


def calls(waits: list[float], *, worker: str) -> RoomTasks:
    """Tasks that this Worker took after so many seconds each."""
    tasks = RoomTasks()
    for number, seconds in enumerate(waits):
        for kind, at in (("task.created", 0.0), ("reservation.accepted", seconds)):
            moment = int((MORNING + timedelta(seconds=at)).timestamp() * 1000)
            fields = {"TaskSid": f"WT{number}", "TaskQueueName": "English", "TimestampMs": str(moment)}
            tasks.hear({**fields, "EventType": kind, "WorkerName": worker})
    return tasks


def report_of(people: dict[str, CourseStanding], tasks: RoomTasks, known: list[str]) -> dict[str, Any]:
    """That of a day."""
    return day_report(people, tasks=tasks.tasks, queues=tasks.queue_rows(), known=known, now=MORNING)


def test_it_counts_what_was_done_told_and_waited() -> None:
    """Of each participant, of each lesson, and of all callers together."""
    people = {"ana": standing(STEPS, {STEPS[0]: 2}), "ben": standing(STEPS[:1], {STEPS[0]: 1, STEPS[1]: 1})}

    report = report_of(people, calls([1.0, 2.0, 3.0, 40.0], worker="ana"), known=["ana", "ben"])

    ana, ben = report["participants"]
    assert (ana["lessons"][LESSON], ana["hints_told"], ana["accepted"], ana["median_seconds"]) == (
        {"done": len(STEPS), "steps": len(STEPS)}, 2, 4, 2.0,
    )  # fmt: skip
    assert (ben["lessons"][LESSON]["done"], ben["accepted"], ben["median_seconds"]) == (1, 0, None)
    lesson = next(each for each in report["lessons"] if each["name"] == LESSON)
    assert (lesson["begun"], lesson["complete"]) == (2, 1)
    assert report["hints"][0] == {"lesson": LESSON, "step": STEPS[0], "people": 2, "times": 3}
    centre = report["contact_centre"]
    assert (centre["tasks"], centre["accepted"], centre["median_seconds"], centre["p95_seconds"]) == (4, 4, 2.0, 40.0)


def test_whoever_shares_nothing_has_no_name_in_it() -> None:
    """They count, and their Tasks do."""
    report = report_of({"ana": standing([], {})}, calls([5.0], worker="zoe"), known=["ana", "zoe"])

    assert report["without_a_name"] == 1
    assert report["contact_centre"]["accepted"] == 1
    for text in (json.dumps(report), as_html(report), as_csv(report)):
        assert "zoe" not in text
    assert "1 participant more had a server or took part, and shared nothing." in as_html(report)


def test_a_name_is_no_html_and_no_formula() -> None:
    """A hub may have names of any form."""
    names = ["<script>alert(1)</script>", '=HYPERLINK("http://x")']
    report = report_of({name: standing([], {}) for name in names}, RoomTasks(), known=[])

    assert "<script>" not in as_html(report)
    rows = list(csv.DictReader(io.StringIO(as_csv(report))))
    assert [row["participant"] for row in rows] == [names[0], f"'{names[1]}"]
    assert rows[0][LESSON] == f"0 of {len(STEPS)}"


@pytest.mark.parametrize(("form", "kind"), [("html", "text/html"), ("csv", "text/csv"), ("json", "application/json")])
def test_the_instructor_downloads_it(tmp_path: Path, form: str, kind: str) -> None:
    """In each form; another one is refused."""
    with running_room(tmp_path) as room:
        teacher = room.token("teacher", instructor=True)
        answer = room.ask("GET", f"wall/report?form={form}", teacher)

        assert (answer.status_code, answer.headers["Content-Type"]) == (200, f"{kind}; charset=utf-8")
        assert room.ask("GET", "wall/report?form=pdf", teacher).status_code == 400
