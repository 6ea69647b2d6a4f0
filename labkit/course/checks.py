"""The check of a lesson: which steps are done, and what to do about the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from labkit.course.lesson import LessonStep
from labkit.course.lesson_names import lesson_named, lesson_of
from labkit.course.lessons import LESSONS
from labkit.course.progress import LessonProgress
from labkit.course.record import LessonRecord
from labkit.course.report import LessonReport, Report, Solution, StepResult
from labkit.errors import ArgumentError


def check(
    lesson: str | None,
    record_of: Callable[[str], LessonRecord],
    *,
    step: int | None = None,
    progress: Mapping[str, LessonProgress] | None = None,
) -> Report:
    """Say which steps of a lesson are done, and what to do about the others.

    A step is done when the record shows it, or when it was ticked before.

    Args:
        lesson: its name; None for all of them.
        record_of: what is known of the Workspace of a lesson, by the lesson's name.
        step: the number of the only one to look at, from 1.
        progress: how far the learner was before; who was told a step's hint before, is told the stronger one.

    Raises:
        ArgumentError: there is no such step.
    """
    before = progress or {}
    names = [lesson] if lesson else list(LESSONS)
    found = (_report(name, record_of(name), step, before.get(name, LessonProgress())) for name in names)
    return Report(tuple(found), only=step is not None)


def solution(lesson: str, number: int) -> Solution:
    """How a step is done.

    Args:
        lesson: its name.
        number: of the step, from 1.

    Raises:
        ArgumentError: there is no such step.
    """
    step = step_of(lesson, number)
    return Solution(f"{number}. {step.title}", step.solution or step.stronger or step.hint)


def next_solution(report: Report) -> Solution:
    """How the first step that is missing is done.

    Args:
        report: of one lesson, with all its steps.
    """
    [lesson] = report.lessons
    missing = lesson.next_step
    return solution(lesson.name, missing.number) if missing else Solution("Nothing is missing.")


def step_of(lesson: str, number: object) -> LessonStep:
    """The step of this number, from 1.

    Raises:
        ArgumentError: there is no such step.
    """
    steps = dict(enumerate(LESSONS[lesson].steps, start=1))
    if type(number) is not int or number not in steps:
        raise ArgumentError(f"The lesson {lesson} has the steps 1 to {len(steps)}, and no step {number!r}.")
    return steps[number]


def lesson_meant(given: object, *, started_for: str | None, environ: Mapping[str, str] | None = None) -> str | None:
    """The lesson that is asked about; None where nobody says and nothing tells.

    Args:
        given: what was asked for: a name, a path or a number; None for the present one.
        started_for: the lesson that the lab was started for.
        environ: the environment that tells the notebook; this process's by default.

    Raises:
        SettingsError: there is no lesson of the name given.
    """
    if given is not None:
        return lesson_named(given)
    return started_for or lesson_of(this_notebook(os.environ if environ is None else environ))


def this_notebook(environ: Mapping[str, str]) -> str:
    """The path of the notebook that this kernel belongs to, as Jupyter told it; "" outside of Jupyter."""
    return environ.get("JPY_SESSION_NAME", "")


def _report(name: str, record: LessonRecord, only: int | None, before: LessonProgress) -> LessonReport:
    if only is not None:
        step_of(name, only)
    numbered = enumerate(LESSONS[name].steps, start=1)
    steps = [_result(number, step, record, before) for number, step in numbered if only in (None, number)]
    return LessonReport(name, LESSONS[name].title, tuple(steps))


def _result(number: int, step: LessonStep, record: LessonRecord, before: LessonProgress) -> StepResult:
    done = step.title in before.ticked or step.done(record)
    difference = "" if done else next(filter(None, (differs(record) for differs in step.differences)), "")
    told = before.missed.get(step.title, 0) > 0
    return StepResult(
        step.title,
        done,
        step.hint,
        number=number,
        difference=difference or "",
        stronger=step.stronger if told else "",
        has_solution=told and bool(step.solution),
        optional=step.optional,
    )
