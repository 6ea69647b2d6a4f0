"""Twilio's Worker SDK for browsers (npm `twilio-taskrouter`), unmodified, under Node.js against a sandbox process.

worker_sdk/play.js plays it, once for all of these tests; each file in its folder chapters/ has checks of its own.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

import npm_packages
import pytest

from labkit.sandbox import process

pytestmark = [
    pytest.mark.process,
    pytest.mark.alone,
]  # the SDK has two sockets, whose order on a busy machine is anybody's

WORKER_SDK = "twilio-taskrouter@2.1.1"
NODE_SDK = "twilio@6.2.0"
"""It makes the tokens, as a program of a user's would."""
OLDEST = (20, 0)
HERE = Path(__file__).parent / "worker_sdk"
CHAPTERS = sorted(path.stem for path in (HERE / "chapters").glob("*.js"))
LEAST = 300
LIMIT_SECONDS = 90


class Check(TypedDict):
    """What came of one check; `problem` is None where it held."""

    chapter: str
    name: str
    problem: str | None


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[process.Address]:
    """A sandbox process for all chapters, each of which has a Workspace of its own there."""
    home = tmp_path_factory.mktemp("sandbox")
    yield process.ensure(home)
    process.stop(home)


@pytest.fixture(scope="module")
def checks(request: pytest.FixtureRequest, address: process.Address) -> list[Check]:
    """What play.js found."""
    node = npm_packages.node(oldest=OLDEST)
    folder = Path(request.config.cache.mkdir("npm"))
    environment = npm_packages.environment(
        *(npm_packages.installed(package, folder=folder) for package in (WORKER_SDK, NODE_SDK)),
        LAB_URL=address.url,
        LAB_ACCOUNT_SID=address.account_sid,
        LAB_AUTH_TOKEN=address.auth_token,
    )
    done = subprocess.run(
        [node, str(HERE / "play.js")],
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[Check] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("chapter", ["all", *CHAPTERS])
def test_the_worker_sdk_works_as_against_twilio(chapter: str, checks: list[Check], subtests: pytest.Subtests) -> None:
    """Each check of the chapter by its name."""
    for check in checks:
        if check["chapter"] == chapter:
            with subtests.test(check["name"]):
                assert check["problem"] is None


def test_every_chapter_was_played(checks: list[Check]) -> None:
    """So many checks, and no chapter without any."""
    assert sorted({check["chapter"] for check in checks} - {"all"}) == CHAPTERS
    assert len(checks) >= LEAST
