"""Whether a machine does for a room: from what was measured, and from what the machine has, to sentences. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from labkit.display import counted
from workshop.rehearsal.machine import ENDLESS, Machine
from workshop.rehearsal.measuring import RoomPart
from workshop.rehearsal.participant import VisitStage
from workshop.rehearsal.room_figures import RoomFigures

START_SECONDS = 120.0
"""Within which all who come at once are to be through notebook 00."""
FILES_AT_THE_PROXY = 16
"""Of one participant: a browser keeps six connections and two websockets, each of which the proxy carries on."""
FILES_OF_THE_PROXY = 32
"""Which it has open when nobody is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomNeed:
    """One thing that a room needs of a machine.

    Attributes:
        what: its name, such as `memory`.
        sentence: what so many people need, and what there is.
        carries: how many people there is enough for.
        remark: what else there is to say about it; nothing mostly.
    """

    what: str
    sentence: str
    carries: int
    remark: str = ""


@dataclass(frozen=True, slots=True)
class RoomVerdict:
    """Whether a machine does for so many people.

    Attributes:
        people: how many are to come.
        needs: one by one.
        failures: how many of the pretended participants did not come to the end.
    """

    people: int
    needs: tuple[RoomNeed, ...]
    failures: int = 0

    @property
    def carries(self) -> int:
        """How many the machine does for."""
        return min(need.carries for need in self.needs)

    @property
    def short_of(self) -> list[RoomNeed]:
        """What there is too little of, the shortest first."""
        return sorted((need for need in self.needs if need.carries < self.people), key=lambda need: need.carries)

    @property
    def will_do(self) -> bool:
        """Whether all of them can come."""
        return not self.short_of and not self.failures

    @property
    def headline(self) -> str:
        """One sentence."""
        people = counted(self.people, "participant")
        if self.short_of:
            figures = " and ".join(need.what for need in self.short_of)
            verb = "says" if len(self.short_of) == 1 else "say"
            return f"This machine is too small for {people}: {figures} {verb} so. It does for {self.carries}."
        if self.failures:
            return f"This machine has what {people} need, but {self.failures} of those who tried did not come through."
        return f"This machine does for {people}."


def verdict(room: RoomFigures, machine: Machine, *, people: int) -> RoomVerdict:
    """Judge.

    Args:
        room: as measured, with any number of participants.
        machine: what there is, before anybody came.
        people: how many are to come.
    """
    needs = (
        _memory(room, machine, people),
        _processor(room, machine, people),
        _disk(room, machine, people),
        _open_files(machine, people),
        _threads(room, machine, people),
        _ports(room, machine, people),
    )
    return RoomVerdict(people, needs, len(room.failed))


def _memory(room: RoomFigures, machine: Machine, people: int) -> RoomNeed:
    each, once = room.each("memory_mib"), room.once("memory_mib")
    wanted = people * each + once
    sentence = f"{_need(people)} {wanted:,.0f} MiB ({each:.0f} each, {once:.0f} once); {machine.memory_mib:,.0f} "
    second = wanted + people * room.memory_of(RoomPart.KERNEL)
    remark = ""
    if wanted <= machine.memory_mib < second:
        remark = f"It is tight: with a second notebook open, all together need {second:,.0f} MiB."
    return RoomNeed(
        what="memory", sentence=f"{sentence}are free", carries=_fit(machine.memory_mib - once, each), remark=remark
    )


def _processor(room: RoomFigures, machine: Machine, people: int) -> RoomNeed:
    """Reckoned; where as many were played with, and took longer by the clock, that is said beside it."""
    each = room.each("cpu_seconds") + room.once("cpu_seconds") / max(1, room.people)
    reckoned = people * each / machine.cores
    sentence = (
        f"{_need(people)} {people * each:,.0f} s of processor to begin ({each:.1f} each), which takes {reckoned:.0f} s "
        f"on {_cores(machine.cores)}; {START_SECONDS:.0f} s are the most"
    )
    _, last = room.seconds_until(VisitStage.FINISHED)
    remark = ""
    if room.people >= people and reckoned <= START_SECONDS < last:
        remark = (
            f"The last one took {last:.0f} s; other programs took {room.others_seconds:.0f} s of processor meanwhile."
        )
    return RoomNeed(
        what="processor", sentence=sentence, carries=_fit(START_SECONDS * machine.cores, each), remark=remark
    )


def _disk(room: RoomFigures, machine: Machine, people: int) -> RoomNeed:
    each = room.disk_mib
    sentence = f"{_need(people)} {people * each:,.0f} MiB ({each:.1f} each); {machine.disk_mib:,.0f} are free"
    return RoomNeed(what="disk", sentence=sentence, carries=_fit(machine.disk_mib, each))


def _open_files(machine: Machine, people: int) -> RoomNeed:
    wanted = people * FILES_AT_THE_PROXY + FILES_OF_THE_PROXY
    most = (
        "there is no limit" if machine.open_files >= ENDLESS else f"{machine.open_files:,} are the most (`ulimit -n`)"
    )
    return RoomNeed(
        what="open files",
        sentence=f"{_need(people)} some {wanted:,} at the proxy; {most}",
        carries=_fit(machine.open_files - FILES_OF_THE_PROXY, FILES_AT_THE_PROXY),
    )


def _threads(room: RoomFigures, machine: Machine, people: int) -> RoomNeed:
    each, once = room.each("threads"), room.once("threads")
    most = "there is no limit" if machine.threads >= ENDLESS else f"{machine.threads:,} are left (`ulimit -u`)"
    return RoomNeed(
        what="processes and threads",
        sentence=f"{_need(people)} {people * each + once:,.0f} ({each:.0f} each); {most}",
        carries=_fit(machine.threads - once, each),
    )


def _ports(room: RoomFigures, machine: Machine, people: int) -> RoomNeed:
    each = room.each("ports")
    return RoomNeed(
        what="ports",
        sentence=f"{_need(people)} {people * each:,.0f} ({each:.0f} each); {machine.ports:,} are there",
        carries=_fit(machine.ports, each),
    )


def _need(people: int) -> str:
    return "1 needs" if people == 1 else f"{people:,} need"


def _fit(has: float, each: float) -> int:
    return ENDLESS if each <= 0 else max(0, math.floor(has / each))


def _cores(number: float) -> str:
    return f"{number:g} core{'' if number == 1 else 's'}"
