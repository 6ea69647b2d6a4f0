"""The service's observer: shown each unit of work before the next one, and told whether it was written."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import pytest
from sandbox.test_service import Running, play

from labkit.engine import commands as c
from labkit.engine.effects import Outcome
from labkit.engine.workspace_state import WorkspaceState
from labkit.sandbox.refusals import Unavailable
from labkit.sandbox.service import Service
from labkit.sandbox.store import SqliteStore, StoreError


class Looking:
    """An observer that writes down what it saw, and what became of it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.seen: list[str] = []
        service.observer = self

    def note(self, outcome: Outcome, state: WorkspaceState) -> None:
        statuses = [str(task.assignment_status) for task in state.tasks.values()]
        self.seen.append(f"{outcome.events[-1].type} {' '.join(statuses)}".strip())

    def publish(self) -> None:
        self.seen.append("published")

    def take_back(self) -> None:
        self.seen.append("taken back")

    def drop(self) -> None:
        self.seen.append(f"dropped with {len(self.service.states)} Workspaces")

    def take(self) -> list[str]:
        """What was seen since this was last asked."""
        taken, self.seen = self.seen, []
        return taken


def test_each_unit_of_work_is_shown_before_the_next_one_and_published_after_the_commit() -> None:
    """Two Tasks in one commit: with the first there was one, and it was pending before it was reserved. A jump over a
    deadline and the command are two units."""

    async def scenario(run: Running) -> None:
        looking = Looking(run.service)
        await run.furnish()
        await run.add_worker()
        looking.take()
        await asyncio.gather(run.do(run.task()), run.do(run.task()))
        assert looking.take() == [
            "task-queue.entered pending",
            "reservation.created reserved",
            "task-queue.entered reserved pending",
            "published",
        ]
        run.clock.advance(61)
        await run.do(c.CreateActivity(workspace_sid=run.workspace_sid, friendly_name="Lunch"))
        assert looking.take() == [
            "worker.activity.update pending pending",
            "activity.created pending pending",
            "published",
        ]

    play(scenario)


def test_what_could_not_be_written_is_taken_back() -> None:
    """It was shown and has not happened."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        looking = Looking(run.service)
        run.store.fails_with = StoreError("the disk is full")
        with pytest.raises(Unavailable):
            await run.do(run.task())
        assert looking.take() == ["task-queue.entered pending", "taken back"]

    play(scenario)


def test_the_end_of_a_workspace_is_shown_too() -> None:
    """Its state is the last one that it had."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        looking = Looking(run.service)
        await run.do(c.DeleteWorkspace(workspace_sid=run.workspace_sid, sid=run.workspace_sid))
        assert looking.take() == ["workspace.deleted", "published"]

    play(scenario)


def test_another_state_in_the_place_is_told_once_it_is_there(tmp_path: Path) -> None:
    """The observer finds the new Workspaces."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        looking = Looking(run.service)
        with closing(SqliteStore(tmp_path / "nothing.sqlite")) as nothing:
            run.service.replace_with(run.service.load(nothing))
        assert looking.take() == ["dropped with 0 Workspaces"]

    play(scenario)


@pytest.mark.parametrize("method", ["note", "publish", "take_back", "drop"])
def test_a_mistake_of_the_observer_is_nobody_elses(
    method: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """What was asked is played, written and answered, or refused for its own reason; the log has the mistake."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        setattr(Looking(run.service), method, None)
        task = await run.do(run.task())
        assert task.sid in run.service.states[run.workspace_sid].tasks
        run.store.fails_with = StoreError("the disk is full")
        with pytest.raises(Unavailable):
            await run.do(run.task())
        run.store.fails_with = None
        with closing(SqliteStore(tmp_path / "nothing.sqlite")) as nothing:
            run.service.replace_with(run.service.load(nothing))
        assert run.service.states == {}

    play(scenario)
    assert "what was played could not be told" in caplog.text
