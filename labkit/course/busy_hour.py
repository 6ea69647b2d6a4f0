"""An hour of a contact centre, played by REST in a moment: what the lesson on statistics counts."""

from __future__ import annotations

import heapq
import json
from random import Random
from typing import Any, Protocol

from labkit.sandbox_client.clock import Clock
from labkit.vocabulary import ReservationStatus, TaskStatus

HOUR_SECONDS = 3600


class PlayedLab(Protocol):
    """What of a lab is needed to play in it."""

    @property
    def client(self) -> Any:
        """The official SDK's client."""

    @property
    def clock(self) -> Clock:
        """The sandbox's."""

    @property
    def workspace_sid(self) -> str:
        """Where it is played."""

    @property
    def workflow_sid(self) -> str:
        """In which the Tasks are created."""


def busy_hour(lab: PlayedLab, *, customers: int = 30, talk_seconds: int = 90, seed: int = 5) -> str:
    """Customers come at any moment of an hour, and every Worker who is offered one accepts at once.

    Each fourth customer speaks Spanish, the others English. The clock is moved from one moment to the next until all
    have been served whom somebody serves, and to the end of the hour.

    Args:
        lab: its Workflow gets the Tasks, its clock is moved.
        customers: how many come, 1 to 3,600.
        talk_seconds: how long each is talked to; 1 or more.
        seed: the same number gives the same hour.

    Returns:
        How many came and how many were served, as a sentence.

    Raises:
        LabError: this is a real account, whose clock cannot be moved; or the sandbox refused, or did not answer.
        twilio.base.exceptions.TwilioException: TaskRouter refused, or did not answer.
    """
    workspace = lab.client.taskrouter.v1.workspaces(lab.workspace_sid)
    moments = sorted(Random(seed).sample(range(HOUR_SECONDS), customers))  # noqa: S311 - no secret
    agenda = [(at, json.dumps({"selected_language": "en" if n % 4 else "es"}), "") for n, at in enumerate(moments, 1)]
    now = served = 0
    while agenda:
        at, attributes, task_sid = heapq.heappop(agenda)
        lab.clock.advance(at - now)
        now = at
        if task_sid:
            workspace.tasks(task_sid).update(assignment_status=TaskStatus.COMPLETED)
        else:
            workspace.tasks.create(workflow_sid=lab.workflow_sid, attributes=attributes)
        for begun in _accepted(workspace):
            heapq.heappush(agenda, (now + talk_seconds, "", begun))
            served += 1
    lab.clock.advance(max(0, HOUR_SECONDS - now))
    return f"{customers} customers came within an hour, and {served} were served."


def _accepted(workspace: Any) -> list[str]:
    """Accept what is offered; the Tasks that are begun by it."""
    offers = [
        offer
        for task in workspace.tasks.list(assignment_status=TaskStatus.RESERVED)
        for offer in workspace.tasks(task.sid).reservations.list(reservation_status=ReservationStatus.PENDING)
    ]
    for offer in offers:
        offer.update(reservation_status=ReservationStatus.ACCEPTED)
    return [offer.task_sid for offer in offers]
