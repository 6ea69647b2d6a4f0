"""The lines of docs/worker-sdk.md, as somebody would copy them: a token, and a program that accepts."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import npm_packages
import pytest
from node.test_worker_sdk import OLDEST, WORKER_SDK
from tracked import ROOT
from twilio.rest import Client

from labkit.sandbox import process
from labkit.settings import Secret
from labkit.taskrouter.client import connect

pytestmark = pytest.mark.process

PAGE = (ROOT / "docs" / "worker-sdk.md").read_text(encoding="utf-8")
LIMIT_SECONDS = 20


def lines_in(language: str) -> str:
    """The page's one block in this language."""
    [block] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.S | re.M)
    return str(block)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[process.Address]:
    """A sandbox process of this test's own."""
    yield process.ensure(tmp_path)
    process.stop(tmp_path)


def furnish(client: Client) -> tuple[Any, Any]:
    """A Workspace whose one Workflow leads to Alice; both."""
    taskrouter = client.taskrouter.v1
    workspace = taskrouter.workspaces(taskrouter.workspaces.create(friendly_name="Page").sid)
    queue = workspace.task_queues.create(friendly_name="Everybody")
    configuration = json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}})
    workspace.workflows.create(friendly_name="Main", configuration=configuration)
    [available] = workspace.activities.list(friendly_name="Available")
    return workspace, workspace.workers.create(friendly_name="Alice", activity_sid=available.sid)


def test_the_lines_of_the_page_accept_a_task(address: process.Address, request: pytest.FixtureRequest) -> None:
    """The token of the first lines is what the second connect with."""
    node = npm_packages.node(oldest=OLDEST)
    modules = npm_packages.installed(WORKER_SDK, folder=Path(request.config.cache.mkdir("npm")))
    client = connect(account_sid=address.account_sid, auth_token=Secret(address.auth_token), base_url=address.url)
    workspace, alice = furnish(client)
    environment = npm_packages.environment(
        modules,
        SANDBOX_URL=address.url,
        TWILIO_ACCOUNT_SID=address.account_sid,
        TWILIO_AUTH_TOKEN=address.auth_token,
        WORKSPACE_SID=alice.workspace_sid,
        WORKER_SID=alice.sid,
    )
    made = subprocess.run(
        [sys.executable, "-c", lines_in("python")],
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=True,
        env=environment,
    )
    environment["WORKER_TOKEN"] = made.stdout.strip()
    program = subprocess.Popen(
        [node, "-e", lines_in("js")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    too_late = threading.Timer(LIMIT_SECONDS, program.kill)
    too_late.start()
    try:
        assert program.stdout is not None
        told = (line.strip() for line in program.stdout if "will be removed in next major version" not in line)
        assert next(told, None) == "Alice is Available"
        task = workspace.tasks.create(attributes="{}")
        assert next(told, None) == f"Task {task.sid} is assigned"
    finally:
        too_late.cancel()
        program.kill()
        program.communicate()
    too_late.join()
