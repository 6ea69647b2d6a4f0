"""The doctor as a person runs it: the real command, in an environment that can be broken on purpose."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tracked import ROOT

LIMIT_SECONDS = 100


@dataclass
class Patient:
    """Where the command runs.

    Attributes:
        folder: for whatever a test needs.
        python: the interpreter.
        working: the working folder.
        home: the lab's state folder.
        environ: the variables.
        options: for the command.
        begins: what a shell does before the command begins.
        running: what a test has started, and is ended afterwards.
    """

    folder: Path
    python: Path
    working: Path
    home: Path
    environ: dict[str, str]
    options: list[str] = field(default_factory=lambda: ["--offline"])
    begins: str = ""
    running: ExitStack = field(default_factory=ExitStack)

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        """The command with these options, to its end."""
        command = [str(self.python), "-m", "labkit", "doctor", *options]
        if self.begins:
            command = ["sh", "-c", f'{self.begins}; exec "$@"', "sh", *command]
        return subprocess.run(
            command,
            cwd=self.working,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def document(self) -> dict[str, Any]:
        """What it says as JSON; it must say nothing else."""
        done = self.run("--json", *self.options)
        assert done.stderr == ""
        document: dict[str, Any] = json.loads(done.stdout)
        assert done.returncode == (1 if document["wrong"] else 0)
        return document

    def into_venv(self, *, without: Sequence[str] = (), instead: Mapping[str, str] | None = None) -> None:
        """Move into an environment of its own, with the packages of this one.

        Args:
            without: names in site-packages that are left out.
            instead: files there, by their paths, with what is in them.
        """
        place = self.folder / "venv"
        venv.EnvBuilder(symlinks=True, with_pip=False).create(place)
        self.python = place / "bin" / "python"
        packages = place / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
        for each in Path(sysconfig.get_path("purelib")).iterdir():
            if each.name not in without:
                (packages / each.name).symlink_to(each)
        for name, text in (instead or {}).items():
            (packages / name).parent.mkdir(exist_ok=True)
            (packages / name).write_text(text, "utf-8")
        (place / "share").symlink_to(Path(sys.prefix) / "share")


@pytest.fixture
def patient(own_environment: Path, tmp_path: Path) -> Iterator[Patient]:
    """One with which nothing is wrong yet."""
    (working := tmp_path / "working").mkdir()
    (user := tmp_path / "user").mkdir()
    kept = ("PATH", "LANG", "LC_ALL", "TMPDIR")
    environ = {name: os.environ[name] for name in kept if name in os.environ}
    environ |= {"HOME": str(user), "LABKIT_HOME": str(own_environment), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    made = Patient(folder=tmp_path, python=Path(sys.executable), working=working, home=own_environment, environ=environ)
    with made.running:
        yield made
