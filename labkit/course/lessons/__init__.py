"""The lessons as data, by the names of their notebooks and in their order: one module for each.

A test holds the keys and the notebooks together.
"""

from __future__ import annotations

from collections.abc import Mapping

from labkit.course.lesson import Lesson
from labkit.course.lessons import (
    accept_by_instruction,
    accept_by_rest,
    agents_browser,
    assignment_callback,
    create_task,
    events_and_statistics,
    life_cycle,
    load_and_staffing,
    multitasking,
    routing,
    start_here,
    workspace,
)

LESSONS: Mapping[str, Lesson] = {
    "00_start_here": start_here.LESSON,
    "01_workspace": workspace.LESSON,
    "02_assignment_callback": assignment_callback.LESSON,
    "03_create_task": create_task.LESSON,
    "04_accept_by_rest": accept_by_rest.LESSON,
    "05_accept_by_instruction": accept_by_instruction.LESSON,
    "06_life_cycle": life_cycle.LESSON,
    "07_routing": routing.LESSON,
    "08_multitasking": multitasking.LESSON,
    "09_agents_browser": agents_browser.LESSON,
    "10_events_and_statistics": events_and_statistics.LESSON,
    "11_load_and_staffing": load_and_staffing.LESSON,
}
