"""The solved form of each lesson, by the notebook's name; `test_solved.py` says what stands in one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from pathlib import Path
from types import ModuleType

from labkit.course.lesson_names import lesson_named

SOLVED: dict[str, ModuleType] = {
    lesson_named(path.stem.removeprefix("lesson_")): import_module(f"course.solved.{path.stem}")
    for path in sorted(Path(__file__).parent.glob("lesson_*.py"))
}


def around(lesson: str) -> Callable[[], AbstractContextManager[object]]:
    """What a lesson is played in, such as an account; nothing for most."""
    found: Callable[[], AbstractContextManager[object]] = getattr(SOLVED[lesson], "AROUND", nullcontext)
    return found
