"""What becomes of a state file that is not as this sandbox would write it: older, newer, somebody else's, damaged.

An older one is brought up to date in one transaction. A newer one, and one that is not ours, is refused and not
touched. A damaged one is set aside under another name, for nothing in it may be overwritten.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path

from labkit.sandbox.store.stored_events import StoreError

Change = Callable[[sqlite3.Connection], None]
"""Changes the tables, or what is in them, within a transaction that is open."""

_HEADER = b"SQLite format 3\x00"
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PRIMARY = 0xFF
"""SQLite's extended error codes carry the plain one in their last byte (https://sqlite.org/rescode.html)."""
MOST_CHECKED = 512 * 1024 * 1024
"""Bytes; about two milliseconds each million."""
_COMPANIONS = ("-wal", "-shm")


class DamagedError(StoreError):
    """The file cannot be read, or what is in it is no record."""


def bring_up_to_date(db: sqlite3.Connection, *, version: int, create: Change, changes: Mapping[int, Change]) -> None:
    """Leave the file at `version`: made if it is empty, changed step by step if it is older.

    Args:
        db: the open file; it is in autocommit mode.
        version: of the tables that `create` makes; it stands in the file's `user_version`.
        create: makes the tables of this version.
        changes: from each older version to the next.

    Raises:
        StoreError: it is newer, or somebody else's, or too old to be changed; it was not touched.
    """
    found = int(db.execute("PRAGMA user_version").fetchone()[0])
    if found == version:
        return
    steps = (create,) if _is_empty(db, found) else _steps(found, version, changes)
    with transaction(db):
        for step in steps:
            step(db)
        db.execute(f"PRAGMA user_version = {version}")


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All that is done meanwhile is written, or nothing of it."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def check_pages(db: sqlite3.Connection) -> None:
    """Read every page once: a damaged one shall be met now, and not by a request.

    Not those of a file that is very large: that would take longer than a start may.

    Raises:
        DamagedError: one is.
    """
    pages, size = (int(db.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "page_size"))
    if pages * size > MOST_CHECKED:
        return
    said = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        raise DamagedError(str(said).replace("\n", " "))


def is_damage(error: Exception) -> bool:
    """Whether SQLite says that the file is no database, or is damaged: asking again would not help."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & _PRIMARY in _DAMAGED


def is_ours(path: Path) -> bool:
    """Whether a file that cannot be read may have been a state file: a letter named as one by mistake is not."""
    with path.open("rb") as file:
        return path.suffix == ".sqlite" or file.read(len(_HEADER)) == _HEADER


def set_aside(path: Path, *, now: datetime | None = None) -> Path:
    """Give a damaged state file another name beside its own, with the time in it; the new name.

    Args:
        path: the file; its write-ahead log goes with it.
        now: the time, in UTC.

    Raises:
        OSError: it cannot be renamed; it is where it was.
    """
    aside = free_name(path, "damaged", now=now)
    # The file last: as long as it is there, nobody begins a new one, which would delete an old log.
    for ending in (*_COMPANIONS, ""):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    return aside


def free_name(path: Path, what: str, *, now: datetime | None = None) -> Path:
    """A name beside the file's own that nobody has, with what became of it and the time (UTC) in it."""
    moment = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    numbers = chain(("",), (f"-{number}" for number in count(2)))
    names = (path.with_name(f"{path.stem}-{what}-{moment}{number}{path.suffix}") for number in numbers)
    return next(name for name in names if not name.exists())


def _is_empty(db: sqlite3.Connection, found: int) -> bool:
    return found == 0 and not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def _steps(found: int, version: int, changes: Mapping[int, Change]) -> tuple[Change, ...]:
    if found == 0:
        raise StoreError("it is a database of another program's. Choose another file; this one was not touched")
    if found > version:
        raise StoreError(
            f"it was written by a newer version of the lab (form {found}, and this one reads {version}). "
            "Update the lab to go on with it, or move it away to begin anew; it was not touched"
        )
    missing = [step for step in range(found, version) if step not in changes]
    if missing:
        raise StoreError(
            f"it was written by an older version of the lab (form {found}, and this one reads {version}). "
            "Go on with the version of the lab that wrote it, or move it away to begin anew; it was not touched"
        )
    return tuple(changes[step] for step in range(found, version))
