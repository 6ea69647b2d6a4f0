"""The check at the end of each notebook."""

from __future__ import annotations

import os
from collections.abc import Mapping

from labkit.course.lesson import Lesson
from labkit.course.lesson_names import lesson_named, lesson_of
from labkit.course.lessons import LESSONS
from labkit.course.record import LessonRecord
from labkit.course.report import LessonReport, Report, StepResult


def check(lesson: str | None, record: LessonRecord, *, environ: Mapping[str, str] | None = None) -> Report:
    """Say which steps of a lesson the record shows done, and what to do about the others.

    Args:
        lesson: a notebook's name, such as `"00_start_here"`, its path, or its number. None for the notebook that this
            kernel belongs to; where that cannot be told, or is none of the course's, all lessons are reported.
        record: from `labkit.course.observe`.
        environ: the environment that tells the notebook; this process's by default.

    Raises:
        SettingsError: there is no lesson of the name given.
    """
    if lesson is None:
        found = lesson_of(this_notebook(os.environ if environ is None else environ))
    else:
        found = lesson_named(lesson)
    names = [found] if found else list(LESSONS)
    return Report(tuple(_report(name, LESSONS[name], record) for name in names))


def this_notebook(environ: Mapping[str, str]) -> str:
    """The path of the notebook that this kernel belongs to, as Jupyter told it; "" outside of Jupyter."""
    return environ.get("JPY_SESSION_NAME", "")


def _report(name: str, lesson: Lesson, record: LessonRecord) -> LessonReport:
    results = (StepResult(step.title, step.done(record), step.hint, step.optional) for step in lesson.steps)
    return LessonReport(name, lesson.title, tuple(results))
