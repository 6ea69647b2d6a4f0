"""Where a request stands: whose it is, which Workspace it is about, and the address that its answers speak of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from aiohttp import web

from labkit.sandbox.engine.floor import Floor
from labkit.sandbox.engine.resources import Record, Task, Worker, Workspace
from labkit.sandbox.refusals import NotFound
from labkit.sandbox.service import Service

R = TypeVar("R", bound=Record)


@dataclass
class Place:
    """One request's surroundings. Lookups raise NotFound, as an unknown path does."""

    service: Service
    request: web.Request
    account_sid: str
    now: datetime

    @cached_property
    def root(self) -> str:
        """Of all URLs in the answer: the host that the client used, so that it finds its way back."""
        return f"{self.request.scheme}://{self.request.host}/v1"

    @cached_property
    def floor(self) -> Floor:
        """The Workspace in the path, if it is this account's."""
        floor = self.service.floors.get(self.part("workspace_sid"))
        if floor is None or floor.workspace.account_sid != self.account_sid:
            raise NotFound(self.request.path)
        return floor

    @property
    def workspace(self) -> Workspace:
        return self.floor.workspace

    @cached_property
    def workspace_url(self) -> str:
        return f"{self.root}/Workspaces/{self.workspace.sid}"

    def part(self, name: str) -> str:
        """A variable part of the path."""
        return self.request.match_info[name]

    def has(self, name: str) -> bool:
        return name in self.request.match_info

    def found(self, record: R | None) -> R:
        """The record, or NotFound."""
        if record is None:
            raise NotFound(self.request.path)
        return record

    def worker(self) -> Worker:
        """The Worker in the path."""
        return self.found(self.floor.workers.get(self.part("worker_sid")))

    def task(self) -> Task:
        """The Task in the path."""
        return self.found(self.floor.tasks.get(self.part("task_sid")))
