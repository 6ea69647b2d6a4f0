"""Lines to copy, run against a real sandbox: the composer's, which make a Task in Python and in curl, and a token's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jwt
import pytest

import labkit
import labkit.lab.lab
from labkit.display import Code, sections_of
from labkit.lab.lab import Lab
from labkit.widgets.composer.task_form import WorkspaceAddress, lines_to_copy, read_form
from labkit.widgets.snippets import API_KEY_IN_PYTHON, CREDENTIALS_IN_PYTHON

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


def test_the_lines_of_a_token_make_the_same_token(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run as they are shown, those that set the variables first; no secret stands in them."""
    token = lab.worker_token("Alice", lifetime_seconds=60, role="supervisor")
    made, shown = sections_of(token), str(token)
    lines = [section.content.text for section in made if isinstance(section.content, Code)]
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET"):
        monkeypatch.setenv(name, "to be set by the lines")
    names: dict[str, Any] = {"lab": lab}
    exec(API_KEY_IN_PYTHON, names)  # noqa: S102  # what a learner pastes
    exec(lines[0], names)  # noqa: S102  # as above

    secret = os.environ["TWILIO_API_KEY_SECRET"]
    one, other = (_payload(each) for each in (names["jwt"], token.reveal()))
    assert one["grants"] == other["grants"]
    assert one["exp"] - one["nbf"] == other["exp"] - other["nbf"] == 60
    assert jwt.decode(names["jwt"], secret, algorithms=["HS256"])["sub"] == lab.account_sid
    assert lines[1:] == [API_KEY_IN_PYTHON]
    assert not [each for each in (secret, token.reveal(), lab._tokens.key().secret.reveal()) if each in shown]


def _payload(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})
