"""docs/lifecycles.md and the drawings in the notebooks: they show the engine's tables, whole and up to date."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from types import ModuleType

import pytest
from tracked import ROOT

from labkit.engine.states import RESERVATION, TASK

Table = Mapping[StrEnum, Mapping[StrEnum, StrEnum]]

tables = pytest.mark.parametrize("table", [TASK, RESERVATION], ids=["Task", "Reservation"])


@lru_cache(maxsize=1)
def maker() -> ModuleType:
    """docs/make_lifecycles.py, which is no package's module."""
    spec = importlib.util.spec_from_file_location("make_lifecycles", ROOT / "docs" / "make_lifecycles.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date() -> None:
    """`python docs/make_lifecycles.py` would not change it."""
    assert maker().PAGE.read_text(encoding="utf-8") == maker().page()


@pytest.mark.parametrize("name", maker().DRAWN)
def test_the_notebook_is_up_to_date(name: str) -> None:
    """Its drawings are those of the page, and nothing else of the file would change."""
    text = (maker().NOTEBOOKS / name).read_text(encoding="utf-8")
    assert text == maker().notebook(text, maker().DRAWN[name])
    assert all(maker().drawing(table) in maker().page() for table in maker().DRAWN[name].values())


def test_every_notebook_with_a_drawing_is_looked_at() -> None:
    """A life cycle that nobody makes would go stale unseen."""
    drawn = [path.name for path in maker().NOTEBOOKS.glob("*.ipynb") if "stateDiagram" in path.read_text("utf-8")]
    assert sorted(drawn) == sorted(maker().DRAWN)


@tables
def test_every_step_is_drawn_once(table: Table) -> None:
    """Read back from the drawing, the arrows between statuses are the table's."""
    drawn = re.findall(r"^ +(\w+) --> (\w+): (.+)$", maker().drawing(table), re.MULTILINE)
    steps = [(status, to, step) for status, ways in table.items() for step, to in ways.items()]
    assert sorted(drawn) == sorted((str(status), str(to), str(step)) for status, to, step in steps)


@tables
def test_beginning_and_ends_are_marked(table: Table) -> None:
    """It begins where no step leads from nothing, and ends where no step leads on."""
    drawn = maker().drawing(table)
    assert re.findall(r"\[\*\] --> (\w+)", drawn) == ["pending"]
    assert set(re.findall(r"(\w+) --> \[\*\]", drawn)) == {str(status) for status, ways in table.items() if not ways}


def test_a_stale_drawing_would_be_replaced() -> None:
    """Whatever the fence of that cell holds; the words around it stay."""
    cell = {"id": "life", "source": ["Before.\n", "```mermaid\n", "old\n", "```\n", "After."]}
    made = json.loads(maker().notebook(json.dumps({"cells": [cell]}), {"life": TASK}))
    assert "".join(made["cells"][0]["source"]) == f"Before.\n{maker().drawing(TASK)}\nAfter."


@pytest.mark.parametrize("cells", [[], [{"id": "life", "source": ["No drawing."]}]], ids=["no cell", "no fence"])
def test_a_notebook_without_a_place_for_it_is_refused(cells: list[object]) -> None:
    """The drawing does not vanish unnoticed when the cell is renamed."""
    with pytest.raises(ValueError, match="life"):
        maker().notebook(json.dumps({"cells": cells}), {"life": TASK})
