"""Notebook 00 as one participant does it: its code cells from top to bottom, and in between what a person clicks.

The cells are those of the participant's own copy. What is done with the mouse is done here with the same calls of the
lab that the panels make, so TaskRouter sees the same requests: a Task waits, Alice comes, is reserved, accepts and
completes, and the next one is accepted by the answer to the assignment callback.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

PATH = "00_start_here.ipynb"

# Each is a function, so that one name is all that it leaves in the kernel.
_CREATE = """
def _click():
    lab.create_task({"selected_language": "es"})
_click()
"""
_FIRST_TASK = """
def _click():
    lab.create_task({"selected_language": "es"})
    lab.taskrouter.set_activity("Alice", "Available")
    [reservation] = lab.taskrouter.open_reservations()
    lab.taskrouter.accept(reservation.task_sid, reservation.sid)
_click()
"""
_COMPLETE = """
def _click():
    import time
    end = time.monotonic() + 20
    while not (assigned := [t for t in lab.taskrouter.open_tasks() if t.assignment_status == "assigned"]):
        if time.monotonic() > end:
            raise TimeoutError("no Task was assigned within 20 seconds")
        time.sleep(0.1)
    for task in assigned:
        lab.taskrouter.complete(task.sid)
_click()
"""
CLICKS: Mapping[str, str] = {
    "first-steps": _FIRST_TASK,
    "events": _COMPLETE,
    "answer-accept": _CREATE,
    "traffic": _COMPLETE,
}
"""By the id of the cell after which they are made."""
ALL_DONE = "All done."
"""What the last cell's check says of somebody who has done everything."""


@dataclass(frozen=True, slots=True)
class PlayedCell:
    """Something to run: a code cell, or the clicks after it.

    Attributes:
        name: which one, for whoever reads that it failed.
        code: what runs.
        is_last: whether it is the notebook's own check.
    """

    name: str
    code: str
    is_last: bool = False


def played_cells(notebook: Mapping[str, Any]) -> Iterator[PlayedCell]:
    """What is to be run, in order.

    Args:
        notebook: the document, as the contents API of a Jupyter server gives it.
    """
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell in cells:
        name = cell.get("id", "?")
        yield PlayedCell(name, cell["source"], is_last=cell is cells[-1])
        if name in CLICKS:
            yield PlayedCell(f"the clicks after {name}", CLICKS[name])
