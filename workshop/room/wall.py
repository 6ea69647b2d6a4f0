"""What the instructor's wall shows: who is where, the queues, the callers; and who is told when that changes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from workshop.room.callers import RoomCallers
from workshop.room.hub_people import HubPeople
from workshop.room.hub_servers import HubServerState
from workshop.room.participant_rows import STUCK_AFTER, STUCK_TIMES, participant_rows, people_in_lessons
from workshop.room.setting_back import ELSEWHERE
from workshop.room.task_times import RoomTasks, last_at_work

if TYPE_CHECKING:
    from workshop.room.state import RoomState

_MOST_OPEN = 20
"""Walls at a time; an instructor has one or two."""


class InstructorWall:
    """The wall of one room. Belongs to its loop.

    Args:
        callers: whom the instructor lets in.
    """

    def __init__(self, callers: RoomCallers) -> None:
        self.callers = callers
        self.tasks = RoomTasks()
        self._open: set[asyncio.Event] = set()
        self._closed = False

    @property
    def is_full(self) -> bool:
        """Whether nobody else may watch."""
        return self._closed or len(self._open) >= _MOST_OPEN

    @property
    def is_closed(self) -> bool:
        """Whether whoever watches shall go."""
        return self._closed

    def watch(self) -> asyncio.Event:
        """A sign that is set whenever something has changed, until `unwatch`."""
        sign = asyncio.Event()
        self._open.add(sign)
        return sign

    def unwatch(self, sign: asyncio.Event) -> None:
        """Nobody looks at it any more."""
        self._open.discard(sign)

    def changed(self) -> None:
        """Tell whoever watches."""
        for sign in self._open:
            sign.set()

    def hear(self, fields: Mapping[str, str]) -> None:
        """Take in an Event of the room."""
        self.tasks.hear(fields)
        self.changed()

    async def close(self) -> None:
        """Let nobody in any more, neither callers nor whoever watches."""
        self._closed = True
        self.changed()
        await self.callers.stop()


_STUCK_MEANS = (
    f"the same hint {STUCK_TIMES} times, or no step done and no caller answered for {STUCK_AFTER.seconds // 60} min"
)


def wall_state(room: RoomState, *, now: datetime) -> dict[str, Any]:
    """Everything that the wall shows, as values for JSON; moments are milliseconds since 1970.

    Args:
        room: of which it is.
        now: aware.
    """
    people = room.progress.people
    tasks = room.wall.tasks
    taskrouter_now = room.time()
    # So long ago by TaskRouter's clock, which the instructor may have moved.
    at_work = {name: now - (taskrouter_now - at) for name, at in last_at_work(tasks.tasks).items()}
    rows = participant_rows(people, known=room.known_names, at_work=at_work, servers=room.hub.servers, now=now)
    queues = tasks.queue_rows()
    return {
        "at": _ms(now),
        "taskrouter": {"at": _ms(taskrouter_now), "speed": room.time.speed},
        "kind": room.upstream.kind,
        "people": [_as_json(asdict(row)) for row in rows],
        "stuck": sum(bool(row.stuck) for row in rows),
        "stuck_means": _STUCK_MEANS,
        "lessons": [{"title": title, "people": number} for title, number in people_in_lessons(people)],
        "queues": [_as_json(asdict(row)) for row in queues],
        "accepted": sum(row.accepted for row in queues),
        "callers": room.wall.callers.state(),
        "joined": len(room.membership.members),
        "hub": _hub_state(room.hub),
        "set_back": "" if room.settings.workshop else ELSEWHERE,
    }


def _hub_state(hub: HubPeople) -> dict[str, Any]:
    """How many servers run, as of when; what it does not know is null."""
    if hub.as_of is None:
        return {"at": None, "running": None, "trouble": hub.trouble}
    running = sum(server.state is HubServerState.RUNNING for server in hub.servers.values())
    return {"at": _ms(hub.as_of), "running": running, "trouble": hub.trouble}


def utc_now() -> datetime:
    """This computer's time."""
    return datetime.now(UTC)


def _as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _ms(value) if isinstance(value, datetime) else value for name, value in values.items()}


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
