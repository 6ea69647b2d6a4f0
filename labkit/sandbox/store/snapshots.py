"""Snapshots: the whole state under a name, in a folder beside the state file.

A snapshot has the Workspaces with all that is in them, and their events. What belongs to the sandbox and not to them
stays with the sandbox: its account, its port, its clock; so whoever talks to it goes on after a restore.

People name most of them. What a reset or a restore takes away is kept by itself, under a name with the time in it, so
that none takes the place of another; of these only the newest stay.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path

from labkit.sandbox.store import state_files
from labkit.sandbox.store.sqlite import SqliteStore
from labkit.sandbox.store.stored_events import StoreError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")
"""Of a snapshot. A name is never a path."""
IN_WORDS = "1 to 64 letters from A to Z, digits, spaces, and the signs - _ . of which the first is a letter or a digit"
BEFORE_RESET, BEFORE_RESTORE = "before reset", "before restore"
"""How the names begin of what a reset or a restore took away; alone, each means the newest of its kind."""
AUTOMATIC = re.compile(rf"({BEFORE_RESET}|{BEFORE_RESTORE})( \d{{4}}-\d\d-\d\d \d\d\.\d\d\.\d\d(-\d+)?)?")
"""The names that are not for people to give: those of what was kept by itself, and the two that mean the newest."""
MOST_AUTOMATIC = 10
"""Of what resets and restores took away, all kinds together."""
MOST_AUTOMATIC_BYTES = 500 * 1024 * 1024
"""The same in bytes; the newest one is kept however large it is."""
OWNER = "account_sid"
"""The one fact that a snapshot keeps: whose the Workspaces were."""

_PREFIX, _SUFFIX = "snapshot-", ".sqlite"
_SCRATCH = "half-done-"
_LEAVING = "leaving-"
"""How the name of a state's file begins while another takes its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One of them: its name, when it was made (UTC), and the size of its file."""

    name: str
    made: datetime
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A state whose place another one takes: the name that it will have as a snapshot, and its file until then."""

    name: str
    path: Path


class Snapshots:
    """The snapshots in a folder, which is made when there is the first one.

    Args:
        folder: nobody else writes there; what a sandbox that was killed has left half done there is removed or done.
        state: the state file that other states take the place of.
        read: the real time, aware and in UTC.

    Attributes:
        one_at_a_time: held by who makes a snapshot or goes back to one.
    """

    def __init__(self, folder: Path, *, state: Path | None = None, read: Callable[[], datetime] | None = None) -> None:
        self._folder = folder
        self._read = read or _real_time
        self.one_at_a_time = asyncio.Lock()
        for left in folder.glob(f"{_SCRATCH}*"):
            shutil.rmtree(left, ignore_errors=True)
        for left in folder.glob(f"{_LEAVING}*{_SUFFIX}"):
            with contextlib.suppress(StoreError, OSError):  # the next start tries again
                self._finish_leaving(left, state)
        for kind in (BEFORE_RESET, BEFORE_RESTORE):
            self._add_its_time(kind)

    def all(self) -> list[Snapshot]:
        """Every one, the oldest first."""
        found = [self._look(path) for path in self._folder.glob(f"{_PREFIX}*{_SUFFIX}")]
        return sorted(found, key=lambda each: (each.made, each.name))

    def find(self, name: str) -> Snapshot | None:
        """The one of this name; `before reset` and `before restore` are the newest of their kind.

        Where the system takes no notice of letter case, neither does this.
        """
        path = self._path(name)
        if name in (BEFORE_RESET, BEFORE_RESTORE):
            return next((each for each in self._automatic() if each.name.startswith(name)), None)
        return self._look(path) if path.is_file() else None

    def keep(self, name: str, copy_to: Callable[[Path], None]) -> Snapshot:
        """Keep what there is now, in place of what was kept under this name.

        Args:
            name: fits `NAME`.
            copy_to: writes all of it into this file, as what `Store.copier` gives does.

        Raises:
            StoreError: it could not be written; what was kept under this name is still there.
        """
        with self._scratch() as scratch:
            copy_to(scratch)
            _without_secrets(scratch)
            try:
                state_files.to_disk(scratch)
                scratch.replace(self._path(name))
            except OSError as error:
                raise StoreError(f"The snapshot {name!r} cannot be written: {error}.") from None
        return self._look(self._path(name))

    def leaving(self, kind: str) -> Leaving:
        """A new name for what is about to be taken away, and where its file is to be until it is a snapshot.

        Args:
            kind: `BEFORE_RESET` or `BEFORE_RESTORE`; the time is added to it, in UTC.
        """
        name = self._free(kind, self._read())
        return Leaving(name=name, path=self._leaving(name))

    def keep_leaving(self, leaving: Leaving) -> Snapshot:
        """Make what was taken away a snapshot, and forget those of its like that are too many.

        Raises:
            StoreError: it could not be done; the next start does it.
        """
        _without_secrets(leaving.path)
        try:
            os.utime(leaving.path, times=(self._read().timestamp(),) * 2)  # it was made now, whenever it was written
            state_files.to_disk(leaving.path)
            leaving.path.replace(self._path(leaving.name))
        except OSError as error:
            raise StoreError(f"The snapshot {leaving.name!r} cannot be written: {error}.") from None
        self._forget_the_oldest()
        return self._look(self._path(leaving.name))

    @contextmanager
    def opened(self, name: str, *, owner: str | None) -> Iterator[SqliteStore]:
        """A copy of a snapshot, of the newest form, in which all belongs to `owner`. It is thrown away afterwards.

        Raises:
            DamagedError: it cannot be read; it is not touched.
            StoreError: it is of a newer form, or there is no room for the copy.
        """
        with self._scratch() as scratch:
            try:
                shutil.copyfile(self._path(name), scratch)
            except OSError as error:
                raise StoreError(f"The snapshot {name!r} cannot be copied: {error}.") from None
            with closing(SqliteStore(scratch)) as copy:
                former = copy.fact(OWNER)
                if former and owner and former != owner:
                    copy.hand_over(former, owner)
                yield copy

    @contextmanager
    def empty(self) -> Iterator[SqliteStore]:
        """A store with nothing in it. It is thrown away afterwards.

        Raises:
            StoreError: there is no room for it.
        """
        with self._scratch() as scratch, closing(SqliteStore(scratch)) as made:
            yield made

    def _finish_leaving(self, left: Path, state: Path | None) -> None:
        """The sandbox was killed while another state took the place of this one: before, or after it was there."""
        if state is not None and state.exists() and left.samefile(state):
            left.unlink()
        else:
            self.keep_leaving(Leaving(name=left.name.removeprefix(_LEAVING).removesuffix(_SUFFIX), path=left))

    def _automatic(self) -> list[Snapshot]:
        """What was kept by itself, the newest first."""
        return [each for each in reversed(self.all()) if AUTOMATIC.fullmatch(each.name)]

    def _add_its_time(self, kind: str) -> None:
        """Earlier versions of the lab kept one of each kind, without a time in its name."""
        path = self._path(kind)
        if path.is_file():
            with contextlib.suppress(OSError):  # then it is found under its old name
                path.rename(self._path(self._free(kind, self._look(path).made)))

    def _free(self, kind: str, moment: datetime) -> str:
        """A name with this time in it that none has yet: two resets may come in one second."""
        name = f"{kind} {moment:%Y-%m-%d %H.%M.%S}"
        numbered = (f"{name}-{number}" for number in count(2))
        names = chain((name,), numbered)
        return next(each for each in names if not (self._path(each).exists() or self._leaving(each).exists()))

    def _forget_the_oldest(self) -> None:
        room = MOST_AUTOMATIC_BYTES
        for newer, each in enumerate(self._automatic()):
            room -= each.bytes
            if newer and (newer >= MOST_AUTOMATIC or room < 0):
                with contextlib.suppress(OSError):  # it goes the next time
                    self._path(each.name).unlink()

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # In the same folder, so that it can become a snapshot by one renaming.
            folder = tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=self._folder, ignore_cleanup_errors=True)
            scratch = Path(folder.name) / f"state{_SUFFIX}"
            scratch.touch(mode=0o600)
        except OSError as error:
            raise StoreError(f"The folder {self._folder} cannot be written: {error}.") from None
        with folder:
            yield scratch

    def _leaving(self, name: str) -> Path:
        return self._folder / f"{_LEAVING}{name}{_SUFFIX}"

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a snapshot; that is {IN_WORDS}")
        return self._folder / f"{_PREFIX}{name}{_SUFFIX}"

    def _look(self, path: Path) -> Snapshot:
        facts = path.stat()
        name = path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX)
        return Snapshot(name=name, made=datetime.fromtimestamp(facts.st_mtime, UTC), bytes=facts.st_size)


def _without_secrets(path: Path) -> None:
    with closing(SqliteStore(path)) as copy:
        copy.forget_facts(but=OWNER)


def _real_time() -> datetime:
    return datetime.now(UTC)
