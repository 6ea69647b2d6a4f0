"""Who is where, and who is stuck: said in words, from what the labs have told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from labkit.course.lessons import LESSONS
from workshop.room.hub_servers import HubServer, HubServerState
from workshop.room.participant_rows import (
    NOTHING_TO_SHARE,
    SHARES_NOTHING,
    ParticipantRow,
    participant_rows,
    people_in_lessons,
)
from workshop.room.progress import CourseStanding

MORNING = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
LESSON = "04_accept_by_rest"
STEPS = LESSONS[LESSON].steps
NEEDED = [step.title for step in STEPS if not step.optional]


def minutes(number: float) -> datetime:
    """So long after the morning."""
    return MORNING + timedelta(minutes=number)


def standing(*reports: tuple[float, list[str], dict[str, int]], lesson: str = LESSON) -> CourseStanding:
    """Of somebody whose lab said this: the minute, what is ticked, and how often each hint was told."""
    found = CourseStanding(lesson=None, heard=MORNING)
    for minute, ticked, missed in reports:
        report = {"lesson": lesson, "lessons": {lesson: {"ticked": ticked, "missed": missed}}}
        found = found.with_report(report, now=minutes(minute))
    return found


def row(found: CourseStanding, *, at: float) -> ParticipantRow:
    """The one of somebody who is alone."""
    [only] = participant_rows({"ana": found}, now=minutes(at))
    return only


def test_a_row_says_the_lesson_the_step_and_since_when() -> None:
    """The step is the first that is missing and needed."""
    found = row(standing((0, [], {}), (4, NEEDED[:1], {NEEDED[1]: 1})), at=6)

    number = 1 + [step.title for step in STEPS].index(NEEDED[1])
    assert (found.name, found.lesson, found.step) == ("ana", "04 Accept by REST", f"{number}. {NEEDED[1]}")
    assert (found.done, found.steps, found.since, found.stuck) == (1, len(NEEDED), minutes(4), "")


def test_the_hint_is_the_one_that_was_told_last() -> None:
    """The first time it is the step's hint, then the stronger one: the texts are the course's own."""
    step = next(each for each in STEPS if each.title == NEEDED[0])

    assert [row(standing((0, [], {step.title: times})), at=1).hint for times in (0, 1, 2)] == [
        "", step.hint, step.stronger,
    ]  # fmt: skip
    assert row(standing((0, [], {step.title: 2}), (1, [step.title], {step.title: 2})), at=2).hint == ""


@pytest.mark.parametrize(
    ("times", "at", "why"),
    [
        (2, 1, ""),
        (3, 1, "Was told the same hint 3 times"),
        (0, 14.9, ""),
        (0, 15, "No step done for 15 min"),
        (0, 92.7, "No step done for 1 h 32 min"),
        (4, 92, "Was told the same hint 4 times"),
    ],
)
def test_who_is_stuck_was_told_the_same_hint_or_has_done_no_step_for_long(times: int, at: float, why: str) -> None:
    """In words, which the wall shows."""
    missed = {NEEDED[0]: times} if times else {}

    assert row(standing((0, [], missed)), at=at).stuck == why


def test_whoever_has_done_everything_is_not_stuck() -> None:
    """Even an hour later; what is optional is not waited for."""
    found = row(standing((0, NEEDED, {})), at=60)

    assert (found.step, found.done, found.stuck) == ("All done", len(NEEDED), "")


def test_who_is_stuck_comes_first_and_the_longest_before_the_others() -> None:
    """The rest by name, so that a row is found again."""
    people = {
        "dan": standing((30, [], {})),
        "ana": standing((29, [], {})),
        "cem": standing((10, [], {})),
        "ben": standing((0, [], {})),
    }

    rows = participant_rows(people, known=["eve", "ana"], now=minutes(31))

    assert [each.name for each in rows] == ["ben", "cem", "ana", "dan", "eve"]
    assert (rows[-1].lesson, rows[-1].shares, rows[-1].since) == (SHARES_NOTHING, False, None)


def test_whoever_the_hub_knows_has_a_row_that_says_how_their_server_stands() -> None:
    """Who shares nothing and is not here stands at the end: a folder may remember last month's names."""
    running = HubServer(HubServerState.RUNNING, minutes(1))
    servers = {
        "ana": HubServer(HubServerState.STOPPED, minutes(2)),
        "ben": HubServer(HubServerState.NEVER_STARTED),
        "cem": running,
        "dan": HubServer(HubServerState.STARTING),
        "eve": HubServer(HubServerState.STOPPED, minutes(3)),
    }
    rows = participant_rows({"eve": standing((0, [], {}))}, known=[*servers, "fay"], servers=servers, now=minutes(4))

    assert [(row.name, row.server, row.server_since, row.away) for row in rows] == [
        ("cem", "Server running", minutes(1), False),
        ("dan", "Server starting", None, False),
        ("eve", "No server now", minutes(3), True),
        ("fay", "", None, False),
        ("ana", "No server now", minutes(2), True),
        ("ben", "No server so far", None, True),
    ]
    assert [row.lesson for row in rows if not row.shares] == [*[SHARES_NOTHING] * 4, NOTHING_TO_SHARE]


def test_who_has_gone_is_not_stuck_and_who_comes_back_begins_anew() -> None:
    """With a quarter of an hour from the start of their server on; the same hint again and again counts at once."""
    quiet, told = standing((0, [], {})), standing((0, [], {NEEDED[0]: 3}))
    people = {"ana": quiet, "ben": told, "cem": quiet, "dan": quiet, "eve": told}
    gone, back = (HubServer(state, minutes(900)) for state in (HubServerState.STOPPED, HubServerState.RUNNING))
    servers = {"ana": gone, "ben": gone, "cem": back, "eve": back}

    stuck = {
        at: {row.name: row.stuck for row in participant_rows(people, servers=servers, now=minutes(at)) if row.stuck}
        for at in (914, 915)
    }

    assert stuck[914] == {"dan": "No step done for 15 h 14 min", "eve": "Was told the same hint 3 times"}
    assert stuck[915] == {**stuck[914], "dan": "No step done for 15 h 15 min", "cem": "No step done for 15 min"}


def test_whoever_is_in_no_lesson_has_a_row() -> None:
    """A notebook of their own, say."""
    found = row(CourseStanding(lesson=None, heard=minutes(3)), at=4)

    assert (found.lesson, found.step, found.since, found.stuck) == ("In no lesson", "", minutes(3), "")


def test_the_lessons_say_how_many_are_in_them() -> None:
    """For a room in which nobody reads three hundred rows."""
    people = {name: standing((0, [], {})) for name in ("ana", "ben")} | {
        "cem": CourseStanding(lesson=None, heard=MORNING)
    }

    found = dict(people_in_lessons(people))

    assert (found["04 Accept by REST"], found["00 Start here"], len(found)) == (2, 0, len(LESSONS))


def test_who_answers_callers_in_the_room_is_not_stuck_in_a_lesson() -> None:
    """Not before a quarter of an hour without either; the same hint again and again counts all the same."""
    quiet, told = standing((0, [], {})), standing((0, [], {NEEDED[0]: 3}))
    people = {"ana": quiet, "ben": quiet, "cem": told}
    at_work = {"ana": minutes(20), "ben": minutes(5), "cem": minutes(30)}

    rows = {row.name: row.stuck for row in participant_rows(people, at_work=at_work, now=minutes(31))}

    assert rows == {"ana": "", "ben": "No step done for 26 min", "cem": "Was told the same hint 3 times"}
