"""Writes docs/lifecycles.md: the life cycles of Tasks and Reservations, drawn from the engine's own tables.

`python docs/make_lifecycles.py` writes the page and the drawings in the notebooks; tests/test_lifecycles.py fails while
one of them is stale.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from labkit.engine.states import RESERVATION, TASK

HERE = Path(__file__).resolve().parent
PAGE = HERE / "lifecycles.md"
NOTEBOOKS = HERE.parent / "notebooks"
DRAWN: Mapping[str, Mapping[str, Mapping[Any, Mapping[Any, StrEnum]]]] = {
    "00_start_here.ipynb": {"task-life": TASK},
    "06_life_cycle.ipynb": {"task-life": TASK, "reservation-life": RESERVATION},
}
"""Of each notebook with drawings the ids of the cells that hold them, each with its table."""

Status = TypeVar("Status", bound=StrEnum)
Step = TypeVar("Step", bound=StrEnum)

LINES = '%%{init: {"themeVariables": {"transitionColor": "#888888", "specialStateColor": "#888888"}}}%%'
"""Arrows that can be seen on white and on black: JupyterLab does not draw anew when its theme is switched."""

FENCE = re.compile(r"```mermaid\n.*?```", re.DOTALL)

TEXT = """\
# The life of a Task and of a Reservation

Made by `docs/make_lifecycles.py` from the tables in `labkit/engine/states.py`: change those, not this page.

Each arrow is a step, and there are no others: the sandbox refuses whatever is not drawn here, and changes nothing.
A status with an arrow to the ring at the end is final.

## Task

A Task goes back and forth between `pending` and `reserved` until a Worker accepts it.
Once it is `assigned`, its only end is `completed`, unless its Worker hands it over.
Then it is `reserved` for another Worker, or `pending` in another TaskQueue, while the first one still has it.
If it is accepted it is `assigned` to both, and if nobody takes it, the transfer ends and it is `assigned` as before.

{task}

## Reservation

A Reservation waits for one Worker's answer, and only an accepted one goes on.

{reservation}
"""


def drawing(table: Mapping[Status, Mapping[Step, Status]]) -> str:
    """A life cycle as a Mermaid state diagram in its Markdown fence; it begins with the table's first status."""
    begin = next(iter(table))
    steps = [f"{status} --> {following}: {step}" for status, ways in table.items() for step, following in ways.items()]
    ends = [f"{status} --> [*]" for status, ways in table.items() if not ways]
    lines = [LINES, "stateDiagram-v2", *(f"    {line}" for line in ("direction LR", f"[*] --> {begin}", *steps, *ends))]
    return "\n".join(["```mermaid", *lines, "```"])


def page() -> str:
    """The whole page."""
    return TEXT.format(task=drawing(TASK), reservation=drawing(RESERVATION))


def notebook(text: str, tables: Mapping[str, Mapping[Any, Mapping[Any, StrEnum]]]) -> str:
    """A notebook's file, `text`, with its drawings as they are now.

    Args:
        text: the file.
        tables: of each cell with a drawing its id, and the table that is drawn.

    Raises:
        ValueError: a cell is not there, or holds no drawing.
    """
    document = json.loads(text)
    for name, table in tables.items():
        cells = [cell for cell in document["cells"] if cell["id"] == name]
        if not cells or not FENCE.search("".join(cells[0]["source"])):
            raise ValueError(f"the notebook has no cell {name!r} with a Mermaid drawing in it")
        cells[0]["source"] = _with(drawing(table), "".join(cells[0]["source"])).splitlines(keepends=True)
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _with(drawn: str, source: str) -> str:
    return FENCE.sub(lambda _: drawn, source)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    for name, tables in DRAWN.items():
        path = NOTEBOOKS / name
        path.write_text(notebook(path.read_text(encoding="utf-8"), tables), encoding="utf-8", newline="\n")
