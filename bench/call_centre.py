"""A call centre of any size on a bare engine: made of commands, with no server, no store and no clock.

Every TaskQueue has a team of Workers. Only the last team is there: its Tasks are taken at once, all others wait.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count

from labkit.engine import Engine
from labkit.engine import commands as c
from labkit.engine.resources import Task
from labkit.errors import LabError
from labkit.vocabulary import ReservationStatus, Sid, TaskStatus

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
LATER = OPENED + timedelta(seconds=20)


class CallCentre:
    """A Workspace with its TaskQueues, their Workers, and one Workflow that sends each Task to its team's TaskQueue.

    Args:
        queues: how many TaskQueues, at least 1.
        workers: how many Workers, dealt out to the TaskQueues in turn.
        last_filter: whether the filter of the team that is there is the Workflow's last, so that a life reads all of
            them; else it is the first, so that their number adds nothing to what a life costs.

    Attributes:
        away: the SIDs of the Workers who are not there; they belong to all teams but the last.
    """

    def __init__(self, *, queues: int, workers: int, last_filter: bool = False) -> None:
        numbers = count(1)
        self._engine = Engine(sids=lambda prefix: f"{prefix}{next(numbers):032x}")
        self._workspace = self._sid(c.CreateWorkspace(account_sid=f"{Sid.ACCOUNT}{0:032x}", friendly_name="bench"))
        self._last = queues - 1
        self._ids = count(1)
        self._workflow = self._new_workflow([self._new_queue(team) for team in range(queues)], last_filter=last_filter)
        activities = self._engine.states[self._workspace].activities.values()
        self._available = next(activity.sid for activity in activities if activity.available)
        sids = [self._new_worker(number, team=number % queues) for number in range(workers)]
        self.away = [sid for number, sid in enumerate(sids) if number % queues != self._last]
        for sid in sids[self._last :: queues]:
            self._work(sid, OPENED)

    def add_waiting(self, tasks: int) -> None:
        """Let Tasks come for the teams that are away, one after the other.

        Raises:
            LabError: there is only one team, and it is there.
        """
        if not self._last:
            raise LabError("Tasks wait only where a team is away: make a call centre with at least 2 TaskQueues.")
        for number in range(tasks):
            self._new_task(team=number % self._last)

    def live(self) -> None:
        """One Task's whole life: created, reserved, accepted, completed.

        Raises:
            LabError: one of these did not happen.
        """
        task = self._new_task(team=self._last)
        if not task.reservations:
            raise LabError(
                f"No Worker was reserved for a Task of the team that is there; it is {task.assignment_status}."
            )
        self._update(c.UpdateReservation, task.reservations[-1].sid, reservation_status=ReservationStatus.ACCEPTED)
        self._update(c.UpdateTask, task.sid, assignment_status=TaskStatus.COMPLETED)
        if task.assignment_status is not TaskStatus.COMPLETED:
            raise LabError(f"A Task that was accepted and completed is {task.assignment_status}.")

    def come_back(self, worker: str) -> None:
        """Let a Worker who is away become available, 20 seconds after the Tasks came.

        Raises:
            LabError: no Task was reserved for this Worker.
        """
        self._work(worker, LATER)
        if not self._engine.states[self._workspace].workers[worker].last_reserved:
            raise LabError(f"Worker {worker} came back among waiting Tasks and none was reserved.")

    def _new_queue(self, team: int) -> str:
        return self._sid(
            c.CreateTaskQueue(
                workspace_sid=self._workspace, friendly_name=f"queue {team}", target_workers=f"team == {team}"
            )
        )

    def _new_workflow(self, queues: list[str], *, last_filter: bool) -> str:
        filters = [{"expression": f"team == {team}", "targets": [{"queue": sid}]} for team, sid in enumerate(queues)]
        return self._sid(
            c.CreateWorkflow(
                workspace_sid=self._workspace,
                friendly_name="bench",
                configuration=json.dumps({"task_routing": {"filters": filters if last_filter else filters[::-1]}}),
                assignment_callback_url="http://127.0.0.1/",  # never called: nobody carries out the engine's effects
            )
        )

    def _new_worker(self, number: int, *, team: int) -> str:
        return self._sid(
            c.CreateWorker(
                workspace_sid=self._workspace,
                friendly_name=f"worker {number}",
                attributes=json.dumps({"team": team, "id": number}),
            )
        )

    def _new_task(self, *, team: int) -> Task:
        # No two Tasks are alike, as in life: what the engine keeps by attributes helps none of them.
        attributes = json.dumps({"team": team, "id": next(self._ids)})
        command = c.CreateTask(workspace_sid=self._workspace, attributes=attributes, workflow_sid=self._workflow)
        task: Task = self._engine.handle(command, OPENED).result
        return task

    def _work(self, worker: str, now: datetime) -> None:
        changes = {"activity_sid": self._available}
        self._engine.handle(c.UpdateWorker(workspace_sid=self._workspace, sid=worker, changes=changes), now)

    def _update(self, update: type[c.Update], sid: str, **changes: str) -> None:
        self._engine.handle(update(workspace_sid=self._workspace, sid=sid, changes=changes), OPENED)

    def _sid(self, command: c.Command) -> str:
        return str(self._engine.handle(command, OPENED).result.sid)
