"""What was measured in a room, for one participant and for what the room has once: from processes to a few numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from workshop.rehearsal.measuring import ProcessFigures, RoomPart
from workshop.rehearsal.participant import Visit, VisitStage


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFigures:
    """What one part of the room costs, for each participant who has it, or once for all.

    Attributes:
        part: which.
        once: whether the room has it once.
        memory_mib, cpu_seconds, threads, ports: for one participant, or altogether.
    """

    part: RoomPart
    once: bool
    memory_mib: float
    cpu_seconds: float
    threads: float
    ports: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFigures:
    """A room as it was measured, with everybody at the end of notebook 00.

    Attributes:
        people: how many were in it.
        parts: what each part costs.
        disk_mib: for one participant.
        visits: how it went, for each.
        others_seconds: of processor that other programs of this machine used meanwhile.
    """

    people: int
    parts: tuple[PartFigures, ...]
    disk_mib: float
    visits: tuple[Visit, ...]
    others_seconds: float = 0.0

    def each(self, what: str) -> float:
        """For one participant, over all parts that each has; `what` is an attribute of `PartFigures`."""
        return sum(float(getattr(part, what)) for part in self.parts if not part.once)

    def once(self, what: str) -> float:
        """For the room, however many come."""
        return sum(float(getattr(part, what)) for part in self.parts if part.once)

    def memory_of(self, kind: RoomPart) -> float:
        """MiB of one part; 0 where there is none."""
        return next((part.memory_mib for part in self.parts if part.part == kind), 0.0)

    def seconds_until(self, stage: VisitStage) -> tuple[float, float]:
        """Median and longest, of those who came so far; twice 0 where nobody did."""
        reached = [visit.reached[stage] for visit in self.visits if stage in visit.reached]
        return (median(reached), max(reached)) if reached else (0.0, 0.0)

    @property
    def failed(self) -> list[Visit]:
        """Those who did not come to the end."""
        return [visit for visit in self.visits if visit.failure]


def room_figures(
    *,
    visits: Sequence[Visit],
    common: Sequence[ProcessFigures],
    own: Sequence[ProcessFigures],
    disk_mib: float,
    before: Sequence[ProcessFigures] = (),
    busy_seconds: float = 0.0,
) -> RoomFigures:
    """Put it together.

    Args:
        visits: how it went, one for each participant.
        common: what runs once: the hub, the proxy and the like.
        own: what runs for participants, of all of them.
        disk_mib: what all participants' folders take together.
        before: what runs once, before anybody came; what it had used of processor until then is not counted.
        busy_seconds: of processor that all of the machine used meanwhile.
    """
    people = max(1, len(visits))
    since = [replace(each, cpu_seconds=-each.cpu_seconds, memory_mib=0, threads=0, ports=0) for each in before]
    both = (*common, *since)
    once = [_part(kind, both, 1, once=True) for kind in RoomPart if any(each.part == kind for each in common)]
    each = [_part(kind, own, people, once=False) for kind in RoomPart if any(each.part == kind for each in own)]
    ours = sum(part.cpu_seconds for part in once) + people * sum(part.cpu_seconds for part in each)
    return RoomFigures(
        people=len(visits),
        parts=(*each, *once),
        disk_mib=disk_mib / people,
        visits=tuple(visits),
        others_seconds=max(0.0, busy_seconds - ours),
    )


def _part(kind: RoomPart, processes: Sequence[ProcessFigures], people: int, *, once: bool) -> PartFigures:
    mine = [each for each in processes if each.part == kind]
    return PartFigures(
        part=kind,
        once=once,
        memory_mib=sum(each.memory_mib for each in mine) / people,
        cpu_seconds=sum(each.cpu_seconds for each in mine) / people,
        threads=sum(each.threads for each in mine) / people,
        ports=sum(each.ports for each in mine) / people,
    )
