"""What the tests run inside the walls, as an ordinary user where they are run as root."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from ordinary_user import OrdinaryUser, ordinary_user

from workshop import walls


@dataclass(frozen=True, slots=True)
class Walled:
    """Somebody inside the walls.

    Attributes:
        user: who it is outside of them.
        folder: one that is that person's, and is not seen from inside.
        home: what is.
    """

    user: OrdinaryUser
    folder: Path
    home: Path

    def command(self, *inner: str) -> list[str]:
        """The command line, with Python's packages inside and nothing else of this machine."""
        return walls.command(inner, home=self.home, readable=[Path(path) for path in self.readable()])

    def readable(self) -> list[str]:
        """Where this person's Python and its packages are."""
        packages = self.user.environ.get("PYTHONPATH", sys.prefix)
        return [packages, sys.prefix, sys.base_prefix] if not self.user.environ else [packages]

    def environ(self) -> dict[str, str]:
        """Little, and nothing of who runs the tests."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "PYTHONDONTWRITEBYTECODE": "1", **self.user.environ}

    def run(self, *inner: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(
            self.command(*inner),
            env=self.environ(),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            **self.user.options,
        )

    def python(self, code: str, *, timeout: float = 60) -> str:
        """What it prints; on standard error only where it fails."""
        done = self.run(self.user.python, "-c", code, timeout=timeout)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout


@contextmanager
def walled(name: str = "home") -> Iterator[Walled]:
    """Somebody whose home is empty. Skips the test where there can be no walls."""
    if said := walls.trouble():
        pytest.skip(said)
    user = ordinary_user()
    with user.folder() as folder:
        home = folder / name
        home.mkdir(mode=0o700)
        user.give(folder)
        yield Walled(user, folder, home)
