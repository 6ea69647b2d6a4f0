"""The notebooks as files: their form and their links."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from labkit.course.lessons import LESSONS

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))  # the lessons; desk.ipynb is an app

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path: Path) -> Any:
    """A notebook."""
    return nbformat.read(path, as_version=4)


def code(path: Path) -> list[Any]:
    """Its code cells."""
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def test_it_is_stored_clean(path: Path) -> None:
    """No outputs, no counters, no machine's own metadata: a change of text is all that a diff shows."""
    notebook = read(path)
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code(path))
    assert all(not cell.metadata for cell in notebook.cells)
    assert notebook.metadata.kernelspec.name == "python3"
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)


def test_its_cells_have_ids_that_can_be_read(path: Path) -> None:
    """Ids are words, so that a diff and a failing test say which cell is meant."""
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", cell.id) for cell in read(path).cells)


def test_it_is_made_of_small_steps(path: Path) -> None:
    """8 to 25 code cells of 1 to 10 lines, and more words than code cells."""
    cells = code(path)
    assert 8 <= len(cells) <= 25
    assert all(1 <= len(cell.source.splitlines()) <= 10 for cell in cells)
    assert len(read(path).cells) > 2 * len(cells)


def test_its_check_knows_it(path: Path) -> None:
    """There is a lesson of the notebook's name, else its check would report on all of them."""
    assert path.stem in LESSONS


def test_its_links_lead_somewhere(path: Path) -> None:
    """What is linked within the course exists."""
    text = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert links
    assert all((FOLDER / link).is_file() for link in links)


def test_its_definitions_are_quotations(path: Path) -> None:
    """A quotation follows the theme and is one on GitHub too; a box with colours of its own is unreadable in one."""
    text = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
    assert any(line.startswith("> **") for source in text for line in source.splitlines())
    assert not any(re.search(r"<\w", re.sub(r"`[^`]*`", "", source)) for source in text)


def test_the_form_has_one_name(path: Path) -> None:
    """The panel is titled Create a Task, and is the form everywhere, in the text and in the check's hints."""
    text = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
    hints = [step.hint for step in LESSONS[path.stem].steps]
    assert not any("composer" in each.lower() for each in [*text, *hints])


def test_it_says_how_to_ask_why(path: Path) -> None:
    """TaskRouter never says why a Task is where it is; the lab does, by a button and by a call."""
    text = "\n".join(cell.source for cell in read(path).cells)
    assert "**Why?**" in text
    assert "lab.explain(" in text
