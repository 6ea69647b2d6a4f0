"""What a rehearsal says, and what it plays."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import pytest

from workshop.parser import main
from workshop.rehearsal.command import RehearsalProgress
from workshop.rehearsal.machine import Machine
from workshop.rehearsal.measuring import MEMORY_WORD, ProcessFigures, RoomPart
from workshop.rehearsal.participant import Visit, VisitStage
from workshop.rehearsal.rehearsal import FEW, judged_machine, rehearsal_plan, rehearse
from workshop.rehearsal.report import RehearsalReport
from workshop.rehearsal.room_figures import room_figures
from workshop.rehearsal.verdict import verdict
from workshop.settings import WorkshopError

MACHINE = Machine(cores=2, memory_mib=8_000, disk_mib=50_000)


def report(*, failure: str = "", memory_mib: float = 8_000) -> RehearsalReport:
    """Of two participants, for a room of thirty."""
    machine = dataclasses.replace(MACHINE, memory_mib=memory_mib)

    def process(part: RoomPart, mib: float, seconds: float) -> ProcessFigures:
        return ProcessFigures(part=part, memory_mib=mib, cpu_seconds=seconds, threads=4, files=9, ports=1)

    visits = [Visit("a", {VisitStage.LOGGED_IN: 1, VisitStage.FIRST_PANEL: 9.5}), Visit("b", {}, failure)]
    room = room_figures(
        visits=visits,
        common=[process(RoomPart.HUB, 110, 3)],
        before=[process(RoomPart.HUB, 100, 2)],
        own=[process(RoomPart.SERVER, 110, 3), process(RoomPart.KERNEL, 90, 2)] * 2,
        disk_mib=4,
    )
    return RehearsalReport(verdict(room, machine, people=30), room, ("There were no walls.",))


def test_it_says_what_it_costs_and_when_they_were_in() -> None:
    """As text; the hub's own start is not counted, and its memory is what it has now."""
    lines = str(report()).splitlines()

    assert lines[0] == "This machine does for 30 participants."
    assert "  ✓ memory: 30 need 6,110 MiB (200 each, 110 once); 8,000 are free." in lines
    assert "What it costs, measured with 2 pretended participants" in lines
    assert f"  {' ':20} MiB ({MEMORY_WORD})  s of processor  threads".split() == lines[10].split()
    assert [line.split() for line in lines if ", once" in line] == [["hub,", "once", "110.0", "1.00", "4"]]
    assert [line.split() for line in lines if "first panel" in line] == [["first", "panel", "9.5", "9.5"]]
    assert lines[-1] == "There were no walls."


def test_a_machine_that_is_too_small_is_marked() -> None:
    """In text and in a notebook."""
    small = report(memory_mib=1024)

    assert str(small).startswith("This machine is too small for 30 participants: memory says so. It does for 4.")
    assert "✗ memory: 30 need 6,110 MiB" in str(small)
    assert 'class="bad"' in small._repr_html_()


def test_what_went_wrong_is_told_and_stays_text() -> None:
    """A server's words are not HTML."""
    failed = report(failure="<b>no</b>")

    assert "✗ b: <b>no</b>" in str(failed)
    assert "<b>no</b>" not in failed._repr_html_()


@pytest.mark.parametrize(
    ("people", "memory_mib", "played", "expected"),
    [
        (30, 8_000, None, 30),
        (30, 2_000, None, FEW),
        (30, 1_024, None, 3),
        (30, 500, None, 1),
        (2, 1_024, None, 2),
        (30, 8_000, 5, 5),
    ],
)
def test_where_not_all_fit_a_few_are_played(
    people: int, memory_mib: float, played: int | None, expected: int, tmp_path: Path
) -> None:
    """Or as many as somebody says."""
    machine = dataclasses.replace(MACHINE, memory_mib=memory_mib)

    plan = rehearsal_plan(people, machine=machine, walls=True, within=tmp_path, played=played)

    assert plan.played == expected


@pytest.mark.parametrize(("people", "played"), [(0, None), (-1, None), (3, 0)])
def test_nobody_is_no_rehearsal(people: int, played: int | None, tmp_path: Path) -> None:
    """Said in a sentence."""
    with pytest.raises(WorkshopError, match="1 participant or more"):
        rehearsal_plan(people, machine=MACHINE, walls=True, within=tmp_path, played=played)


def test_a_folder_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    """Before anything is started."""
    plan = rehearsal_plan(1, machine=MACHINE, walls=True, within=tmp_path / "not" / "there")

    with pytest.raises(WorkshopError, match="cannot make one: No such file"):
        rehearse(plan)


def test_the_command_says_what_it_cannot_do(capsys: pytest.CaptureFixture[str]) -> None:
    """In a sentence."""
    assert main(["rehearsal", "--participants", "0", "--without-walls"]) == 1
    assert capsys.readouterr().err == "workshop: A rehearsal takes 1 participant or more.\n"


def test_another_machine_is_judged_by_what_it_has(tmp_path: Path) -> None:
    """The rest is as here."""
    machine, here = judged_machine(tmp_path, memory_gib=1, cores=0.5), judged_machine(tmp_path)

    assert (machine.memory_mib, machine.cores) == (1024, 0.5)
    assert machine.ports == here.ports


@pytest.mark.parametrize("number", ["0", "-1", "nan", "inf", "many"])
@pytest.mark.parametrize(
    "arguments", [["rehearsal", "--cores"], ["rehearsal", "--memory"], ["open", "--idle-hours"]], ids=" ".join
)
def test_a_number_that_nothing_can_be_reckoned_with_is_a_sentence(
    arguments: list[str], number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is started, and not when everybody is through."""
    with pytest.raises(SystemExit):
        main([*arguments, number])

    assert f"argument {arguments[-1]}: '{number}' is no number above 0" in capsys.readouterr().err


class Terminal(io.StringIO):
    """Where somebody sits."""

    def isatty(self) -> bool:
        return True


def counts(logged_in: int, finished: int) -> dict[VisitStage, int]:
    return dict.fromkeys(VisitStage, 0) | {VisitStage.LOGGED_IN: logged_in, VisitStage.FINISHED: finished}


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_how_far_all_are_is_one_line(stream: io.StringIO) -> None:
    """Which changes on a terminal; into a file it goes every ten seconds, and at the end."""
    now = [0.0]
    progress = RehearsalProgress(2, stream, clock=lambda: now[0])
    for now[0], state in ((1.0, counts(1, 0)), (12.0, counts(2, 1)), (13.0, counts(2, 2))):
        progress.tell(state)

    shown = [line.rpartition("\033[K")[2] for line in stream.getvalue().strip().split("\n")]
    assert shown[-1] == "  2 logged in, 0 servers, 0 first panels, 2 through of 2 after 13 s"
    assert len(shown) == (1 if stream.isatty() else 2)
