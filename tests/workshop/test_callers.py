"""The callers that the instructor lets in: how many, when, and what becomes of a run that is stopped or refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from room_service import RunningRoom, running_room

from workshop.room.callers import RoomCallers, caller_plan
from workshop.room.refusals import NotUsable

PATIENCE_SECONDS = 20


def plan(asked: Mapping[str, Any], *, most: int = 500) -> Any:
    """What this comes to."""
    return caller_plan(asked, most=most, chance=Random(7))


def test_a_burst_comes_at_once_and_a_steady_rate_evenly() -> None:
    """Seconds from the beginning."""
    assert plan({"kind": "single"}).moments == (0.0,)
    assert plan({"kind": "burst", "number": 3}).moments == (0.0, 0.0, 0.0)
    assert plan({"kind": "steady", "per_minute": 2, "minutes": 2}).moments == (0.0, 30.0, 60.0, 90.0)


def test_a_day_is_as_long_as_was_said_and_has_a_busy_time() -> None:
    """The pattern of the simulation's day: its busiest parts are the fourth to the seventh of sixteen."""
    found = plan({"kind": "day", "number": 400, "minutes": 16}).moments

    assert list(found) == sorted(found)
    assert 0 <= found[0] < found[-1] < 16 * 60
    assert 330 <= len(found) <= 470
    busy, quiet = (sum(begin * 60 <= at < (begin + 3) * 60 for at in found) for begin in (3, 13))
    assert busy > 2 * quiet


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"kind": "flood"},
        {"kind": "single", "race": "yes"},
        {"kind": "burst"},
        {"kind": "burst", "number": 0},
        {"kind": "burst", "number": 51},
        {"kind": "burst", "number": True},
        {"kind": "burst", "number": "3"},
        {"kind": "steady", "per_minute": 10, "minutes": 6},
        {"kind": "day", "number": 10, "minutes": 10_000},
    ],
)
def test_what_is_no_run_or_too_much_is_refused(asked: dict[str, Any]) -> None:
    """With what is possible."""
    with pytest.raises(NotUsable, match=r"is|are"):
        plan(asked, most=50)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[RunningRoom]:
    """A room on a sandbox."""
    with running_room(tmp_path) as running:
        yield running


def callers_of(room: RunningRoom) -> RoomCallers:
    """Those of this room."""
    return room.look(lambda: RoomCallers(room.state.upstream, room.state.membership, chance=Random(1)))


def until_over(room: RunningRoom, callers: RoomCallers) -> dict[str, Any]:
    """What the wall says when the run is over."""

    async def waiting() -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while callers.state()["running"]:
                await asyncio.sleep(0.01)
        return callers.state()

    return room.do(waiting())


def tasks_in(room: RunningRoom) -> list[Any]:
    """Those in the room's Workspace."""
    [workspace] = room.sandbox.client().taskrouter.v1.workspaces.list()
    return list(room.sandbox.client().taskrouter.v1.workspaces(workspace.sid).tasks.list())


def test_a_burst_is_so_many_tasks(room: RunningRoom) -> None:
    """In the Workflow that routes by language."""
    callers = callers_of(room)

    room.look(lambda: callers.start({"kind": "burst", "number": 12}))
    state = until_over(room, callers)

    assert (state["let_in"], state["total"], state["trouble"], state["said"]) == (12, 12, "", "12 callers at once")
    assert len(tasks_in(room)) == 12


def test_a_race_asks_several_for_one_task(room: RunningRoom) -> None:
    """So many people see the same card, and the first has it."""
    for name in ("ana", "ben", "cem"):
        room.join(room.token(name))
    callers = callers_of(room)

    room.look(lambda: callers.start({"kind": "single", "race": True}))
    until_over(room, callers)

    [task] = tasks_in(room)
    workspace = room.sandbox.client().taskrouter.v1.workspaces(task.workspace_sid)
    assert len(workspace.tasks(task.sid).reservations.list()) == 3


def test_one_run_at_a_time_and_it_can_be_stopped(room: RunningRoom) -> None:
    """Who is in stays in."""
    callers = callers_of(room)

    room.look(lambda: callers.start({"kind": "steady", "per_minute": 1, "minutes": 60}))
    with pytest.raises(NotUsable, match="Stop them first"):
        room.look(lambda: callers.start({"kind": "single"}))
    room.do(callers.stop())
    room.do(callers.stop())

    assert callers.state()["running"] is False
    room.look(lambda: callers.start({"kind": "single"}))
    assert until_over(room, callers)["let_in"] == 1


def test_a_taskrouter_that_refuses_ends_the_run_with_its_reason(room: RunningRoom) -> None:
    """And not after five hundred refusals."""
    callers = callers_of(room)
    workspace = room.do(room.state.membership.workspace())
    room.sandbox.client().taskrouter.v1.workspaces(workspace.sid).delete()

    room.look(lambda: callers.start({"kind": "burst", "number": 100}))
    state = until_over(room, callers)

    assert state["let_in"] == 0
    assert "HTTP 404" in state["trouble"]
