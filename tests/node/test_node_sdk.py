"""Twilio's official Node SDK against a sandbox process: the life of a Task, and the same answers as the Python SDK."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import npm_packages
import pytest
from twilio.base.exceptions import TwilioRestException

from labkit.sandbox import process
from labkit.settings import Secret
from labkit.taskrouter.client import connect

pytestmark = pytest.mark.process

SDK = "twilio@6.2.0"
OLDEST = (20, 0)
"""The first Node.js that this SDK runs on."""
HERE = Path(__file__).parent
STEPS: list[dict[str, Any]] = json.loads((HERE / "same_answers.json").read_text(encoding="utf-8"))["steps"]


@pytest.fixture(scope="module")
def modules(request: pytest.FixtureRequest) -> Path:
    """A folder of packages with the SDK in it, kept between runs in pytest's own cache."""
    npm_packages.node(oldest=OLDEST)
    return npm_packages.installed(SDK, folder=Path(request.config.cache.mkdir("npm")))


@pytest.fixture
def address(tmp_path: Path) -> Iterator[process.Address]:
    """A sandbox process of this test's own."""
    yield process.ensure(tmp_path)
    process.stop(tmp_path)


def test_the_node_sdk_plays_the_same_life(modules: Path, address: process.Address) -> None:
    """Create everything, accept, complete, list in pages, read statistics, and be refused as Twilio refuses."""
    found = play(modules, address)
    assert (found["made"], found["accepted"], found["assigned"]) == ("pending", "accepted", "assigned")
    assert found["workerName"] == found["worker"] == "Alice"
    assert found["completed"] == ["completed", "done"]
    assert found["createdFor"] == ["Spanish", 'languages HAS "es"']
    assert found["endedBy"] == ["Alice", "At the desk"]
    assert found["attributes"] == {"kind": "call"}
    assert found["madeOn"] is True
    assert found["priorities"] == [6, 5, 4, 3, 2, 1]  # the one with 0 came first, and was reserved
    assert found["pages"] == [3, 3]
    assert found["waiting"] == 7
    assert found["known"] is True
    assert found["removed"] is True


def test_the_node_sdk_reads_the_errors(modules: Path, address: process.Address) -> None:
    """Status, code, message and the page that explains them."""
    found = play(modules, address)
    refusals = {name: (found[name]["status"], found[name]["code"]) for name in REFUSALS}
    assert refusals == REFUSALS
    assert "because it is not pending or reserved" in found["tooEarly"]["message"]
    assert "Missing required parameter FriendlyName in the post body" in found["missing"]["message"]
    assert found["gone"]["moreInfo"] == "https://www.twilio.com/docs/errors/20404"


REFUSALS = {
    "tooEarly": (400, 20001),
    "unknown": (404, 20404),
    "missing": (400, 20001),
    "wrongVersion": (412, 20001),
    "gone": (404, 20404),
    "stranger": (401, 20003),
}


def test_both_sdks_get_the_same_answers(modules: Path, address: process.Address) -> None:
    """Each step is answered as it says, to the Node SDK and to the Python SDK."""
    expected = {step["name"]: step.get("answer", {}) for step in STEPS}
    assert nameless(play(modules, address, script="same_answers.js")) == expected
    assert nameless(played_in_python(address)) == expected


def played_in_python(address: process.Address) -> dict[str, Any]:
    """The steps through the Python SDK; what each was answered."""
    client = connect(account_sid=address.account_sid, auth_token=Secret(address.auth_token), base_url=address.url)
    taskrouter = client.taskrouter.v1
    made: dict[str, Any] = {}
    answers: dict[str, Any] = {}
    for step in STEPS:
        try:
            made[step["name"]] = one = answered(taskrouter, step, made)
        except TwilioRestException as error:
            answers[step["name"]] = {"refused": [error.status, error.code, error.msg.partition(": ")[2]]}
        else:
            answers[step["name"]] = {field: read(one, field) for field in step.get("read", ())}
    return answers


def answered(taskrouter: Any, step: dict[str, Any], made: dict[str, Any]) -> Any:
    """What the Python SDK made of one step; of a list its first."""
    place = taskrouter
    for part in step["on"]:
        place = place(filled(part, made)) if part.startswith("$") else getattr(place, snake(part))
    fields = {snake(name): filled(value, made) for name, value in step.get("with", {}).items()}
    answer = getattr(place, {"remove": "delete"}.get(step["do"], step["do"]))(**fields)
    return answer[0] if isinstance(answer, list) else answer


def read(answer: Any, field: str) -> Any:
    """A field of an answer, such as `reason` or `eventData.worker_name`."""
    name, *inner = field.split(".")
    value = getattr(answer, snake(name))
    for key in inner:
        value = value[key]
    return value


def filled(value: Any, made: dict[str, Any]) -> Any:
    """A value of a step, with what earlier steps made in the place of `$step.field`."""
    if not isinstance(value, str):
        return value
    return re.sub(r"\$(\w+)\.(\w+)", lambda found: str(getattr(made[found[1]], snake(found[2]))), value)


def snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name)


def nameless(answers: dict[str, Any]) -> Any:
    """The answers with the first two letters of each SID: the rest differs from run to run."""
    return json.loads(re.sub(r"\b([A-Z]{2})[0-9a-f]{32}\b", r"\1", json.dumps(answers)))


def play(modules: Path, address: process.Address, *, script: str = "life_cycle.js") -> dict[str, Any]:
    """Run the script; what it found."""
    environment = npm_packages.environment(
        modules, LAB_URL=address.url, LAB_ACCOUNT_SID=address.account_sid, LAB_AUTH_TOKEN=address.auth_token
    )
    command = [npm_packages.program("node"), str(HERE / script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found
