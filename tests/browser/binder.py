"""JupyterLab as Binder starts it: below a prefix, in a folder of the project, for somebody who is not root."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import yaml
from ordinary_user import OrdinaryUser
from outside import Outside
from processes import end_sandbox
from tracked import copy_project

from bench.jupyter import JupyterServer, _wait_until_serving
from workshop.daemon import running_after

PREFIX = "/user/somebody-taskrouter-lab-4f6z/"
FIRST_VIEW = "notebooks/first_view.jupyterlab-workspace"


@dataclass(frozen=True, slots=True)
class BinderSession:
    """What somebody has who clicked the badge.

    Attributes:
        server: JupyterLab; its `home` is the folder of the person's state.
        pid: of its process.
        outside: what was asked for outside of this computer.
        before: the files that the folder had at first.
    """

    server: JupyterServer
    pid: int
    outside: Outside
    before: frozenset[Path]

    @property
    def address(self) -> str:
        """Where the badge leads."""
        return f"{self.server.url}lab/tree/{FIRST_VIEW}?token={self.server.token}"

    def written(self) -> list[str]:
        """The files that came into the folder, but for what Python compiled."""
        return sorted(str(path) for path in _files(self.server.root) - self.before)

    def sandbox(self) -> psutil.Process:
        """The process of the sandbox that the first notebook has started."""
        return psutil.Process(json.loads((self.server.home / "sandbox.json").read_text(encoding="utf-8"))["pid"])

    def processes(self) -> set[psutil.Process]:
        """JupyterLab with its kernels, and the sandbox."""
        server = psutil.Process(self.pid)
        return {server, *server.children(recursive=True), self.sandbox()}


def mebibytes(process: psutil.Process) -> float:
    """Of memory that the process takes; what several share is divided among them, where the system tells."""
    told = process.memory_full_info()
    return float(getattr(told, "pss", told.uss)) / 2**20


Install = Callable[[Path, Path, OrdinaryUser], OrdinaryUser]
"""Given the project, an own folder and the person: the same person, with what is installed then."""


def as_binder_installs(project: Path, folder: Path, person: OrdinaryUser) -> OrdinaryUser:
    """By the lines of `environment.yml`, in the project's folder, into an environment that the person may only read."""
    wanted = yaml.safe_load((project / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    [pip] = [each["pip"] for each in wanted if isinstance(each, dict)]
    subprocess.run([person.python, "-m", "venv", str(folder)], check=True, env={"PATH": os.environ["PATH"]})
    python = str(folder / "bin" / "python")
    options = [option for line in pip for option in line.split(" ")]
    subprocess.run([python, "-m", "pip", "install", "-q", *options], cwd=project, check=True, timeout=600)
    return replace(person, python=python, environ={})


@contextmanager
def binder_session(folder: Path, person: OrdinaryUser, *, install: Install | None = None) -> Iterator[BinderSession]:
    """The project in an empty folder, the home beside it, and JupyterLab for this person until the end of the block.

    Args:
        folder: empty.
        person: whose it is.
        install: how it is installed first; by default it runs with what is installed for the tests.
    """
    project, home, noted = (folder / name for name in ("project", "home", "outside"))
    for each in (project, home, noted):
        each.mkdir()
    outside = Outside(noted)
    copy_project(project)
    before = frozenset(_files(project))
    person.give(folder)
    if install is not None:
        person = install(project, folder / "installed", person)
    lab = () if install is not None else (str(project),)  # what was installed finds it by itself
    found = os.pathsep.join(filter(None, (str(noted), *lab, person.environ.get("PYTHONPATH"))))
    environ = {**_environment(project, home), **person.environ, "PYTHONPATH": found}
    state, log = home / ".local/state/taskrouter-lab", folder / "jupyterlab.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            _command(person.python), cwd=project, env=environ, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            **person.options,
        )  # fmt: skip
        try:
            url = _wait_until_serving(process, home / "runtime", log)["url"]
            server = JupyterServer(url, environ["JUPYTER_TOKEN"], project, state, log)
            yield BinderSession(server, process.pid, outside, before)
        finally:
            end_sandbox(state)
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """The server, which ends its kernels; by force where that takes long."""
    everybody = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(20)
    for each in running_after(everybody, seconds=5):
        each.kill()


def _command(python: str) -> list[str]:
    """What BinderHub has its image run, and what lets a test speak with the page."""
    options = ("--ip=127.0.0.1", "--port=0", f"--ServerApp.base_url={PREFIX}", "--ServerApp.trust_xheaders=True")
    return [python, "-m", "jupyterlab", "--no-browser", *options, "--LabApp.expose_app_in_browser=True"]


def _environment(project: Path, home: Path) -> Mapping[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "PYTHONDONTWRITEBYTECODE": "1",
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTER_TOKEN": secrets.token_hex(16),
        "JUPYTERHUB_SERVICE_PREFIX": PREFIX,
        "BINDER_LAUNCH_HOST": "https://mybinder.org/",
        "BINDER_REPO_URL": "https://github.com/taskrouter-lab/taskrouter-lab",
        "REPO_DIR": str(project),
    }


def _files(folder: Path) -> set[Path]:
    return {
        path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }
