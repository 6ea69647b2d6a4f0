"""Who has no page open any more is Offline, where the page or the Workspace wants it so.

`setWorkerOfflineIfDisconnected` of Twilio's client says it; without a word it holds in the Workspace that Flex makes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from labkit.engine import commands as c
from labkit.engine.workspace_state import WorkspaceState
from labkit.errors import Refusal
from labkit.sandbox.bridge.session import Joining, Timer, Timers
from labkit.sandbox.refusals import Unavailable
from labkit.sandbox.service import Service

log = logging.getLogger(__name__)

FLEX_WORKSPACE = "Flex Task Assignment"
OFFLINE = "Offline"
GRACE_SECONDS = 0.5
"""After the last session has ended: a short break of the network makes nobody Offline."""
RETURN_SECONDS = 5.0
"""The same, where the sandbox has ended it and the client will be back: its first wait is up to a second."""
RETRY_SECONDS = 1.0
"""After the change could not be written."""


class Presence:
    """Which Workers are about to be Offline.

    Args:
        service: changes their Activities.
        timers: the loop's time.
        is_here: whether a Worker has a session, by SID.
    """

    def __init__(self, service: Service, *, timers: Timers, is_here: Callable[[str], bool]) -> None:
        self._service = service
        self._timers = timers
        self._is_here = is_here
        self._waiting: dict[str, Timer] = {}
        """By Worker SID."""
        self._changing: set[asyncio.Task[None]] = set()

    def note_session(self, worker_sid: str) -> None:
        """The Worker has a session."""
        timer = self._waiting.pop(worker_sid, None)
        if timer is not None:
            timer.cancel()

    def note_last_end(self, joining: Joining, *, comes_back: bool) -> None:
        """The Worker's last session has ended.

        Args:
            joining: of this session.
            comes_back: whether the sandbox has ended it, and its client will open another.
        """
        if self._is_wanted(joining):
            self._wait(joining, RETURN_SECONDS if comes_back else GRACE_SECONDS)

    async def close(self) -> None:
        """Change nothing more: the end of the sandbox is the end of nobody's day."""
        for timer in self._waiting.values():
            timer.cancel()
        self._waiting.clear()
        for task in self._changing:
            task.cancel()
        await asyncio.gather(*self._changing, return_exceptions=True)

    def _is_wanted(self, joining: Joining) -> bool:
        if joining.goes_offline is not None:
            return joining.goes_offline
        state = self._service.states.get(joining.grant.workspace_sid)
        return state is not None and state.workspace.friendly_name == FLEX_WORKSPACE

    def _wait(self, joining: Joining, seconds: float) -> None:
        worker_sid = joining.grant.worker_sid
        self.note_session(worker_sid)  # whichever waited for this Worker waits no longer
        self._waiting[worker_sid] = self._timers.call_at(self._timers.time() + seconds, self._begin, joining)

    def _begin(self, joining: Joining) -> None:
        self._waiting.pop(joining.grant.worker_sid, None)
        if self._is_here(joining.grant.worker_sid):
            return
        task = asyncio.create_task(self._go_offline(joining))
        self._changing.add(task)
        task.add_done_callback(self._changing.discard)

    async def _go_offline(self, joining: Joining) -> None:
        grant = joining.grant
        try:
            state = self._service.states.get(grant.workspace_sid)
            worker = state.workers.get(grant.worker_sid) if state else None
            if state is None or worker is None:
                return
            goal = joining.goes_to or offline_activity(state)
            if worker.activity_sid == goal:
                return
            command = c.UpdateWorker(workspace_sid=state.workspace.sid, sid=worker.sid, changes={"activity_sid": goal})
            await self._service.execute(command, view=lambda _: None)
        except Unavailable:
            self._wait(joining, RETRY_SECONDS)
        except Refusal as refusal:  # the Worker was deleted, or the Activity
            log.info("Worker %s could not be set to Offline: %s", grant.worker_sid, refusal)


def offline_activity(state: WorkspaceState) -> str:
    """The SID of the Activity of that name; where there is none, of the Workspace's timeout Activity."""
    named = (activity.sid for activity in state.activities.values() if activity.friendly_name == OFFLINE)
    return next(named, state.workspace.timeout_activity_sid)
