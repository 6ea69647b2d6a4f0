"""A Workspace for tests over REST: one queue for everybody, one Workflow, Alice who can be made available."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twilio.rest import Client


@dataclass
class CallCentre:
    """The Workspace's context in the SDK, and the SIDs of what is in it."""

    client: Client
    workspace: Any
    queue_sid: str
    workflow_sid: str
    activities: dict[str, str]
    """SIDs by name."""
    alice_sid: str

    @property
    def sid(self) -> str:
        return str(self.workspace._solution["sid"])

    def add_worker(self, name: str, *, available: bool = False, attributes: Mapping[str, Any] | None = None) -> Any:
        """A Worker, Offline unless available."""
        activity = self.activities["Available" if available else "Offline"]
        return self.workspace.workers.create(
            friendly_name=name, activity_sid=activity, attributes=json.dumps(attributes or {})
        )

    def add_task(self, **fields: Any) -> Any:
        """A Task in the Workflow."""
        return self.workspace.tasks.create(**{"workflow_sid": self.workflow_sid, "attributes": "{}", **fields})

    def switch(self, worker_sid: str, activity: str) -> None:
        """Put a Worker into the Activity of this name."""
        self.workspace.workers(worker_sid).update(activity_sid=self.activities[activity])

    def reserved_task(self) -> tuple[Any, Any]:
        """A Task that is reserved for Alice, and its Reservation."""
        self.switch(self.alice_sid, "Available")
        task = self.add_task()
        return task, self.reservations(task.sid)[0]

    def reservations(self, task_sid: str) -> list[Any]:
        """A Task's Reservations, oldest first."""
        return list(self.workspace.tasks(task_sid).reservations.list())

    def reservation_status(self, task_sid: str) -> list[str]:
        """The states of a Task's Reservations, oldest first."""
        return [r.reservation_status for r in self.reservations(task_sid)]

    def task_status(self, task_sid: str) -> str:
        """The Task's state now."""
        return str(self.workspace.tasks(task_sid).fetch().assignment_status)

    def set_callback(self, url: str, *, fallback: str = "") -> None:
        """The Workflow's assignment callback URLs."""
        self.workspace.workflows(self.workflow_sid).update(
            assignment_callback_url=url, fallback_assignment_callback_url=fallback
        )


def build(client: Client, **workspace_fields: Any) -> CallCentre:
    """A new Workspace with all of that."""
    made = client.taskrouter.v1.workspaces.create(friendly_name="Tests", **workspace_fields)
    workspace = client.taskrouter.v1.workspaces(made.sid)
    activities = {a.friendly_name: a.sid for a in workspace.activities.list()}
    queue = workspace.task_queues.create(friendly_name="Everybody")
    configuration = {"task_routing": {"default_filter": {"queue": queue.sid}}}
    workflow = workspace.workflows.create(
        friendly_name="Main", configuration=json.dumps(configuration), task_reservation_timeout=60
    )
    alice = workspace.workers.create(friendly_name="Alice", attributes=json.dumps({"languages": ["en", "es"]}))
    return CallCentre(client, workspace, queue.sid, workflow.sid, activities, alice.sid)
