"""A Workspace for a day without a sandbox, as the records that a store would keep."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from labkit.engine import Engine
from labkit.engine import commands as c
from labkit.engine.resources import Record, Worker
from labkit.engine.workspace_state import WorkspaceState
from labkit.simulation.headless import OPENING, counted_sids
from labkit.simulation.intentions import Workplace
from labkit.vocabulary import Sid

LONG_AGO = OPENING - timedelta(days=30)
"""When the Workspace was made: before any warm-up."""
_RESERVATION_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Furnished:
    """A Workspace with Workers who are all available.

    Attributes:
        records: all that is in it.
        place: where the calls' Tasks go.
        workers: the Workers' names by SID.
    """

    records: tuple[Record, ...]
    place: Workplace
    workers: dict[str, str]


class Furnisher:
    """Makes a Workspace on an engine, a command at a time."""

    def __init__(self, **workspace: Any) -> None:
        self._engine = Engine(sids=counted_sids(), reports=False)
        self._records: dict[str, Record] = {}
        account = f"{Sid.ACCOUNT}{0:032x}"
        command = c.CreateWorkspace(account_sid=account, friendly_name="Simulation", **workspace)
        self.workspace_sid: str = self._play(command).sid

    @property
    def state(self) -> WorkspaceState:
        """What was made by now."""
        return self._engine.states[self.workspace_sid]

    def make(self, command: type[c.Command], **fields: Any) -> Any:
        """Play a command; the record that it was about.

        Raises:
            Refusal: TaskRouter would not have it.
        """
        return self._play(command(workspace_sid=self.workspace_sid, **fields))

    def _play(self, command: c.Command) -> Any:
        made = self._engine.handle(command, LONG_AGO)
        self._records.update(made.changed)
        while (slice_of_work := self._engine.go_on(LONG_AGO)) is not None:
            self._records.update(slice_of_work.changed)
        return made.result

    def make_workers(self, number: int) -> None:
        """So many Workers without attributes."""
        for each in range(1, number + 1):
            self.make(c.CreateWorker, friendly_name=f"Worker {each}")

    def furnished(self, *, workflow_sid: str, task_channel: str = "default") -> Furnished:
        """All of it. Every Worker is in the first Activity that takes Tasks; breaks are in the first that does not."""
        activities = list(self.state.activities.values())
        available = next(each.sid for each in activities if each.available)
        for sid in list(self.state.workers):
            self.make(c.UpdateWorker, sid=sid, changes={"activity_sid": available})
        place = Workplace(
            workspace_sid=self.workspace_sid,
            workflow_sid=workflow_sid,
            available_sid=available,
            break_sid=next(each.sid for each in activities if not each.available),
            task_channel=task_channel,
        )
        names = {worker.sid: worker.friendly_name for worker in self.state.workers.values()}
        return Furnished(records=tuple(self._records.values()), place=place, workers=names)


def one_queue(workers: int) -> Furnished:
    """So many Workers, of whom everybody may have every call; and nothing else to do than to talk."""
    furnisher = Furnisher()
    queue = furnisher.make(c.CreateTaskQueue, friendly_name="Everybody")
    workflow = furnisher.make(
        c.CreateWorkflow,
        friendly_name="Calls",
        configuration=json.dumps({"task_routing": {"filters": [], "default_filter": {"queue": queue.sid}}}),
        task_reservation_timeout=_RESERVATION_SECONDS,
    )
    furnisher.make_workers(workers)
    for worker in list(furnisher.state.workers.values()):
        _close_others(furnisher, worker)
    return furnisher.furnished(workflow_sid=workflow.sid)


def _close_others(furnisher: Furnisher, worker: Worker) -> None:
    """Leave a Worker the TaskChannel of the calls: who is ready elsewhere has a place in a line for nothing."""
    for channel in list(worker.channels.values()):
        if furnisher.state.task_channels[channel.task_channel_sid].unique_name != "default":
            changes = {"available": False}
            furnisher.make(c.UpdateWorkerChannel, worker_sid=worker.sid, sid=channel.sid, changes=changes)
