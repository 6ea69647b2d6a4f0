"""The lines to copy: what a shell makes of them is what was meant, and no secret is in them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from labkit.widgets.snippets import (
    callback_in_curl,
    configuration_in_python,
    create_in_curl,
    create_in_python,
    rest_in_curl,
    target_workers_in_python,
)

URL = "https://taskrouter.example"
AWKWARD = (
    "O'Neil",
    'say "hi"',
    "$HOME `id` $(id) \\",
    "a&b=c;d|e>f",
    "line\nbreak",
    "Grüße 漢字",
    "@/etc/passwd",
    "!history",
    "-X",
)

# Prints its arguments, one JSON text each, instead of sending anything.
SUBSTITUTE = """#!{python}
import json, sys
print(json.dumps(sys.argv[1:]))
"""


@pytest.fixture
def curl_says(tmp_path: Path) -> Any:
    """What curl would be called with when `sh` runs a line."""
    if shutil.which("sh") is None:
        pytest.skip("there is no sh here")
    import sys

    curl = tmp_path / "curl"
    curl.write_text(SUBSTITUTE.format(python=sys.executable), encoding="utf-8")
    curl.chmod(0o755)
    environment = {"PATH": str(tmp_path), "TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "the token"}

    def run(line: str) -> list[str]:
        done = subprocess.run(
            [str(shutil.which("sh")), "-c", line], env=environment, capture_output=True, timeout=30, check=True
        )
        said: list[str] = json.loads(done.stdout)
        return said

    return run


@pytest.mark.parametrize("awkward", AWKWARD)
def test_sh_hands_every_value_on_as_it_is(curl_says: Any, awkward: str) -> None:
    """Whatever a stranger wrote: no word of it is expanded, run, or read from a file."""
    line = create_in_curl({"x": awkward}, base_url=URL, workspace_sid="WS1", options={"task_channel": awkward})
    said = curl_says(line)
    assert said[:5] == ["-X", "POST", f"{URL}/v1/Workspaces/WS1/Tasks", "-u", "AC1:the token"]
    assert said[5:] == [
        "--data-urlencode", f'Attributes={json.dumps({"x": awkward}, ensure_ascii=False)}',
        "--data-urlencode", f"TaskChannel={awkward}",
    ]  # fmt: skip


def test_names_are_the_api_s_own(curl_says: Any) -> None:
    """What the SDK calls workflow_sid, the API calls WorkflowSid; what was left out stays out."""
    options = {"workflow_sid": "WW1", "priority": 3, "timeout": None}
    said = curl_says(create_in_curl({}, base_url=URL, workspace_sid="WS1", options=options))
    assert said[7:] == ["--data-urlencode", "WorkflowSid=WW1", "--data-urlencode", "Priority=3"]


def test_a_callback_is_the_same_again(curl_says: Any) -> None:
    """With its signature, and a body that is no form as it was."""
    headers = [("X-Twilio-Signature", "a+b/c=")]
    form = [("EventType", "task.created"), ("TaskAttributes", '{"a": "b c"}')]
    said = curl_says(
        callback_in_curl("POST", f"{URL}/event_callback?a=b&c", headers=headers, form=form, body="ignored")
    )
    assert said[:5] == ["-X", "POST", f"{URL}/event_callback?a=b&c", "-H", "X-Twilio-Signature: a+b/c="]
    assert said[5:] == [part for name, value in form for part in ("--data-urlencode", f"{name}={value}")]
    assert curl_says(callback_in_curl("PUT", URL, headers=[], form=[], body="@file 'x'"))[-2:] == [
        "--data-raw",
        "@file 'x'",
    ]


def test_a_reading_call_has_no_method(curl_says: Any) -> None:
    """GET is what curl does anyhow; its query is one word."""
    assert curl_says(rest_in_curl("GET", f"{URL}/v1/x?a=1&b=2", form=[])) == [
        f"{URL}/v1/x?a=1&b=2",
        "-u",
        "AC1:the token",
    ]


@pytest.mark.parametrize("awkward", AWKWARD)
def test_python_reads_every_value_as_it_was(awkward: str) -> None:
    """The shown code runs to the same call."""
    given: dict[str, Any] = {}

    class Recorder:
        client = taskrouter = v1 = tasks = property(lambda self: self)

        def workspaces(self, sid: str) -> Recorder:
            given["workspace"] = sid
            return self

        def create(self, **form: Any) -> Mapping[str, Any]:
            given.update(form)
            return form

    text = create_in_python(
        {"x": awkward, "n": None}, workspace_sid="WS1", options={"task_channel": awkward, "timeout": None}
    )
    exec(text, {"lab": Recorder()})  # noqa: S102  # the code is ours, made in this test
    assert json.loads(given.pop("attributes")) == {"x": awkward, "n": None}
    assert given == {"workspace": "WS1", "task_channel": awkward}


@pytest.mark.parametrize("awkward", AWKWARD)
def test_python_gives_an_expression_and_a_configuration_as_they_were(awkward: str) -> None:
    """To the TaskQueue and the Workflow that they are of, or to new ones."""
    said: list[tuple[Any, ...]] = []

    class Recorder:
        client = taskrouter = v1 = task_queues = workflows = property(lambda self: self)

        def workspaces(self, sid: str) -> Recorder:
            assert sid == "WS1"
            return self

        def __call__(self, sid: str) -> Recorder:
            said.append((sid,))
            return self

        def update(self, **form: Any) -> None:
            said.append(("update", form))

        def create(self, **form: Any) -> None:
            assert form.pop("friendly_name")
            said.append(("create", form))

    configuration = {"task_routing": {"filters": [{"expression": awkward, "targets": [{"queue": "WQ1" * 40}]}]}}
    for queue, workflow in (("WQ1", "WW1"), ("", "")):
        texts = (
            target_workers_in_python(awkward, workspace_sid="WS1", task_queue_sid=queue),
            configuration_in_python(configuration, workspace_sid="WS1", workflow_sid=workflow),
        )
        for text in texts:
            exec(text, {"lab": Recorder()})  # noqa: S102  # the code is ours, made in this test
    (_, first), (_, third) = said[1], said[3]
    assert (said[0], said[2], first) == (("WQ1",), ("WW1",), {"target_workers": awkward})
    assert json.loads(third["configuration"]) == configuration
    assert [name for name, _ in said[4:]] == ["create", "create"]
