"""What a rehearsal says at its end: whether the machine does, why, what each participant costs, and what took long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from labkit.display import Line, Lines, Result, Section, Table, counted
from workshop.rehearsal.measuring import MEMORY_WORD
from workshop.rehearsal.participant import VisitStage
from workshop.rehearsal.room_figures import PartFigures, RoomFigures
from workshop.rehearsal.verdict import RoomNeed, RoomVerdict

_MOST_FAILURES = 5


@dataclass(frozen=True, slots=True, repr=False)
class RehearsalReport(Result):
    """A rehearsal that is over.

    Attributes:
        verdict: whether the machine does.
        room: what was measured.
        remarks: what else there is to say, such as that there were no walls.
    """

    verdict: RoomVerdict
    room: RoomFigures
    remarks: tuple[str, ...] = ()

    def _sections(self) -> Iterable[Section]:
        yield Section(
            self.verdict.headline, Lines([_need_line(need, self.verdict.people) for need in self.verdict.needs], 2)
        )
        if self.room.failed:
            yield self._failures()
        yield self._costs()
        yield self._times()

    def _failures(self) -> Section:
        lines = [Line(f"{visit.name}: {visit.failure}", mark="✗") for visit in self.room.failed[:_MOST_FAILURES]]
        return Section("What went wrong", Lines(lines, 2))

    def _costs(self) -> Section:
        each = [part for part in self.room.parts if not part.once]
        once = [part for part in self.room.parts if part.once]
        rows = [_cost_row(part.part.value, [part]) for part in each]
        rows.append(_cost_row("each participant", each))
        rows += [_cost_row(f"{part.part.value}, once", [part]) for part in once]
        columns = (" ", f"MiB ({MEMORY_WORD})", "s of processor", "threads")
        played = counted(self.room.people, "pretended participant")
        return Section(f"What it costs, measured with {played}", Table(columns, rows, names_in_text=True))

    def _times(self) -> Section:
        rows = []
        for stage in VisitStage:
            middle, last = self.room.seconds_until(stage)
            rows.append((stage.value, f"{middle:.1f}", f"{last:.1f}"))
        columns = ("seconds after all came at once", "median", "last")
        return Section("When they were in", Table(columns, rows, names_in_text=True), " ".join(self.remarks))


def _need_line(need: RoomNeed, people: int) -> Line:
    enough = need.carries >= people
    children = (Line(need.remark),) if need.remark else ()
    text = f"{need.what}: {need.sentence}."
    return Line(text, children, mark="✓" if enough else "✗", meaning="enough" if enough else "too little")


def _cost_row(name: str, parts: list[PartFigures]) -> tuple[str, str, str, str]:
    memory, cpu = sum(part.memory_mib for part in parts), sum(part.cpu_seconds for part in parts)
    return (name, f"{memory:.1f}", f"{cpu:.2f}", f"{sum(part.threads for part in parts):.0f}")
