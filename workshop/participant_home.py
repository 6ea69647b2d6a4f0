"""A participant's folder: made, filled with copies of the notebooks, and set back.

All in it belongs to the participant, who may have put anything there, a link to the instructor's files too. So this
process, which stands outside of the walls, never follows a name in it: it makes, looks and renames by the open folder
(`dir_fd`), where no link is followed, and copies into a folder that no participant sees before it moves that in.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from workshop import walls
from workshop.settings import ROOM, Workshop, WorkshopError

NAME_PATTERN = r"[a-z][a-z0-9-]{0,30}"
"""A participant's name, which is a folder's too: `../` must be none."""
NOTEBOOKS = "notebooks"
FOR_THE_INSTRUCTOR = "instructor.ipynb"
ORIGINALS = Path(__file__).resolve().parents[1] / NOTEBOOKS
LEAST_MIB = 64
"""Of room on the disk before a start: the copies take 1, a server and a sandbox some more, and others are at work."""
_SET_ASIDE = ".before"
_KIND = ".ipynb"


class ParticipantHome:
    """One participant's folder, whether it is there or not.

    Raises:
        WorkshopError: no participant is called so.
    """

    def __init__(self, workshop: Workshop, name: str) -> None:
        """Nothing is made yet.

        Args:
            workshop: whose participant it is.
            name: which.
        """
        if not re.fullmatch(NAME_PATTERN, name):
            raise WorkshopError(
                f"{name!r} is no participant's name: up to 31 small letters, digits and hyphens, a letter first."
            )
        self.workshop = workshop
        self.name = name
        self.path = workshop.home_of(name)

    def prepare(self) -> None:
        """Make what is missing of it, and lay the notebooks there if there are none. Changes nothing that is there.

        Raises:
            WorkshopError: it cannot be used, or the disk is full; a sentence for the participant.
        """
        with self._in_sentences():
            self._make()
            self._look_for_room()
            with self._opened() as home:
                if not _is_there(NOTEBOOKS, home):
                    self._lay_notebooks(home)

    def environment(self) -> dict[str, str]:
        """What a server gets, and by it the kernels and the sandbox; no secret is among it."""
        values = {
            "HOME": str(self.path),
            "USER": self.name,
            "LOGNAME": self.name,
            "SHELL": "/bin/sh",
            "LABKIT_HOME": str(self.path / ".labkit"),
            "IPYTHONDIR": str(self.path / ".ipython"),
            "JUPYTER_RUNTIME_DIR": str(walls.RUNTIME if self.workshop.walls else self.path / ".runtime"),
        }
        if self.workshop.room:
            values["LABKIT_ROOM_URL"] = f"http://127.0.0.1:{self.workshop.room_port}/services/{ROOM}"
        return values

    def set_back(self, *, fresh: bool = False) -> Path | None:
        """Give the participant new copies of the notebooks. What was there is renamed; nothing is deleted.

        Args:
            fresh: set the whole home aside with the sandbox's state and what the lab remembers, where the participant
                does not see it any more. The server must be stopped before.

        Returns:
            Where it is now that was there; None if there was nothing.

        Raises:
            WorkshopError: it cannot be done; the home is as it was, or its notebooks are at the place that this names.
        """
        with self._in_sentences():
            aside = self._set_home_aside() if fresh else None
            self._make()
            self._look_for_room()
            with self._opened() as home:
                old = self._set_notebooks_aside(home)
                self._lay_notebooks(home)
        return aside or (self.path / old if old else None)

    @contextmanager
    def _in_sentences(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise WorkshopError(
                f"The folder of {self.name} cannot be used ({error.strerror or error}). Tell your instructor."
            ) from None

    def _make(self) -> None:
        """The folder itself, which no participant can rename or replace: they do not see the one that it is in."""
        self.workshop.people.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path.mkdir(exist_ok=True, mode=0o700)
        if not stat.S_ISDIR(self.path.lstat().st_mode):
            raise NotADirectoryError(20, "it is no folder")
        self.path.chmod(0o700)  # whatever the participant has made of it

    @contextmanager
    def _opened(self) -> Iterator[int]:
        home = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            yield home
        finally:
            os.close(home)

    def _look_for_room(self) -> None:
        free = shutil.disk_usage(self.path).free / walls.MIB
        if free < LEAST_MIB:
            raise WorkshopError(
                f"The disk has {free:.0f} MiB left, and {LEAST_MIB} are needed to start a lab. Tell your instructor."
            )

    def _lay_notebooks(self, home: int) -> None:
        """All of them or none: they are copied elsewhere, and moved in."""
        with tempfile.TemporaryDirectory(prefix=f".new-{self.name}-", dir=self.workshop.people) as draft:
            copies = Path(draft) / NOTEBOOKS
            copies.mkdir(mode=0o700)
            for original in self._originals():
                shutil.copyfile(original, copies / original.name)
            os.rename(copies, NOTEBOOKS, dst_dir_fd=home)

    def _originals(self) -> list[Path]:
        found = sorted(path for path in ORIGINALS.iterdir() if path.suffix == _KIND)
        return [path for path in found if path.name != FOR_THE_INSTRUCTOR or self.name == self.workshop.admin]

    def _set_notebooks_aside(self, home: int) -> str:
        """Its new name; empty where there was nothing."""
        if not _is_there(NOTEBOOKS, home):
            return ""
        aside = next(name for name in _dated(NOTEBOOKS) if not _is_there(name, home))
        os.rename(NOTEBOOKS, aside, src_dir_fd=home, dst_dir_fd=home)
        return aside

    def _set_home_aside(self) -> Path | None:
        if not self.path.is_dir():
            return None
        folder = self.workshop.people / _SET_ASIDE
        folder.mkdir(exist_ok=True, mode=0o700)
        return self.path.rename(next(folder / name for name in _dated(self.name) if not (folder / name).exists()))


def _is_there(name: str, folder: int) -> bool:
    """Whatever it is, also a link that leads nowhere."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _dated(name: str) -> Iterator[str]:
    """Names to keep something under, by the time of day."""
    first = f"{name}-before-{time.strftime('%Y%m%d-%H%M%S')}"
    yield first
    for number in count(2):
        yield f"{first}-{number}"
