"""What a check says of a missing step: first the hint, or what was done instead; then more; then the solution."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from labkit.course import LessonRecord, Report, checks, next_solution, solution
from labkit.course import check as check_lesson
from labkit.course.lesson import Lesson, LessonStep
from labkit.course.progress import LessonProgress
from labkit.errors import ArgumentError

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)
NAME = "97_made_up"


def never(_record: LessonRecord) -> bool:
    """Nothing shows it done."""
    return False


def named(name: str) -> Callable[[LessonRecord], str | None]:
    """A wrong attempt that is seen in a record whose Workspace has this name in it."""
    return lambda record: f'You wrote "{name}".' if name in record.workspace else None


STEPS = (
    LessonStep("First", never, "Do it.", stronger="Do it like this.", solution="do.it()", differences=(named("a"),)),
    LessonStep("Second", never, "Do the other.", stronger="The other, so.", solution="other.it()", optional=True),
    LessonStep("Third", lambda _record: True, "Nothing to do."),
)


@pytest.fixture(autouse=True)
def lesson(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lesson of three steps, of which the last is done."""
    monkeypatch.setattr(checks, "LESSONS", {NAME: Lesson("Made up", STEPS)})


def check(workspace: str = "", *, step: int | None = None, progress: LessonProgress | None = None) -> Report:
    """The check of a record whose Workspace has these letters in it."""
    record = LessonRecord(heard=NOW, workspace=dict.fromkeys(workspace))
    before = {NAME: progress or LessonProgress()}
    return check_lesson(NAME, lambda _lesson: record, step=step, progress=before)


MISSED = LessonProgress(missed={"First": 1})


@pytest.mark.parametrize(
    ("workspace", "progress", "advice"),
    [
        ("", None, ("Do it.",)),
        ("a", None, ('You wrote "a".',)),
        ("", MISSED, ("Do it like this.", "lab.solution(1) shows how it is done.")),
        ("a", MISSED, ('You wrote "a".', "Do it like this.", "lab.solution(1) shows how it is done.")),
    ],
)
def test_who_is_told_more_has_been_told_before(
    workspace: str, progress: LessonProgress | None, advice: tuple[str, ...]
) -> None:
    """What was done instead is named as long as it is so."""
    report = check(workspace, progress=progress)
    assert report.steps[0].advice == advice
    assert report.steps[1].advice == ("Do the other.",)
    assert report.steps[2].advice == ()


def test_a_step_that_was_ticked_stays_ticked() -> None:
    """Also when nothing in the Workspace shows it any more."""
    assert [step.done for step in check(progress=LessonProgress(ticked={"First": NOW})).steps] == [True, False, True]


def test_one_step_can_be_looked_at() -> None:
    """In the middle of a notebook nobody wants to read of what comes later."""
    report = check(step=2)
    assert [(step.number, step.title) for step in report.steps] == [(2, "Second")]
    assert str(report) == "Made up, step 2\n  · 2. Second (optional)\n      Do the other."
    assert str(check(step=3)) == "Made up, step 3\n  ✓ 3. Third"


@pytest.mark.parametrize("step", [0, 4, -1, "1", True, 1.0])
def test_a_step_that_is_not_there_is_said(step: object) -> None:
    """With those that are."""
    with pytest.raises(ArgumentError, match=r"97_made_up has the steps 1 to 3, and no step .*\."):
        check(step=step)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError):
        solution(NAME, step)  # type: ignore[arg-type]


def test_the_solution_is_shown_to_who_asks() -> None:
    """Of a step by its number; without one, of the first that is missing and needed."""
    assert str(solution(NAME, 2)) == "2. Second\n  other.it()"
    assert str(next_solution(check())) == "1. First\n  do.it()"
    one_left = check(progress=LessonProgress(ticked={"First": NOW}))
    assert str(next_solution(one_left)) == "2. Second\n  other.it()"
    all_done = check(progress=LessonProgress(ticked={"First": NOW, "Second": NOW}))
    assert str(next_solution(all_done)) == "Nothing is missing."


def test_a_report_and_a_solution_are_shown_in_a_notebook() -> None:
    """Numbered, with the advice under each step; lines to copy as they are."""
    html = check("a", progress=MISSED)._repr_html_()
    assert (
        '<li class="missing"><span class="mark">·</span>1. First<ul><li class="hint">You wrote &quot;a&quot;.' in html
    )
    assert '<pre class="code" tabindex="0">do.it()</pre>' in next_solution(check())._repr_html_()
