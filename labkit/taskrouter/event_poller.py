"""EventPoller: hears of what happens from TaskRouter's own log, where its event callbacks do not tell.

A Workspace has one event callback URL, so a second notebook or a wallboard would see nothing; and a callback that was
sent while the laptop slept, or that was lost on the way, is not sent again. The log has the same Events
(docs: /docs/taskrouter/api/event), and they are published as the callbacks that did not come.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from labkit.background import Periodic
from labkit.callback_events import EventCallback
from labkit.errors import LabError
from labkit.stream import EventStream, Kind
from labkit.taskrouter.workspace_client import WorkspaceClient

log = logging.getLogger(__name__)

OVERLAP = timedelta(seconds=5)
"""How far before the Event up to which all are known the log is read: by whole seconds, and Events may come late."""
LOOK_BACK = timedelta(minutes=1)
"""How far before its own beginning it reads, where no Event is known yet."""
MOST = 5_000
"""Events that are read of a gap: of a longer one the newest."""


class EventPoller:
    """Publishes the log's new Events as `Kind.EVENT`, oldest first and each once.

    Args:
        stream: where Events are published; what came there by callback is not published again.
        log_of: the client of the Workspace.
        clock: TaskRouter's time, aware and in UTC.
        elsewhere: whether the callbacks go elsewhere at this moment, so that the log is all there is.
        every_seconds: how often it is read then; a real account counts requests.
        check_seconds: how often it is compared meanwhile with what the callbacks told.
    """

    def __init__(
        self,
        stream: EventStream,
        log_of: WorkspaceClient,
        *,
        clock: Callable[[], datetime],
        elsewhere: Callable[[], bool],
        every_seconds: float,
        check_seconds: float,
    ) -> None:
        self._stream = stream
        self._log = log_of
        self._elsewhere = elsewhere
        self._newest, self._known_to = "", clock() - LOOK_BACK
        """Up to this Event, at this time, all have been told."""
        self._late: set[str] = set()
        self._lock = threading.Lock()
        self._was_elsewhere = False
        self._looks = Periodic(
            self._look_or_check,
            name="labkit-follow",
            every=lambda: every_seconds if self._was_elsewhere else check_seconds,
        )

    def start(self) -> None:
        """Begin to look, in a thread."""
        self._was_elsewhere = self._elsewhere()
        self._looks.start()

    def stop(self) -> None:
        """Look no more; waits for a look under way. May be called twice, and before `start`."""
        self._looks.stop()

    def look(self) -> int:
        """Publish what the log has and nobody told, oldest first; how many Events that was.

        While nothing comes, one Event is read; else those since the last time that all of them were known.

        Raises:
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        with self._lock:
            return self._compare(lambda _event: True)

    def check(self) -> int:
        """As `look`, but what nobody told is given time until the next check to come by its callback.

        Raises:
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        with self._lock:
            late, self._late = self._late, set()
            return self._compare(lambda event: event.sid in late)

    def _compare(self, is_ripe: Callable[[EventCallback], bool]) -> int:
        since = self._known_to - OVERLAP
        newest = self._log.newest_event_sid(since=since)
        if newest in ("", self._newest):
            return 0
        events = self._log.events(since=since, limit=MOST)
        untold = [event for event in events if not self._stream.knows(event.sid)]
        last = max((place for place, event in enumerate(untold) if is_ripe(event)), default=-1)
        for event in untold[: last + 1]:  # also those before it: what happened is told in order
            self._stream.publish_once(Kind.EVENT, event, key=event.sid)
        self._late = {event.sid for event in untold[last + 1 :]}
        if events and not self._late:
            self._newest, self._known_to = events[-1].sid, events[-1].happened(self._known_to)
        return last + 1

    def _look_or_check(self) -> None:
        before, self._was_elsewhere = self._was_elsewhere, self._elsewhere()
        try:
            # What happened while the callbacks were on their way back is told by nobody else.
            _ = self.look() if self._was_elsewhere or before else self.check()
        except LabError as error:  # the status says it too
            log.debug("the log could not be read: %s", error)
        except Exception:
            log.exception("following TaskRouter's log failed")
