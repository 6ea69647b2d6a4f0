"""JupyterLab and a browser of one's own, for what can only be seen there: the bench measures, the tests look."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from bench.children import python_path
from labkit.errors import LabError
from labkit.sandbox import process

START_SECONDS = 60

HOW_TO_GET_CHROMIUM = (
    "there is no Chromium here; get one with `apt-get install chromium` or `.venv/bin/playwright install chromium`"
)
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",  # a container's root has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_MAC_CHROME = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def chromium_program() -> Path | None:
    """The browser: the system's, else Playwright's own; None where there is none, or no Playwright."""
    candidates = [*map(shutil.which, _NAMES), _MAC_CHROME, _playwrights_own()]
    return next((Path(each) for each in candidates if each and Path(each).exists()), None)


def _playwrights_own() -> str:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return ""
    with sync_playwright() as driver:
        return driver.chromium.executable_path


@dataclass(frozen=True)
class JupyterServer:
    """A running JupyterLab that shares no folder with the person's own."""

    url: str
    token: str
    root: Path
    home: Path
    """LABKIT_HOME of every kernel; emptied between tests by `forget_sandbox`."""
    log: Path

    def address(self, name: str) -> str:
        """Where the browser opens the notebook `name`, with nothing left of an earlier visit."""
        return f"{self.url}lab/tree/{quote(name)}?token={self.token}&reset"

    def end_kernels(self) -> None:
        """End every kernel: they outlive their pages."""
        for session in json.loads(self._ask("GET", "api/sessions")):
            self._ask("DELETE", f"api/sessions/{session['id']}")

    def _ask(self, method: str, path: str) -> bytes:
        headers = {"Authorization": f"token {self.token}"}
        answer = requests.request(method, self.url + path, headers=headers, timeout=START_SECONDS)
        answer.raise_for_status()
        return answer.content

    def forget_sandbox(self) -> None:
        """End the sandbox that a kernel started, and its state with it: the next one starts cold."""
        process.stop(self.home)
        shutil.rmtree(self.home)
        self.home.mkdir()


@contextmanager
def serving(folder: Path, *, base_url: str = "/") -> Iterator[JupyterServer]:
    """A JupyterLab server that keeps everything it writes below `folder`, ended at the end with its kernels.

    Args:
        folder: empty.
        base_url: the path below which it serves, as on a hub.
    """
    for name in ("root", "home", "settings", "workspaces", "runtime", "config", "data", "ipython"):
        (folder / name).mkdir()
    _no_news(folder / "settings")
    log = folder / "jupyterlab.log"
    with log.open("w", encoding="utf-8") as output:
        server = subprocess.Popen(  # noqa: S603  # our own arguments
            _command(folder, base_url), env=_environment(folder), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            facts = _wait_until_serving(server, folder / "runtime", log)
            yield JupyterServer(facts["url"], facts["token"], folder / "root", folder / "home", log)
        finally:
            server.terminate()
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait(15)
            process.stop(folder / "home")


def _command(folder: Path, base_url: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        "--port=0",
        f"--ServerApp.base_url={base_url}",
        f"--ServerApp.root_dir={folder / 'root'}",
        "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]


def _environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": python_path(),
        "LABKIT_HOME": str(folder / "home"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "IPYTHONDIR": str(folder / "ipython"),
    }


def _no_news(settings: Path) -> None:
    folder = settings / "@jupyterlab" / "apputils-extension"
    folder.mkdir(parents=True)
    (folder / "notification.jupyterlab-settings").write_text(
        json.dumps({"fetchNews": "false", "checkForUpdates": False}), encoding="utf-8"
    )


def _wait_until_serving(server: subprocess.Popen[bytes], runtime: Path, log: Path) -> dict[str, Any]:
    for _ in range(START_SECONDS * 10):
        for path in runtime.glob("jpserver-*.json"):
            # It writes the file a moment before it listens, and not all at once.
            with contextlib.suppress(ValueError, requests.RequestException):
                facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
                requests.get(f"{facts['url']}api", timeout=START_SECONDS).raise_for_status()
                return facts
        try:
            server.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        raise LabError(f"JupyterLab ended with {server.returncode}:\n{log.read_text(encoding='utf-8')[-2000:]}")
    raise LabError(f"JupyterLab did not serve within {START_SECONDS} s; see {log}")
