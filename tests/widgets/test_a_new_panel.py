"""A new panel is one folder of labkit/widgets and one line of the lab: nothing else has to be touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tracked import ROOT

FOLDER = {
    "__init__.py": '"""A clock face, as the wall has it."""\n',
    "panel.py": """
from labkit.widgets.base import LivePanel, script, style

class ClockFace(LivePanel):
    _esm = script("clock_face")
    _css = style("clock_face")
    topics = frozenset()
    desk_place = {"watch": 9}

    @classmethod
    def of_lab(cls, lab):
        return cls(lab.live)

    def _content(self):
        return {"hours": 12}

PANEL = ClockFace
""",
    "panel.js": """import { el } from "../js/dom.js";
export default { render: ({ el: host }) => host.append(el("b")) };
""",
    "panel.css": ".lk.lk-clock_face { color: red; }\n",
}
LINE = "    clock_face = shows()\n"
USE = """
from types import SimpleNamespace
from labkit.lab.lab import Lab
from labkit.lab.panels import PanelSet, names_of
from labkit.live.workspace import LiveWorkspace
from labkit.stream import EventStream

class Here(Lab):
    def __init__(self):
        parts = SimpleNamespace(
            live=LiveWorkspace(EventStream(), SimpleNamespace(workspace_sid="WS1")), explain=None, jobs=None,
            look_only=False,
            panels=lambda: {"clock_face": self.panels.get("clock_face")}, workspace_name=str, status_lines=list,
            desk_places=lambda: {"clock_face": self.panels.desk_places()["clock_face"]},
            remedy=None,
        )
        self.panels = PanelSet(names_of(Lab), early=parts, parts=lambda: parts)

lab = Here()
assert lab.clock_face() is lab.clock_face()
assert lab.clock_face().state["hours"] == 12
assert lab.clock_face.__doc__ == "A clock face, as the wall has it."
views = {view["key"]: [panel["name"] for panel in view["panels"]] for view in lab.desk().state["views"]}
assert views == {"first": [], "work": [], "watch": ["clock_face"], "inside": []}, views
"""


@pytest.mark.process
def test_a_new_panel_is_a_folder_and_a_line(tmp_path: Path) -> None:
    """In a copy of the package: the lab shows it by its name, with its docstring, and the desk in its view."""
    package = tmp_path / "labkit"
    shutil.copytree(ROOT / "labkit", package, ignore=shutil.ignore_patterns("__pycache__"))
    folder = package / "widgets" / "clock_face"
    folder.mkdir()
    for name, text in FOLDER.items():
        (folder / name).write_text(text, encoding="utf-8")
    lab = package / "lab" / "lab.py"
    before = lab.read_text(encoding="utf-8")
    lab.write_text(before.replace("    desk = shows()\n", f"    desk = shows()\n{LINE}"), encoding="utf-8")
    assert LINE in lab.read_text(encoding="utf-8")

    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", USE],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
