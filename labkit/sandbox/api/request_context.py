"""Where a request stands: whose it is, which Workspace it is about, and the address that its answers speak of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from aiohttp import web

from labkit.engine.refusals import NotFound
from labkit.engine.resources import Record, Task, Worker, Workspace
from labkit.engine.workspace_state import WorkspaceState
from labkit.member_routes import Member
from labkit.sandbox.api.router import PARTS
from labkit.sandbox.callback_hosts import is_loopback
from labkit.sandbox.service import Service

R = TypeVar("R", bound=Record)


@dataclass(slots=True, eq=False)
class RequestContext:
    """One request's surroundings. Lookups raise NotFound, as an unknown path does."""

    service: Service
    request: web.Request
    account_sid: str
    now: datetime
    member: Member | None = None
    """Who asks, where it is a member of the Workspace and not its owner."""
    # Found once for each request, with many uses; `cached_property` takes a lock on Python 3.11.
    _root: str = field(default="", init=False)
    _workspace_url: str = field(default="", init=False)
    _state: WorkspaceState | None = field(default=None, init=False)

    @property
    def root(self) -> str:
        """Of all URLs in the answer: the scheme and host that the client used, so that it finds its way back."""
        if not self._root:
            self._root = f"{scheme_of(self.request)}://{self.request.host}/v1"
        return self._root

    @property
    def state(self) -> WorkspaceState:
        """The Workspace in the path, if it is this account's."""
        if self._state is None:
            state = self.service.states.get(self.part("workspace_sid"))
            if state is None or state.workspace.account_sid != self.account_sid:
                raise NotFound(self.request.path)
            self._state = state
        return self._state

    @property
    def workspace(self) -> Workspace:
        return self.state.workspace

    @property
    def workspace_url(self) -> str:
        if not self._workspace_url:
            self._workspace_url = f"{self.root}/Workspaces/{self.workspace.sid}"
        return self._workspace_url

    def part(self, name: str) -> str:
        """A variable part of the path."""
        return self.request[PARTS][name]

    def has(self, name: str) -> bool:
        return name in self.request[PARTS]

    def found(self, record: R | None) -> R:
        """The record, or NotFound."""
        if record is None:
            raise NotFound(self.request.path)
        return record

    def is_own(self, worker_sid: str) -> bool:
        """Whether this is the Worker that the member who asks is."""
        return self.member is not None and self.member.worker_sid == worker_sid

    def worker(self) -> Worker:
        """The Worker in the path."""
        return self.found(self.state.workers.get(self.part("worker_sid")))

    def task(self) -> Task:
        """The Task in the path."""
        return self.found(self.state.tasks.get(self.part("task_sid")))


def scheme_of(request: web.BaseRequest) -> str:
    """`https` where a front on this computer, which ends TLS, says that the client used it; else as it came in.

    From another computer the header is not believed: anybody can write it.
    """
    said = request.headers.get("X-Forwarded-Proto")
    if said is None or not is_loopback(request.remote or ""):
        return request.scheme
    first = said.partition(",")[0].strip().lower()
    return first if first in ("http", "https") else request.scheme
