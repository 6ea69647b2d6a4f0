"""The course: what each lesson has you do, how the record shows that it was done, and how far you are."""

from __future__ import annotations

from labkit.course.checks import check, next_solution, solution
from labkit.course.record import CallbackAnswer, LessonRecord, observe
from labkit.course.report import Report, Solution

__all__ = ["CallbackAnswer", "LessonRecord", "Report", "Solution", "check", "next_solution", "observe", "solution"]
