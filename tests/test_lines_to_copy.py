"""The composer's lines to copy, run against a real sandbox: Python by exec, curl by sh. Both make the Task."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import labkit
import labkit.lab.lab
from labkit.lab.lab import Lab
from labkit.widgets.composer.task_form import WorkspaceAddress, lines_to_copy, read_form
from labkit.widgets.snippets import CREDENTIALS_IN_PYTHON

pytestmark = pytest.mark.process

ATTRIBUTES = {
    "selected_language": "es",
    "name": 'O\'Neil & "Söhne"',
    "note": "$HOME `id` \\ 100% ¿qué?",
    "vip": True,
    "level": None,
}


@pytest.fixture
def lab(home: Path) -> Lab:
    """A lab; whatever runs from it is ended afterwards."""
    return labkit.start()


@pytest.fixture
def lines(lab: Lab) -> dict[str, str]:
    """What the composer would show for a form with awkward attributes."""
    typed = {
        "attributes": json.dumps(ATTRIBUTES, ensure_ascii=False),
        "workflow": lab.workflow_sid,
        "task_channel": "chat",
        "priority": "7",
        "timeout": "600",
    }
    return lines_to_copy(read_form(typed), WorkspaceAddress(lab.taskrouter_url, lab.workspace_sid))


def check_newest(lab: Lab) -> None:
    [task] = lab.client.taskrouter.v1.workspaces(lab.workspace_sid).tasks.list(limit=1, ordering="DateCreated:desc")
    assert json.loads(task.attributes) == ATTRIBUTES
    assert (task.priority, task.timeout, task.task_channel_unique_name) == (7, 600, "chat")
    assert task.workflow_sid == lab.workflow_sid


def test_the_line_of_python_makes_the_task(lab: Lab, lines: dict[str, str]) -> None:
    """As somebody would paste it into the next cell."""
    names: dict[str, Any] = {"lab": lab}
    exec(lines["code"], names)  # noqa: S102  # the code is ours, made in this test
    assert names["task"].sid.startswith("WT")
    check_newest(lab)


@pytest.mark.skipif(not (shutil.which("sh") and shutil.which("curl")), reason="there is no sh or no curl here")
def test_the_line_of_curl_makes_the_task(lab: Lab, lines: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """With the credentials set as the hint beside it says, and nowhere in the line itself."""
    assert lab.client.password not in lines["curl"]
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"):
        monkeypatch.setenv(name, "to be set by the hint")
    exec(CREDENTIALS_IN_PYTHON, {"lab": lab})  # noqa: S102  # what a learner pastes
    environment = {**os.environ, "no_proxy": "127.0.0.1"}
    answer = subprocess.run(["sh", "-c", lines["curl"]], env=environment, capture_output=True, timeout=60, check=True)
    assert json.loads(answer.stdout)["sid"].startswith("WT")
    check_newest(lab)
