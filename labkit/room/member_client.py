"""MemberWorkspaceClient: the Workspace of a room, as somebody in it who is one of its Workers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.display import Records
from labkit.taskrouter.records import WorkerChannelRecord
from labkit.taskrouter.workspace_client import WorkspaceClient


class MemberWorkspaceClient(WorkspaceClient):
    """Asks what a member may, by the same methods. What a member may not, the room refuses; but for what follows.

    Args:
        client, workspace_sid: as for `WorkspaceClient`.
        own_worker_sid: says who one is; asked each time, for in another Workspace one is another Worker.
    """

    def __init__(self, client: Any, workspace_sid: str, *, own_worker_sid: Callable[[], str]) -> None:
        super().__init__(client, workspace_sid)
        self._own = own_worker_sid

    @property
    def own_worker_sid(self) -> str:
        """Who one is."""
        return self._own()

    def worker_channels(self, worker: str) -> Records[WorkerChannelRecord]:
        """How many Tasks of each TaskChannel one's own Worker takes; nothing of another, which nobody is asked for."""
        if self._worker_sid(worker) != self.own_worker_sid:
            return Records([], "WorkerChannel")
        return super().worker_channels(self.own_worker_sid)
