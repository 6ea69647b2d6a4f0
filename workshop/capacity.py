"""How many people this machine carries, from what a participant took where it was measured.

`make workshop-rehearsal` measures it here; these figures are what can be said without.
"""

from __future__ import annotations

from pathlib import Path

from labkit.display import counted
from workshop.rehearsal.machine import this_machine
from workshop.rehearsal.measuring import RoomPart
from workshop.rehearsal.room_figures import PartFigures, RoomFigures
from workshop.rehearsal.verdict import verdict


def _part(
    part: RoomPart, memory: float, cpu: float, threads: float, ports: float, *, once: bool = False
) -> PartFigures:
    return PartFigures(part=part, once=once, memory_mib=memory, cpu_seconds=cpu, threads=threads, ports=ports)


COLD = RoomFigures(
    people=30,
    parts=(
        _part(RoomPart.SERVER, 120.7, 2.83, 6, 1),
        _part(RoomPart.KERNEL, 71.2, 1.35, 31, 2),
        _part(RoomPart.SANDBOX, 40.6, 0.69, 2, 1),
        _part(RoomPart.WALLS, 0.4, 0.05, 3, 0),
        _part(RoomPart.HUB, 108.6, 12.27, 6, 1, once=True),
        _part(RoomPart.PROXY, 37.5, 1.84, 11, 2, once=True),
        _part(RoomPart.ROOM, 75.1, 0.02, 4, 1, once=True),
        _part(RoomPart.SANDBOX, 41.8, 0.0, 1, 1, once=True),
        _part(RoomPart.OTHER, 18.4, 0.11, 2, 0, once=True),
    ),
    disk_mib=1.0,
    visits=(),
)
"""A rehearsal with thirty, each started by itself; the room and its sandbox are from one with two."""

WARM = RoomFigures(
    people=30,
    parts=(
        _part(RoomPart.SERVER, 60.4, 0.38, 6, 1),
        _part(RoomPart.KERNEL, 57.0, 0.56, 32, 2),
        _part(RoomPart.SANDBOX, 29.1, 0.26, 2, 1),
        _part(RoomPart.WALLS, 0.4, 0.06, 3, 0),
        _part(RoomPart.OTHER, 5.5, 0.01, 2, 0),
        _part(RoomPart.HUB, 113.0, 11.82, 6, 1, once=True),
        _part(RoomPart.PROXY, 34.9, 1.42, 11, 2, once=True),
        _part(RoomPart.SANDBOX, 42.0, 0.03, 1, 1, once=True),
        _part(RoomPart.ROOM, 82.0, 0.22, 4, 1, once=True),
        _part(RoomPart.OTHER, 18.5, 0.0, 2, 0, once=True),
    ),
    disk_mib=1.0,
    visits=(),
)
"""The same, as copies of a process that has read everything."""


def usual(*, warm: bool) -> RoomFigures:
    """What thirty took on two cores, inside the walls, while other programs used them as well (November 2026).

    Args:
        warm: whether servers are copies of a process that has read everything.
    """
    return WARM if warm else COLD


def sentence(folder: Path, *, warm: bool) -> str:
    """How many people fit, and which figure says so.

    Args:
        folder: the workshop's.
        warm: as for `usual`.
    """
    found = verdict(usual(warm=warm), this_machine(folder), people=1)
    first = min(found.needs, key=lambda need: need.carries)
    people = counted(found.carries, "participant")
    return f"This machine carries {people} who begin at the same time; the first limit is its {first.what}."
