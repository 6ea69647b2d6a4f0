"""Whether the state file is still there while a sandbox uses it, and what to do when it is not.

Somebody may delete it, its log, or the whole folder, or put another file in its place, and SQLite would go on writing
into files that have no name any more (https://sqlite.org/howtocorrupt.html, section 2.4). What was opened can still be
read, so it is written anew; but not over a file that is somebody else's.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from enum import StrEnum
from pathlib import Path

from labkit.sandbox.store import versions

LOOK_EVERY_SECONDS = 1.0
COMPANIONS = ("-wal", "-shm")

Identity = tuple[int, int]


class Loss(StrEnum):
    """What happened to the file."""

    REMOVED = "removed"
    REPLACED = "replaced"
    LOG_REMOVED = "log removed"


class FileWatch:
    """Looks at a state file that is open, at most once a second.

    Args:
        path: the file; its log is beside it.
        monotonic: seconds since whenever.

    Attributes:
        is_checkpointed: whether something was written into the file itself since `note`; mostly that goes into its log.
    """

    def __init__(self, path: Path, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._path, self._log = path, log_of(path)
        self._monotonic = monotonic
        self._next = 0.0
        self._file: Identity | None = None
        self._log_file: Identity | None = None
        self.is_checkpointed = False
        self.note()

    def note(self) -> None:
        """What is there now is what shall be there."""
        self._file, self._log_file = _identity(self._path), _identity(self._log)
        self._written = _written(self._path)
        self.is_checkpointed = False

    def is_time(self) -> bool:
        """Whether nobody has looked for a second."""
        now = self._monotonic()
        if now < self._next:
            return False
        self._next = now + LOOK_EVERY_SECONDS
        return True

    def look(self) -> Loss | None:
        """What has been lost, if anything."""
        found = _identity(self._path)
        if found is None:
            return Loss.REMOVED
        if found != self._file:
            return Loss.REPLACED
        if self._log_file is not None and _identity(self._log) != self._log_file:
            return Loss.LOG_REMOVED
        self.is_checkpointed = _written(self._path) != self._written
        return None

    def forget_log(self) -> None:
        """Delete our log where it is still beside a file that is not ours, whose log it would be taken for."""
        if self._log_file is not None and _identity(self._log) == self._log_file:
            _delete_companions(self._path)


def log_of(path: Path) -> Path:
    """SQLite's write-ahead log of this file."""
    return path.with_name(f"{path.name}{COMPANIONS[0]}")


def write_anew(db: sqlite3.Connection, path: Path) -> None:
    """Write all that is in the database under this name, which nobody has any more.

    Raises:
        OSError, sqlite3.Error: it cannot be written; the database is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = save_beside(db, path)
    _delete_companions(path)  # beside the new file, the old log would be taken for its own
    scratch.rename(path)


def save_beside(db: sqlite3.Connection, path: Path) -> Path:
    """Write all that is in the database into a new file beside the one of this name; the new one.

    Raises:
        OSError, sqlite3.Error: it cannot be written.
    """
    aside = versions.free_name(path, "rescued")
    _copy(db, aside)
    return aside


def _copy(db: sqlite3.Connection, path: Path) -> None:
    path.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as copy:
            db.backup(copy)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _delete_companions(path: Path) -> None:
    for ending in COMPANIONS:
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _identity(path: Path) -> Identity | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _written(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
