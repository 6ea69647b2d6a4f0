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


def test_what_is_left_to_write_has_one_mark(path: Path) -> None:
    """A comment, which the first lessons explain; the cell's id says it as well."""
    marked = [cell.id for cell in code(path) if "your turn" in cell.source.lower()]
    assert marked == [cell.id for cell in code(path) if "# your turn" in cell.source]
    assert marked == [cell.id for cell in code(path) if cell.id.startswith("your-turn-")]


def test_its_check_knows_it(path: Path) -> None:
    """There is a lesson of the notebook's name, else its check would report on all of them."""
    assert path.stem in LESSONS


def texts(path: Path) -> list[str]:
    """What stands in its markdown cells."""
    return [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]


def test_it_begins_with_what_it_is_for(path: Path) -> None:
    """The lesson's title, what one will be able to do as a list, and how long it takes, as the map says it."""
    first, lesson = texts(path)[0], LESSONS[path.stem]
    assert first.startswith(f"# {lesson.title}")
    assert len(re.findall(r"^(?:-|\d\.) ", first, re.MULTILINE)) >= 3
    assert f"About {lesson.minutes} minutes" in first
    assert 10 <= lesson.minutes <= 20


def test_it_starts_the_lab_for_its_lesson(path: Path) -> None:
    """In its first code cell, and nowhere ends it."""
    source = [cell.source for cell in code(path)]
    assert source[0] == f'import labkit\n\nlab = labkit.start(lesson="{path.stem[:2]}")'
    assert not any(re.search(r"lab\.stop\(|^[\w.]*sleep\(", each, re.MULTILINE) for each in source)


def sections(path: Path) -> list[str]:
    """The text of each numbered section, with its heading."""
    parts = re.split(r"^(?=## )", "\n\n".join(texts(path)), flags=re.MULTILINE)
    return [part for part in parts if re.match(r"## \d+\. ", part)]


def test_its_sections_are_numbered(path: Path) -> None:
    """From 1, without a gap."""
    numbers = [int(re.findall(r"\d+", part)[0]) for part in sections(path)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 4


def test_whoever_predicts_is_answered(path: Path) -> None:
    """Each prediction is a question, and is followed in its section by what is to be observed."""
    asked = [part for part in sections(path) if "**Predict.**" in part]
    assert len(asked) >= 3
    for part in asked:
        assert "?" in part.split("**Predict.**")[1].split("**Observe.**")[0], part.splitlines()[0]
        assert "**Observe.**" in part.split("**Predict.**", 1)[1], part.splitlines()[0]


def test_mistakes_are_made_on_purpose(path: Path) -> None:
    """And marked as such, so that nobody takes them for the way it is done."""
    assert "**A mistake on purpose" in "\n".join(texts(path))


def test_it_checks_its_own_steps(path: Path) -> None:
    """Each number that a cell asks about is that of a step."""
    asked = [int(number) for cell in code(path) for number in re.findall(r"lab\.check\(step=(\d+)\)", cell.source)]
    assert set(asked) <= set(range(1, len(LESSONS[path.stem].steps) + 1))


def test_it_ends_with_what_was_learned_and_where_to_go_on(path: Path) -> None:
    """Four to six points, pages of Twilio's documentation, and the notebooks before and after this one, by title."""
    last = texts(path)[-1]
    recap = re.split(r"\*\*(?:Read on|Next|Back)\b", last.partition("## What you learned")[2])[0]
    assert 4 <= len(re.findall(r"^- ", recap, re.MULTILINE)) <= 6
    read_on = last.partition("**Read on")[2]
    assert re.search(r"\]\(https://www\.twilio\.com/docs/taskrouter[/)]", read_on)
    names = list(LESSONS)
    place = names.index(path.stem)
    for word, other in (("Back", place - 1), ("Next", place + 1)):
        if 0 <= other < len(names):
            link = re.escape(f"[{LESSONS[names[other]].title}]({names[other]}.ipynb)")
            assert re.search(rf"\*\*{word}[^\n]*\n?[^\n]*\n?[^\n]*{link}", last), word


def test_its_links_stand_by_themselves(path: Path) -> None:
    """JupyterLab underlines no link: within a sentence only the colour would tell it from the words around it."""
    linked = [
        line for text in texts(path) for line in text.splitlines() if re.search(r"(?<!!)\[[^\]]+\]\([^)]+\)", line)
    ]
    assert [line for line in linked if not re.fullmatch(r"(- )?\[[^\]]+\]\([^)]+\)", line)] == []


def test_its_pictures_are_told_in_words(path: Path) -> None:
    """For whoever does not see them."""
    pictures = re.findall(r"!\[([^\]]*)\]", "\n".join(texts(path)))
    assert all(len(words) > 10 for words in pictures)


def test_each_step_can_be_helped_with(path: Path) -> None:
    """By a hint; a needed one by a stronger one and a solution too. Its tick is kept by its title, which is its own."""
    lesson = LESSONS[path.stem]
    titles = [step.title for step in lesson.steps]
    assert len(set(titles)) == len(titles)
    assert all(step.hint for step in lesson.steps)
    assert [step.title for step in lesson.steps if not (step.optional or (step.stronger and step.solution))] == []
    assert all(len(step.title) <= 100 for step in lesson.steps)
    assert re.match(r"You will be able to .*\.$", lesson.goal)


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
