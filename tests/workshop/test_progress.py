"""What the room keeps of each participant's way through the course: nothing but the course's own words and counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.course.lessons import LESSONS
from workshop.room.progress import FILE, MOST_TIMES, CourseStanding, MissedStep, ProgressBook

MORNING = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
LESSON = "07_routing"
FIRST, SECOND = (step.title for step in LESSONS[LESSON].steps[:2])


def minutes(number: float) -> datetime:
    """So long after the morning."""
    return MORNING + timedelta(minutes=number)


def report(*, ticked: list[str], missed: dict[str, int] | None = None, lesson: str = LESSON) -> dict[str, Any]:
    """What a participant's lab says."""
    return {"lesson": lesson, "lessons": {lesson: {"ticked": ticked, "missed": missed or {}}}}


def test_a_report_is_kept_with_the_moments_at_which_the_room_heard_of_it(tmp_path: Path) -> None:
    """What was known before keeps its moment."""
    book = ProgressBook(tmp_path)

    book.note("ana", report(ticked=[FIRST], missed={SECOND: 1}), now=minutes(0))
    book.note("ana", report(ticked=[FIRST], missed={SECOND: 1}), now=minutes(5))
    standing = book.note("ana", report(ticked=[FIRST, SECOND], missed={SECOND: 2}), now=minutes(9))

    lesson = standing.lessons[LESSON]
    assert (standing.lesson, standing.heard, lesson.begun, lesson.moved) == (LESSON, minutes(9), MORNING, minutes(9))
    assert lesson.ticked == {FIRST: minutes(0), SECOND: minutes(9)}
    assert lesson.missed == {SECOND: MissedStep(2, minutes(9))}


def test_a_hint_that_was_not_told_again_keeps_its_moment(tmp_path: Path) -> None:
    """Or whoever waits before a hint would seem to have just read it."""
    book = ProgressBook(tmp_path)
    for minute in (0, 20):
        book.note("ana", report(ticked=[], missed={FIRST: 3}), now=minutes(minute))

    assert book.people["ana"].lessons[LESSON].missed[FIRST] == MissedStep(3, minutes(0))


def test_whoever_begins_anew_is_at_the_beginning(tmp_path: Path) -> None:
    """A report takes the place of the last: a participant may have been set back."""
    book = ProgressBook(tmp_path)
    book.note("ana", report(ticked=[FIRST]), now=minutes(0))

    assert book.note("ana", report(ticked=[]), now=minutes(1)).lessons[LESSON].ticked == {}


def test_it_survives_a_restart(tmp_path: Path) -> None:
    """Of the service, or of the machine."""
    book = ProgressBook(tmp_path)
    book.note("ana", report(ticked=[FIRST], missed={SECOND: 2}), now=minutes(0))
    book.note("ben", report(ticked=[]), now=minutes(1))
    book.save()

    assert ProgressBook(tmp_path).people == book.people
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_whoever_shares_no_more_is_gone_from_the_file_at_once(tmp_path: Path) -> None:
    """The others stay."""
    book = ProgressBook(tmp_path)
    for name in ("ana", "ben"):
        book.note(name, report(ticked=[FIRST]), now=minutes(0))
    book.save()

    book.forget("ana")
    book.forget("nobody")

    assert "ana" not in (tmp_path / FILE).read_text(encoding="utf-8")
    assert list(ProgressBook(tmp_path).people) == ["ben"]


def test_nothing_that_a_participant_wrote_is_kept(tmp_path: Path) -> None:
    """Only the course's lessons and steps, and counts, whatever else is sent."""
    book = ProgressBook(tmp_path)
    said = "<script>alert(1)</script>"
    lessons = {
        said: {"ticked": [said]},
        LESSON: {"ticked": [said, FIRST, 7], "missed": {said: 3, FIRST: said, SECOND: 10**9}, "code": said},
    }
    book.note("ana", {"lesson": said, "lessons": lessons, "attributes": said}, now=minutes(0))
    book.save()

    assert "alert" not in (tmp_path / FILE).read_text(encoding="utf-8")
    lesson = book.people["ana"].lessons[LESSON]
    assert (list(lesson.ticked), lesson.missed) == ([FIRST], {SECOND: MissedStep(MOST_TIMES, minutes(0))})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["lesson", "lessons", LESSON, FIRST]), inner),
)


@given(st.dictionaries(st.sampled_from(["lesson", "lessons", "x"]), JSON))
def test_a_report_of_any_form_is_borne(document: dict[str, Any]) -> None:
    """It comes from a participant's own kernel, which may say what it likes."""
    found = CourseStanding(lesson=None, heard=MORNING).with_report(document, now=minutes(1))

    assert found.heard == minutes(1)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"people": {"ana": 1}}', '{"people": {"ana": {"lesson": null}}}'])
def test_a_broken_file_is_set_aside(tmp_path: Path, text: str) -> None:
    """The wall begins anew, and nothing is thrown away."""
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    (tmp_path / "progress-broken-1.json").write_text("of another day", encoding="utf-8")

    assert ProgressBook(tmp_path).people == {}
    assert (tmp_path / "progress-broken-2.json").read_text(encoding="utf-8") == text
