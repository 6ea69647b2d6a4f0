"""labkit.cli.jupyter: which JupyterLab is started, and the address that is shown."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import anyio.to_thread
import pytest
from jupyterlab.commands import get_app_dir
from jupyterlab_server.settings_utils import _get_overrides, get_settings

from labkit.cli import jupyter
from labkit.course.copies import renew_copies
from labkit.errors import LabError

DISPLAY = {"DISPLAY": ":0"}


@pytest.fixture
def as_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ordinary person on Linux."""
    monkeypatch.setattr("os.geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")


def test_the_first_notebook_is_opened_below_the_clone(as_user: None) -> None:
    """The file browser shows the whole clone, and the notebook opens by itself."""
    command = jupyter.command_line([], environ=DISPLAY)

    assert Path(command[0]) == jupyter.ROOT / "work" / "00_start_here.ipynb"
    assert f"--ServerApp.root_dir={jupyter.ROOT}" in command
    assert not {"--allow-root", "--no-browser"} & set(command)


def test_jupyterlab_asks_nobody_about_news_whoever_starts_it(tmp_path: Path) -> None:
    """On Binder and a hub it is started without our arguments; the file lies where `pip install -e .` puts it."""
    app = Path(get_app_dir())
    schema = {"schema_name": "@jupyterlab/apputils-extension:notification"}
    overrides, _ = _get_overrides(str(app / "settings"))
    found, _ = get_settings(app / "settings", app / "schemas", tmp_path, **schema, overrides=overrides)
    properties = found["schema"]["properties"]

    assert (properties["fetchNews"]["default"], properties["checkForUpdates"]["default"]) == ("false", False)


def test_root_is_allowed_only_for_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container runs as root, and JupyterLab wants to be told so."""
    monkeypatch.setattr("os.geteuid", lambda: 0, raising=False)

    assert "--allow-root" in jupyter.command_line([], environ=DISPLAY)


@pytest.mark.parametrize(
    ("platform", "environ", "opens"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", DISPLAY, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"BROWSER": "/usr/bin/open-elsewhere"}, True),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_a_browser_is_opened_where_there_is_a_display(
    as_user: None, monkeypatch: pytest.MonkeyPatch, platform: str, environ: dict[str, str], opens: bool
) -> None:
    """Only Linux tells by its variables; elsewhere there is a display."""
    monkeypatch.setattr(sys, "platform", platform)

    assert ("--no-browser" not in jupyter.command_line([], environ=environ)) is opens


def test_the_desk_loads_no_extension_that_it_does_not_use(as_user: None) -> None:
    """The page draws when all are there: the one for widgets, Voilà's own, and anywidget."""
    named = [value for _, sep, value in map(_parted, jupyter.desk_command_line([], environ=DISPLAY)) if sep]

    assert sorted(named) == ["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8", "anywidget"]


def _parted(argument: str) -> tuple[str, str, str]:
    return argument.partition("--VoilaConfiguration.extension_allowlist=")


def test_own_arguments_come_last_and_so_win(as_user: None) -> None:
    """`make lab LAB_ARGS=...` passes everything on as it is."""
    own = ["--no-browser", "--port", "9000", "--log-level=DEBUG"]

    assert jupyter.command_line(own, environ=DISPLAY)[-len(own) :] == own


@pytest.mark.parametrize(
    ("local_url", "base_url", "expected"),
    [
        ("http://127.0.0.1:8888/lab?token=abc", "/", "http://127.0.0.1:8888/lab/tree/work/{}?token=abc"),
        ("http://127.0.0.1:8888/lab?token=...", "/", "http://127.0.0.1:8888/lab/tree/work/{}"),
        ("http://127.0.0.1:8888/lab", "/", "http://127.0.0.1:8888/lab/tree/work/{}"),
        ("https://[::1]:9/me/lab?token=a", "/me/", "https://[::1]:9/me/lab/tree/work/{}?token=a"),
    ],
)
def test_the_address_opens_the_notebook(local_url: str, base_url: str, expected: str) -> None:
    """The address has the token that Jupyter made, and never one that the person chose."""
    assert jupyter.address(local_url, base_url=base_url) == expected.format("00_start_here.ipynb")


def test_without_the_notebooks_it_says_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package has no notebooks beside it."""
    monkeypatch.setattr(jupyter, "ROOT", tmp_path)

    with pytest.raises(LabError, match="make lab"):
        jupyter.launch()


ENDS_WHEN_READY = """
import sys
from pathlib import Path
from labkit.cli import jupyter
serve = jupyter._server
def starts_no_loop(command):
    server = serve(command)
    server.start = lambda: None
    return server
jupyter._server = starts_no_loop
jupyter.ROOT = Path(sys.argv[1])
jupyter.launch(["--no-browser", "--port=0"])
sys.exit("rfc3987_syntax.syntax_helpers" in sys.modules)
"""


@pytest.mark.process
def test_a_start_says_where_the_lab_is_and_nothing_else(tmp_path: Path) -> None:
    """No warning of a library; the address is that of the first notebook's copy, and a newer lesson is named.

    The grammar that takes two thirds of Jupyter's imports is not read.
    """
    shutil.copytree(jupyter.ROOT / "notebooks", tmp_path / "notebooks")
    renew_copies(tmp_path / "notebooks", into=tmp_path / "work")
    for folder, text in (("notebooks", "newer"), ("work", "mine")):
        cells = [{"cell_type": "markdown", "source": text, "metadata": {}, "id": "a"}]
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (tmp_path / folder / "desk.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    folders = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    environ = {**os.environ, **{f"JUPYTER_{name}": str(tmp_path / name) for name in folders}}
    command = [sys.executable, "-c", ENDS_WHEN_READY, str(tmp_path)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=True)

    assert done.stderr == ""
    assert done.stdout.splitlines()[0].endswith("changed: work/desk-newer.ipynb")
    assert re.findall(r"http://\S+", done.stdout)[0].partition("?")[0].endswith("/lab/tree/work/00_start_here.ipynb")


def test_no_waiting_thread_keeps_a_stopped_server_alive() -> None:
    """Jupyter stops its loop while AnyIO's threads wait for work that the loop would give them."""
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        await anyio.to_thread.run_sync(int)
        loop.stop()
        await asyncio.Event().wait()

    serving = loop.create_task(serve())
    loop.run_forever()
    (waiting,) = [each for each in threading.enumerate() if each.name == "AnyIO worker thread"]

    jupyter.end_waiting_threads()

    waiting.join(10)
    ended = not waiting.is_alive()
    serving.cancel()
    loop.run_until_complete(asyncio.gather(serving, return_exceptions=True))
    loop.close()
    assert ended
