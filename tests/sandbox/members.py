"""A Workspace that several members share, for tests: each is a Worker, with an SDK client of their own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.call_centre import CallCentre, build
from sandbox.local import LocalSandbox
from twilio.rest import Client

MEMBERS = "https://taskrouter.twilio.com/_sandbox/members"
"""As the SDK is asked; `connect` has turned it to the sandbox."""


@dataclass(frozen=True)
class TestedMember:
    """One member: the Worker's SID, their key, and the Workspace as they see it."""

    worker_sid: str
    key: tuple[str, str]
    client: Client
    workspace: Any

    __test__ = False

    @property
    def worker(self) -> Any:
        """Their own Worker, in the SDK."""
        return self.workspace.workers(self.worker_sid)

    def reservation(self, task_sid: str) -> Any:
        """Their Reservation of a Task."""
        [found] = self.workspace.tasks(task_sid).reservations.list()
        return self.workspace.tasks(task_sid).reservations(found.sid)

    def answer(self, task_sid: str, status: str, **more: Any) -> Any:
        """Answer their Reservation of a Task."""
        return self.reservation(task_sid).update(reservation_status=status, **more)


@dataclass(frozen=True)
class SharedCentre:
    """The owner's call centre, and its members."""

    centre: CallCentre
    members: Sequence[TestedMember]


def share(sandbox: LocalSandbox, names: Sequence[str]) -> SharedCentre:
    """A call centre with these Workers, Offline, each a member."""
    centre = build(sandbox.client())
    return SharedCentre(centre, [make_member(sandbox, centre, centre.add_worker(name).sid) for name in names])


def make_member(sandbox: LocalSandbox, centre: CallCentre, worker_sid: str) -> TestedMember:
    """A member who is this Worker."""
    form = {"WorkspaceSid": centre.sid, "WorkerSid": worker_sid}
    key = json.loads(sandbox.client().request("POST", MEMBERS, data=form).text)
    client = sandbox.client(key["sid"], key["secret"])
    workspace = client.taskrouter.v1.workspaces(centre.sid)
    return TestedMember(worker_sid, (key["sid"], key["secret"]), client, workspace)
