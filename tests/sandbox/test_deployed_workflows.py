"""Workflows as people deploy them, through the SDK: each is taken as it is, and each Task goes where the case says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from deployed_workflows import DEPLOYED, Json, written
from sandbox.local import LocalSandbox, local_sandbox
from sandbox.refused import refused

WEEK = timedelta(weeks=1)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[LocalSandbox]:
    """One for all: each Workflow has a Workspace of its own."""
    with local_sandbox() as running:
        yield running


class Deployed:
    """A Workspace with a deployed Workflow in it, made through the SDK.

    Attributes:
        workspace: its context in the SDK.
        sids: of the TaskQueues and Workers, by name.
        workflow_sid: of the Workflow.
    """

    def __init__(self, sandbox: LocalSandbox, case: Json) -> None:
        workspaces = sandbox.client().taskrouter.v1.workspaces
        self.workspace = workspaces(workspaces.create(friendly_name=case["name"]).sid)
        available = self.workspace.activities.list(friendly_name="Available")[0].sid
        for name in case.get("channels", []):
            self.workspace.task_channels.create(friendly_name=name, unique_name=name)
        self.sids: dict[str, str] = {}
        for name, text in case["queues"].items():
            made = self.workspace.task_queues.create(friendly_name=name, target_workers=text)
            self.sids[name] = str(made.sid)
        for name, attributes in case["workers"].items():
            worker = self.workspace.workers.create(
                friendly_name=name, activity_sid=available, attributes=json.dumps(attributes)
            )
            self.sids[name] = str(worker.sid)
        configuration = json.dumps(written(case["configuration"], self.sids))
        workflow = self.workspace.workflows.create(friendly_name="Deployed", configuration=configuration)
        self.workflow_sid = workflow.sid

    def send(self, task: Json) -> Json:
        """Where a Task is at once: its queue, and who has a Reservation for it. It is deleted again."""
        attributes = json.dumps(written(task["attributes"], self.sids))
        made = self.workspace.tasks.create(
            workflow_sid=self.workflow_sid, attributes=attributes, task_channel=task.get("channel", "default")
        )
        found = self.workspace.tasks(str(made.sid))
        workers = [each.worker_name for each in found.reservations.list()]
        queue = found.fetch().task_queue_friendly_name
        found.delete()
        return {"queue": queue, "worker": workers[0] if workers else None}


@pytest.mark.parametrize("case", DEPLOYED, ids=lambda case: case["name"])
def test_a_deployed_workflow_is_taken_and_leads_where_it_says(sandbox: LocalSandbox, case: Json) -> None:
    """Created as it is; each Task is in the queue, and with the Worker, that the case names."""
    deployed = Deployed(sandbox, case)
    for task in case["tasks"]:
        if "at" in task:
            rest = (sandbox.service.clock.now() - datetime.fromisoformat(task["at"])) % WEEK
            sandbox.advance((WEEK - rest).total_seconds())  # to the same time of a later week
        if task.get("refused"):
            with refused(400, 20001, ""):
                deployed.send(task)
        else:
            assert deployed.send(task) == {"queue": task["queue"], "worker": task["worker"]}, task


def test_they_are_many_and_name_their_sources() -> None:
    """At least forty, from at least fifteen repositories and pages, and a Task's way for nearly every filter."""
    assert len({case["name"] for case in DEPLOYED}) == len({case["source"] for case in DEPLOYED}) == len(DEPLOYED) >= 40
    assert len({case["source"].split(":")[0] for case in DEPLOYED}) >= 15
    assert all(case["tasks"] for case in DEPLOYED)
