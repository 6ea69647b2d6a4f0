"""What a cell shows of what the lab hands out: a table in a notebook, the same in text, and never a class's fields."""

from __future__ import annotations

import dataclasses
import importlib
import re
from pathlib import Path
from typing import Any

import pytest

import labkit
from labkit.display import Records, Result
from labkit.taskrouter.records import NamedRecord

HAND_OUT = (
    "labkit.callback_events",
    "labkit.sandbox_client.clock",
    "labkit.sandbox_client.deliveries",
    "labkit.sandbox_client.faults",
    "labkit.sandbox_client.snapshots",
    "labkit.taskrouter.clearing",
    "labkit.taskrouter.records",
)
"""The modules whose records a learner gets."""
AS_A_CLASS_IS_WRITTEN = re.compile(r"\b[A-Z]\w+\(\w+=")
NASTY = "<b onclick='x'>&\"</b>"


@pytest.mark.parametrize("module", HAND_OUT)
def test_every_record_shows_itself(module: str) -> None:
    """It has no dataclass's own `__repr__`, alone or as an element of a list."""
    classes = [each for each in vars(importlib.import_module(module)).values() if isinstance(each, type)]
    records = [each for each in classes if dataclasses.is_dataclass(each) and each.__module__ == module]

    assert records
    assert [each.__name__ for each in records if each.__repr__ is not Result.__repr__] == []


@pytest.mark.process
def test_every_result_of_the_lab_is_a_table_or_a_sentence(home: Path, tmp_path: Path) -> None:
    """In a notebook and in text; statuses are said of what, and what a stranger wrote is escaped."""
    lab = labkit.start()
    lab.taskrouter.set_activity("Alice", "Available")
    task = lab.create_task({"selected_language": "es", "note": NASTY})
    lab.snapshot("one")
    client = lab.taskrouter
    tables: dict[str, Any] = {
        "2 Workers": client.workers(),
        "Activities": client.activities(),
        "1 Workflow": client.workflows(),
        "TaskChannels": client.task_channels(),
        "2 TaskQueues": client.task_queues(),
        "1 open Task": client.open_tasks(),
        "1 open Reservation": client.open_reservations(),
        "TaskQueues": client.queue_statistics(),
        "WorkerChannels": client.worker_channels("Alice"),
        "Events": client.events(),
        "1 snapshot": lab.snapshots(),
        f"Task: {task.sid}": client.task(task.sid),
        "Worker: Alice": client.workers()[0],
    }
    sentences = [lab.lint(), lab.diff(lab.export(tmp_path / "workspace.yaml")), lab.deliveries.list()]
    sentences += [lab.faults.list(), lab.faults.list().faults[0], lab.clock.look(), lab.clock.run_to_next()]
    sentences += [lab.explain(task), lab.check("00_start_here"), lab.clear_tasks(), *tables.values()]

    assert {name: name in str(each).partition("\n")[0] for name, each in tables.items()} == dict.fromkeys(tables, True)
    assert all("<table>" in each._repr_html_() for each in tables.values())
    assert [str(each) for each in sentences if AS_A_CLASS_IS_WRITTEN.search(repr(each))] == []
    assert all("<div" in each._repr_html_() for each in sentences)
    assert NASTY not in "".join(each._repr_html_() for each in sentences)
    for text in (str(tables["1 open Task"]), tables["1 open Task"]._repr_html_()):
        assert "Task status" in text
    assert re.search(r"^  Reservation +Reservation status +Worker", str(tables["1 open Reservation"]), re.MULTILINE)


def test_a_list_of_records_is_a_list() -> None:
    """It is equal to one, and is cut as one; an empty one says so."""
    assert Records([], "Worker") == []
    assert isinstance(Records([], "Worker"), list)
    assert str(Records([], "Activity", things="Activities")) == "0 Activities"
    three = Records([NamedRecord(f"WW{number}", str(number)) for number in range(3)], "Workflow")
    assert str(three[1:]).splitlines() == ["2 Workflows", "  Name  SID", "  1     WW1", "  2     WW2"]
    assert three[0].sid == "WW0"
