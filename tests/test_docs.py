"""Documentation that lists things is held to the things; the project's files hold nothing of a machine's own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tracked import ROOT, project_files

import labkit
from labkit.lab.lab import Lab
from labkit.lab.panels import names_of
from labkit.settings import SETTINGS
from labkit.vocabulary import Sid

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = README + "".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "docs").glob("*.md")))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
DESK = ROOT / "notebooks" / "desk.ipynb"
OF_A_WORKSHOP = {"room", "instructor"}
"""No lessons: what goes on there is everybody's."""

# Paths of the project in backticks: below one of its folders, or a file at its root.
PATHS = re.compile(
    r"`((?:labkit|bench|docs|notebooks|tests|workshop|\.ci)/[^`\s]*"
    r"|Makefile|LICENSE|[A-Z]+\.md|\w+\.(?:toml|yml))`"
)

# Hosts of package registries and folders of one machine; spelt so that this file does not hold them itself.
ELSEWHERE = re.compile(
    r"py(?:pi)\.org|python(?:hosted)\.org|npm(?:js)\.(?:org|com)|conda\.(?:anaconda)\.org"
    r"|(?<![\w.{}])/(?:work|farm|root)/[a-z.]"
)


def code_cells(path: Path) -> list[dict[str, Any]]:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def lines_of(cell: dict[str, Any]) -> list[str]:
    return "".join(cell["source"]).splitlines()


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_documented(name: str) -> None:
    """The name of the argument and its variable are in the README or in docs/."""
    variable, _ = SETTINGS[name]

    assert f"`{name}`" in DOCS
    assert variable is None or f"`{variable}`" in DOCS


@pytest.mark.parametrize("name", labkit.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    """What `import labkit` offers is in the README or in docs/architecture.md."""
    architecture = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")

    assert re.search(rf"labkit\.{re.escape(name)}\b", README + architecture)


@pytest.mark.parametrize("sid", Sid, ids=lambda s: s.name)
def test_every_sid_is_in_the_glossary(sid: Sid) -> None:
    """A learner who meets a SID finds out what it names."""
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")

    assert re.search(rf"`{sid}…?`", glossary)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_every_notebook_is_on_the_map(path: Path) -> None:
    """The README links to it."""
    assert f"(notebooks/{path.name})" in README


def test_every_link_leads_somewhere() -> None:
    """Links and pictures of the README and the docs that point into the project point to a file."""
    lost = []
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        targets = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        here = [t for t in targets if not re.match(r"[a-z]+:", t)]
        lost += [f"{page.name}: {t}" for t in here if not (page.parent / t).exists()]

    assert lost == []


@pytest.mark.parametrize("page", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_every_path_that_a_page_names_exists(page: str) -> None:
    """Whoever wants to change something is sent to files that are there; `<panel>` stands for any name."""
    text = (ROOT / page).read_text(encoding="utf-8")
    paths = [re.sub(r"<\w+>", "*", path) for path in PATHS.findall(text)]

    assert paths
    assert [path for path in paths if not any(ROOT.glob(path))] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_notebooks_are_stored_without_outputs(path: Path) -> None:
    """A change to a notebook is a change to its text, and nobody's tokens are in it."""
    stored = [c for c in code_cells(path) if c["outputs"] or c["execution_count"] is not None]
    notebook = json.loads(path.read_text(encoding="utf-8"))

    assert stored == []
    assert "widgets" not in notebook["metadata"]


@pytest.mark.parametrize("path", [p for p in NOTEBOOKS if p != DESK], ids=lambda p: p.name)
def test_notebooks_are_of_a_size_to_read(path: Path) -> None:
    """A name of the form NN_words, but of those that are no lesson; 8 to 25 code cells, 1 to 10 lines each."""
    cells = code_cells(path)

    assert path.stem in OF_A_WORKSHOP or re.fullmatch(r"\d\d(_[a-z0-9]+)+\.ipynb", path.name)
    assert 8 <= len(cells) <= 25
    assert [lines_of(c) for c in cells if not 1 <= len(lines_of(c)) <= 10] == []


def test_the_desk_is_one_cell() -> None:
    """It is an app and no lesson: who sees it sees no code, and who opens it in JupyterLab runs one cell."""
    [cell] = code_cells(DESK)
    assert "lab.desk(" in "".join(cell["source"])


def test_every_panel_is_shown_in_both_themes() -> None:
    """The page of the panels has a picture of each, light and dark, and every picture that is kept is on a page."""
    page = (ROOT / "docs" / "panels.md").read_text(encoding="utf-8")
    panels = [name for name in names_of(Lab) if name != "story"]
    wanted = [f"images/{name}-{theme}.png" for name in panels for theme in ("light", "dark")]
    missing = [picture for picture in wanted if f"({picture})" not in page]
    kept = {path.name for path in (ROOT / "docs" / "images").glob("*.png")}

    assert missing == []
    assert [name for name in sorted(kept) if f"images/{name}" not in DOCS] == []


def test_no_file_names_a_registry_or_a_folder_of_one_machine() -> None:
    """The project reads the same wherever it is cloned."""
    found = []
    for path in project_files():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        for number, line in enumerate(text.splitlines(), 1):
            if ELSEWHERE.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")

    assert found == []


@pytest.mark.parametrize(
    ("line", "caught"),
    [
        ("index = https://{}.org/simple".format("py" + "pi"), True),
        ("see /{}/.cache/lab".format("root"), True),
        ("(/{}/main/x.py)".format("work"), True),
        ("https://www.twilio.com/docs/taskrouter", False),
        ("framework/main.py", False),
        ("/home/somebody/lab", False),
        ("https://docs.python.org/3/", False),
    ],
)
def test_the_check_for_folders_and_registries_sees_them(line: str, caught: bool) -> None:
    """The pattern finds what it should and nothing else."""
    assert bool(ELSEWHERE.search(line)) is caught


def test_the_tab_key_shows_what_is_documented_and_nothing_else() -> None:
    """`lab.` and Tab: the names that the page lists among the public ones."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = page.partition("A `Lab` shows panels")[2].partition("\n## ")[0]

    assert set(re.findall(r"`(\w+)`", listed)) == set(dir(object.__new__(labkit.Lab)))
