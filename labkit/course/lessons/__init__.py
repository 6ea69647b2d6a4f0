"""The lessons as data, by the names of their notebooks and in their order: one module for each, called as the notebook.

A test holds the names and the notebooks together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from labkit.course.lesson import Lesson

_NAMES = (
    "00_start_here",
    "01_workspace",
    "02_assignment_callback",
    "03_create_task",
    "04_accept_by_rest",
    "05_accept_by_instruction",
    "06_life_cycle",
    "07_routing",
    "08_multitasking",
    "09_agents_browser",
    "10_events_and_statistics",
    "11_load_and_staffing",
    "12_your_own_account",
)


class _WhenAsked(Mapping[str, Lesson]):
    """Each lesson's module is read when somebody asks for the lesson: to start a lab takes their names at most."""

    def __getitem__(self, name: str) -> Lesson:
        if name not in _NAMES:
            raise KeyError(name)
        lesson: Lesson = import_module(f"{__name__}.{name.partition('_')[2]}").LESSON
        return lesson

    def __iter__(self) -> Iterator[str]:
        return iter(_NAMES)

    def __len__(self) -> int:
        return len(_NAMES)


LESSONS: Mapping[str, Lesson] = _WhenAsked()
