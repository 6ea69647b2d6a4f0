"""What the board draws of each Worker. Pure functions of what is known; text from outside stays text, and bounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from labkit.live.views import ChannelView, ReservationView, TaskView, WorkerView, milliseconds, readable
from labkit.vocabulary import ReservationStatus

Held = tuple[tuple[ReservationView, TaskView | None], ...]
"""The open Reservations of a Worker, each with its Task where that is known."""

_TASKS = 6
_CHIPS = 12
_LONGEST = 80


def row(worker: WorkerView, held: Held, channels: Sequence[ChannelView] | None) -> dict[str, Any]:
    """One Worker for the browser; `channels` is None while they have not been read."""
    return {
        "sid": worker.sid,
        "name": worker.name,
        "activity": worker.activity_name,
        "activity_sid": worker.activity_sid,
        "available": worker.available,
        "since": milliseconds(worker.activity_since),
        "skills": skills(worker.attributes),
        "chips": chips(worker.attributes),
        "tasks": [_task(reservation, task) for reservation, task in held[:_TASKS]],
        "more_tasks": max(0, len(held) - _TASKS),
        "channels": None if channels is None else _channels(channels, held),
    }


def skills(attributes: Mapping[str, Any]) -> list[list[str]]:
    """`routing.skills`, where Flex keeps them, as pairs of name and level; an empty level where there is none."""
    routing = attributes.get("routing")
    named = routing.get("skills") if isinstance(routing, dict) else None
    if not isinstance(named, list):
        return []
    levels = routing.get("levels") if isinstance(routing, dict) else None
    known = levels if isinstance(levels, dict) else {}
    names = [name for name in named if isinstance(name, str)][:_CHIPS]
    return [[name[:_LONGEST], str(known.get(name, ""))[:_LONGEST]] for name in names]


def chips(attributes: Mapping[str, Any]) -> list[list[str]]:
    """The other attributes as pairs of name and value; a list of words without its brackets."""
    shown = dict(attributes)
    if skills(attributes):
        rest = {name: value for name, value in attributes["routing"].items() if name not in ("skills", "levels")}
        shown = {**shown, "routing": rest} if rest else {n: v for n, v in shown.items() if n != "routing"}
    return readable({name: _plain(value) for name, value in shown.items()}, most=_CHIPS, longest=_LONGEST)


def _plain(value: Any) -> Any:
    words = isinstance(value, list) and bool(value) and all(isinstance(each, str | int | float) for each in value)
    return ", ".join(str(each) for each in value) if words else value


def _task(reservation: ReservationView, task: TaskView | None) -> dict[str, str]:
    hint = readable(task.attributes, most=2, longest=40) if task else []
    return {
        "sid": reservation.task_sid,
        "status": str(reservation.status),
        "channel": task.task_channel if task else "",
        "hint": ", ".join(f"{name}: {value}" for name, value in hint if name != "…"),
    }


def _channels(channels: Sequence[ChannelView], held: Held) -> list[dict[str, Any]]:
    """Each open Reservation holds a place; assigned is what is accepted (docs: /docs/taskrouter/multitasking)."""
    places = Counter((task.task_channel, r.status) for r, task in held if task is not None)
    return [
        {
            "name": channel.name,
            "capacity": channel.capacity,
            "available": channel.available,
            "assigned": places[channel.name, ReservationStatus.ACCEPTED],
            "wrapping": places[channel.name, ReservationStatus.WRAPPING],
            "reserved": places[channel.name, ReservationStatus.PENDING],
        }
        for channel in channels
    ]
