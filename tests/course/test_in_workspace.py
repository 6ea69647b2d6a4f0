"""What steps of several lessons ask: of the Workspace as it is now, and of the requests that were made."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from course.made_up import events, moved, of_reservation

from labkit.course import LessonRecord
from labkit.course.lessons.in_workspace import activity_of, named, picks, queue_for, takes
from labkit.course.lessons.steps import asked, by_rest, moves, refused, sent_to

HEARD = datetime(2026, 11, 22, 8, tzinfo=UTC)
SPANISH = {"expression": 'language == "es"', "targets": [{"queue": "Spanish"}, {"queue": "Everybody"}]}


def record(calls: tuple[dict[str, Any], ...] = (), **sections: Any) -> LessonRecord:
    return LessonRecord(heard=HEARD, workspace=sections, calls=calls)


def workflow(*filters: Any, **more: Any) -> dict[str, Any]:
    return {"friendly_name": "W", "configuration": {"task_routing": {"filters": list(filters), **more}}}


def test_of_two_of_one_name_the_newest_counts() -> None:
    """Whoever made it twice means the second; letter case is of no matter, as for Workers."""
    seen = record(workers=[{"friendly_name": "Alice"}, {"friendly_name": "alice", "activity": "Offline"}])
    assert named(seen, "workers", "ALICE") == {"friendly_name": "alice", "activity": "Offline"}
    assert activity_of(seen, "Alice") == "Offline"


def test_what_is_not_there_is_nothing() -> None:
    """Also where the whole section is missing: a check bears any record."""
    assert named(record(), "workers", "Alice") is None
    assert activity_of(record(), "Alice") == ""


@pytest.mark.parametrize("expression", ["", "languages HAS", 'languages == "es"'])
def test_what_is_empty_broken_or_false_picks_nobody(expression: str) -> None:
    """A learner's expression may be anything."""
    assert not picks(expression, {"languages": ["es"]})
    assert not takes(expression, {"languages": ["es"]})


def test_a_queue_reads_workers_and_a_filter_tasks() -> None:
    """Each with its prefix or without."""
    assert picks('worker.languages HAS "es"', {"languages": ["es"]})
    assert takes('task.language == "es"', {"language": "es"})


@pytest.mark.parametrize(("language", "queue"), [("es", "Spanish"), ("fr", None)])
def test_the_first_target_of_the_first_filter_that_fits(language: str, queue: str | None) -> None:
    """And no TaskQueue where none fits."""
    assert queue_for(workflow(SPANISH), {"language": language}) == queue


def test_the_default_filter_takes_the_rest() -> None:
    """But nothing that a filter takes."""
    routing = workflow(SPANISH, default_filter={"queue": "Everybody"})
    assert [queue_for(routing, {"language": each}) for each in ("es", "fr")] == ["Spanish", "Everybody"]


def test_a_workflow_without_anything_sends_nowhere() -> None:
    """Such as one that is not there."""
    assert queue_for({}, {"language": "es"}) is None


def test_a_refused_request_is_known_by_its_path_and_code() -> None:
    """What was taken, and what was refused elsewhere, is none."""
    refusal = {"path": "/v1/Workspaces/WS1/Tasks", "code": 20001}
    assert refused("/Tasks")(record((refusal,)))
    assert not refused("/Workers")(record((refusal,)))
    assert not refused("/Tasks")(record(({**refusal, "code": None},)))


def test_what_was_asked_stands_in_the_path_and_in_the_form() -> None:
    """Of requests that TaskRouter took, by this method."""
    task = {"method": "POST", "path": "/v1/Tasks/WT1", "form": {"AssignmentStatus": "completed"}, "status": 200}
    log = {"method": "GET", "path": "/v1/Events?TaskSid=WT1&Minutes=5", "form": {}, "status": 200}
    seen = record((task, log, {**task, "status": 400}, {**log, "status": None}))
    assert list(asked(seen, "GET", "/Events")) == [{"TaskSid": "WT1", "Minutes": "5"}]
    assert list(asked(seen, "POST")) == [{"AssignmentStatus": "completed"}]
    assert by_rest(seen, AssignmentStatus="completed") == {"WT1": 1}
    assert not by_rest(seen, AssignmentStatus="canceled")


def test_changes_of_activity_are_told_by_worker_and_by_activity() -> None:
    """What happened at one moment with an event of the same Worker is where that has sent her."""
    told = events(moved("Alice", "Offline"), moved("Bob", "Available"), moved("Alice", "Available"))
    timed_out, at_once, other = events(
        of_reservation("reservation.timeout"), moved("Alice", "Offline"), moved("Bob", "Unavailable")
    )
    at_once, other = (replace(each, at=timed_out.at) for each in (at_once, other))
    seen = LessonRecord(heard=HEARD, events=told)
    assert moves(seen) == told
    assert moves(seen, worker="Alice") == [told[0], told[2]]
    assert moves(seen, worker="Alice", activity="Available") == [told[2]]
    assert sent_to(LessonRecord(heard=HEARD, events=[timed_out, at_once, other]), timed_out) == ["Offline"]
