"""Whether a machine does for a room, and which figure says that it does not."""

from __future__ import annotations

import dataclasses

import pytest

from workshop.rehearsal.machine import ENDLESS, Machine
from workshop.rehearsal.measuring import ProcessFigures, RoomPart
from workshop.rehearsal.participant import Visit, VisitStage
from workshop.rehearsal.room_figures import RoomFigures, room_figures
from workshop.rehearsal.verdict import verdict

BIG = Machine(cores=8, memory_mib=16_000, disk_mib=100_000, open_files=65_536, threads=100_000, ports=28_232)


def process(part: RoomPart, memory_mib: float, cpu_seconds: float, threads: int = 6) -> ProcessFigures:
    return ProcessFigures(part=part, memory_mib=memory_mib, cpu_seconds=cpu_seconds, threads=threads, files=20, ports=1)


def room(people: int = 2, *, last: float = 20.0, failed: int = 0) -> RoomFigures:
    """One in which each participant costs 200 MiB, 5 s of processor, 40 threads and 3 ports."""
    visits = [
        Visit(f"p{number}", {VisitStage.FINISHED: last}, "no room" if number < failed else "")
        for number in range(people)
    ]
    own = [
        process(RoomPart.SERVER, 110, 3),
        process(RoomPart.KERNEL, 57, 1.4, threads=33),
        process(RoomPart.SANDBOX, 33, 0.6, threads=1),
    ]
    common = [process(RoomPart.HUB, 110, 0), process(RoomPart.PROXY, 50, 0)]
    return room_figures(visits=visits, common=common, own=own * people, disk_mib=10.0 * people)


def test_what_was_measured_is_divided_among_the_people() -> None:
    """What the room has once is not."""
    figures = room(4)

    assert (figures.people, figures.disk_mib) == (4, 10)
    assert figures.each("memory_mib") == pytest.approx(200)
    assert figures.each("cpu_seconds") == pytest.approx(5)
    assert (figures.once("memory_mib"), figures.memory_of(RoomPart.KERNEL)) == (160, 57)


def test_a_machine_that_does() -> None:
    """Each need has its figure, and none is short."""
    found = verdict(room(), BIG, people=30)

    assert found.headline == "This machine does for 30 participants."
    assert (found.will_do, found.short_of, found.carries) == (True, [], 79)
    assert found.needs[0].sentence == "30 need 6,160 MiB (200 each, 160 once); 16,000 are free"


@pytest.mark.parametrize(
    ("what", "has", "carries", "sentence"),
    [
        ("memory", {"memory_mib": 1024.0}, 4, "30 need 6,160 MiB (200 each, 160 once); 1,024 are free"),
        (
            "processor",
            {"cores": 1.0},
            24,
            "30 need 150 s of processor to begin (5.0 each), which takes 150 s on 1 core; 120 s are the most",
        ),
        ("disk", {"disk_mib": 100.0}, 10, "30 need 300 MiB (10.0 each); 100 are free"),
        ("open files", {"open_files": 256}, 14, "30 need some 512 at the proxy; 256 are the most (`ulimit -n`)"),
        ("processes and threads", {"threads": 1000}, 24, "30 need 1,212 (40 each); 1,000 are left (`ulimit -u`)"),
        ("ports", {"ports": 60}, 20, "30 need 90 (3 each); 60 are there"),
    ],
)
def test_the_figure_that_is_short_is_named(what: str, has: dict[str, float], carries: int, sentence: str) -> None:
    """Each of them, when it is the only one."""
    found = verdict(room(), dataclasses.replace(BIG, **has), people=30)

    [short] = found.short_of
    assert (short.what, short.carries, short.sentence) == (what, carries, sentence)
    assert found.headline == f"This machine is too small for 30 participants: {what} says so. It does for {carries}."


def test_the_shortest_comes_first() -> None:
    """Where there are several."""
    found = verdict(room(), dataclasses.replace(BIG, memory_mib=1024.0, cores=1.0), people=30)

    assert found.headline == (
        "This machine is too small for 30 participants: memory and processor say so. It does for 4."
    )


def test_without_limits_there_is_enough() -> None:
    """And it is said so, without a number."""
    needs = verdict(room(), dataclasses.replace(BIG, open_files=ENDLESS, threads=ENDLESS), people=30).needs

    assert [need.sentence for need in needs if "no limit" in need.sentence] == [
        "30 need some 512 at the proxy; there is no limit",
        "30 need 1,212 (40 each); there is no limit",
    ]


def test_memory_that_is_tight_is_said() -> None:
    """Everybody opens a second notebook sooner or later."""
    found = verdict(room(), dataclasses.replace(BIG, memory_mib=7000.0), people=30)

    assert found.will_do
    assert found.needs[0].remark == "It is tight: with a second notebook open, all together need 7,870 MiB."


def test_those_who_did_not_come_through_are_said() -> None:
    """A machine that is large enough does not make the room work."""
    found = verdict(room(3, failed=1), BIG, people=3)

    assert not found.will_do
    assert found.headline == (
        "This machine has what 3 participants need, but 1 of those who tried did not come through."
    )


def test_a_machine_that_was_slower_than_reckoned_is_said() -> None:
    """The clock against the sum."""
    assert "took 500 s" in verdict(room(30, last=500), BIG, people=30).needs[1].remark
    assert verdict(room(2, last=500), BIG, people=30).needs[1].remark == ""


def test_one_participant_is_one() -> None:
    """In the sentences too."""
    assert verdict(room(), BIG, people=1).needs[0].sentence.startswith("1 needs 360 MiB")


def test_what_others_took_of_the_processor_is_what_the_room_did_not() -> None:
    """And never less than nothing, where clocks disagree."""
    own = [process(RoomPart.SERVER, 110, 3)] * 2

    def others(busy_seconds: float) -> float:
        visits = [Visit("a"), Visit("b")]
        made = room_figures(visits=visits, common=[], own=own, disk_mib=1, busy_seconds=busy_seconds)
        return made.others_seconds

    assert (others(10), others(1)) == (4, 0)
