"""A rehearsal from beginning to end: a workshop of its own in a folder of its own, pretended people, a verdict."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from workshop.capacity import usual
from workshop.free_ports import free_ports
from workshop.hub_process import Hub
from workshop.participants import processes_of
from workshop.rehearsal.machine import MIB, Machine, this_machine
from workshop.rehearsal.measuring import ProcessFigures, busy_seconds, measured, with_children
from workshop.rehearsal.participant import Visit, VisitStage, visited_by_all
from workshop.rehearsal.report import RehearsalReport
from workshop.rehearsal.room_figures import RoomFigures, room_figures
from workshop.rehearsal.verdict import verdict
from workshop.settings import Workshop, WorkshopError

TO_SPARE = 1.1
"""How much more than usual a participant is reckoned with before anything was measured here."""
FEW = 3
"""So many are played with where not all fit."""
_MUCH = 0.2
"""Of what the room itself took of processor; what others take beside that is worth a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalPlan:
    """What is to be rehearsed.

    Attributes:
        people: how many are to come.
        played: how many are pretended; the rest is reckoned.
        machine: which is judged.
        walls: whether participants are kept apart.
        warm: whether servers are copies of a process that has read everything, inside the walls.
        within: a folder in which the rehearsal makes its own, on the disk that the workshop will use.
    """

    people: int
    played: int
    machine: Machine
    walls: bool
    warm: bool
    within: Path


def rehearsal_plan(
    people: int, *, machine: Machine, walls: bool, warm: bool = True, within: Path, played: int | None = None
) -> RehearsalPlan:
    """Decide how many are played: all, or a few where all would not fit into the memory.

    Args:
        people: how many are to come, from 1.
        machine: which is judged.
        walls: whether participants are kept apart.
        warm: whether servers are copies of a process that has read everything, inside the walls.
        within: a folder on the disk that the workshop will use.
        played: how many, where somebody says so.

    Raises:
        WorkshopError: a number that is none.
    """
    if people < 1 or (played is not None and played < 1):
        raise WorkshopError("A rehearsal takes 1 participant or more.")
    figures = usual(warm=walls and warm)
    fit = int((machine.memory_mib / TO_SPARE - figures.once("memory_mib")) // figures.each("memory_mib"))
    most = people if people <= fit else max(1, min(people, FEW, fit))
    return RehearsalPlan(
        people=people, played=min(people, played or most), machine=machine, walls=walls, warm=warm, within=within
    )


def rehearse(plan: RehearsalPlan, *, tell: Callable[[dict[VisitStage, int]], None] = lambda _: None) -> RehearsalReport:
    """Play it. Whatever it starts has ended when it returns, and its folder is gone.

    Args:
        plan: what to play.
        tell: is told how many have reached each stage, whenever somebody has.

    Raises:
        WorkshopError: the workshop cannot be opened.
    """
    with _own_workshop(plan) as workshop:
        room = _Played(workshop).with_participants(plan.played, tell)
    return RehearsalReport(
        verdict=verdict(room, plan.machine, people=plan.people),
        room=room,
        remarks=tuple(_remarks(plan, room)),
    )


def _remarks(plan: RehearsalPlan, room: RoomFigures) -> Iterator[str]:
    if plan.played < plan.people:
        yield f"{plan.played} of {plan.people} were played, and the rest is reckoned from them."
    if not plan.walls:
        yield "There were no walls between participants."
    if room.others_seconds > _MUCH * (room.people * room.each("cpu_seconds") + room.once("cpu_seconds")):
        yield f"Other programs took {room.others_seconds:.0f} s of processor meanwhile; alone it is quicker."
    yield "What browsers do is not in it: that is done on the participants' own computers."


@dataclass(slots=True)
class _Played:
    """A room that is open, and what is read in it."""

    workshop: Workshop
    _before: list[ProcessFigures] = field(default_factory=list)
    _common: list[ProcessFigures] = field(default_factory=list)
    _own: list[ProcessFigures] = field(default_factory=list)
    _disk_mib: float = 0.0
    _busy_seconds: float = 0.0

    def with_participants(self, number: int, tell: Callable[[dict[VisitStage, int]], None]) -> RoomFigures:
        """Let so many come, and measure them when they are all at the end of the notebook."""
        self._before = measured(self._common_processes())
        self._busy_seconds = -busy_seconds()
        names = [f"pretended-{each}" for each in range(1, number + 1)]
        counts: dict[VisitStage, int] = dict.fromkeys(VisitStage, 0)

        def reached(_: Visit, stage: VisitStage) -> None:
            counts[stage] += 1
            tell(counts)

        visits = asyncio.run(visited_by_all(self.workshop.url, names, tell=reached, look=self._look))
        return room_figures(
            visits=visits,
            common=self._common,
            own=self._own,
            disk_mib=self._disk_mib,
            before=self._before,
            busy_seconds=self._busy_seconds,
        )

    def _look(self) -> None:
        self._busy_seconds += busy_seconds()
        own = processes_of(self.workshop)
        self._own = measured(own)
        self._common = measured(self._common_processes() - set(own))
        self._disk_mib = _size(self.workshop.people) / MIB

    def _common_processes(self) -> set[psutil.Process]:
        hub = Hub(self.workshop)
        return with_children(process for process in (hub.hub.find(), hub.proxy.find()) if process)


def _size(folder: Path) -> int:
    """Bytes that all in it take on the disk."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


@contextmanager
def _own_workshop(plan: RehearsalPlan) -> Iterator[Workshop]:
    with ExitStack() as ending:
        folder = _new_folder(plan.within)
        ending.callback(shutil.rmtree, folder, ignore_errors=True)
        workshop = Workshop(folder=folder, port=free_ports(), walls=plan.walls, warm=plan.warm)
        hub = Hub(workshop)
        ending.callback(hub.stop)
        hub.start()
        yield workshop


def _new_folder(within: Path) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="rehearsal-", dir=within))
    except OSError as error:
        raise WorkshopError(
            f"The rehearsal needs a folder in {within}, and cannot make one: {error.strerror}."
        ) from None


def judged_machine(folder: Path, *, memory_gib: float | None = None, cores: float | None = None) -> Machine:
    """This machine, or one with so much: what was measured here is judged by that.

    Args:
        folder: where the workshop's files will be.
        memory_gib: that the other machine has free.
        cores: that it has.
    """
    here = this_machine(folder)
    return replace(
        here,
        cores=here.cores if cores is None else cores,
        memory_mib=here.memory_mib if memory_gib is None else memory_gib * 1024,
    )
