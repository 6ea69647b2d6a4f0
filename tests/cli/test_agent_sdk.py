"""`make agent-sdk`: Twilio's SDK from npm as one file for a page, in the cache, with its notices; or a clear word."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import npm_packages
import pytest

from labkit.callbacks.agent_page import twilio_sdk
from labkit.cli import agent_sdk
from labkit.cli.parser import main

LOADED = """
const { readFileSync } = require("node:fs");
const { runInNewContext } = require("node:vm");
const page = { setTimeout, clearTimeout, console, URL, TextEncoder, TextDecoder, AbortController };
page.self = page.window = page;
runInNewContext(readFileSync(process.argv[1], "utf8"), page);
console.log(JSON.stringify(Object.keys(page.TaskRouter).sort()));
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the bundle belongs in this test; nothing is there."""
    found = tmp_path / "agent-sdk" / twilio_sdk.VERSION
    monkeypatch.setattr(twilio_sdk, "folder", lambda: found)
    return found


@pytest.mark.process
def test_the_sdk_is_bundled_into_one_file_for_a_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Quietly, with the licences of all that is inside, and only once; a page has the SDK under its own name."""
    node = npm_packages.node(oldest=(20, 0))
    npm_packages.program("npm")
    assert main(["agent-sdk"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in said] == ["Getting", "Bundling", "The"]
    assert sorted(path.name for path in folder.iterdir()) == [twilio_sdk.NOTICES, twilio_sdk.FILE]
    assert [path.name for path in folder.parent.iterdir()] == [twilio_sdk.VERSION], "nothing else is left"
    bundle = twilio_sdk.bundle()
    assert bundle is not None
    loaded = subprocess.run([node, "-e", LOADED, bundle], capture_output=True, text=True, timeout=60, check=True)
    assert set(json.loads(loaded.stdout)) >= {"Worker", "Workspace", "Supervisor"}
    notices = (folder / twilio_sdk.NOTICES).read_text(encoding="utf-8")
    for name, version in {agent_sdk.PACKAGE: twilio_sdk.VERSION, **agent_sdk.INSIDE}.items():
        assert f"===== {name} {version} (" in notices
    assert notices.count("=====") == 2 * (1 + len(agent_sdk.INSIDE)), "all that is inside is pinned"
    assert main(["agent-sdk"]) == 0
    assert "is there already" in capsys.readouterr().out


def test_without_node_it_says_what_is_needed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And that a sandbox's page does without."""
    monkeypatch.setattr("shutil.which", lambda _name: None)
    assert main(["agent-sdk"]) == 1
    said = capsys.readouterr().err
    assert "Install Node.js 20 or newer (https://nodejs.org)" in said
    assert "With a sandbox the agent page works without" in said
    assert not folder.exists()


def failing(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess([], 1, "", "npm error: no such host")


def silent(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
    raise subprocess.TimeoutExpired("npm", 300)


@pytest.mark.parametrize(
    ("run", "word"), [(failing, "npm could not do it: npm error: no such host"), (silent, "took longer than 300 s")]
)
def test_what_fails_leaves_nothing(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    run: Callable[..., subprocess.CompletedProcess[str]],
    word: str,
) -> None:
    """Not half a bundle, which the page would run."""
    monkeypatch.setattr("shutil.which", lambda name: name)
    monkeypatch.setattr("subprocess.run", run)
    assert main(["agent-sdk"]) == 1
    assert word in capsys.readouterr().err
    assert list(folder.parent.iterdir()) == []
    assert twilio_sdk.bundle() is None
