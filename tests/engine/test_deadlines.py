"""The order in which things fall due."""

from __future__ import annotations

from datetime import datetime

from engine.world import moment
from hypothesis import given
from hypothesis import strategies as st

from labkit.engine.deadlines import TIDY_AT_LEAST, Deadline, Deadlines, Due
from labkit.engine.resources import Record


def record(number: int) -> Record:
    """A record that something can fall due for."""
    now = moment(0)
    return Record(sid=f"XX{number}", workspace_sid="WS1", number=number, date_created=now, date_updated=now)


def drain(deadlines: Deadlines, now: datetime) -> list[Deadline]:
    """All that is due, taken out."""
    found = []
    while (deadline := deadlines.pop_due(now)) is not None:
        found.append(deadline)
    return found


def test_nothing_is_due_at_first() -> None:
    """Without an entry there is no next moment and nothing to take."""
    deadlines = Deadlines(lambda _: True)
    assert deadlines.next() is None
    assert deadlines.pop_due(moment(1000)) is None


def test_only_what_is_due_is_taken() -> None:
    """An entry is taken at its moment, not before; the next one stays."""
    deadlines = Deadlines(lambda _: True)
    deadlines.add(moment(20), Due.TASK_TIMEOUT, record(1))
    deadlines.add(moment(10), Due.TASK_TIMEOUT, record(2))
    assert deadlines.next() == moment(10)
    assert deadlines.pop_due(moment(9.999)) is None
    assert [deadline.sid for deadline in drain(deadlines, moment(10))] == ["XX2"]
    assert deadlines.next() == moment(20)


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(Due), st.integers(1, 5))))
def test_order_does_not_depend_on_when_entries_were_added(entries: list[tuple[int, Due, int]]) -> None:
    """The moment comes first, then the kind, then the older record: so a restart changes nothing."""
    deadlines = Deadlines(lambda _: True)
    for when, due, number in entries:
        deadlines.add(moment(when), due, record(number))
    found = [(d.when, d.due, d.number) for d in drain(deadlines, moment(5))]
    assert found == sorted((moment(when), due, number) for when, due, number in entries)


def test_what_does_not_hold_any_more_is_passed_over() -> None:
    """An entry whose record has moved on is neither next nor due."""
    gone = {"XX1"}
    deadlines = Deadlines(lambda deadline: deadline.sid not in gone)
    deadlines.add(moment(1), Due.TASK_TIMEOUT, record(1))
    deadlines.add(moment(2), Due.TASK_TIMEOUT, record(2))
    assert deadlines.next() == moment(2)
    assert [deadline.sid for deadline in drain(deadlines, moment(9))] == ["XX2"]


def test_stale_entries_do_not_pile_up() -> None:
    """However many entries come and lapse, few are held; those that still hold are all kept."""
    deadlines = Deadlines(lambda deadline: deadline.number % 100 == 0)
    for number in range(20 * TIDY_AT_LEAST):
        deadlines.add(moment(86_400 + number), Due.TASK_TIMEOUT, record(number))
    assert len(deadlines) <= TIDY_AT_LEAST + 1
    kept = [deadline.number for deadline in drain(deadlines, moment(10**6))]
    assert kept == list(range(0, 20 * TIDY_AT_LEAST, 100))
