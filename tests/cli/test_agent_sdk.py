"""`make agent-sdk`: Twilio's SDK from npm as one file for a page, in the cache, with its notices; or a clear word."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import npm_packages
import pytest
from agent_sdk_folder import look_for_it_in

from labkit.callbacks.agent_page import twilio_sdk
from labkit.cli import agent_sdk
from labkit.cli.parser import main

FILE = twilio_sdk.FILE
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
    look_for_it_in(found, monkeypatch)
    return found


@pytest.mark.process
def test_the_sdk_is_bundled_into_one_file_for_a_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Quietly, with the licences of all that is inside, and only once; a page has the SDK under its own name."""
    node = npm_packages.node(oldest=(20, 0))
    npm_packages.program("npm")
    assert main(["agent-sdk"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in said] == ["Getting", "Bundling", "The"]
    assert sorted(path.name for path in folder.iterdir()) == [twilio_sdk.NOTICES, FILE]
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
    monkeypatch.setattr("shutil.which", lambda _name, **_: None)
    assert main(["agent-sdk"]) == 1
    said = capsys.readouterr().err
    assert "Install Node.js 20 or newer (https://nodejs.org)" in said
    assert "With a sandbox the agent page works without" in said
    assert not folder.exists()


def test_one_for_all_who_use_this_python_is_found_after_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a workshop everybody has a cache of their own, which is empty."""
    cache, environment = tmp_path / "cache", tmp_path / "environment"
    monkeypatch.setattr(twilio_sdk, "user_cache_path", lambda *_, **__: cache)
    monkeypatch.setattr("sys.prefix", str(environment))
    assert twilio_sdk.bundle() is None
    for folder, root in ((twilio_sdk.shared_folder(), environment), (twilio_sdk.own_folder(), cache)):
        folder.mkdir(parents=True)
        (folder / FILE).touch()
        found = twilio_sdk.bundle()
        assert found is not None
        assert found.is_relative_to(root)
        assert main(["agent-sdk"]) == 0
        assert f"is there already: {folder}" in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_to_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is another user's, for example."""
    (tmp_path / "file").touch()
    look_for_it_in(tmp_path / "file" / "bundle", monkeypatch)
    monkeypatch.setattr("shutil.which", lambda name, **_: name)
    assert main(["agent-sdk"]) == 1
    assert "cannot be kept in" in capsys.readouterr().err


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
    monkeypatch.setattr("shutil.which", lambda name, **_: name)
    monkeypatch.setattr("subprocess.run", run)
    assert main(["agent-sdk"]) == 1
    assert word in capsys.readouterr().err
    assert list(folder.parent.iterdir()) == []
    assert twilio_sdk.bundle() is None
