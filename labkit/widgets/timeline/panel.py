"""Timeline: a lane for each Task, or for each Worker, and its states over time.

The state that is synced says only that there is news; each page then asks for the lanes that have changed since it
last asked. So thousands of lanes travel once, and a burst of callbacks costs each page a few of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from labkit.background import JobOutcome
from labkit.display import Section, Table, counted, duration, shortened
from labkit.live.history import History
from labkit.live.throttle import Throttle
from labkit.live.timelines import TaskLane
from labkit.live.workspace import LiveWorkspace
from labkit.widgets.base import Handler, LivePanel, script, style
from labkit.widgets.lab_parts import LabParts

GAP_SECONDS = 0.1
LANES_AT_ONCE = 250
_PICTURED = 20
"""Tasks in its still."""


class Timeline(LivePanel):
    """Lives of Tasks, days of Workers.

    Args:
        live: the time, and which Activities are available ones.
        history: the lanes.
    """

    title = "Timeline"
    _esm = script("timeline")
    _css = style("timeline")
    desk_place: ClassVar[Mapping[str, int]] = {"watch": 3}
    looks = frozenset({"lanes"})

    topics: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def of_lab(cls, lab: LabParts) -> Timeline:
        """The panel of a lab."""
        return cls(lab.live, history=lab.history())

    def __init__(self, live: LiveWorkspace, *, history: History) -> None:
        self._history = history
        self._pace = Throttle(lambda _topics: self.refresh(), gap=GAP_SECONDS)
        super().__init__(live)
        self._endings += [self._pace.close, history.watch(lambda: self._pace.mark("lanes"))]
        self.refresh()

    def _content(self) -> dict[str, Any]:
        tasks, workers = self._history.counts()
        return {
            "epoch": self._history.epoch,
            "revision": self._history.revision,
            "tasks": tasks,
            "workers": workers,
        }

    def pictured(self) -> Iterable[Section]:
        """The Tasks that changed last, each with the states that it went through."""
        lanes = list(reversed(self._history.tasks()[-_PICTURED:]))
        rows = [self._history.read(lane, _pictured) for lane in lanes]
        columns = ("Task", "Status", "TaskQueue", "Since its creation")
        return [Section(f"{counted(self.state['tasks'], 'Task')}, those that changed last:", Table(columns, rows))]

    def _handlers(self) -> Mapping[str, Handler]:
        return {"lanes": self._lanes}

    def _lanes(self, message: Mapping[str, Any]) -> JobOutcome:
        epoch, revision = self._history.epoch, self._history.revision
        since = _number(message.get("since")) or 0
        lanes, before = self._history.changed(
            workers=message.get("by") == "workers",
            since=since,
            before=_number(message.get("before")),
            most=LANES_AT_ONCE,
        )
        available = {activity.name: activity.available for activity in self._live.activities}
        drawn = [_drawn(self._history.read(lane, lambda each: each.drawn()), available) for lane in lanes]
        return JobOutcome(ok=True, data={"epoch": epoch, "revision": revision, "lanes": drawn, "before": before})


def _drawn(lane: dict[str, Any], available: Mapping[str, bool]) -> dict[str, Any]:
    """A lane for the browser; each Activity with whether Workers in it are offered Tasks, if that is known."""
    words = {True: "available", False: "not available", None: ""}
    for activity in lane.get("activities", ()):
        activity[3] = words[available.get(activity[0])]
    return lane


def _pictured(lane: TaskLane) -> tuple[str, ...]:
    """A lane as a row of the still: `pending 8 s, reserved 2 s, assigned`."""
    stretches = [
        f"{each.state} {duration((each.end - each.begin).total_seconds())}" if each.end else each.state
        for each in lane.stretches()
    ]
    return lane.name, f"Task {lane.state}", lane.queue, shortened(", ".join(stretches), most=160)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


PANEL = Timeline
