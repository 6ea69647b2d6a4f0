"""A person who is not root, for what must work without writing into what was installed."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

NOBODY = 65534


@dataclass(frozen=True, slots=True)
class OrdinaryUser:
    """Who runs it, and with which Python.

    Attributes:
        python: one that this person may run, and may not write to.
        environ: what leads it to all that is installed, also where that was installed for another Python.
        options: for `subprocess`, to be this person.
    """

    python: str
    environ: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """An empty one, to which this person has a way: pytest's own are closed to everybody but who runs the tests."""
        with tempfile.TemporaryDirectory(prefix="taskrouter-lab-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            folder.chmod(0o755)
            yield folder

    def give(self, folder: Path) -> None:
        """Hand over a folder with all in it."""
        if self.options:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY)


@functools.cache
def ordinary_user() -> OrdinaryUser:
    """Whoever runs the tests, or `nobody` where that is root. Skips the test where nobody may run a Python of ours."""
    if getattr(os, "geteuid", lambda: 1)() != 0:
        return OrdinaryUser(sys.executable)
    environ = _installed_here()
    options: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    same = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in filter(None, (sys.executable, shutil.which(same, path="/usr/local/bin:/usr/bin"))):
        if _runs([python, "-c", "import jupyterlab"], environ, options):
            return OrdinaryUser(python, environ, options)
    pytest.skip(f"root's {same} lies where no other user may run it, and there is no other one")


def _installed_here() -> dict[str, str]:
    return {
        "PYTHONPATH": next(path for path in sys.path if path.endswith("site-packages")),
        "JUPYTER_PATH": f"{sys.prefix}/share/jupyter",
        "JUPYTER_CONFIG_PATH": f"{sys.prefix}/etc/jupyter",
    }


def _runs(command: list[str], environ: dict[str, str], options: dict[str, Any]) -> bool:
    environ = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **environ}
    try:
        return not subprocess.run(command, env=environ, cwd="/", capture_output=True, check=False, **options).returncode
    except OSError:
        return False
