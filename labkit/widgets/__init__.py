"""The panels: see and click. They know the stream and the desk, nothing else of the lab.

`LiveState` is the truth that they draw; it needs no browser and no widgets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labkit.widgets.composer import Composer as Composer
    from labkit.widgets.desk import DeskPanel as DeskPanel
    from labkit.widgets.explanation import ExplanationPanel as ExplanationPanel
    from labkit.widgets.inbox import Inbox as Inbox
    from labkit.widgets.queues import Queues as Queues
    from labkit.widgets.status import StatusLine as StatusLine
    from labkit.widgets.status import StatusPanel as StatusPanel
    from labkit.widgets.story import Story as Story
    from labkit.widgets.time_and_faults import TimeAndFaults as TimeAndFaults
    from labkit.widgets.timeline import Timeline as Timeline
    from labkit.widgets.traffic import Traffic as Traffic
    from labkit.widgets.worker_board import WorkerBoard as WorkerBoard

# ipywidgets takes a third of a second to import, so each name is imported when it is first used.
_HOMES = {
    "Composer": "composer",
    "DeskPanel": "desk",
    "ExplanationPanel": "explanation",
    "Inbox": "inbox",
    "Queues": "queues",
    "StatusLine": "status",
    "StatusPanel": "status",
    "Story": "story",
    "TimeAndFaults": "time_and_faults",
    "Timeline": "timeline",
    "Traffic": "traffic",
    "WorkerBoard": "worker_board",
}
__all__ = [
    "Composer",
    "DeskPanel",
    "ExplanationPanel",
    "Inbox",
    "Queues",
    "StatusLine",
    "StatusPanel",
    "Story",
    "TimeAndFaults",
    "Timeline",
    "Traffic",
    "WorkerBoard",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"labkit.widgets has no {name!r}; it has: {', '.join(__all__)}.")
    import importlib

    return getattr(importlib.import_module(f"labkit.widgets.{_HOMES[name]}"), name)
