"""The room's notebook runs from top to bottom in a participant's kernel, against the room's real service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from room_service import RunningRoom, running_room
from tracked import ROOT

pytestmark = pytest.mark.process

PATH = ROOT / "notebooks" / "room.ipynb"
CELL_SECONDS = 60


@pytest.fixture
def room(tmp_path: Path) -> Iterator[RunningRoom]:
    with running_room(tmp_path / "room") as running:
        yield running


@pytest.fixture
def environment(room: RunningRoom, own_environment: Path) -> dict[str, str]:
    """What a participant's kernel has: Jupyter's folders of their own, the room's address, the hub's token."""
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "HOME")
    made = {name: own_environment / name.lower() for name in folders}
    for folder in made.values():
        folder.mkdir()
    return {
        **{name: str(folder) for name, folder in made.items()},
        "LABKIT_ROOM_URL": room.url,
        "JUPYTERHUB_API_TOKEN": room.token("ana"),
    }


@pytest.mark.timeout(180)
def test_the_notebook_runs_and_its_worker_is_away_at_the_end(
    room: RunningRoom, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No cell raises, what is the instructor's is refused in a sentence, and no token is left in the notebook."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    notebook = nbformat.read(PATH, as_version=4)
    NotebookClient(notebook, timeout=CELL_SECONDS, kernel_name="python3").execute()

    outputs = [each for cell in notebook.cells if cell.cell_type == "code" for each in cell.outputs]
    assert [each for each in outputs if each.output_type == "error" or each.get("name") == "stderr"] == []
    assert "this is for the instructor" in _printed(outputs)
    assert environment["JUPYTERHUB_API_TOKEN"] not in nbformat.writes(notebook)
    assert _activity_of(room, "ana") == "Offline"


def _printed(outputs: list[Any]) -> str:
    return "".join(each.text for each in outputs if each.get("name") == "stdout")


def _activity_of(room: RunningRoom, name: str) -> str:
    workspace = room.join(room.token(name))["workspace_sid"]
    (found,) = room.state.upstream.client.taskrouter.v1.workspaces(workspace).workers.list(friendly_name=name)
    return str(found.activity_name)
