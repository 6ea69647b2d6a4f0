"""A mark by which a state file without its write-ahead log is known.

After an unclean end, what was written last is in the log beside the file and nowhere else, and SQLite opens the file
without it and says nothing. So the file itself says since when it has a log, and the first thing in the log is that it
does not: whoever reads both sees no mark, and so does whoever reads a file into which its log has gone, as at a clean
end. The mark shows only where the log is gone.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

FACT = "log"
"""Its value is the moment at which the log was begun."""


def begin(db: sqlite3.Connection, *, now: datetime | None = None) -> None:
    """Mark the file, and take the mark back in its log; what was in the log goes into the file.

    Args:
        db: an open file with a log, in autocommit mode.
        now: the time, aware and in UTC.
    """
    moment = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    db.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", (FACT, moment))
    db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    db.execute("DELETE FROM facts WHERE name = ?", (FACT,))


def frames(db: sqlite3.Connection) -> int:
    """How many pages the log has; to be asked before anything is written. What is in it goes into the file.

    Raises:
        sqlite3.Error: the file and its log cannot be read.
    """
    db.execute("PRAGMA user_version").fetchone()  # only then SQLite looks for a log
    try:
        return int(db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1])
    except sqlite3.OperationalError:
        return 1  # the disk is full: there is something in the log that the file has no room for


def notices(db: sqlite3.Connection, log: Path, *, frames: int) -> list[str]:
    """A sentence if the file was opened without the log that it should have, else none.

    Args:
        db: the open file.
        log: where its log should have been.
        frames: of the log, as it was when the file was opened.
    """
    row = db.execute("SELECT value FROM facts WHERE name = ?", (FACT,)).fetchone()
    if row is None:
        return []
    if frames > 0:  # it was killed between the mark and taking it back
        db.execute("DELETE FROM facts WHERE name = ?", (FACT,))
        return []
    notice = (
        f"The sandbox did not end in order the last time, and its log {log} is missing or damaged: what was written "
        f"after {str(row[0])[:40]} may be lost. What was written before that is there."
    )
    return [notice]
