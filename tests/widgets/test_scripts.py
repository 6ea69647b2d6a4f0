"""The panels' scripts and styles: small, local, and safe against what strangers send."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import labkit.widgets
from labkit.widgets.base import script, style

ROOM = Path(labkit.widgets.__file__).parent
SCRIPTS = sorted(ROOM.rglob("*.js"))
STYLES = sorted(ROOM.rglob("*.css"))
PANELS = [path.parent.name for path in SCRIPTS if path.name == "panel.js"]  # what else is in its folder, is a part
LONGEST = 300

FORBIDDEN = {
    "text from outside read as HTML": (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\s*\.\s*write|createContextualFragment|DOMParser|srcdoc|setHTML"
    ),
    "text from outside run as code": (r"\beval\s*\(|new\s+Function|set(Timeout|Interval)\(\s*[\"'`]|javascript:"),
    "something loaded from elsewhere": (
        r"\bimport\s*\(|\bfetch\s*\(|XMLHttpRequest|WebSocket|EventSource|https?://(?!www\.w3\.org/2000/svg\")"
    ),
}


def test_every_panel_has_its_three_files() -> None:
    """A script without its module or style would not be found when the panel is made."""
    assert PANELS
    for name in PANELS:
        assert (ROOM / name / "panel.py").is_file()
        assert (ROOM / name / "panel.css").is_file()


@pytest.mark.parametrize("path", SCRIPTS + STYLES, ids=lambda path: path.relative_to(ROOM).as_posix())
def test_files_are_short(path: Path) -> None:
    """A file that needs more lines wants to be two."""
    assert len(path.read_text(encoding="utf-8").splitlines()) < LONGEST


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.relative_to(ROOM).as_posix())
def test_scripts_ask_for_their_types_to_be_checked(path: Path) -> None:
    """So that an editor does it too; after that line each says what it is for."""
    first, second = path.read_text(encoding="utf-8").splitlines()[:2]
    assert first == "// @ts-check"
    assert second.startswith("// ")


@pytest.mark.parametrize("what", FORBIDDEN)
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.relative_to(ROOM).as_posix())
def test_scripts_hold_nothing_dangerous(path: Path, what: str) -> None:
    """Attributes come from strangers, and the lab works without a network."""
    found = re.search(FORBIDDEN[what], path.read_text(encoding="utf-8"))
    assert found is None, f"{what}: {found and found.group()}"


@pytest.mark.parametrize(
    "sample", ["x.innerHTML = y", "eval(x)", 'import { x } from "https://a.b"', "import (x)", 'fetch("/x")']
)
def test_the_patterns_find_what_they_are_for(sample: str) -> None:
    """A check that finds nothing anywhere would prove nothing."""
    assert any(re.search(pattern, sample) for pattern in FORBIDDEN.values())


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.relative_to(ROOM).as_posix())
def test_styles_load_nothing(path: Path) -> None:
    """No web fonts, no images from elsewhere."""
    assert not re.search(r"@import|url\(|@font-face", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.relative_to(ROOM).as_posix())
def test_styles_touch_nothing_outside_the_panels(path: Path) -> None:
    """Each class has the panels' prefix, so that nothing else in the notebook changes its look."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r'"[^"]*"', "", text)
    classes = set(re.findall(r"\.([a-zA-Z][\w-]*)(?=[^{}]*\{)", text))
    assert classes
    assert [name for name in classes if name != "lk" and not name.startswith("lk-")] == []


@pytest.mark.parametrize("name", PANELS)
def test_each_panel_is_one_module_that_imports_nothing(name: str) -> None:
    """What a panel needs is in its script: the browser has nothing to load."""
    text = script(name)
    statements = re.findall(r"^\s*(?:import|export)\b.*", text, flags=re.MULTILINE)
    assert statements == [f"export default ${name}$panel.default;"]


@pytest.mark.parametrize("name", PANELS)
def test_each_style_starts_with_the_shared_rules(name: str) -> None:
    """The tokens for light and dark come with every panel."""
    assert style(name).index("--lk-bg") < style(name).index("All under the root")
