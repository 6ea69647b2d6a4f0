"""EventPoller: hears of what happens from TaskRouter's own log, while its event callbacks go to somebody else.

A Workspace has one event callback URL, and a second notebook or a wallboard would see nothing. The log has the same
events (docs: /docs/taskrouter/api/event); they are published as the callbacks that did not come.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from labkit.errors import LabError
from labkit.stream import EventStream, Kind
from labkit.taskrouter.workspace_client import WorkspaceClient

log = logging.getLogger(__name__)

OVERLAP = timedelta(seconds=5)
"""How far before the newest event the next look begins: the log is asked by whole seconds, and events may come late."""


class EventPoller:
    """Publishes the log's new events as `Kind.EVENT`, each once, while that is wanted.

    Args:
        stream: where events are published; what came there by callback is not published again.
        log_of: the client of the Workspace.
        wanted: whether the callbacks go elsewhere at this moment.
        every_seconds: how often to look; a real account counts requests.
    """

    def __init__(
        self, stream: EventStream, log_of: WorkspaceClient, *, wanted: Callable[[], bool], every_seconds: float
    ) -> None:
        self._stream = stream
        self._log = log_of
        self._wanted = wanted
        self._every = every_seconds
        self._newest: datetime | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="labkit-follow", daemon=True)

    def start(self) -> None:
        """Begin to look, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; waits for a look under way."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(10)

    def look(self) -> int:
        """Publish what is new in the log, oldest first; how many events that was.

        Raises:
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        asked: dict[str, Any] = {"minutes": 1} if self._newest is None else {"since": self._newest - OVERLAP}
        found = self._log.events(**asked)
        known = {entry.data.sid for entry in self._stream.entries(kind=Kind.EVENT)}
        fresh = [event for event in found if event.sid not in known]
        for event in fresh:
            self._stream.publish(Kind.EVENT, event)
        if found:
            self._newest = found[-1].at
        return len(fresh)

    def _run(self) -> None:
        while not self._stopping.wait(self._every):
            if not self._wanted():
                self._newest = None
                continue
            try:
                self.look()
            except LabError as error:  # the status says it too
                log.debug("the log could not be read: %s", error)
            except Exception:
                log.exception("following TaskRouter's log failed")
