"""Queues: what waits in each TaskQueue and for how long, who could take it, and how soon it was taken.

What waits and what was accepted comes from the history, so it is live; which Workers are eligible is TaskRouter's
to say, and is read from its statistics: only while somebody looks, only after something has changed, and not often.
"""

from __future__ import annotations

import base64
import gzip
import math
import threading
import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any, ClassVar

from labkit.background import JobOutcome, Jobs
from labkit.display import Section, Table, counted
from labkit.errors import LabError
from labkit.live.history import History
from labkit.live.queue_metrics import (
    BINS_WITHIN,
    QueueFacts,
    QueueTally,
    distribution,
    facts,
    summary,
    tallies,
    waiting_over_time,
)
from labkit.live.throttle import Throttle
from labkit.live.workspace import LiveWorkspace
from labkit.taskrouter.records import QueueStatistics
from labkit.taskrouter.workspace_client import WorkspaceClient
from labkit.widgets.base import Handler, LivePanel, script, style
from labkit.widgets.lab_parts import LabParts
from labkit.widgets.still import time_of_day_utc

STATISTICS_EVERY_SECONDS = {True: 5.0, False: 30.0}
"""How soon the statistics may be read again, while somebody looks, in a sandbox or not: an account counts requests."""
GAP_SECONDS = 0.4
"""The plots are drawn anew at most so often."""
WITHIN_SECONDS = 20.0
MINUTES = 15
_LONGEST_WITHIN = 86_400.0


@cache
def _plotly_library() -> str:
    # plotly.js comes with the Python package: no page loads anything from elsewhere. Inside of the panel's script it
    # would be in the way of each reload, for which the kernel sends all panels of a page at once.
    from plotly.offline import get_plotlyjs

    return base64.b64encode(gzip.compress(get_plotlyjs().encode("utf-8"))).decode("ascii")


class Queues(LivePanel):
    """All TaskQueues of the Workspace.

    Args:
        live: the time.
        history: what happened to the Tasks.
        client: asked for eligible and available Workers.
        jobs: where that runs.
        gap_seconds: the shortest time between two such questions.
    """

    title = "Queues"
    _esm = script("queues")
    _css = style("queues")
    desk_place: ClassVar[Mapping[str, int]] = {"watch": 1}
    looks = frozenset({"look", "within", "plotly"})

    topics: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def of_lab(cls, lab: LabParts) -> Queues:
        """The panel of a lab."""
        return cls(
            lab.live,
            history=lab.history(),
            client=lab.quiet_client,
            jobs=lab.jobs,
            gap_seconds=STATISTICS_EVERY_SECONDS[lab.sandbox],
        )

    def __init__(
        self, live: LiveWorkspace, *, history: History, client: WorkspaceClient, jobs: Jobs, gap_seconds: float
    ) -> None:
        self._history, self._client = history, client
        self._within = WITHIN_SECONDS
        self._told: dict[str, tuple[int, QueueFacts]] = {}
        self._names: dict[str, str] = {}
        self._counts: dict[str, QueueStatistics] = {}
        self._trouble = ""
        self._asking = _Asking(gap_seconds)
        self._pace = Throttle(lambda _topics: self.refresh(), gap=GAP_SECONDS)
        super().__init__(live, jobs=jobs)
        self._endings += [self._pace.close, history.watch(self._on_history)]
        self.refresh()
        jobs.submit(self._read_when_due)

    def _on_history(self) -> None:
        self._asking.changed()
        self._pace.mark("queues")

    def _content(self) -> dict[str, Any]:
        now = self._history.clock()
        since = now - timedelta(minutes=MINUTES)
        known = tallies(self._facts(), since=since)
        for name in filter(None, self._names.values()):
            known.setdefault(name, QueueTally(name))
        ordered = sorted(known.values(), key=lambda tally: tally.name.casefold())
        return {
            "queues": [{**summary(each, within=self._within), **self._workers(each.name)} for each in ordered],
            "series": {each.name: waiting_over_time(each.waits, since=since, now=now) for each in ordered},
            "bins": {each.name: distribution(each.seconds, within=self._within) for each in ordered},
            "bin_seconds": self._within / BINS_WITHIN,
            "within": self._within,
            "minutes": MINUTES,
            "trouble": self._trouble,
        }

    def pictured(self) -> Iterable[Section]:
        """The numbers of every TaskQueue."""
        columns = ("TaskQueue", "Waiting", "Longest waits since (UTC)", "Eligible", "Available", "Accepted", "In time")
        rows = [
            (
                queue["name"],
                f"{queue['waiting']:,}",
                time_of_day_utc(queue["oldest"]),
                *(_number(queue[name]) for name in ("eligible", "available", "accepted", "within")),
            )
            for queue in self.state["queues"]
        ]
        in_time = f"in time is within {self.state['within']:g} s"
        said = (
            f"{counted(len(self.state['queues']), 'TaskQueue')}; accepted is of the last {MINUTES} minutes, {in_time}."
        )
        return [Section(said, Table(columns, rows))]

    def _facts(self) -> list[QueueFacts]:
        lanes = self._history.tasks()
        told = {}
        for lane in lanes:
            known = self._told.get(lane.sid)
            if known is None or known[0] != lane.revision:
                known = (lane.revision, self._history.read(lane, facts))
            told[lane.sid] = known
        self._told = told
        return [known for _revision, known in told.values()]

    def _workers(self, name: str) -> dict[str, int | None]:
        counts = self._counts.get(name)
        return {
            "eligible": counts.eligible_workers if counts else None,
            "available": counts.available_workers if counts else None,
        }

    def _handlers(self) -> Mapping[str, Handler]:
        return {"look": self._look, "within": self._set_within, "plotly": self._send_library}

    def _look(self, _message: Mapping[str, Any]) -> JobOutcome:
        """Somebody looks at the panel: time went on, so what is of the last minutes is other Tasks now."""
        self._pace.mark("queues")
        self._read_when_due()
        return JobOutcome(ok=True)

    def _send_library(self, _message: Mapping[str, Any]) -> JobOutcome:
        """Somebody is about to see the plots, on a page that has nothing to draw them with."""
        return JobOutcome(ok=True, data={"script": _plotly_library()})

    def _set_within(self, message: Mapping[str, Any]) -> JobOutcome:
        seconds = message.get("seconds")
        if not isinstance(seconds, (int, float)) or not math.isfinite(seconds) or not 0 < seconds <= _LONGEST_WITHIN:
            return JobOutcome(
                ok=False, text=f"The service level's limit is more than 0 and at most {_LONGEST_WITHIN:,.0f} s."
            )
        self._within = float(seconds)
        self.refresh()
        return JobOutcome(ok=True)

    def _read_when_due(self) -> None:
        if self._asking.may_ask():
            self._read()

    def _read(self) -> None:
        try:
            found = self._client.queue_statistics()
            if any(each.task_queue_sid not in self._names for each in found):
                self._names = {each.sid: each.name for each in self._client.task_queues()}
            self._names = {each.task_queue_sid: self._names.get(each.task_queue_sid, "") for each in found}
            self._counts = {self._names[each.task_queue_sid]: each for each in found}
            self._trouble = ""
        except LabError as error:
            self._trouble = str(error)
        self.refresh()


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


class _Asking:
    """Whether TaskRouter may be asked again: after a change, and not too soon after the last time. From any thread."""

    def __init__(self, gap_seconds: float) -> None:
        self._gap_seconds = gap_seconds
        self._asked = -math.inf
        self._is_stale = True
        self._lock = threading.Lock()

    def changed(self) -> None:
        self._is_stale = True

    def may_ask(self) -> bool:
        """True at most once for each change and each gap: whoever hears it asks."""
        with self._lock:
            now = time.monotonic()
            if not self._is_stale or now - self._asked < self._gap_seconds:
                return False
            self._is_stale, self._asked = False, now
            return True


PANEL = Queues
