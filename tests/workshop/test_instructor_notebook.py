"""The instructor's notebook runs from top to bottom, against the room's real service."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from room_service import running_room
from tracked import ROOT

pytestmark = pytest.mark.process

PATH = ROOT / "notebooks" / "instructor.ipynb"
CELL_SECONDS = 60


@pytest.mark.timeout(180)
def test_the_notebook_runs_and_the_report_is_kept(
    tmp_path: Path, own_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No cell raises; callers came in, a message was said, and no token is left in the notebook."""
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "HOME")
    for name in folders:
        (own_environment / name.lower()).mkdir()
        monkeypatch.setenv(name, str(own_environment / name.lower()))
    with running_room(tmp_path / "room") as room:
        token = room.token("teacher", instructor=True)
        monkeypatch.setenv("LABKIT_ROOM_URL", room.url)
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", token)
        notebook = nbformat.read(PATH, as_version=4)
        resources = {"metadata": {"path": str(tmp_path)}}
        NotebookClient(notebook, timeout=CELL_SECONDS, kernel_name="python3", resources=resources).execute()

        outputs = [each for cell in notebook.cells if cell.cell_type == "code" for each in cell.outputs]
        assert [each for each in outputs if each.output_type == "error" or each.get("name") == "stderr"] == []
        assert [each["text"] for each in room.state.messages.lately()] == ["We go on in ten minutes."]
        assert room.state.wall.callers.state()["running"] is False
        assert len(room.state.wall.tasks.tasks) >= 6
    assert token not in nbformat.writes(notebook)
    assert (tmp_path / "day.html").read_text(encoding="utf-8").startswith("<!doctype html>")
