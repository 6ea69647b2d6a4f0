"""The lessons' own checks: what each notebook has you do, and how the record shows that it was done."""

from __future__ import annotations

from labkit.course.checks import check
from labkit.course.record import CallbackAnswer, LessonRecord, observe
from labkit.course.report import Report

__all__ = ["CallbackAnswer", "LessonRecord", "Report", "check", "observe"]
