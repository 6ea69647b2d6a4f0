"""The life of a Task through Twilio's official Node SDK, against a sandbox process."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import npm_packages
import pytest

from labkit.sandbox import process

pytestmark = pytest.mark.process

SDK = "twilio@6.2.0"
OLDEST = (20, 0)
"""The first Node.js that this SDK runs on."""
SCRIPT = Path(__file__).with_name("life_cycle.js")


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
    assert found["attributes"] == {"kind": "call"}
    assert found["madeOn"] is True
    assert found["priorities"] == [6, 5, 4, 3, 2, 1]  # the one with 0 came first, and was reserved
    assert found["pages"] == [3, 3]
    assert found["waiting"] == 7
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


def play(modules: Path, address: process.Address) -> dict[str, Any]:
    """Run the script; what it found."""
    environment = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")}
    environment |= {
        "NODE_PATH": str(modules),
        "LAB_URL": address.url,
        "LAB_ACCOUNT_SID": address.account_sid,
        "LAB_AUTH_TOKEN": address.auth_token,
    }
    command = [npm_packages.program("node"), str(SCRIPT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found
