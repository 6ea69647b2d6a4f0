"""The panels: see and click. They draw what `labkit.live` knows, and act through the client of the Workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labkit.widgets.composer.panel import Composer as Composer
    from labkit.widgets.desk.panel import DeskPanel as DeskPanel
    from labkit.widgets.explanation.panel import ExplanationPanel as ExplanationPanel
    from labkit.widgets.inbox.panel import Inbox as Inbox
    from labkit.widgets.queues.panel import Queues as Queues
    from labkit.widgets.status.panel import StatusLine as StatusLine
    from labkit.widgets.status.panel import StatusPanel as StatusPanel
    from labkit.widgets.story.panel import StoryPanel as StoryPanel
    from labkit.widgets.time_and_faults.panel import TimeAndFaults as TimeAndFaults
    from labkit.widgets.timeline.panel import Timeline as Timeline
    from labkit.widgets.traffic.panel import Traffic as Traffic
    from labkit.widgets.workers.panel import WorkerBoard as WorkerBoard

# ipywidgets takes a third of a second to import, so each name is imported when it is first used.
_HOMES = {
    "Composer": "composer.panel",
    "DeskPanel": "desk.panel",
    "ExplanationPanel": "explanation.panel",
    "Inbox": "inbox.panel",
    "Queues": "queues.panel",
    "StatusLine": "status.panel",
    "StatusPanel": "status.panel",
    "StoryPanel": "story.panel",
    "TimeAndFaults": "time_and_faults.panel",
    "Timeline": "timeline.panel",
    "Traffic": "traffic.panel",
    "WorkerBoard": "workers.panel",
}
__all__ = [
    "Composer",
    "DeskPanel",
    "ExplanationPanel",
    "Inbox",
    "Queues",
    "StatusLine",
    "StatusPanel",
    "StoryPanel",
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
